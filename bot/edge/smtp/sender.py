"""Mail out for one account: fulfils `bot.ports.Sender` over SMTP submission (RFC 6409)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.edge.smtp.line import Line
from bot.edge.smtp.opening import open_line
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.smtp.stages import NotSent, lost
from bot.edge.smtp.transaction import StaleLine, check, transact
from bot.errors import RejoinderError
from bot.mail.envelope import Envelope
from bot.ports import Outcome, SubmissionRefused

#: Seconds between a kept line that was found dead and the one new try.
_BEFORE_A_FRESH_LINE = 0.2


class SmtpSender:
    """One transaction after the other, over one connection that is kept for a while.

    Cancelling `submit` cuts the connection and lets CancelledError through. When that happens after
    `body_may_begin` said yes, nobody can know whether the mail was accepted: the durable note made there is
    the truth, and whoever reads it at the next start must treat the mail as in doubt.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._line: Line | None = None
        self._one_at_a_time = asyncio.Lock()
        self._hang_up: asyncio.TimerHandle | None = None
        self._refused_login: tuple[str, float, SubmissionRefused] | None = None

    async def submit(
        self, envelope: Envelope, raw: bytes, *, body_may_begin: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Hand over `raw` to every recipient or to nobody; see `bot.ports.Sender.submit`."""
        try:
            check(envelope, raw)
        except NotSent as stop:
            return stop.outcome
        async with self._one_at_a_time:
            self._stop_waiting()
            try:
                outcome = await self._submit(envelope, raw, body_may_begin)
            except BaseException:
                self._drop()
                raise
            self._keep_for_a_while()
            return outcome

    async def close(self) -> None:
        """QUIT and drop the connection; waits for a running transaction."""
        async with self._one_at_a_time:
            self._leave()

    async def _submit(
        self, envelope: Envelope, raw: bytes, body_may_begin: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        async def once() -> Outcome:
            line, reused = await self._ready_line()
            return await transact(line, self._settings, envelope, raw, body_may_begin, reused=reused)

        try:
            try:
                return await once()
            except StaleLine:
                # A kept line that died unnoticed: MAIL was not taken, so nothing was sent. Real back-off, in
                # minutes, is a due moment of the case and not ours.
                await asyncio.sleep(_BEFORE_A_FRESH_LINE)
                return await once()
        except NotSent as stop:  # also a second line that went stale
            return stop.outcome

    async def _ready_line(self) -> tuple[Line, bool]:
        if self._line is not None and self._line.alive:
            return self._line, True
        self._drop()
        secret = await self._secret()
        self._line = await self._open(secret)
        return self._line, False

    async def _secret(self) -> str | None:
        if self._settings.auth == "none" or self._settings.secret is None:
            return None
        try:
            return await asyncio.to_thread(self._settings.secret)  # may run a program or wait for a keyring
        except (RejoinderError, OSError) as error:
            raise lost(str(error), "auth") from error

    async def _open(self, secret: str | None) -> Line:
        """Open a line, but never show a server the same refused secret again within `login_pause`.

        Forty approved letters and one expired password would otherwise be forty failed logins and a locked
        account.
        """
        now = asyncio.get_running_loop().time()
        if self._refused_login is not None:
            refused, until, outcome = self._refused_login
            if secret == refused and now < until:
                raise NotSent(outcome)
        try:
            line = await open_line(self._settings, secret)
        except NotSent as stop:
            if (
                secret is not None
                and isinstance(stop.outcome, SubmissionRefused)
                and stop.outcome.stage == "auth"
            ):
                self._refused_login = secret, now + self._settings.login_pause, stop.outcome
            raise
        self._refused_login = None
        return line

    def _keep_for_a_while(self) -> None:
        if self._line is not None:
            loop = asyncio.get_running_loop()
            self._hang_up = loop.call_later(self._settings.idle_limit, self._leave)

    def _stop_waiting(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None

    def _leave(self) -> None:
        self._stop_waiting()
        if self._line is not None:
            self._line.farewell()
            self._line = None

    def _drop(self) -> None:
        self._stop_waiting()
        if self._line is not None:
            self._line.drop()
            self._line = None
