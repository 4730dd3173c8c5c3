"""Verified TLS for every line we open, and the only two hosts where plain text is allowed."""

from __future__ import annotations

import ssl
from pathlib import Path

#: Literals only: a *name* such as "localhost" can be pointed elsewhere by a hosts file or a resolver.
_LOOPBACK_LITERALS = frozenset({"127.0.0.1", "::1"})


def client_context(extra_ca: Path | None = None) -> ssl.SSLContext:
    """A client context that verifies certificate and host name and speaks TLS 1.2 or newer (RFC 8314 §3).

    `extra_ca` names a PEM file trusted beside the system's authorities, for a server with a private one.
    Raises OSError (FileNotFoundError, ssl.SSLError) when that file cannot be read or holds no certificate.
    """
    # imaplib and smtplib make an *unverified* context when they are given none; always hand them this one.
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if extra_ca is not None:
        context.load_verify_locations(cafile=str(extra_ca))
    return context


def plaintext_allowed(host: str) -> bool:
    """True only for the literals 127.0.0.1 and ::1, where no one else can listen in."""
    return host in _LOOPBACK_LITERALS
