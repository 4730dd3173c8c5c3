"""`python -m tests.torture.crashes`: die at every point of a fortnight, and let every call of it fail.

The fortnight is told once to count the points. Two points between which nothing changed, neither on the
disk nor at the servers, are the same to whoever begins again; of such points the first is taken. `--every N`
takes each N-th only. With `--record`, write what was seen into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path

import structlog

from bot.edge.home import Loaded, load_home
from bot.reading.prepare import prepare
from bot.reading.read import ReadingContext
from bot.wiring import reading_plan
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.stories.stage import write_home
from tests.torture.faults import plant
from tests.torture.fortnight import Fortnight, explained
from tests.torture.page import Crashed, record_crashes
from tests.torture.points import Death, Points, counted
from tests.torture.post import PostOffice, open_post_office

_WHAT = {"dies": "death at a point", "fails": "a call fails, and all of its kind after it"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of one telling."""

    number: int
    point: str  #: "" when this telling ended before it
    wrong: tuple[str, ...]
    sentence: str = ""  #: with which the daemon ended, where it did


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The points of a fortnight without trouble."""

    names: tuple[str, ...]
    states: tuple[str, ...]  #: a digest of disk and servers at each

    def deaths(self) -> list[int]:
        """The first point of each state, from 1."""
        first = {state: number for number, state in reversed(list(enumerate(self.states, 1)))}
        return sorted(first.values())

    def failures(self) -> list[int]:
        """Every call once: where a transaction begins and ends, each system call, each step of a protocol."""
        inside = ("INSERT", "UPDATE", "DELETE", "CREATE")
        return [
            number
            for number, name in enumerate(self.names, 1)
            if name.startswith("before")
            and not name.startswith(tuple(f"before database: {x}" for x in inside))
        ]


class Theatre:
    """The servers and the rules, once for many tellings."""

    def __init__(self, loaded: Loaded, reading: ReadingContext, dovecot: Dovecot, post: PostOffice) -> None:
        self._parts = loaded, reading, dovecot, post
        self._folder = Path(tempfile.mkdtemp(prefix="rj-crashes-"))
        self._told = 0

    def _fortnight(self) -> Fortnight:
        self._told += 1
        folder = self._folder / str(self._told)
        folder.mkdir()
        return Fortnight(*self._parts, folder)

    def close(self) -> None:
        """Nothing is left."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def survey(self) -> Survey:
        """Tell it once, and look at every point."""
        fortnight, states = self._fortnight(), []
        points = Points()

        def look() -> None:
            filed = points.passed.count("after imap: append")
            states.append(f"{fortnight.fingerprint()} {filed}")

        points.at_each = look
        with counted(points):
            fortnight.lives()
        assert fortnight.judge() == []
        return Survey(names=tuple(points.passed), states=tuple(states))

    def dies(self, number: int) -> Seen:
        """Die at a point, begin again, and compare in the end."""
        fortnight, points = self._fortnight(), Points()
        left = fortnight.folder / "left"
        points.die_at(number, fortnight.state, left)
        try:
            with counted(points):
                fortnight.lives()
        except Death:
            fortnight.goes_on_from(left)
            fortnight.lives()
        return self._seen(number, points, fortnight)

    def fails(self, number: int) -> Seen:
        """Let one call fail (for good, when the disk is at fault), begin again, and compare in the end."""
        fortnight, points = self._fortnight(), Points()
        points.fail_at(number, for_good=True)
        sentence = ""
        try:
            with counted(points):
                fortnight.lives()
        except Exception as error:
            sentence = explained(error) or ""
            if not sentence:
                fortnight.wrong.append(f"ended by {error!r}")
        fortnight.lives()
        return self._seen(number, points, fortnight, sentence)

    def _seen(self, number: int, points: Points, fortnight: Fortnight, sentence: str = "") -> Seen:
        wrong = fortnight.judge()
        if not wrong:
            shutil.rmtree(fortnight.folder)
        # From one telling to the next there may be a step more or less: the last ones may not come.
        point = points.passed[number - 1] if number <= len(points.passed) else ""
        return Seen(number=number, point=point, wrong=tuple(wrong), sentence=sentence)


