"""The sandbox servers, spoken to by the standard library's clients."""

from __future__ import annotations

import imaplib
import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.demo.servers import LOOPBACK, PASSWORD, USER, SandboxServers

NOW = datetime(2026, 1, 5, 9, 10, tzinfo=UTC)


@pytest.fixture
def servers() -> Iterator[SandboxServers]:
    with SandboxServers(lambda: NOW) as running:
        yield running


def test_a_delivered_mail_has_its_bytes_and_the_sandbox_time(servers: SandboxServers) -> None:
    raw = b"From: a@shop.example\r\nSubject: 8 bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n.\r\n"
    with servers.mailbox() as world:
        uid = world.deliver(raw, NOW)
        assert world.deliver(b"Subject: second\r\n\r\n", NOW, "Junk") > 0
        assert world.messages() == (raw,)
    client = imaplib.IMAP4(LOOPBACK, servers.imap_port, timeout=5)
    client.login(USER, PASSWORD)
    client.select("INBOX", readonly=True)
    _, data = client.uid("FETCH", str(uid), "(INTERNALDATE)")
    assert b'INTERNALDATE "05-Jan-2026 09:10:00 +0000"' in str(data[0]).encode()
    client.logout()


def test_the_account_has_a_sent_and_a_junk_mailbox(servers: SandboxServers) -> None:
    client = imaplib.IMAP4(LOOPBACK, servers.imap_port, timeout=5)
    client.login(USER, PASSWORD)
    _, listed = client.list()
    client.logout()
    assert sorted(str(line).rstrip("'").split()[-1] for line in listed) == ["INBOX", "Junk", "Sent"]


def test_a_submitted_mail_is_kept_with_its_envelope_and_taken_once(servers: SandboxServers) -> None:
    raw = b"From: seller@shop.example\r\nSubject: x\r\n\r\nline\r\n.dot\r\n"
    with smtplib.SMTP(LOOPBACK, servers.smtp_port, timeout=5) as client:
        client.ehlo()
        assert {"8bitmime", "smtputf8", "auth"} <= set(client.esmtp_features)
        client.login(USER, PASSWORD)
        client.sendmail("seller@shop.example", ["ip@owner.example", "notice@amazon.com"], raw)
    assert servers.submission.waiting == 1
    (taken,) = servers.submission.take()
    assert taken.raw == raw
    assert taken.at == NOW
    assert taken.mail_from == "seller@shop.example"
    assert taken.recipients == ("ip@owner.example", "notice@amazon.com")
    assert servers.submission.take() == ()
    assert servers.submission.all == (taken,)


def test_strangers_cannot_submit(servers: SandboxServers) -> None:
    with smtplib.SMTP(LOOPBACK, servers.smtp_port, timeout=5) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.sendmail("a@b.example", ["c@d.example"], b"Subject: x\r\n\r\n")
        assert refused.value.smtp_code == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(USER, "wrong")
    assert servers.submission.all == ()


def test_stopping_drops_clients_and_ends_the_thread() -> None:
    servers = SandboxServers(lambda: NOW)
    servers.start()
    idle = imaplib.IMAP4(LOOPBACK, servers.imap_port, timeout=5)
    idle.login(USER, PASSWORD)
    idle.select("INBOX", readonly=True)
    idle.send(b"X1 IDLE\r\n")
    assert idle.readline().startswith(b"+")
    servers.stop()
    servers.stop()
    assert not any(thread.name == "sandbox-servers" for thread in threading.enumerate())
    with pytest.raises(ConnectionRefusedError):
        imaplib.IMAP4(LOOPBACK, servers.imap_port, timeout=5)
    idle.shutdown()
