"""`python -m tests.torture`: kill the daemon at moments of chance, and tell what became of the mails.

With `--faults`, plant each fault in turn and tell whether it is found. With `--record`, write what was
measured into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.torture import campaign, page
from tests.torture.faults import NAMES
from tests.torture.firing_range import Plan, Tally

SEED = 20261122
#: A planted fault that was not found by then is a hole in the harness.
ENOUGH = 150


def main() -> int:
    """0 when everything was as it must be."""
    options = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    options.add_argument("--kills", type=int, default=700, metavar="N", help="how often (else 700)")
    options.add_argument("--seed", type=int, default=SEED, help="where chance begins")
    options.add_argument("--at-once", type=int, metavar="N", help="homes at the same time")
    options.add_argument("--faults", action="store_true", help="plant faults, and see whether they are found")
    options.add_argument("--record", action="store_true", help="write the results into docs/reliability.md")
    wanted = options.parse_args()
    if wanted.faults:
        return _faults(wanted.seed, record=wanted.record)
    return _kills(wanted)


def _kills(wanted: argparse.Namespace) -> int:
    began = time.monotonic()

    def told(homes: int, sum_so_far: Tally) -> None:
        minutes = (time.monotonic() - began) / 60
        bad = sum_so_far.found()
        print(f"{sum_so_far.kills:6,} kills, {minutes:.1f} min: {bad or 'nothing found'}", flush=True)

    tally = campaign.run(wanted.kills, wanted.seed, told, wanted.at_once)
    for meaning, number in campaign.lines(tally):
        print(f"{number:>9}  {meaning}")
    if wanted.record:
        page.record_kills(tally, wanted.seed, time.monotonic() - began)
    return 1 if tally.found() else 0


def _faults(seed: int, *, record: bool) -> int:
    found: dict[str, tuple[int, dict[str, int]]] = {}
    for name in NAMES:
        tally = campaign.play(Plan(kills=ENOUGH, seed=seed, fault=name, stop_when_found=True))
        found[name] = (tally.kills, tally.found())
        print(f"{name}: after {tally.kills} kills {tally.found() or 'NOTHING FOUND'}", flush=True)
    if record:
        page.record_faults(found)
    return 0 if all(what for _, what in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
