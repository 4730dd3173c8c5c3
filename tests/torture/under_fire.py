"""The daemon as `rejoinder run` starts it; with `--send-then-mark` its sender has the oldest fault there is.

Run as a program of its own by `test_kill.py`, which kills it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from bot.__main__ import main
from bot.edge.smtp import sender
from bot.mail.envelope import Envelope
from bot.ports import Outcome


class SendThenMark(sender.SmtpSender):
    """Hands the letter over first and notes it afterwards, as most programs do."""

    async def submit(
        self, envelope: Envelope, raw: bytes, *, body_may_begin: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """The planted fault."""

        async def at_once() -> bool:
            return True

        outcome = await super().submit(envelope, raw, body_may_begin=at_once)
        await asyncio.sleep(0.02)  # a disk of some years ago
        await body_may_begin()
        return outcome


if __name__ == "__main__":
    if "--send-then-mark" in sys.argv:
        sys.argv.remove("--send-then-mark")
        sender.SmtpSender = SendThenMark  # type: ignore[misc]
    main()
