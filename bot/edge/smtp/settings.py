"""What one submission account needs: where the server is, how the line is protected, who we are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.edge.tls import plaintext_allowed
from bot.errors import ConfigurationError, Problem

Security = Literal["tls", "starttls", "none"]
AuthMethod = Literal["password", "xoauth2", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """One submission server (RFC 6409) as the operator describes it.

    Raises ConfigurationError when the combination would send a password or a mail in the clear, or when a
    login lacks its user or its secret.
    """

    host: str
    port: int
    security: Security = "tls"  #: implicit TLS (RFC 8314 §3.3); "starttls" never falls back to plain text
    user: str | None = None
    #: the password, or the access token for "xoauth2"; asked anew for every connection, away from the loop
    secret: Callable[[], str] | None = field(default=None, repr=False)
    auth: AuthMethod = "password"
    connect_timeout: float = 30.0  #: seconds, for TCP, TLS and the greeting
    command_timeout: float = 300.0  #: seconds, for one answer (RFC 5321 §4.5.3.2)
    body_timeout: float = 600.0  #: seconds from the first byte of the body to the answer after the dot
    idle_limit: float = 60.0  #: seconds a connection without work is kept
    login_pause: float = 1200.0  #: seconds before the same refused secret is shown to the server again
    #: what EHLO says; a literal tells nothing about this machine, and submission servers do not care
    local_hostname: str = "[127.0.0.1]"
    extra_ca: Path | None = None  #: PEM file trusted beside the system's authorities

    def __post_init__(self) -> None:
        problems = tuple(Problem(path="smtp", message=m, hint=h) for m, h in self._mistakes())
        if problems:
            raise ConfigurationError(problems)

    def _mistakes(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if self.security == "none" and not plaintext_allowed(self.host):
            found.append(
                (
                    f"plain text to {self.host} would show mail and password to everybody on the way",
                    'Write security: tls (port 465) or starttls (port 587); "none" is for 127.0.0.1 and ::1.',
                )
            )
        if self.auth != "none" and (not self.user or self.secret is None):
            found.append(
                (
                    f"auth {self.auth} needs both a user and a secret",
                    "Name both, or write auth: none for a server that asks for no login.",
                )
            )
        return found
