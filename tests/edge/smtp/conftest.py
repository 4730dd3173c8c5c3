"""A letter, an envelope and a sender, made the same way for every test of mail out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import Outcome

T = TypeVar("T")

ME = "seller@brindlecove.example"
THEM = "ip@harrowgate.example"

LETTER = (
    b"From: seller@brindlecove.example\r\n"
    b"To: ip@harrowgate.example\r\n"
    b"Subject: Your complaint\r\n"
    b"\r\n"
    b"Dear Madam or Sir,\r\n"
    b".a line that begins with a dot\r\n"
    b"..and one with two\r\n"
    b".\r\n"
    b"\r\n"
    b"Yours\r\n"
)


@dataclass(slots=True)
class Mail:
    """Makes envelopes and settings, and keeps what the question at 354 saw."""

    asked: int = 0
    answer: bool = True
    letter: bytes = LETTER
    me: str = ME
    them: str = THEM
    settings: dict[str, Any] = field(default_factory=dict)

    def envelope(self, *to: str, mail_from: str = ME) -> Envelope:
        """An envelope to these, or to the one usual addressee."""
        recipients = tuple(Recipient(address=a, role=RecipientRole.TO) for a in to or (THEM,))
        return Envelope(mail_from=mail_from, recipients=recipients)

    def sender(self, port: int, **changes: Any) -> SmtpSender:
        """A sender to loopback in plain text, with short time-outs."""
        usual: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "auth": "none",
            "connect_timeout": 5.0,
            "command_timeout": 5.0,
            "body_timeout": 5.0,
        }
        return SmtpSender(SmtpSettings(**(usual | changes)))

    async def body_may_begin(self) -> bool:
        """Say yes, and count."""
        self.asked += 1
        return self.answer

    async def send(self, sender: SmtpSender, *to: str, raw: bytes = LETTER) -> Outcome:
        """One submission."""
        return await sender.submit(self.envelope(*to), raw, body_may_begin=self.body_may_begin)

    def once(self, port: int, *to: str, raw: bytes = LETTER, **changes: Any) -> Outcome:
        """One submission over a connection of its own."""

        async def go() -> Outcome:
            sender = self.sender(port, **changes)
            try:
                return await self.send(sender, *to, raw=raw)
            finally:
                await sender.close()

        return self.within(go())

    @staticmethod
    def within(what: Coroutine[Any, Any, T], seconds: float = 20.0) -> T:
        """Run it on a fresh loop under a deadline."""
        return asyncio.run(asyncio.wait_for(what, seconds))


@pytest.fixture
def mail() -> Mail:
    """Letters to send."""
    return Mail()
