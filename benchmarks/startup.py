"""How long `rejoinder --help` and `rejoinder queue` with 1,000 drafts take above an empty Python.

Each run is a process of its own; the three commands take turns, and the medians are subtracted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.ground import ACCOUNT, Result, folder_on_disk, make_home, open_ready_cases
from bot.runner.steps.drafting import write_drafts
from bot.wiring import open_house
from tests.stories.stage import Bells, SetClock

DRAFTS = 1_000
RUNS = 21


def measure() -> list[Result]:
    """Two results, in seconds above `python -c pass`."""
    rejoinder = str(Path(sys.executable).with_name("rejoinder"))
    with folder_on_disk() as disk:
        home = _home_with_drafts(disk)
        commands = {
            "pass": [sys.executable, "-c", "pass"],
            "help": [rejoinder, "--help"],
            "queue": [rejoinder, "queue"],
        }
        environment = os.environ | {"REJOINDER_HOME": str(home)}
        lines = _run(commands["queue"], environment)[1].count(b"ip@owner")
        assert lines == DRAFTS, lines
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                spent[name].append(_run(command, environment)[0])
    median = {name: statistics.median(times) for name, times in spent.items()}
    return [
        _result("help", "rejoinder --help", 0.2, median),
        _result("queue", f"rejoinder queue with {DRAFTS} drafts", 0.4, median),
    ]


def _result(name: str, shown: str, aim: float, median: dict[str, float]) -> Result:
    above = median[name] - median["pass"]
    sentence = f"{shown} takes {above:.3f} s above python -c pass ({median['pass']:.3f} s)"
    facts = {"runs": RUNS, "seconds": round(median[name], 4), "python_seconds": round(median["pass"], 4)}
    return Result(
        name=f"startup.{name}", sentence=sentence, value=above, aim=aim, more_is_better=False, facts=facts
    )


def _home_with_drafts(disk: Path) -> Path:
    home = make_home(disk)
    with open_house(home, clock=SetClock(), notifier=Bells()) as house:
        open_ready_cases(house.office.store, DRAFTS)
        written = write_drafts(house.office, house.office.practices[ACCOUNT])
        assert written == DRAFTS
    return home


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, bytes]:
    """Seconds, and what it wrote."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603
    return time.perf_counter() - began, done.stdout
