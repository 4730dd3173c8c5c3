"""Many ranges side by side: how thousands of kills are shared out, added up and told."""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field, fields
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.torture.firing_range import Plan, Range, Tally

#: Kills on one home: more would only make its database larger.
PER_HOME = 250
#: Homes at once for each processor: a life waits for its servers half of the time.
AT_ONCE = 1.5
#: Seconds between two words on how far it is: a home takes many minutes.
EVERY = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What was done so far, in one sitting or in several."""

    homes: int = 0
    seconds: float = 0.0
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def load(cls, file: Path) -> Progress:
        """What a file holds; nothing when there is none yet."""
        if not file.exists():
            return cls()
        held = json.loads(file.read_text(encoding="utf-8"))
        return cls(homes=held["homes"], seconds=held["seconds"], tally=Tally(**held["tally"]))

    def save(self, file: Path) -> None:
        """Whole or not at all."""
        part = file.with_name(f"{file.name}.part")
        part.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        part.replace(file)


def play(plan: Plan, enough: Callable[[], bool] = lambda: False) -> Tally:
    """One range in this process, in a folder that is kept when something was found."""
    folder = Path(tempfile.mkdtemp(prefix="rj-torture-"))
    tally = Tally()
    try:
        with Range(folder, plan, enough) as place:
            tally = place.play()
    finally:
        if tally.found() and not plan.fault:
            print(f"seed {plan.seed}: {tally.found()}; the home is kept in {folder}", flush=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return tally


# In a process of the pool:
_stop: Event  #: set when no more kills are wanted
_begun: Synchronized[int]  #: kills, over all homes


def _take_part(stop: Event, begun: Synchronized[int]) -> None:
    global _stop, _begun  # the only way to hand these to a process of a pool
    _stop, _begun = stop, begun
    os.setpgrp()  # Ctrl-C is for whoever counts; here it would end Dovecot in the middle


def _take_turn(plan: Plan) -> Tally:
    return Tally() if _stop.is_set() else play(plan, _enough)


def _enough() -> bool:
    """Asked before each kill."""
    if _stop.is_set():
        return True
    with _begun.get_lock():
        _begun.value += 1
    return False


def share(kills: int, seed: int, at_once: int) -> list[Plan]:
    """Plans for so many kills, each with a seed of its own."""
    homes = max(-(-kills // PER_HOME), min(at_once, -(-kills // 25)))
    each, more = divmod(kills, homes)
    return [Plan(kills=each + (n < more), seed=seed + 10 * n) for n in range(homes)]


@dataclass(kw_only=True)
class Campaign:
    """So many kills, perhaps in several sittings, and how far they are."""

    kills: int
    seed: int
    done: Progress = field(default_factory=Progress)
    at_once: int = 0  #: homes at the same time; 0: as many as this computer likes
    told: Callable[[Progress], None] = lambda _: None  #: hears after each home
    going: Callable[[int, float], None] = lambda *_: None  #: hears of kills and seconds, now and then
    stop: Event = field(default_factory=multiprocessing.get_context("spawn").Event)

    def run(self, seconds: float | None = None) -> Progress:
        """Play what is left, or as much as fits; a home that is cut short is compared and counted too."""
        left = self.kills - self.done.tally.kills
        if left <= 0:
            return self.done
        before, began = self.done.seconds, time.monotonic()
        at_once = self.at_once or max(1, int((os.cpu_count() or 1) * AT_ONCE))
        spawn = multiprocessing.get_context("spawn")
        begun, next_word = spawn.Value("i", 0), began + EVERY
        with ProcessPoolExecutor(at_once, spawn, _take_part, (self.stop, begun)) as pool:
            plans = share(left, self.seed + 10 * self.done.homes, at_once)
            waiting = {pool.submit(_take_turn, plan) for plan in plans}
            try:
                while waiting:
                    if seconds is not None and time.monotonic() - began > seconds:
                        self.stop.set()
                    ended, waiting = wait(waiting, 1.0, FIRST_COMPLETED)
                    if waiting and time.monotonic() >= next_word:
                        next_word = time.monotonic() + EVERY
                        self.going(self.kills - left + begun.value, before + time.monotonic() - began)
                    for one in ended:
                        self._add(one, before + time.monotonic() - began)
            except BaseException:
                self.stop.set()  # the pool waits for its processes, and they for nothing else
                raise
        return self.done

    def _add(self, ended: Future[Tally], seconds: float) -> None:
        tally = ended.result()
        homes = self.done.homes + bool(tally.kills)
        self.done = Progress(homes=homes, seconds=seconds, tally=added(self.done.tally, tally))
        self.told(self.done)


def run(kills: int, seed: int) -> Tally:
    """So many kills in one sitting."""
    return Campaign(kills=kills, seed=seed).run().tally


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
    "arrived": "kills that found a letter at the server, its answer not yet written down",
    "by_evidence": "settled by evidence",
    "by_person": "settled by a person",
    "left_in_doubt": "still in doubt at the end, and in the queue",
}
