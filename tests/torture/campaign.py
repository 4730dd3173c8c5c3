"""Many ranges side by side: how thousands of kills are shared out, added up and told."""

from __future__ import annotations

import multiprocessing
import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import fields
from pathlib import Path

from tests.torture.firing_range import Plan, Range, Tally

#: Kills on one home: more would only make its database larger.
PER_HOME = 250
#: Homes at once for each processor: a life waits for its servers half of the time.
AT_ONCE = 1.5


def play(plan: Plan) -> Tally:
    """One range in this process, in a folder that is kept when something was found."""
    folder = Path(tempfile.mkdtemp(prefix="rj-torture-"))
    with Range(folder, plan) as place:
        tally = place.play()
    if tally.found() and not plan.fault:
        print(f"seed {plan.seed}: {tally.found()}; the home is kept in {folder}", flush=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def share(kills: int, seed: int, at_once: int) -> list[Plan]:
    """Plans for so many kills, each with a seed of its own."""
    homes = max(-(-kills // PER_HOME), min(at_once, -(-kills // 25)))
    each, more = divmod(kills, homes)
    return [Plan(kills=each + (n < more), seed=seed + 10 * n) for n in range(homes)]


def run(
    kills: int, seed: int, told: Callable[[int, Tally], None] = lambda *_: None, at_once: int | None = None
) -> Tally:
    """Play the shares in processes; `told` hears after each home how many are done, and the sum so far."""
    at_once = at_once or max(1, int((os.cpu_count() or 1) * AT_ONCE))
    total = Tally()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=at_once, mp_context=spawn) as pool:
        played = [pool.submit(play, plan) for plan in share(kills, seed, at_once)]
        for number, one in enumerate(as_completed(played), 1):
            total = added(total, one.result())
            told(number, total)
    return total


def added(one: Tally, other: Tally) -> Tally:
    """The sum of two."""
    return Tally(**{each.name: getattr(one, each.name) + getattr(other, each.name) for each in fields(Tally)})


def machine() -> str:
    """On what it was measured."""
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def lines(tally: Tally) -> Iterator[tuple[str, str]]:
    """What a tally says, for people: what must be 0 first."""
    for name in Tally.MUST_BE_ZERO:
        yield MEANING[name], f"{getattr(tally, name):,}"
    for name in ("kills", "cold", "delivered", "approved", "taken", "in_doubt"):
        yield MEANING[name], f"{getattr(tally, name):,}"
    yield "in doubt per kill", f"{tally.in_doubt / max(tally.kills, 1):.2f}"
    for name in ("arrived", "by_evidence", "by_person", "left_in_doubt"):
        yield MEANING[name], f"{getattr(tally, name):,}"


#: What each number counts.
MEANING = {
    "duplicated": "letters that the server took twice",
    "lost": "letters silently lost",
    "unnoticed": "letters taken that we call not sent",
    "unseen": "letters in doubt that the queue does not show",
    "proven_wrongly": "letters proven that the server never took",
    "disagree": "rows, diaries, letters and queue that disagree",
    "mails_lost": "mails delivered and not kept or not understood",
    "mails_twice": "mails kept twice",
    "cases_wrong": "complaints without exactly one case",
    "unsettled": "letters left on the line at the end",
    "own_errors": "errors of our own in the log",
    "kills": "kills (`kill -9`)",
    "cold": "of these, of a process started from nothing",
    "delivered": "mails delivered to the mailbox",
    "approved": "letters approved",
    "taken": "letters that the server took",
    "in_doubt": "times that a letter came into doubt",
    "arrived": "of these, the server had it",
    "by_evidence": "settled by evidence",
    "by_person": "settled by a person",
    "left_in_doubt": "still in doubt at the end, and in the queue",
}
