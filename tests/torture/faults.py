"""Faults planted on purpose: what the kill harness must find, or it proves nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from bot.case import events as e
from bot.draft.model import Letter
from bot.mail.envelope import Envelope
from bot.ports import Cursor, Fetched, Outcome
from bot.runner.office import Office, Practice

#: How long a disk of some years ago takes; each fault opens a gap of that length between two steps.
_SLOW_DISK = 0.05


def plant(name: str) -> None:
    """Break the daemon of this process in one way; "" leaves it as it is."""
    if name:
        _FAULTS[name]()


def _send_then_mark() -> None:
    """Hand the letter over first and note it afterwards, as most programs do."""
    from bot.edge.smtp import sender

    class SendThenMark(sender.SmtpSender):
        async def submit(
            self, envelope: Envelope, raw: bytes, *, body_may_begin: Callable[[], Awaitable[bool]]
        ) -> Outcome:
            async def at_once() -> bool:
                return True

            outcome = await super().submit(envelope, raw, body_may_begin=at_once)
            await asyncio.sleep(_SLOW_DISK)
            await body_may_begin()
            return outcome

    sender.SmtpSender = SendThenMark  # type: ignore[misc]


def _guess_sent() -> None:
    """Whatever was on the line when we died has surely arrived."""
    from bot.runner.outbox import recovery, sending

    begin = sending.begin_body

    def slowly(*args: Any) -> bool:
        begun = begin(*args)
        time.sleep(_SLOW_DISK)
        return begun

    sending.begin_body = slowly

    def guess(letter: Letter, now: datetime) -> e.Event:
        return e.Accepted(at=now, letter=letter.letter_id)

    recovery.unknown = guess


def _guess_not_sent() -> None:
    """Whatever was on the line when we died is tried again."""
    from bot.runner.outbox import recovery

    def guess(letter: Letter, now: datetime) -> e.Event:
        return e.Deferred(at=now, code=None, retry_at=now, counted=False)

    recovery.unknown = guess


def _cursor_first() -> None:
    """The cursor moves on before the mails are kept."""
    from bot.runner.inbox import intake

    keep = intake._keep

    def careless(office: Office, practice: Practice, batch: Sequence[Fetched], at: datetime) -> int:
        cursor = Cursor(uidvalidity=batch[-1].uidvalidity, last_uid=batch[-1].uid)
        office.store.set_cursor(practice.account_id, batch[-1].mailbox, cursor)
        time.sleep(_SLOW_DISK)
        return keep(office, practice, batch, at)

    intake._keep = careless


def _forget_the_queue() -> None:
    """A letter in doubt is noted and nobody is shown it."""
    from dataclasses import replace

    from bot.review import ItemKind
    from bot.runner.outbox import recovery

    honest = recovery.after

    def silent(*args: Any) -> Any:
        letter, change = honest(*args)
        seen = tuple(item for item in change.open_items if item.kind is not ItemKind.IN_DOUBT)
        return letter, replace(change, open_items=seen)

    recovery.after = silent


#: By name.
_FAULTS = {
    "send-then-mark": _send_then_mark,
    "guess-sent": _guess_sent,
    "guess-not-sent": _guess_not_sent,
    "cursor-first": _cursor_first,
    "forget-the-queue": _forget_the_queue,
}
NAMES = tuple(_FAULTS)
#: What each does, as its docstring says.
MEANING = {name: (fault.__doc__ or "").rstrip(".") for name, fault in _FAULTS.items()}
