"""Runs tests with a mutant, each time in a process of its own: forked from this one, with all that is loaded.

Several at a time. A child has the fixtures of the session as they stand here, an address space with an end,
and for each test a limit by the clock on the wall.
"""

from __future__ import annotations

import mmap
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from _pytest.runner import runtestprotocol

KILLED, SURVIVED, BROKEN = 0, 1, 2
#: What never ends may take memory for ever, too.
MOST_MEMORY = 4 << 30
#: Where a child says which test it is at, counted from 1, and how many letters of explanation follow.
_SAID = struct.Struct("=ii")
_NOTE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child is to do."""

    items: Sequence[pytest.Item]
    limits: Sequence[float]  #: seconds for each of them
    put: Callable[[], None]  #: plants the mutant; raises LookupError when it has no place


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it went: killed, and by which test; or survived; or out of time, and in which test."""

    outcome: str
    by: str = ""


Errand = Generator[Order, Ended, None]


@dataclass(slots=True)
class Forks:
    """The children that run now."""

    _running: dict[int, tuple[Order, mmap.mmap]] = field(default_factory=dict)

    def start(self, order: Order) -> int:
        """Begin; gives the number of the child."""
        sys.stdout.flush()
        sys.stderr.flush()
        note = mmap.mmap(-1, _NOTE)
        child = os.fork()
        if child == 0:
            outcome = BROKEN
            try:
                outcome = _child(order, note)
            finally:
                os._exit(outcome)
        self._running[child] = order, note
        return child

    def wait(self) -> tuple[int, Ended]:
        """The next child that ends, and how. Raises RuntimeError when it could not try anything."""
        while True:
            child, status = os.wait()
            if child in self._running:
                break
        _end(child)
        order, note = self._running.pop(child)
        at, length = _SAID.unpack_from(note)
        said = note[_SAID.size : _SAID.size + length].decode(errors="replace")
        note.close()
        by = order.items[at - 1].nodeid if at else "its own module"
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            return child, Ended(outcome="out of time", by=by)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED:
            return child, Ended(outcome="survived")
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == KILLED:
            return child, Ended(outcome="killed", by=by)
        raise RuntimeError(f"a mutant could not be tried: {said or status}")

    def stop(self) -> None:
        """End all of them at once."""
        for child, (_, note) in self._running.items():
            _end(child)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)
            note.close()
        self._running.clear()


def several(errands: Iterator[Errand], at_once: int) -> None:
    """Go through all of them, so many at a time; each asks for a child, hears how it ended, and so on."""
    forks = Forks()
    running: dict[int, Errand] = {}

    def go_on(errand: Errand, ended: Ended | None) -> None:
        with suppress(StopIteration):
            order = next(errand) if ended is None else errand.send(ended)
            running[forks.start(order)] = errand

    try:
        while True:
            while len(running) < at_once and (errand := next(errands, None)) is not None:
                go_on(errand, None)
            if not running:
                return
            child, ended = forks.wait()
            go_on(running.pop(child), ended)
    finally:
        forks.stop()


def failure(item: pytest.Item) -> str:
    """Run one test, with all that it sets up; what belongs to the session stays for the next one.

    Gives what went wrong, empty when nothing did.
    """
    reports = runtestprotocol(item, log=False, nextitem=item.session)  # type: ignore[arg-type]
    return "\n".join(report.longreprtext or "failed" for report in reports if report.failed)


def _end(child: int) -> None:
    """The child and all that it has begun."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _child(order: Order, note: mmap.mmap) -> int:
    os.setpgid(0, 0)
    _say_nothing()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        order.put()
    except LookupError as error:
        said = str(error).encode()[: _NOTE - _SAID.size]
        note[: _SAID.size + len(said)] = _SAID.pack(0, len(said)) + said
        return BROKEN
    except Exception:
        return KILLED
    for number, (item, limit) in enumerate(zip(order.items, order.limits, strict=True), 1):
        _SAID.pack_into(note, 0, number, 0)
        signal.setitimer(signal.ITIMER_REAL, limit)
        try:
            if failure(item):
                return KILLED
        except BaseException:
            return KILLED
    return SURVIVED


def _say_nothing() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
