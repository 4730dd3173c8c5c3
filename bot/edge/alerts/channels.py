"""The ways by which a person is told: what every way can do, a mail, a program."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.edge.alerts.wording import Alert, as_json, as_mail
from bot.errors import AlertNotTold
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import (
    Clock,
    Sender,
    SubmissionAccepted,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUnknown,
    SubmissionWithheld,
)

#: Seconds that a program may take.
COMMAND_TIME_LIMIT = 8.0


class Channel(Protocol):
    """One way."""

    @property
    def name(self) -> str:
        """As in the settings: `mail`, `command` or `webhook`."""
        ...

    async def tell(self, alerts: Sequence[Alert]) -> str:
        """Tell all of them at once; how it ended, in words. Raises AlertNotTold."""
        ...


@dataclass(frozen=True, kw_only=True)
class MailChannel:
    """A mail to the operator's second address, over an account's own submission server."""

    sender: Sender
    mail_from: str
    to: str
    clock: Clock
    message_id: Callable[[], str]  #: of a form that the reading of mail knows as an alert's
    #: why this address may not be written to, or None
    refusal: Callable[[], Awaitable[str | None]]
    names: bool = False
    name: str = "mail"

    async def tell(self, alerts: Sequence[Alert]) -> str:
        """One mail with one recipient. Raises AlertNotTold."""
        refused = await self.refusal()
        if refused is not None:
            raise AlertNotTold(refused, permanent=True)
        raw = as_mail(
            alerts,
            self.clock.now(),
            mail_from=self.mail_from,
            to=self.to,
            message_id=self.message_id(),
            names=self.names,
        )
        recipient = Recipient(address=self.to, role=RecipientRole.OWN_COPY)
        envelope = Envelope(mail_from=self.mail_from, recipients=(recipient,))
        outcome = await self.sender.submit(envelope, raw, body_may_begin=_yes)
        match outcome:
            case SubmissionAccepted(code=code):
                return f"accepted by the mail server ({code})"
            case SubmissionRefused(code=code, text=text, stage=stage):
                later = stage in ("connect", "tls", "auth")  # a person may mend that meanwhile
                raise AlertNotTold(f"the mail server refused at {stage}: {code} {text}", permanent=not later)
            case SubmissionDeferred(text=text, stage=stage):
                raise AlertNotTold(f"the mail server could not take it at {stage}: {text}")
            case SubmissionUnknown(text=text):
                # Unlike a letter an alert may be told twice, and must not be told never.
                raise AlertNotTold(f"the line was lost after the mail was handed over: {text}")
            case SubmissionWithheld():
                raise AlertNotTold("the mail was not handed over")


async def _yes() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class CommandChannel:
    """A program of the operator's own, with JSON on its standard input and no shell in between."""

    command: tuple[str, ...]
    folder: Path  #: where it runs: the home
    clock: Clock
    names: bool = False
    time_limit: float = COMMAND_TIME_LIMIT
    name: str = "command"

    async def tell(self, alerts: Sequence[Alert]) -> str:
        """Run it once. Raises AlertNotTold when it cannot be started, fails or takes too long."""
        program = self.command[0]
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "its name holds a NUL"
            raise AlertNotTold(f"the program {program} cannot be run: {why}", permanent=True) from error
        try:
            async with asyncio.timeout(self.time_limit):
                await process.communicate(as_json(alerts, self.clock.now(), names=self.names) + b"\n")
        except TimeoutError:
            raise AlertNotTold(f"the program {program} took longer than {self.time_limit:g} s") from None
        finally:
            await _end(process)
        if process.returncode:
            raise AlertNotTold(f"the program {program} ended with {process.returncode}")
        return f"the program {program} ended with 0"


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing that it started in its session stays behind when it took too long."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
