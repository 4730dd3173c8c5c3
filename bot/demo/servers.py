"""The mail servers of the sandbox: one IMAP account and one submission server, on loopback."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imapclient import IMAPClient, SocketTimeout
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, DictBackend, Login
from pymap.imap import IMAPServer, IMAPService
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

LOOPBACK: Final = "127.0.0.1"
USER: Final = "seller"
PASSWORD: Final = "sandbox"  # noqa: S105 - guards nothing: an account that lives for a minute on loopback
READY_WITHIN: Final = 10.0  #: seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A mail to which the submission server answered 250."""

    number: int  #: 1 for the first
    at: datetime  #: sandbox time
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes


class Submission:
    """What the SMTP server does with a mail: keep it. Called on the thread of the servers."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._all: list[Accepted] = []
        self._taken = 0

    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take mail from the seller only, as a provider would."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep the mail and answer 250 (RFC 5321 §4.1.1.4); the name is the one aiosmtpd looks for."""
        content = envelope.content
        assert isinstance(content, bytes)
        assert envelope.mail_from is not None
        with self._lock:
            number = len(self._all) + 1
            self._all.append(
                Accepted(
                    number=number,
                    at=self._now(),
                    mail_from=envelope.mail_from,
                    recipients=tuple(envelope.rcpt_tos),
                    raw=content,
                )
            )
        return f"250 2.0.0 Ok: queued as SANDBOX{number:04d}"

    def take(self) -> tuple[Accepted, ...]:
        """Mails accepted since the last call, in order."""
        with self._lock:
            news = tuple(self._all[self._taken :])
            self._taken = len(self._all)
        return news

    @property
    def waiting(self) -> int:
        """How many accepted mails nobody has taken yet."""
        with self._lock:
            return len(self._all) - self._taken

    @property
    def all(self) -> tuple[Accepted, ...]:
        """Everything ever accepted, in order."""
        with self._lock:
            return tuple(self._all)


class _Settings(Config):
    """pymap's settings without its question to the DNS for the name of this machine."""

    @property
    def greeting(self) -> bytes:
        return b"Sandbox server ready"


def _pymap_arguments() -> Namespace:
    parser = ArgumentParser()
    parser.set_defaults(debug=False, passlib_cfg=None)
    IMAPService.add_arguments(parser)
    DictBackend.add_subparser("dict", parser.add_subparsers())
    given = ["--host", LOOPBACK, "--port", "0", "--no-tls"]
    return parser.parse_args([*given, "dict", "--demo-user", USER, "--demo-password", PASSWORD])


def _authenticate(
    server: SMTP,  # noqa: ARG001
    session: Session,  # noqa: ARG001
    envelope: Envelope,  # noqa: ARG001
    mechanism: str,  # noqa: ARG001
    given: Any,
) -> AuthResult:
    fits = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=fits, handled=False)


class SandboxServers:
    """IMAP (pymap) and SMTP (aiosmtpd) on a thread and an event loop of their own, on ports of their own.

    `now` gives the sandbox time and is called on that thread.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.submission = Submission(now)
        self.imap_port = 0
        self.smtp_port = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Listen; both ports are known afterwards. Raises what kept the servers from starting."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own attributes
        self._thread = threading.Thread(target=self._run, name="sandbox-servers", daemon=True)
        self._thread.start()
        if not self._ready.wait(READY_WITHIN):
            raise TimeoutError(
                "The sandbox mail servers did not start; is this machine very busy? Try again."
            )
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        with self.mailbox() as inbox:
            inbox.create("Sent", "Junk")

    def stop(self) -> None:
        """Stop listening, drop the connections and end the thread. May be called twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._stop is not None and thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        thread.join(READY_WITHIN)

    def mailbox(self) -> Mailbox:
        """A connection of the world's own to the account."""
        return Mailbox(self.imap_port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_clients_come_and_go)
        self._stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            self.imap_port = await self._listen_imap(stack)
            self.smtp_port = await self._listen_smtp(stack)
            self._ready.set()
            await self._stop.wait()
        # A connection in IDLE would otherwise keep the loop alive.
        ours = asyncio.current_task()
        others = [each for each in asyncio.all_tasks() if each is not ours]
        for each in others:
            each.cancel()
        await asyncio.wait(others, timeout=1.0) if others else None

    async def _listen_imap(self, stack: AsyncExitStack) -> int:
        # Passwords in clear: hashing costs a login some 0.1 s and protects nothing here.
        config = _Settings.from_args(_pymap_arguments(), hash_context=Cleartext(), admin_key=b"")
        config.apply_context()
        login = Login(config)
        await login.demo_user_identity.set(UserMetadata(config, USER, password=PASSWORD))
        serve = ProxyProtocolReader(ProxyProtocolVersion.get(None)).get_callback(IMAPServer(login, config))
        server = await asyncio.start_server(serve, host=LOOPBACK, port=0)
        await stack.enter_async_context(_Closing(server))
        return _port(server)

    async def _listen_smtp(self, stack: AsyncExitStack) -> int:
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(
                self.submission,
                hostname="submission.sandbox.example",
                ident="Rejoinder sandbox",
                enable_SMTPUTF8=True,
                authenticator=_authenticate,
                auth_required=False,
                auth_require_tls=False,
                auth_exclude_mechanism=["LOGIN"],
                loop=loop,
            )

        server = await loop.create_server(session, host=LOOPBACK, port=0)
        await stack.enter_async_context(_Closing(server))
        return _port(server)


class _Closing:
    """Closes a server without waiting for its connections."""

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *error: object) -> None:
        self._server.close()


def _clients_come_and_go(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that drops its line is no news; anything else is."""
    if not isinstance(context.get("exception"), ConnectionError | EOFError):
        loop.default_exception_handler(context)


def _port(server: asyncio.Server) -> int:
    port = server.sockets[0].getsockname()[1]
    assert isinstance(port, int)
    return port


class Mailbox:
    """The seller's account as the sandbox sees it: a place to deliver to and to look into.

    One connection, opened when first used; not for two threads at a time.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._client: Any = None

    def create(self, *names: str) -> None:
        """Create mailboxes."""
        for name in names:
            self._connected().create_folder(name)

    def deliver(self, raw: bytes, at: datetime, mailbox: str = "INBOX") -> int:
        """Append a mail with `at` as its internal date (RFC 9051 §6.3.12); its UID."""
        answer = self._connected().append(mailbox, raw, msg_time=at)
        found = re.search(rb"\[APPENDUID \d+ (\d+)\]", answer)
        assert found is not None, answer  # the server of the sandbox has UIDPLUS (RFC 4315)
        return int(found[1])

    def messages(self, mailbox: str = "INBOX") -> tuple[bytes, ...]:
        """The bytes of every message, oldest first."""
        client = self._connected()
        client.select_folder(mailbox, readonly=True)
        found = client.search("ALL")
        if not found:
            return ()
        fetched = client.fetch(found, ["BODY.PEEK[]"])
        return tuple(fetched[uid][b"BODY[]"] for uid in sorted(found))

    def close(self) -> None:
        """Log out."""
        client, self._client = self._client, None
        if client is not None:
            client.logout()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> Any:
        if self._client is None:
            client = IMAPClient(LOOPBACK, port=self._port, ssl=False, timeout=SocketTimeout(5, 10))
            # Without this Nagle's algorithm delays every literal by 44 ms.
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.normalise_times = False
            client.login(USER, PASSWORD)
            self._client = client
        return self._client
