"""One connection to a submission server, a stage at a time; the only module that knows aiosmtplib.

aiosmtplib's own send() cannot be used: its errors are the same before and after the final dot, it has no hook
between 354 and the body, and it parses addresses kindly. What is left of it is what it does well: connecting,
reading answers under limits, TLS, and the words of AUTH.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from bot.edge.smtp.wording import presentable

_DROPPED = (aiosmtplib.SMTPException, OSError)  # a TimeoutError is an OSError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the server; the text is fit to show."""

    code: int  #: 200 to 599
    text: str

    @property
    def positive(self) -> bool:
        """2yz: done (RFC 5321 §4.2.1)."""
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        """4yz: not now."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """5yz: not like this."""
        return self.code >= 500


class LineLost(Exception):
    """The connection is gone, silent or talks nonsense; it has been dropped. `str()` is a sentence.

    `in_tls` is True when TLS or the certificate was the reason.
    """

    def __init__(self, text: str, *, in_tls: bool = False) -> None:
        super().__init__(presentable(text))
        self.in_tls = in_tls


class Body:
    """The seam between 354 and the body, and the only user of aiosmtplib's private names.

    The library writes the body in one breath with DATA; we must stop in between. Its public execute_command
    refuses line breaks, and its reader throws away what comes while no answer is expected, so the flag that
    says "an answer is expected" has to be raised by hand. `_buffer` holds what the server said beyond the
    answer we read: left there, it would be taken for the answer to our next command.
    """

    PRIVATE_NAMES = ("_response_pending", "_buffer")

    @staticmethod
    def write(protocol: aiosmtplib.protocol.SMTPProtocol, data: bytes) -> None:
        """Put the whole body on the line and expect an answer."""
        protocol._response_pending = True
        protocol.write(data)

    @staticmethod
    def unread(protocol: aiosmtplib.protocol.SMTPProtocol) -> bool:
        """True when the server has said more than it was asked."""
        return bool(protocol._buffer)


class Line:
    """One connection. Every method raises LineLost, and has dropped the connection when it does."""

    def __init__(self, host: str, port: int, local_hostname: str) -> None:
        self._smtp = aiosmtplib.SMTP(
            hostname=host, port=port, local_hostname=local_hostname, start_tls=False, timeout=None
        )
        self._host = host
        self.greeting = ""  #: what the server said first

    @property
    def alive(self) -> bool:
        """True as far as we know; a connection can be dead without having told us."""
        return self._smtp.is_connected

    async def connect(self, context: ssl.SSLContext | None, seconds: float) -> Reply:
        """Open it, under TLS from the first byte when a context is given, and read the greeting."""
        try:
            answer = await self._smtp.connect(
                use_tls=context is not None, tls_context=context, timeout=seconds
            )
        except aiosmtplib.SMTPConnectResponseError as refusal:
            return self._reply(refusal.code, refusal.message)
        except _DROPPED as error:
            raise self._lost(error) from error
        reply = self._reply(answer.code, answer.message)
        self.greeting = reply.text
        return reply

    async def ehlo(self, seconds: float) -> Reply:
        """Say who we are and learn the extensions. There is no HELO: submission needs ESMTP."""
        self._expect_silence()
        try:
            answer = await self._smtp.ehlo(timeout=seconds)
        except aiosmtplib.SMTPHeloError as refusal:
            return self._reply(refusal.code, refusal.message)
        except _DROPPED as error:
            raise self._lost(error) from error
        return self._reply(answer.code, answer.message)

    def offers(self, extension: str, parameter: str | None = None) -> bool:
        """True when the last EHLO answer named this extension, with this parameter when one is asked for."""
        if not self._smtp.supports_extension(extension):
            return False
        return (
            parameter is None or parameter in self._smtp.esmtp_extensions[extension.lower()].upper().split()
        )

    async def start_tls(self, context: ssl.SSLContext, seconds: float) -> Reply:
        """STARTTLS and, after 220, the handshake; ask EHLO again afterwards (RFC 3207 §4.2)."""
        reply = await self.command(b"STARTTLS", seconds=seconds)
        if not reply.positive:
            return reply
        # The library would silently throw away what was slipped in behind the 220. We do not go on with a
        # line on which somebody tried that, so the handshake is ours.
        self._expect_silence()
        protocol = self._protocol()
        try:
            secured = await asyncio.get_running_loop().start_tls(
                self._transport(),
                protocol,
                context,
                server_hostname=self._host,
                ssl_handshake_timeout=seconds,
            )
        except _DROPPED as error:
            raise self._lost(error) from error
        if secured is None:  # the server hung up at the very end of the handshake
            raise self._lost(ConnectionResetError("hung up during the handshake"))
        protocol.transport = secured
        self._smtp.transport = secured
        return reply

    async def login(
        self, mechanism: Literal["PLAIN", "LOGIN", "XOAUTH2"], user: str, secret: str, seconds: float
    ) -> Reply:
        """One AUTH exchange with exactly this mechanism."""
        self._expect_silence()
        say = {
            "PLAIN": self._smtp.auth_plain,
            "LOGIN": self._smtp.auth_login,
            "XOAUTH2": self._smtp.auth_xoauth2,
        }
        try:
            answer = await say[mechanism](user, secret, timeout=seconds)
        except aiosmtplib.SMTPAuthenticationError as refusal:
            return self._reply(refusal.code, refusal.message)
        except _DROPPED as error:
            raise self._lost(error) from error
        return self._reply(answer.code, answer.message)

    async def command(self, *words: bytes, seconds: float) -> Reply:
        """Send one command line and read its answer."""
        self._expect_silence()
        try:
            answer = await self._smtp.execute_command(*words, timeout=seconds)
        except _DROPPED as error:
            raise self._lost(error) from error
        return self._reply(answer.code, answer.message)

    def ready_for_body(self) -> bool:
        """True when the line stands and the server waits in silence; anything else means: do not begin."""
        return self.alive and not Body.unread(self._protocol())

    async def body(self, data: bytes, seconds: float) -> Reply:
        """Write the body with its final dot and read the answer; from the first byte on, loss is doubt."""
        protocol, transport = self._protocol(), self._transport()
        try:
            Body.write(protocol, data)
            answer = await protocol.read_response(timeout=seconds)
        except _DROPPED as error:
            raise self._lost(error) from error
        reply = self._reply(answer.code, answer.message)
        if transport.get_write_buffer_size():
            # It answered before it had everything. A no is a no, but a yes to half a mail means nothing.
            self.drop()
            if reply.positive:
                raise LineLost("the server accepted the mail before it had received all of it")
        if reply.code == 421 or (self.alive and Body.unread(protocol)):
            self.drop()
        return reply

    def farewell(self) -> None:
        """Say QUIT without waiting for the answer, and close."""
        if self.alive:
            with contextlib.suppress(*_DROPPED):
                self._protocol().write(b"QUIT\r\n")
        self._smtp.close()

    def drop(self) -> None:
        """Cut the connection now; bytes not yet handed to the network are thrown away."""
        transport = self._smtp.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
        self._smtp.close()

    def _expect_silence(self) -> None:
        """Drop the line when an unasked answer lies in wait: it would be taken for the next one."""
        if self.alive and Body.unread(self._protocol()):
            self.drop()
            raise LineLost("the server spoke out of turn")

    def _reply(self, code: int, text: str) -> Reply:
        if not 200 <= code <= 599:
            self.drop()
            raise LineLost(f"the server gave an answer that is not SMTP: {text}")
        return Reply(code=code, text=presentable(text))

    def _lost(self, error: BaseException) -> LineLost:
        self.drop()
        in_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
        return LineLost(str(error) or type(error).__name__, in_tls=in_tls)

    def _protocol(self) -> aiosmtplib.protocol.SMTPProtocol:
        if self._smtp.protocol is None:
            raise LineLost("the connection is closed")
        return self._smtp.protocol

    def _transport(self) -> asyncio.WriteTransport:
        transport = self._smtp.transport
        if not isinstance(transport, asyncio.WriteTransport):
            raise LineLost("the connection is closed")
        return transport
