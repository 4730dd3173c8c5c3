"""Waiting on the wall clock: due moments, doorbells, and a clock that is set while we wait."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.edge.clock import SystemClock
from bot.ports import Clock

HOUR = timedelta(hours=1)
SOON = timedelta(milliseconds=20)


async def _within_five_seconds(
    clock: Clock, until: datetime | None, bell: asyncio.Event, soft: datetime | None
) -> None:
    async with asyncio.timeout(5):
        await clock.wait(until, bell, soft=soft)


def test_now_is_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_what_is_past_is_not_waited_for() -> None:
    clock = SystemClock()
    asyncio.run(_within_five_seconds(clock, clock.now() - HOUR, asyncio.Event(), None))
    asyncio.run(_within_five_seconds(clock, clock.now() + HOUR, asyncio.Event(), clock.now() - HOUR))


def test_the_earlier_moment_ends_the_wait() -> None:
    clock = SystemClock()
    due = clock.now() + SOON
    asyncio.run(_within_five_seconds(clock, due, asyncio.Event(), due + HOUR))
    assert due <= clock.now() < due + HOUR
    polled = clock.now() + SOON
    asyncio.run(_within_five_seconds(clock, polled + HOUR, asyncio.Event(), polled))
    assert clock.now() >= polled


def test_the_doorbell_ends_the_wait_and_is_cleared() -> None:
    async def go() -> None:
        clock, bell = SystemClock(), asyncio.Event()
        waiting = asyncio.create_task(_within_five_seconds(clock, None, bell, None))
        await asyncio.sleep(0)
        bell.set()
        await waiting
        assert not bell.is_set()

    asyncio.run(go())


def test_a_doorbell_rung_before_is_not_lost() -> None:
    async def go() -> None:
        clock, bell = SystemClock(), asyncio.Event()
        bell.set()
        await _within_five_seconds(clock, clock.now() + HOUR, bell, None)
        assert not bell.is_set()
        bell.set()
        await _within_five_seconds(clock, clock.now() - HOUR, bell, None)
        assert not bell.is_set()

    asyncio.run(go())


class SetForward(SystemClock):
    """A wall clock that somebody sets an hour forward after the first look."""

    looks = 0

    def now(self) -> datetime:
        """The time, and from the second look on an hour more."""
        self.looks += 1
        return super().now() + (HOUR if self.looks > 1 else timedelta(0))


def test_a_clock_set_forward_is_noticed_at_the_next_glance() -> None:
    clock = SetForward(glance=0.01)
    due = datetime.now(UTC) + timedelta(minutes=30)  # noqa: TID251
    asyncio.run(_within_five_seconds(clock, due, asyncio.Event(), None))
    assert clock.looks == 2
