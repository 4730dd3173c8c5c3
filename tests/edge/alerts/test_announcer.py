"""Telling never waits; couriers gather, try again, give up, and say how they fare."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.edge.alerts.announcer import Announcer, Courier, Haste
from bot.edge.alerts.wording import Alert
from bot.edge.clock import SystemClock
from bot.errors import AlertNotTold
from bot.ports import AlertKind

QUICK = Haste(gather=0.0, pauses=(0.0, 0.0), farewell=5.0)
PERMANENT = AlertNotTold("no such hook", permanent=True)
LATER = AlertNotTold("come back later")


@dataclass
class Way:
    """Ends as told, in turn; then everything is fine."""

    endings: list[Exception] = field(default_factory=list)
    batches: asyncio.Queue[list[str]] = field(default_factory=asyncio.Queue)
    health: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    hold: asyncio.Event | None = None
    name: str = "way"

    async def tell(self, alerts: Sequence[Alert]) -> str:
        self.batches.put_nowait([alert.text for alert in alerts])
        if self.hold is not None:
            await self.hold.wait()
        if self.endings:
            raise self.endings.pop(0)
        return "fine"

    def note(self, channel: str, why: str | None) -> None:
        assert channel == self.name
        self.health.put_nowait(why)


def play(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 20.0))


def test_what_comes_while_gathering_leaves_together() -> None:
    async def story() -> None:
        way, announcer = Way(), Announcer(SystemClock())
        async with announcer.connected([way], way.note, Haste(gather=0.2)):
            for text in ("one", "two", "three"):
                announcer.tell(AlertKind.NEW_ITEM, "shop", text)
            assert await way.batches.get() == ["one", "two", "three"]
            assert await way.health.get() is None
        assert way.batches.empty()

    play(story())


def test_the_same_twice_running_is_told_once_and_an_outage_twice_is_told_twice() -> None:
    async def story() -> None:
        way, announcer = Way(), Announcer(SystemClock())
        async with announcer.connected([way], way.note, Haste(gather=0.2)):
            for text in ("refused", "refused", "stopped", "read again", "stopped", "stopped"):
                announcer.tell(AlertKind.NEW_ITEM, "shop", text)
            announcer.tell(AlertKind.NEW_ITEM, "other", "stopped")
            told = await way.batches.get()
        assert told == ["refused", "stopped", "read again", "stopped", "stopped"]

    play(story())


def test_telling_waits_for_nothing_and_works_from_any_thread() -> None:
    async def story() -> None:
        way, announcer = Way(hold=asyncio.Event()), Announcer(SystemClock())
        assert way.hold is not None
        async with announcer.connected([way], way.note, QUICK):
            announcer.tell(AlertKind.REPLY, "shop", "first")
            assert await way.batches.get() == ["first"]  # and the way hangs now
            thread = threading.Thread(
                target=lambda: [announcer.tell(AlertKind.REPLY, "shop", str(n)) for n in range(3)]
            )
            thread.start()
            thread.join(5)
            assert not thread.is_alive()
            way.hold.set()
            told: list[str] = []
            while len(told) < 3:
                told += await way.batches.get()
            assert told == ["0", "1", "2"]

    play(story())


def test_a_failure_is_tried_again_together_with_what_came_meanwhile() -> None:
    async def story() -> None:
        way, announcer = Way(endings=[LATER, LATER], hold=asyncio.Event()), Announcer(SystemClock())
        assert way.hold is not None
        async with announcer.connected([way], way.note, QUICK):
            announcer.tell(AlertKind.BOUNCE, "shop", "one")
            assert await way.batches.get() == ["one"]
            announcer.tell(AlertKind.BOUNCE, "shop", "two")
            way.hold.set()
            assert [await way.batches.get() for _ in range(2)] == [["one", "two"]] * 2
            assert [await way.health.get() for _ in range(3)] == ["come back later"] * 2 + [None]

    play(story())


@pytest.mark.parametrize(("endings", "tries"), [([LATER] * 3, 3), ([PERMANENT], 1)], ids=["late", "never"])
def test_it_is_given_up_in_the_end_and_the_next_alert_begins_anew(
    endings: list[Exception], tries: int
) -> None:
    async def story() -> None:
        way, announcer = Way(endings=list(endings)), Announcer(SystemClock())
        async with announcer.connected([way], way.note, QUICK):
            announcer.tell(AlertKind.BOUNCE, "shop", "lost")
            assert [await way.batches.get() for _ in range(tries)] == [["lost"]] * tries
            assert [await way.health.get() for _ in range(tries)] == [str(endings[0])] * tries
            announcer.tell(AlertKind.BOUNCE, "shop", "next")
            assert await way.batches.get() == ["next"]
            assert await way.health.get() is None

    play(story())


def test_a_mistake_of_ours_ends_nothing() -> None:
    async def story() -> None:
        way, other, announcer = Way(endings=[ZeroDivisionError()]), Way(), Announcer(SystemClock())
        async with announcer.connected([way, other], lambda *_: None, QUICK):
            announcer.tell(AlertKind.BOUNCE, "shop", "one")
            assert [await way.batches.get() for _ in range(2)] == [["one"]] * 2
            assert await other.batches.get() == ["one"]

    play(story())


def test_a_health_that_cannot_be_noted_ends_nothing() -> None:
    async def story() -> None:
        def full(channel: str, why: str | None) -> None:
            raise OSError(28, "No space left on device")

        way, announcer = Way(), Announcer(SystemClock())
        async with announcer.connected([way], full, QUICK):
            for text in ("one", "two"):
                announcer.tell(AlertKind.BOUNCE, "shop", text)
                assert await way.batches.get() == [text]

    play(story())


def test_what_is_left_at_the_end_is_told_at_once_and_a_way_that_hangs_holds_nobody_up() -> None:
    async def story() -> None:
        way, stuck, announcer = Way(), Way(hold=asyncio.Event()), Announcer(SystemClock())
        haste = Haste(gather=3600.0, farewell=0.2)
        async with announcer.connected([way, stuck], lambda *_: None, haste):
            announcer.tell(AlertKind.INTAKE_STOPPED, "", "it ended")
        assert await way.batches.get() == ["it ended"]
        announcer.tell(AlertKind.INTAKE_STOPPED, "", "after the end")  # only the log has it
        assert way.batches.empty()

    play(story())


def test_more_than_can_be_remembered_forgets_the_oldest() -> None:
    async def story() -> None:
        way, announcer = Way(), Announcer(SystemClock())
        async with announcer.connected([way], way.note, Haste(gather=0.1)):
            for n in range(Courier.MOST + 3):
                announcer.tell(AlertKind.NEW_ITEM, "shop", str(n))
            told = await way.batches.get()
        assert (len(told), told[0]) == (Courier.MOST, "3")

    play(story())
