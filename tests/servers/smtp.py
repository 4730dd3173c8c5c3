"""Private SMTP servers on loopback: aiosmtpd in process, and Postfix's smtp-sink."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificate import write_certificate
from tests.servers.programs import program

USER = "seller@brindlecove.example"
PASSWORD = "pw of the seller"
TOKEN = "ya29.token-of-the-seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One mail the server took: the envelope as it was said, and the bytes after dots were taken off."""

    mail_from: str
    recipients: tuple[str, ...]
    data: bytes


@dataclass(kw_only=True)  # no slots: aiosmtpd looks at every member, which Python 3.11.2 cannot with slots
class SmtpServer:
    """A running server: what it took, and what it is told to refuse."""

    host: str = "127.0.0.1"
    port: int = 0
    ca_file: Path | None = None  #: the server's own certificate, when it speaks TLS
    received: list[Accepted] = field(default_factory=list)
    logins: list[tuple[str, bool]] = field(default_factory=list)  #: mechanism and whether it succeeded
    connections: int = 0
    _answers: dict[str, str] = field(default_factory=dict)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def refuse(self, recipient: str, answer: str = "550 5.1.1 No such user") -> None:
        """Answer RCPT for this recipient with a permanent refusal."""
        self._answers[recipient.lower()] = answer

    def defer(self, recipient: str, answer: str = "451 4.7.1 Greylisted, come again") -> None:
        """Answer RCPT for this recipient with a temporary refusal."""
        self._answers[recipient.lower()] = answer

    def relent(self, recipient: str) -> None:
        """Take mail for this recipient again."""
        self._answers.pop(recipient.lower(), None)

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Accepted]:
        """Return once `count` mails have been taken; fails the test when they are not in time."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.received) >= count, seconds):
                pytest.fail(f"the server took {len(self.received)} mails in {seconds} s, not {count}")
            return list(self.received)

    # What aiosmtpd asks its handler.

    async def handle_RCPT(  # noqa: N802 -- the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._answers.get(address.lower())
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        accepted = Accepted(
            mail_from=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            data=envelope.original_content or b"",
        )
        with self._news:
            self.received.append(accepted)
            self._news.notify_all()
        return f"250 2.0.0 Taken as number {len(self.received)}"

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        right = f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01".encode()
        success = base64.b64decode(words[1]) == right
        self.logins.append(("XOAUTH2", success))
        if success:
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"401"}')  # the client answers with an empty line
        return AuthResult(success=False, handled=False)

    def login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        right = LoginPassword(USER.encode(), PASSWORD.encode())
        self.logins.append((mechanism, data == right))
        return AuthResult(success=data == right, handled=False)


class _OnAFreePort(Controller):
    """aiosmtpd's controller wants to know its port beforehand; the kernel knows better which is free."""

    smtp_server: SmtpServer

    def _trigger_server(self) -> None:
        self.port = self.smtp_server.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
        self.smtp_server.connections = 0

    def factory(self) -> Any:
        self.smtp_server.connections += 1
        return super().factory()


@contextmanager
def running_smtp_server(
    folder: Path,
    *,
    security: Literal["none", "tls", "starttls"] = "none",
    auth: bool = False,
    without: tuple[str, ...] = (),
    certified_name: str | None = None,
    **options: Any,
) -> Iterator[SmtpServer]:
    """aiosmtpd in a thread; `auth` makes the login obligatory, `without` names AUTH mechanisms it lacks.

    Its certificate is for localhost and the loopback addresses, or for `certified_name` alone.
    """
    server = SmtpServer()
    context = None
    if security != "none":
        server.ca_file = folder / "smtp-certificate.pem"
        names = ("localhost",) if certified_name is None else (certified_name,)
        write_certificate(
            server.ca_file, folder / "smtp-key.pem", names=names, loopback=certified_name is None
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(server.ca_file, folder / "smtp-key.pem")
    controller = _OnAFreePort(
        server,
        hostname=server.host,
        port=0,
        server_hostname="mx.brindlecove.example",
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        auth_required=auth,
        auth_require_tls=security == "starttls",
        auth_exclude_mechanism=without,
        authenticator=server.login,
        **options,
    )
    controller.smtp_server = server
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture
def smtp_server(tmp_path: Path) -> Iterator[SmtpServer]:
    """A server on loopback that takes everything, in plain text and without a login."""
    with running_smtp_server(tmp_path) as server:
        yield server


@contextmanager
def running_smtp_sink(*options: str) -> Iterator[int]:
    """Postfix's smtp-sink with these options; gives its port."""
    # It insists on -u when started by root, and refuses it otherwise.
    user = ("-u", "nobody") if os.geteuid() == 0 else ()
    with _running(program("smtp-sink", "postfix"), *user, *options, "{address}", "100") as port:
        yield port


@contextmanager
def running_aiosmtpd() -> Iterator[int]:
    """aiosmtpd as a process of its own that throws every mail away; gives its port."""
    sink = ("-n", "-c", "aiosmtpd.handlers.Sink", "-l", "{address}")
    with _running(sys.executable, "-m", "aiosmtpd", *sink) as port:
        yield port


@contextmanager
def _running(*command: str) -> Iterator[int]:
    port = _free_port()
    words = [word.format(address=f"127.0.0.1:{port}") for word in command]
    process = subprocess.Popen(words, stderr=subprocess.PIPE)
    try:
        _wait_until_it_listens(process, port)
        yield port
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = threading.Event()
    for _ in range(500):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            reason = process.stderr.read().decode() if process.stderr is not None else ""
            pytest.fail(f"smtp-sink ended: {reason}")
        deadline.wait(0.01)
    pytest.fail("smtp-sink did not listen within 5 s")
