"""TLS is verified and modern, and plain text is for loopback literals only."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from bot.edge.tls import client_context, plaintext_allowed


def test_the_context_verifies_certificate_and_host_name_and_refuses_old_tls() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_missing_extra_authority_is_an_error_and_not_ignored(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        client_context(tmp_path / "absent.pem")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", False),
        ("127.0.0.1.mail.example", False),
        ("127.1", False),
        ("imap.mail.example", False),
        ("", False),
    ],
)
def test_plain_text_is_for_loopback_literals_only(host: str, allowed: bool) -> None:
    assert plaintext_allowed(host) is allowed
