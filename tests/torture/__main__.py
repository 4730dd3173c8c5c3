"""`python -m tests.torture`: kill the daemon at moments of chance, and tell what became of the mails.

Ctrl-C, or the end of `--minutes`, lets the homes at hand finish and be compared. With `--keep FILE`, the same
command goes on from there another time. With `--faults`, plant each fault in turn and tell whether it is
found. With `--record`, write what was measured into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.torture import page
from tests.torture.campaign import Campaign, Progress, lines, play
from tests.torture.faults import NAMES
from tests.torture.firing_range import Plan

SEED = 20261122
#: A planted fault that was not found by then is a hole in the harness.
ENOUGH = 150


def main() -> int:
    """0 when everything was as it must be."""
    options = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    options.add_argument("--kills", type=int, default=700, metavar="N", help="how often (else 700)")
    options.add_argument("--seed", type=int, default=SEED, help="where chance begins")
    options.add_argument("--at-once", type=int, metavar="N", help="homes at the same time")
    options.add_argument("--minutes", type=float, metavar="M", help="begin no kill after so many minutes")
    options.add_argument("--keep", type=Path, metavar="FILE", help="add to what this file holds, and go on")
    options.add_argument("--faults", action="store_true", help="plant faults, and see whether they are found")
    options.add_argument("--record", action="store_true", help="write the results into docs/reliability.md")
    wanted = options.parse_args()
    if wanted.faults:
        return _faults(wanted.seed, record=wanted.record)
    return _kills(wanted)


def _kills(wanted: argparse.Namespace) -> int:
    def told(so_far: Progress) -> None:
        kills, minutes = so_far.tally.kills, so_far.seconds / 60
        print(f"{kills:6,} kills, {minutes:.1f} min: {so_far.tally.found() or 'nothing found'}", flush=True)
        if wanted.keep:
            so_far.save(wanted.keep)

    def going(kills: int, seconds: float) -> None:
        print(f"{kills:6,} of {wanted.kills:,} kills begun, {seconds / 60:.1f} min", flush=True)

    done = Progress.load(wanted.keep) if wanted.keep else Progress()
    campaign = Campaign(
        kills=wanted.kills, seed=wanted.seed, done=done, at_once=wanted.at_once or 0, told=told, going=going
    )
    _stop_when_told(campaign)
    done = campaign.run(wanted.minutes * 60 if wanted.minutes else None)
    for meaning, number in lines(done.tally):
        print(f"{number:>9}  {meaning}")
    if done.tally.kills < wanted.kills:
        print(f"{done.tally.kills:,} of {wanted.kills:,} kills; --keep FILE lets you go on another time")
    if wanted.record and done.tally.kills:
        page.record_kills(done.tally, wanted.seed, done.seconds, wanted=wanted.kills)
    return 1 if done.tally.found() else 0


def _stop_when_told(campaign: Campaign) -> None:
    """Ctrl-C once: no more kills. Twice: at once."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("no more kills; what was done is compared (Ctrl-C again ends at once)", flush=True)
        campaign.stop.set()

    signal.signal(signal.SIGINT, stop)


def _faults(seed: int, *, record: bool) -> int:
    found: dict[str, tuple[int, dict[str, int]]] = {}
    for name in NAMES:
        tally = play(Plan(kills=ENOUGH, seed=seed, fault=name, stop_when_found=True))
        found[name] = (tally.kills, tally.found())
        print(f"{name}: after {tally.kills} kills {tally.found() or 'NOTHING FOUND'}", flush=True)
    if record:
        page.record_faults(found)
    return 0 if all(what for _, what in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
