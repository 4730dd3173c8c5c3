"""The loops of the daemon: one error ends them all, in its own words; a listener's patience starts anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.daemon import Daemon, Line, Pace
from bot.errors import MailboxUnreachable, StoreFull
from bot.review import ItemKind
from bot.runner.desk import service
from tests.stories.mails import notice
from tests.stories.played import MailServer, Postbox, SetClock
from tests.stories.stage import Stage, directly

DEADLINE = 15.0


class Resting(SetClock):
    """A set clock on which the loops rest until somebody rings."""

    async def wait(self, until: Any, doorbell: asyncio.Event, *, soft: Any) -> None:
        """Until the doorbell."""
        await doorbell.wait()
        doorbell.clear()


def _ends(stage: Stage, renew: Callable[[], None], on_store: Any = directly) -> None:
    office = replace(stage.office, clock=Resting())
    daemon = Daemon(office, {"shop": stage.line}, on_store, renew=renew)
    asyncio.run(asyncio.wait_for(daemon.run(), DEADLINE))


def test_what_ends_a_loop_ends_the_daemon_in_its_own_words(stage: Stage) -> None:
    """A task group would wrap it, and the person would read of a mistake of ours."""

    def full() -> None:
        raise StoreFull("no room left on the disk; make room, then go on")

    with pytest.raises(StoreFull, match="make room"):
        _ends(stage, full)


def test_two_loops_that_fail_at_once_say_it_once(stage: Stage) -> None:
    begun = asyncio.Event()

    async def failing(work: Callable[..., Any], *args: object) -> Any:
        if work.__name__ == "recover":
            return work(*args)
        begun.set()
        await begun.wait()
        raise StoreFull("no room left on the disk; make room, then go on")

    with pytest.raises(StoreFull, match="make room"):
        _ends(stage, lambda: None, failing)


def test_a_mistake_beside_it_is_not_hidden(stage: Stage) -> None:
    async def failing(work: Callable[..., Any], *args: object) -> Any:
        if work.__name__ == "recover":
            return work(*args)
        raise StoreFull("full") if work.__name__ == "renew" else ZeroDivisionError

    def renew() -> None:
        raise AssertionError

    with pytest.raises(ExceptionGroup) as ended:
        _ends(stage, renew, failing)
    assert ended.group_contains(ZeroDivisionError)


@dataclass
class LosesItsLine(Postbox):
    """A mailbox whose line is lost once in a long while."""

    clock: SetClock | None = None
    held: timedelta = timedelta(hours=3)
    listened: int = 0
    enough: asyncio.Event | None = None

    async def wait(self, mailboxes: tuple[str, ...], doorbell: Callable[[], None]) -> None:
        """Three hours go well, then the line is gone."""
        assert self.clock is not None
        assert self.enough is not None
        self.clock.moment += self.held
        self.listened += 1
        if self.listened == 15:
            self.enough.set()
            await asyncio.Event().wait()
        raise MailboxUnreachable("the line was lost")


def test_a_line_that_held_for_hours_is_had_again_at_once(stage: Stage) -> None:
    """The pause doubles while a server is away; an outage of last month is no reason to wait today."""

    async def story() -> None:
        clock = Resting()
        inbox = LosesItsLine(clock=clock, enough=asyncio.Event())
        line = Line(source=inbox, sender=MailServer(), reader=stage.line.reader)
        office = replace(stage.office, clock=clock)
        daemon = Daemon(office, {"shop": line}, directly, Pace(first_retry=timedelta(milliseconds=10)))
        running = asyncio.create_task(daemon.run())
        assert inbox.enough is not None
        await asyncio.wait_for(inbox.enough.wait(), DEADLINE)
        daemon.stop()
        await running

    asyncio.run(story())


class Away(Postbox):
    """A mailbox that nobody reaches."""

    async def state(self, mailbox: str) -> Any:
        """The server is away."""
        raise MailboxUnreachable("away")

    async def special_use(self, attribute: str) -> str | None:
        """The server is away."""
        raise MailboxUnreachable("away")


def test_what_a_person_resumes_is_drafted_while_the_mailbox_is_away(stage: Stage) -> None:
    """A draft needs no mailbox, only its sending does."""
    stage.arrives(notice("17340981265", stage.now))
    service.reject(stage.office, stage.waiting().number, "not today", "Ada")
    service.resume(stage.office, stage.only(ItemKind.HOLD).number, "Ada")
    assert stage.draft_steps() == []

    async def story() -> None:
        turned = asyncio.Event()

        def turn(_account: str, loop: str) -> None:
            if loop == "time":
                turned.set()

        line = Line(source=Away(), sender=MailServer(), reader=stage.line.reader)
        daemon = Daemon(replace(stage.office, clock=Resting()), {"shop": line}, directly, on_turn=turn)
        running = asyncio.create_task(daemon.run())
        await asyncio.wait_for(turned.wait(), DEADLINE)
        daemon.stop()
        await running

    asyncio.run(story())
    assert stage.draft_steps() == ["inquiry"]
