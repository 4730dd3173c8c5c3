"""The stepping clock: when it is quiet, what a step wakes, what rings through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.demo.clock import SandboxStuck, SteppingClock
from bot.ports import Clock

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON = 5.0  # real seconds; only a broken clock needs them


class Loop:
    """A loop of the daemon that does nothing but note when it was woken."""

    def __init__(self, clock: Clock, until: timedelta | None = None, soft: timedelta | None = None) -> None:
        self.clock = clock
        self.until = None if until is None else START + until
        self.soft = None if soft is None else START + soft
        self.bell = asyncio.Event()
        self.woken: list[datetime] = []
        self.on_wake: Callable[[], Awaitable[None]] | None = None
        self.running = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while True:
            await self.clock.wait(self.until, self.bell, soft=self.soft)
            now = self.clock.now()
            self.woken.append(now)
            if self.until is not None and self.until <= now:
                self.until = None
            if self.soft is not None and self.soft <= now:
                self.soft = now + HOUR
            if self.on_wake is not None:
                await self.on_wake()


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()
        mine = asyncio.current_task()
        for other in asyncio.all_tasks():
            if other is not mine:
                other.cancel()

    asyncio.run(told())


def test_time_stands_still_until_somebody_steps() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 1)
        loop = Loop(clock, until=HOUR)
        await clock.quiet(SOON)
        assert clock.now() == START
        assert loop.woken == []
        assert clock.earliest() == START + HOUR

    run(story)


def test_a_step_wakes_those_whose_moment_has_come_and_nobody_else() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 2)
        early, late = Loop(clock, until=HOUR), Loop(clock, until=3 * HOUR)
        await clock.quiet(SOON)
        clock.step(START + 2 * HOUR)
        assert clock.waiting == 1  # at once, not only when the woken loop runs
        await clock.quiet(SOON)
        assert early.woken == [START + 2 * HOUR]
        assert late.woken == []
        assert clock.earliest() == START + 3 * HOUR

    run(story)


def test_soft_moments_are_never_the_earliest_but_wake_when_passed() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 2)
        poll, due = Loop(clock, soft=timedelta(minutes=5)), Loop(clock, until=2 * HOUR)
        await clock.quiet(SOON)
        assert clock.earliest() == START + 2 * HOUR
        clock.step(START + 2 * HOUR)
        await clock.quiet(SOON)
        assert poll.woken == [START + 2 * HOUR]
        assert due.woken == [START + 2 * HOUR]
        assert clock.earliest() is None

    run(story)


def test_only_soft_moments_leave_nothing_to_step_to() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 1)
        Loop(clock, soft=HOUR)
        await clock.quiet(SOON)
        assert clock.earliest() is None

    run(story)


def test_a_doorbell_wakes_at_once_and_is_cleared() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 1)
        loop = Loop(clock, until=HOUR)
        await clock.quiet(SOON)
        loop.bell.set()
        await clock.quiet(SOON)
        assert loop.woken == [START]
        assert not loop.bell.is_set()

    run(story)


def test_it_is_not_quiet_while_one_loop_works() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 2)
        Loop(clock, until=HOUR)
        busy, done = Loop(clock, until=HOUR), asyncio.Event()
        busy.on_wake = _until(done)
        await clock.quiet(SOON)
        busy.bell.set()
        quiet = asyncio.ensure_future(clock.quiet(SOON))
        for _ in range(50):
            await asyncio.sleep(0)
        assert busy.woken == [START]
        assert not quiet.done()
        done.set()
        await quiet

    run(story)


def test_a_chain_of_doorbells_is_followed_to_its_end() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 3)
        intake, time, send = (Loop(clock) for _ in range(3))
        intake.on_wake, time.on_wake = _rings(time), _rings(send)
        await clock.quiet(SOON)
        intake.bell.set()
        await clock.quiet(SOON)
        assert [len(each.woken) for each in (intake, time, send)] == [1, 1, 1]

    run(story)


def test_ring_all_wakes_every_loop_once() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 2)
        loops = [Loop(clock, until=HOUR), Loop(clock, soft=HOUR)]
        await clock.quiet(SOON)
        clock.ring_all()
        await clock.quiet(SOON)
        assert [each.woken for each in loops] == [[START], [START]]

    run(story)


def test_a_moment_already_past_does_not_wait() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 1)
        await clock.wait(START, asyncio.Event(), soft=None)
        await clock.wait(START - HOUR, asyncio.Event(), soft=None)

    run(story)


def test_a_loop_that_spins_on_a_past_moment_is_told() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 1)
        with pytest.raises(SandboxStuck, match="keeps asking"):
            await _spin(clock)

    run(story)


def test_quiet_gives_up_on_a_loop_that_never_waits() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 2)
        Loop(clock)
        with pytest.raises(SandboxStuck, match="1 of 2 loops"):
            await clock.quiet(0.01)

    run(story)


def test_a_loop_that_has_ended_is_no_longer_waited_for() -> None:
    async def story() -> None:
        alive = 2
        clock = SteppingClock(START, expected=lambda: alive)
        Loop(clock)
        quiet = asyncio.ensure_future(clock.quiet(SOON))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not quiet.done()
        alive = 1
        await quiet

    run(story)


def test_a_cancelled_loop_leaves_the_clock() -> None:
    async def story() -> None:
        clock = SteppingClock(START, expected=lambda: 1)
        loop = Loop(clock, until=HOUR)
        await clock.quiet(SOON)
        loop.running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop.running
        assert clock.waiting == 0

    run(story)


def test_the_clock_never_runs_backwards() -> None:
    clock = SteppingClock(START, expected=lambda: 0)
    clock.step(START + HOUR)
    with pytest.raises(ValueError, match="forwards only"):
        clock.step(START)


async def _spin(clock: SteppingClock) -> None:
    for _ in range(10_000):
        await clock.wait(START, asyncio.Event(), soft=None)


def _until(done: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def wait() -> None:
        await done.wait()

    return wait


def _rings(other: Loop) -> Callable[[], Awaitable[None]]:
    async def ring() -> None:
        other.bell.set()

    return ring
