"""`python -m tests.soak`: a season of the daemon with a fault every hour, and what came of it.

With `--plant NAME`, with a fault planted. With `--record`, write what was measured into docs/reliability.md.
With `--vitals FILE`, every look at memory and descriptors, as a table.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.soak.page import record_season
from tests.soak.planted import NAMES
from tests.soak.season import Plan, Season
from tests.soak.tally import Tally, lines
from tests.soak.vitals import table

SEED = 20260202
DAYS = 90


def play(plan: Plan, *, keep: bool = False, vitals: Path | None = None) -> Tally:
    """One season in a folder of its own, which is kept when something was found."""
    folder = Path(tempfile.mkdtemp(prefix="rj-soak-"))
    with Season(folder, plan) as season:
        tally = season.play(_tell if keep else lambda _: None)
        if vitals is not None:
            vitals.write_text(table(season.lives) + "\n", encoding="utf-8")
    if tally.found() and keep:
        print(f"{tally.found()}; the home is kept in {folder}", *tally.what, sep="\n", flush=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def _tell(season: Season) -> None:
    life = season.lives[-1]
    memory = f", {life[-1].memory / 1024:.0f} MiB" if life else ""
    so_far = f"{len(season.mails):6,} mails, {len(season.post.taken):5,} letters{memory}"
    print(f"day {season.hours // 24:3}: {so_far}", *season.book.wrong[-3:], sep="\n  ", flush=True)


def main() -> int:
    """0 when everything was as it must be."""
    options = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    options.add_argument("--days", type=int, default=DAYS, metavar="N", help=f"simulated days (else {DAYS})")
    options.add_argument("--seed", type=int, default=SEED, help="where chance begins")
    options.add_argument("--plant", choices=NAMES, default="", help="break the daemon in this way")
    options.add_argument("--record", action="store_true", help="write the results into docs/reliability.md")
    options.add_argument("--vitals", type=Path, metavar="FILE", help="write every look at the daemon there")
    wanted = options.parse_args()
    plan = Plan(days=wanted.days, seed=wanted.seed, plant=wanted.plant)
    tally = play(plan, keep=True, vitals=wanted.vitals)
    for meaning, number in lines(tally):
        print(f"{number:>12}  {meaning}")
    if wanted.record:
        record_season(tally, wanted.seed)
    return 1 if tally.found() else 0


if __name__ == "__main__":
    sys.exit(main())