@contextmanager
def theatre() -> Iterator[Theatre]:
    """Servers of our own until the block ends."""
    os.environ["REJOINDER_TEST_PASSWORD"] = PASSWORD
    with tempfile.TemporaryDirectory() as folder, running_dovecot() as dovecot, open_post_office() as post:
        loaded = load_home(write_home(Path(folder) / "home", smtp_more=", auth: none"))
        context = prepare(reading_plan(loaded, loaded.settings.accounts[0]))
        stage = Theatre(loaded, context, dovecot, post)
        try:
            yield stage
        finally:
            stage.close()


def _quiet() -> None:
    """What the daemon tells of each telling is not what is to be read here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def survey() -> Survey:
    """The points there are."""
    with theatre() as stage:
        return stage.survey()


_stage: Theatre  #: of a process of the pool


def _open_stage(fault: str) -> None:
    """Servers and rules once for each process, with a fault planted in it for good."""
    global _stage  # the only way to hand something to a process of a pool
    _quiet()
    plant(fault)
    stack = ExitStack()
    _stage = stack.enter_context(theatre())
    Finalize(None, stack.close, exitpriority=10)  # what a process of a pool does at its end


def _play(how: str, number: int) -> Seen:
    seen: Seen = getattr(_stage, how)(number)
    return seen


def play_all(
    how: str,
    numbers: Sequence[int],
    fault: str = "",
    *,
    seconds: float | None = None,
    told: Callable[[Seen, int], None] = lambda *_: None,
) -> list[Seen]:
    """`dies` or `fails` at each of these points, one process for each processor; sorted by point.

    In an order of chance, so that what fits into `seconds` is a fair part of them. `told` hears of each, and
    how many are left.
    """
    order, began = list(numbers), time.monotonic()
    random.Random(len(order)).shuffle(order)
    at_once = os.cpu_count() or 1
    spawn = multiprocessing.get_context("spawn")
    found: list[Seen] = []
    with ProcessPoolExecutor(at_once, spawn, _open_stage, (fault,)) as pool:
        played = [pool.submit(_play, how, number) for number in order]
        for one in as_completed(played):
            found.append(one.result())
            told(found[-1], len(order) - len(found))
            if seconds is not None and time.monotonic() - began > seconds:
                for waiting in played:
                    waiting.cancel()
                break
    return sorted(found, key=lambda seen: seen.number)


def main() -> int:
    """0 when nothing was wrong."""
    options = argparse.ArgumentParser(prog="python -m tests.torture.crashes", description=__doc__)
    options.add_argument("--every", type=int, default=1, metavar="N", help="each N-th point only")
    options.add_argument(
        "--minutes", type=float, metavar="M", help="begin nothing more after so many, for each of the two"
    )
    options.add_argument("--record", action="store_true", help="write the results into docs/reliability.md")
    wanted = options.parse_args()
    _quiet()
    points = survey()
    print(f"{len(points.names)} points, {len(points.deaths())} of them different", flush=True)
    seconds = wanted.minutes * 60 if wanted.minutes else None
    rows = [
        _row(how, numbers, numbers[:: wanted.every], seconds)
        for how, numbers in (("dies", points.deaths()), ("fails", points.failures()))
    ]
    if wanted.record:
        record_crashes(rows)
    return 1 if any(row.wrong for row in rows) else 0


def _row(how: str, numbers: Sequence[int], chosen: Sequence[int], seconds: float | None) -> Crashed:
    began = time.monotonic()

    def told(seen: Seen, left: int) -> None:
        if seen.wrong:
            print(f"{how} {seen.number} {seen.point}: {'; '.join(seen.wrong)}", flush=True)
        if left and left % 25 == 0:
            print(f"{how}: {left} left", flush=True)

    seen = play_all(how, chosen, seconds=seconds, told=told)
    wrong = sum(bool(one.wrong) for one in seen)
    kinds = Counter(one.point.split()[1].rstrip(":") for one in seen if one.point)
    print(f"{how}: {len(seen)} tellings, {time.monotonic() - began:.0f} s, {wrong} wrong", flush=True)
    return Crashed(what=_WHAT[how], points=len(numbers), kinds=kinds, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
