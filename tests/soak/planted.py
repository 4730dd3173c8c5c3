"""Faults planted on purpose: what the soak must find, or it proves nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.case.playbook import Unit, Wait
from bot.demo.clock import SteppingClock


def plant(name: str, clock: SteppingClock) -> None:
    """Break the daemon of this process in one way; "" leaves it as it is."""
    if name:
        _PLANTED[name](clock)


def _a_day_early(_clock: SteppingClock) -> None:
    """Every wait in business days is a day too short."""
    from bot.case.calendar import Calendar

    honest = Calendar.add

    def hasty(self: Calendar, start: datetime, wait: Wait) -> datetime:
        return honest(self, start, wait) - timedelta(days=wait.unit is Unit.BUSINESS_DAYS)

    Calendar.add = hasty  # type: ignore[method-assign]


def _a_day_late(_clock: SteppingClock) -> None:
    """Every wait in business days is a day too long."""
    from bot.case.calendar import Calendar

    honest = Calendar.add

    def sleepy(self: Calendar, start: datetime, wait: Wait) -> datetime:
        return honest(self, start, wait) + timedelta(days=wait.unit is Unit.BUSINESS_DAYS)

    Calendar.add = sleepy  # type: ignore[method-assign]


def _leak(clock: SteppingClock) -> None:
    """One per cent of the memory more with each simulated day."""
    from bot import daemon

    kept: list[bytearray] = []
    last = [clock.now()]
    turn = vars(daemon)["pass_time"]

    def forgetful(*given: Any) -> int:
        days = (clock.now() - last[0]) / timedelta(days=1)
        if days > 0.05:
            last[0] = clock.now()
            kept.append(bytearray(os.urandom(1) * int(_resident() * 0.01 * days)))
        return int(turn(*given))

    vars(daemon)["pass_time"] = forgetful


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _descriptor(_clock: SteppingClock) -> None:
    """Each new line to the mailbox leaves one descriptor open."""
    from bot.edge.imap.guard import ImapGuard

    honest = ImapGuard.open

    def forgetful(self: ImapGuard, *given: Any, **more: Any) -> Any:
        os.open(os.devnull, os.O_RDONLY)
        return honest(self, *given, **more)

    ImapGuard.open = forgetful  # type: ignore[method-assign]


def _skip_a_mail(_clock: SteppingClock) -> None:
    """Every fortieth mail of the mailbox is passed over."""
    from bot.edge.imap.source import ImapSource

    honest = ImapSource.fetch_after

    async def careless(self: ImapSource, mailbox: str, uidvalidity: int, last_uid: int) -> AsyncIterator[Any]:
        async for mail in honest(self, mailbox, uidvalidity, last_uid):
            if mail.uid % 40:
                yield mail

    ImapSource.fetch_after = careless  # type: ignore[method-assign]


#: By name.
_PLANTED = {
    "a-day-early": _a_day_early,
    "a-day-late": _a_day_late,
    "leak": _leak,
    "descriptor": _descriptor,
    "skip-a-mail": _skip_a_mail,
}
NAMES = tuple(_PLANTED)
#: What each does, as its docstring says.
MEANING = {name: (fault.__doc__ or "").rstrip(".") for name, fault in _PLANTED.items()}
