"""How to reach one account on one IMAP server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.edge.tls import plaintext_allowed
from bot.errors import NotPossible

Security = Literal["tls", "starttls", "none"]
Auth = Literal["password", "xoauth2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Server, account and limits. Raises NotPossible when the line would be plain text across a network."""

    host: str
    port: int = 993
    security: Security = "tls"  #: implicit TLS (RFC 8314), STARTTLS, or none (loopback only)
    user: str
    secret: Callable[[], str]  #: password or access token, asked anew at each login; may block
    auth: Auth = "password"
    #: seconds, for connection, TLS handshake and greeting; `close` may have to wait for it
    connect_timeout: float = 8.0
    read_timeout: float = 60.0  #: seconds without a byte from the server
    extra_ca: Path | None = None  #: PEM file trusted beside the system's authorities
    size_limit: int = 100_000_000  #: octets; a larger message is named but not fetched

    def __post_init__(self) -> None:
        if self.security == "none" and not plaintext_allowed(self.host):
            raise NotPossible(
                f"plain text to {self.host!r} would show the password and the mail to everybody on the way: "
                "set security to tls or starttls; none is for 127.0.0.1 and ::1 only"
            )

    def __str__(self) -> str:
        return f"{self.user} at {self.host}:{self.port}"
