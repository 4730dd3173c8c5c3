"""Opens a line to an IMAP server: TLS first, then the login, or nothing."""

from __future__ import annotations

import re
import socket
from typing import Any

import imapclient

from bot.edge.imap.arguments import refuse_controls
from bot.edge.imap.faults import as_login_error, as_our_error
from bot.edge.imap.settings import ImapSettings
from bot.edge.tls import client_context
from bot.errors import ControlCharacter, LoginRefused, MailboxUnreachable

_ATOM = re.compile(r"[A-Za-z0-9!#$&'+,./:;<=>?@^_`|~-]+")

# Linux only; elsewhere the renewal of IDLE finds a half-open line, only later.
_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))


def open_client(settings: ImapSettings) -> Any:
    """A connected imapclient over verified TLS (or loopback), not yet logged in.

    Raises MailboxUnreachable or CertificateRefused.
    """
    refuse_controls(settings.host)
    client: Any = None
    try:
        context = client_context(settings.extra_ca)
        client = imapclient.IMAPClient(
            settings.host,
            port=settings.port,
            ssl=settings.security == "tls",
            ssl_context=context if settings.security == "tls" else None,
            # Without it imapclient waits for ever.
            timeout=imapclient.SocketTimeout(connect=settings.connect_timeout, read=settings.read_timeout),
        )
        # imapclient sets 5, which puts repr() of every message into the log: three times slower.
        client._imap.debug = 0
        client.normalise_times = False  # else INTERNALDATE becomes naive local time
        if settings.security == "starttls":
            _start_tls(client, settings, context)
        _tune(client.socket())
    except ControlCharacter:
        raise
    except Exception as error:
        if client is not None:
            hang_up(client)
        ours = as_our_error(error, str(settings))
        # Before the login even a NO only means that this line is of no use.
        raise (
            ours if isinstance(ours, MailboxUnreachable) else MailboxUnreachable(f"{settings}: {error}")
        ) from error
    return client


def log_in(client: Any, settings: ImapSettings, secret: str) -> None:
    """Authenticate. Raises LoginRefused when the server says no, MailboxUnreachable when the line is lost."""
    refuse_controls(settings.user, secret)
    try:
        if settings.auth == "xoauth2":
            client.sasl_login("XOAUTH2", _xoauth2(settings.user, secret))
        elif client.has_capability("AUTH=PLAIN"):
            # Unlike LOGIN, the SASL exchange can carry every character (RFC 4616).
            client.plain_login(settings.user, secret)
        elif client.has_capability("LOGINDISABLED"):
            raise LoginRefused(
                f"{settings}: the server takes no password on this line; try security: starttls"
            )
        else:
            client.login(_quoted(settings.user), secret)
    except LoginRefused:
        raise
    except Exception as error:
        raise as_login_error(error, str(settings)) from error


def hang_up(client: Any) -> None:
    """Close the socket of a client, whatever state it is in."""
    try:
        client.shutdown()
    except Exception:  # imaplib raises what the closed socket raises; the socket is closed by then
        client.socket().close()


def _start_tls(client: Any, settings: ImapSettings, context: object) -> None:
    # A server (or somebody in between) that offers no STARTTLS gets nothing: there is no falling back.
    if not client.has_capability("STARTTLS"):
        raise MailboxUnreachable(
            f"{settings}: the server offers no STARTTLS, so nothing was sent; try security: tls"
        )
    client.starttls(context)
    # RFC 9051 §11.1: what was said before TLS may have been said by anybody.
    client._imap.untagged_responses.clear()


def _tune(sock: socket.socket) -> None:
    # Without NODELAY an APPEND, whose literal is a second small packet, waits 40 ms for an acknowledgement.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _xoauth2(user: str, token: str) -> Any:
    """The two answers of XOAUTH2: the token, then an empty line after the server's error document."""
    answers = iter([f"user={user}\x01auth=Bearer {token}\x01\x01".encode()])
    return lambda _challenge: next(answers, b"")


def _quoted(user: str) -> str:
    """imaplib quotes the password of LOGIN but not the name."""
    if _ATOM.fullmatch(user):
        return user
    return '"' + user.replace("\\", "\\\\").replace('"', '\\"') + '"'
