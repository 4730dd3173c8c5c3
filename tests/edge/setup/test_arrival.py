"""A test mail to oneself, over a real Postfix into a real Dovecot, is found, or said not to be."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from bot.edge.doctor.finding import Finding
from bot.edge.imap.settings import ImapSettings
from bot.edge.secrets import SecretSource
from bot.edge.setup.arrival import Arrival, Sent, find_test, send_test
from bot.edge.smtp.settings import SmtpSettings
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import AUTHSERV, Postfix
from tests.servers.smtp import SmtpServer
from tests.servers.tokens import token, token_command

pytestmark = pytest.mark.servers
ID = "<rj.alert.AAAAAAAAAAAAAAAA@brindlecove.example>"


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- compared with the server's clock


def soon(seconds: float) -> None:
    """A tenth of the pause; nothing else can tell that a mail has come."""
    threading.Event().wait(seconds / 10)


@pytest.fixture
def inbox(dovecot: Dovecot) -> ImapSettings:
    return ImapSettings(
        host=dovecot.host,
        port=dovecot.tls_port,
        user=f"{dovecot.new_user()}@brindlecove.example",
        secret=lambda: PASSWORD,
        extra_ca=dovecot.ca_file,
    )


def test_sent_and_found_with_a_token_from_a_command(
    inbox: ImapSettings, dovecot: Dovecot, postfix: Postfix, tmp_path: Path
) -> None:
    secret = SecretSource(command=token_command(tmp_path, token(inbox.user)))
    inbox = replace(inbox, auth="xoauth2", secret=secret)
    smtp = SmtpSettings(
        host=postfix.host,
        port=postfix.tls_port,
        user=inbox.user,
        secret=secret,
        auth="xoauth2",
        extra_ca=dovecot.ca_file,
    )
    sent = send_test(smtp, inbox.user, ID, now)
    assert isinstance(sent, Sent), sent
    found = find_test(inbox, sent, ["Nowhere", "INBOX"], "Sent", wait=soon)
    assert isinstance(found, Arrival), found
    assert (found.mailbox, found.authserv_id, found.filed_in_sent) == ("INBOX", AUTHSERV, False)
    verdicts = [found.verdict(name) for name in ("dkim", "spf", "dmarc", "arc")]
    assert verdicts == ["pass", "pass", "pass", "not checked"]
    assert abs(found.skew) < 60
    (mail,) = dovecot.messages(inbox.user, "INBOX")
    assert b"Auto-Submitted: auto-generated" in mail


def accepted() -> Sent:
    return Sent(message_id=ID, at=now(), began=monotonic())


def mail(head: bytes = b"") -> bytes:
    return head + b"Message-ID: " + ID.encode() + b"\r\nFrom: a@b.example\r\n\r\nHello\r\n"


def test_in_junk_with_a_copy_that_the_provider_filed(inbox: ImapSettings, dovecot: Dovecot) -> None:
    dovecot.deliver(inbox.user, mail(), "Junk")
    dovecot.deliver(inbox.user, mail(), "Sent")
    found = find_test(inbox, accepted(), ["INBOX", "Junk"], "Sent", wait=soon)
    assert isinstance(found, Arrival)
    assert (found.mailbox, found.authserv_id, found.methods, found.filed_in_sent) == ("Junk", None, (), True)


def test_only_in_sent_as_at_some_providers(inbox: ImapSettings, dovecot: Dovecot) -> None:
    dovecot.deliver(inbox.user, mail(), "Sent")
    found = find_test(inbox, accepted(), ["INBOX"], "Sent", patience=0, wait=soon)
    assert isinstance(found, Finding)
    assert found.ok is None
    assert "Sent only" in found.sentence


def test_nowhere_after_all_patience(inbox: ImapSettings) -> None:
    looks: list[float] = []

    def wait(seconds: float) -> None:
        looks.append(seconds)
        soon(seconds)

    found = find_test(inbox, accepted(), ["INBOX"], "Sent", patience=0.3, wait=wait)
    assert isinstance(found, Finding)
    assert found.ok is False
    assert "in none of INBOX" in found.sentence
    assert looks


def test_a_sign_in_that_fails_is_said(inbox: ImapSettings) -> None:
    found = find_test(replace(inbox, secret=lambda: "no"), accepted(), ["INBOX"], None, wait=soon)
    assert isinstance(found, Finding)
    assert "refused the login" in found.sentence


def test_a_server_that_does_not_take_it(smtp_server: SmtpServer) -> None:
    smtp_server.refuse("a@b.example", "550 5.7.60 not your address")
    smtp = SmtpSettings(host=smtp_server.host, port=smtp_server.port, security="none", auth="none")
    found = send_test(smtp, "a@b.example", ID, now)
    assert isinstance(found, Finding)
    assert "not your address" in found.sentence
    assert found.fix
