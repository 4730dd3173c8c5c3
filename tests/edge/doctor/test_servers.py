"""What doctor says of real servers, and of ones that behave as scripted."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.edge.doctor.finding import Finding
from bot.edge.doctor.mailbox import Watched, look_at_mailbox
from bot.edge.doctor.submission import look_at_submission
from bot.edge.imap.settings import ImapSettings
from bot.edge.smtp.settings import SmtpSettings
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted_imap import Conversation, ScriptedServer
from tests.servers.smtp import PASSWORD as SMTP_PASSWORD
from tests.servers.smtp import USER, running_smtp_server

NOW = datetime(2100, 1, 1, tzinfo=UTC)
WATCHED = Watched(mailboxes=("INBOX",), watch_junk=True, authserv_id=None)


def by_what(findings: Iterator[Finding]) -> dict[str, Finding]:
    found = {finding.what: finding for finding in findings}
    assert all(finding.fix for finding in found.values() if finding.ok is False)
    return found


@pytest.fixture
def account(dovecot: Dovecot) -> ImapSettings:
    return ImapSettings(
        host=dovecot.host,
        port=dovecot.tls_port,
        user=dovecot.new_user(),
        secret=lambda: PASSWORD,
        extra_ca=dovecot.ca_file,
    )


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.servers
def test_a_good_mailbox(dovecot: Dovecot, account: ImapSettings) -> None:
    mail = b"Authentication-Results: mx.harborlane.example; spf=pass\r\nSubject: x\r\n\r\nHello\r\n"
    dovecot.deliver_all(account.user, [mail] * 2)
    found = by_what(look_at_mailbox(account, WATCHED, NOW))
    assert {name for name, one in found.items() if one.ok} == {
        "imap name", "imap sign-in", "imap idle", "imap sent", "imap junk", "mailbox INBOX",
    }  # fmt: skip
    assert found["clock"].ok is None
    assert found["authserv_id"].fix.endswith("authserv_id: mx.harborlane.example")
    with dovecot.session(account.user) as session:
        session.select("INBOX", readonly=True)
        assert session.search(None, "UNSEEN")[1] == [b"1 2"]


@pytest.mark.servers
def test_a_slow_clock_of_ours_and_a_mailbox_that_is_missing(dovecot: Dovecot, account: ImapSettings) -> None:
    dovecot.deliver(account.user, b"Subject: x\r\n\r\nHello\r\n")
    watched = replace(WATCHED, mailboxes=("INBOX", "Nowhere"))
    past = datetime.fromtimestamp(0, UTC) + timedelta(days=365)
    found = by_what(look_at_mailbox(account, watched, past))
    assert found["clock"].ok is False
    assert found["mailbox Nowhere"].ok is False


@pytest.mark.servers
def test_an_unknown_authority_and_a_wrong_password(account: ImapSettings) -> None:
    assert by_what(look_at_mailbox(replace(account, extra_ca=None), WATCHED, NOW))["imap tls"].ok is False
    wrong = replace(account, secret=lambda: "wrong")
    assert by_what(look_at_mailbox(wrong, WATCHED, NOW))["imap sign-in"].ok is False


def test_nobody_listens(closed_port: int) -> None:
    imap = ImapSettings(host="127.0.0.1", port=closed_port, security="none", user="u", secret=lambda: "pw")
    assert by_what(look_at_mailbox(imap, WATCHED, NOW))["imap line"].ok is False
    smtp = SmtpSettings(host="127.0.0.1", port=closed_port, security="none", auth="none")
    assert by_what(look_at_submission(smtp))["smtp line"].ok is False


def test_neither_idle_nor_special_use() -> None:
    def script(talk: Conversation) -> None:
        talk.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"],
            AUTHENTICATE=["{tag} OK in"],
            LIST=['* LIST () "/" INBOX', "{tag} OK done"],
            EXAMINE=["* 0 EXISTS", "* OK [UIDVALIDITY 1] x", "* OK [UIDNEXT 1] x", "{tag} OK done"],
            UID_SEARCH=["* SEARCH", "{tag} OK done"],
            LOGOUT=["* BYE", "{tag} OK done"],
        )

    with ScriptedServer(script).running() as server:
        imap = ImapSettings(
            host="127.0.0.1", port=server.port, security="none", user="u", secret=lambda: "pw"
        )
        found = by_what(look_at_mailbox(imap, WATCHED, NOW))
        assert server.connections == 1
    assert found["imap idle"].ok is None
    assert found["imap sent"].ok is None
    assert found["imap junk"].ok is False
    assert found["authserv_id"].ok is False


def test_submission_signs_in_once_and_sends_nothing(tmp_path: Path) -> None:
    with running_smtp_server(tmp_path, security="starttls", auth=True) as server:
        smtp = SmtpSettings(
            host="127.0.0.1",
            port=server.port,
            security="starttls",
            user=USER,
            secret=lambda: SMTP_PASSWORD,
            extra_ca=server.ca_file,
        )
        assert by_what(look_at_submission(smtp))["smtp sign-in"].ok is True
        assert [success for _, success in server.logins] == [True]
        wrong = by_what(look_at_submission(replace(smtp, secret=lambda: "wrong")))
        assert wrong["smtp sign-in"].ok is False
        unknown = by_what(look_at_submission(replace(smtp, extra_ca=None)))
        assert unknown["smtp tls"].ok is False
        assert len(server.logins) == 2
        assert server.received == []
