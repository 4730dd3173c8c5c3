"""`python -m tests.mutation`: plant small mistakes in the code, and tell which of them no test notices.

0: at least 90 % are noticed in each area that was asked for. 1: fewer. With `--record`, write the table into
docs/reliability.md.

What came of each mutant is kept in `.mutation/`: a run that is broken off goes on where it ended, and a
second one tries only what changed. `--anew` forgets it.

mutmut and cosmic-ray do this, too. They are not used: mutmut 3 leaves tables alone, and one of them holds
our states; cosmic-ray starts pytest anew for each mutant, and mutmut collects the tests anew, which for
three thousand mutants takes a day of one processor instead of an hour.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.mutation import score
from tests.mutation.areas import AREAS, KEPT, Area
from tests.mutation.operators import Mutant
from tests.mutation.reach import Reach
from tests.mutation.trial import Trial, Verdict, run

SEED = 20261122
ENOUGH = 0.9


def main(arguments: list[str] | None = None) -> int:
    """0 when enough mutants are noticed everywhere."""
    names = [area.name for area in AREAS]
    options = argparse.ArgumentParser(
        prog="python -m tests.mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("areas", nargs="*", metavar="AREA", help=f"of {', '.join(names)}; else all")
    options.add_argument("--sample", type=int, metavar="N", help="try so many of chance in each area")
    options.add_argument("--minutes", type=float, metavar="N", help="begin none after so many, in each area")
    options.add_argument("--seed", type=int, default=SEED, help="where chance begins")
    options.add_argument(
        "--only", default="", metavar="TEXT", help="only in `module:function` with this text"
    )
    options.add_argument("--workers", type=int, metavar="N", help="mutants at a time; else one a processor")
    options.add_argument("--anew", action="store_true", help="forget what came of them in earlier runs")
    options.add_argument("--record", action="store_true", help="write the tables into docs/reliability.md")
    wanted = options.parse_args(arguments)
    if unknown := sorted(set(wanted.areas) - set(names)):
        options.error(f"no such area: {', '.join(unknown)}; there are {', '.join(names)}")
    if wanted.record and wanted.only:
        options.error("--record is for a whole area, not for --only")
    chosen = [area for area in AREAS if not wanted.areas or area.name in wanted.areas]
    return max(_area(area, wanted) for area in chosen)


def _area(area: Area, wanted: argparse.Namespace) -> int:
    began = time.monotonic()

    def chosen(module: str, mutant: Mutant) -> bool:
        return wanted.only in f"{module}:{mutant.name}"

    def tell(number: int, of: int, verdict: Verdict) -> None:
        if score.outcome_of(verdict) not in (*score.NOTICED, "equivalent"):
            at = f"{verdict.module}:{verdict.mutant.lines.start}"
            print(f"{verdict.outcome}  {at} {verdict.mutant.name}\n    {verdict.mutant.told()}", flush=True)
        if number % 100 == 0 or number == of:
            minutes = (time.monotonic() - began) / 60
            print(f"{area.name}: {number:,} of {of:,} mutants, {minutes:.1f} min", flush=True)

    keep = KEPT / f"{area.name}.jsonl"
    if wanted.anew:
        keep.unlink(missing_ok=True)
    trial = Trial(
        modules=area.files(),
        sample=wanted.sample,
        workers=wanted.workers or area.workers(),
        keep=keep,
        reach=Reach(enough=area.enough),
        minutes=wanted.minutes,
        seed=wanted.seed,
        only=chosen,
        tell=tell,
    )
    found = score.rows(run(trial, area.selected()))
    seconds = trial.reach.total() + sum(one.seconds for one in trial.verdicts) / trial.workers
    limits = "".join(
        f" --{name} {value:g}"
        for name, value in (("sample", wanted.sample), ("minutes", wanted.minutes))
        if value is not None
    )
    lines = score.table(area, found, wanted.seed, seconds, limits)
    print("\n".join(lines))
    if wanted.record:
        score.record(area, lines)
    return 0 if found[-1].score >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
