"""Turns the sandbox: when nothing is in flight and the world is at rest, on to the next due moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Final

from bot.demo.clock import SandboxStuck, SteppingClock
from bot.demo.desk import Desk
from bot.demo.world import World
from bot.ports import MailStatus
from bot.runner.office import Office, OnStore

BUSY_AT_MOST: Final = 20.0  #: real seconds for one piece of work


class Drive:
    """One `turn` after the other until there is nothing left to come."""

    def __init__(
        self,
        clock: SteppingClock,
        world: World,
        office: Office,
        on_store: OnStore,
        *,
        desk: Desk,
        end: datetime,
        ring: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._world = world
        self._office = office
        self._on_store = on_store
        self._desk = desk
        self._end = end
        self._ring = ring

    async def settle(self) -> None:
        """Let everything in flight arrive. Raises SandboxStuck when something never does."""
        await self._clock.quiet(BUSY_AT_MOST)
        while await self._world.settle(self._clock.now()):
            await self._until_kept()
        await self._desk.look()

    async def answered(self) -> None:
        """A person answered something: let the daemon look and act on it."""
        self._ring()
        await self.settle()

    async def approve_all(self) -> datetime | None:
        """The automatic reviewer answers all there is to answer now; when there will be more."""
        while True:
            answered, later = await self._desk.approve_all(self._clock.now())
            if not answered:
                return later
            await self.answered()

    async def step(self, other: datetime | None = None) -> bool:
        """Move to the earliest moment that matters to daemon, world or `other`; False when there is none."""
        moments = (self._clock.earliest(), self._world.next_event(), other)
        to = min((moment for moment in moments if moment is not None), default=None)
        if to is None or to > self._end:
            return False
        self._clock.step(max(to, self._clock.now()))
        await self.settle()
        return True

    async def _until_kept(self) -> None:
        """Ring until the daemon has kept and understood every mail that the world delivered."""
        until = monotonic() + BUSY_AT_MOST
        while True:
            self._ring()
            await self._clock.quiet(BUSY_AT_MOST)
            if await self._on_store(self._all_kept):
                return
            if monotonic() > until:
                raise SandboxStuck(
                    f"A mail lies in the inbox since {self._clock.now()} and the daemon does not take it."
                )
            await asyncio.sleep(0.05)  # a line that failed is tried again in real time

    def _all_kept(self) -> bool:
        for account in self._office.practices:
            row = self._office.store.mailbox(account, "INBOX")
            if row is None or row.cursor.last_uid < self._world.last_uid:
                return False
            if self._office.store.mails(account, status=MailStatus.UNREAD, limit=1):
                return False
        return True
