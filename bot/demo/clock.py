"""The clock of the sandbox: it stands still while anything is in flight, and is moved on by steps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.errors import RejoinderError

#: A loop that asks this often to be woken at a moment already past, while time stands still, spins.
SPINNING: Final = 500


class SandboxStuck(RejoinderError):
    """Something in the sandbox neither finishes nor waits."""


@dataclass(eq=False, slots=True)
class _Waiter:
    """One loop of the daemon that has nothing to do."""

    until: datetime | None
    soft: datetime | None
    doorbell: asyncio.Event
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class SteppingClock:
    """Fulfils `bot.ports.Clock` with a time that only moves when `step` is called.

    The one who steps first awaits `quiet()`: it returns when as many loops wait as `expected()` says there
    are, and no doorbell is ringing. Every loop of the daemon must therefore spend its idle time in `wait`,
    and ring the doorbell of another loop before it waits itself.
    """

    def __init__(self, start: datetime, *, expected: Callable[[], int]) -> None:
        self._now = start
        self._expected = expected
        self._waiters: list[_Waiter] = []
        self._changed = asyncio.Event()
        self._past = 0

    def now(self) -> datetime:
        """Sandbox time: aware, UTC."""
        return self._now

    async def wait(self, until: datetime | None, doorbell: asyncio.Event, *, soft: datetime | None) -> None:
        """Return when `until` or `soft` has come or the doorbell rang (and clear the doorbell).

        Raises SandboxStuck when asked again and again to wait for what has long come.
        """
        waiter = _Waiter(until, soft, doorbell)
        if self._has_come(waiter) and not doorbell.is_set():
            self._past += 1
            if self._past > SPINNING:
                raise SandboxStuck(
                    f"A loop of the daemon keeps asking to be woken at {min(filter(None, (until, soft)))}, "
                    f"which has passed: it is {self._now} and nothing comes of it."
                )
        else:
            self._waiters.append(waiter)
            self._changed.set()
            try:
                await _either(waiter.woken, doorbell)
            finally:
                self._forget(waiter)
        doorbell.clear()
        await asyncio.sleep(0)  # never starve the loop, even when there was nothing to wait for

    async def quiet(self, within: float) -> None:
        """Return when every loop waits and no doorbell rings.

        `within` are real seconds; raises SandboxStuck when they pass first.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not await self._settled():
                    self._changed.clear()
                    if not self._all_wait():
                        await self._news()
                return
        raise SandboxStuck(
            f"After {within:.0f} seconds {self.waiting} of {self._expected()} loops of the daemon wait; "
            f"the others are still busy at {self._now}."
        )

    @property
    def waiting(self) -> int:
        """How many loops wait, unwoken."""
        return len(self._waiters)

    def earliest(self) -> datetime | None:
        """The earliest moment for which a loop waits; `soft` moments do not count."""
        return min((w.until for w in self._waiters if w.until is not None), default=None)

    def step(self, to: datetime) -> None:
        """Move to a later moment and wake everybody for whom it, or a `soft` moment before it, has come."""
        if to < self._now:
            raise ValueError(f"the sandbox clock runs forwards only: {to} is before {self._now}")
        self._now = to
        self._past = 0
        for waiter in [w for w in self._waiters if self._has_come(w)]:
            self._wake(waiter)

    def ring_all(self) -> None:
        """Wake every waiting loop once, as if its doorbell had rung."""
        for waiter in list(self._waiters):
            self._wake(waiter)

    def _wake(self, waiter: _Waiter) -> None:
        # It no longer counts as waiting from this moment on, though its task runs a little later.
        self._forget(waiter)
        waiter.woken.set()

    def _forget(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def _has_come(self, waiter: _Waiter) -> bool:
        return any(moment is not None and moment <= self._now for moment in (waiter.until, waiter.soft))

    def _all_wait(self) -> bool:
        return self.waiting >= self._expected() and not any(w.doorbell.is_set() for w in self._waiters)

    async def _news(self) -> None:
        # `expected()` may sink without anybody telling us, when a loop has ended; so look now and then.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), 0.05)

    async def _settled(self) -> bool:
        # A few turns of the event loop, so that a callback already queued can still ring a doorbell.
        for _ in range(5):
            if not self._all_wait():
                return False
            await asyncio.sleep(0)
        return self._all_wait()


async def _either(one: asyncio.Event, other: asyncio.Event) -> None:
    """Wait until one of two events is set."""
    waits = [asyncio.ensure_future(one.wait()), asyncio.ensure_future(other.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
