"""What doctor says of real servers, and of ones that behave as scripted."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.edge.doctor.finding import Finding
from bot.edge.doctor.mailbox import Watched, look_at_mailbox
from bot.edge.doctor.roundtrip import look_at_arrival
from bot.edge.doctor.submission import look_at_submission
from bot.edge.imap.settings import ImapSettings
from bot.edge.smtp.settings import SmtpSettings
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix
from tests.servers.scripted_imap import Conversation, ScriptedServer
from tests.servers.scripted_smtp import say, scripted
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
        "imap name", "imap sign-in", "imap idle", "imap sent", "imap junk", "mailbox INBOX", "mailbox Junk",
        "imap clock",
    }  # fmt: skip
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
    assert found["imap clock"].ok is False
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
    assert by_what(look_at_submission(smtp, NOW))["smtp line"].ok is False


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
    assert found["imap sent"].ok is False
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
        assert by_what(look_at_submission(smtp, NOW))["smtp sign-in"].ok is True
        assert [success for _, success in server.logins] == [True]
        wrong = by_what(look_at_submission(replace(smtp, secret=lambda: "wrong"), NOW))
        assert wrong["smtp sign-in"].ok is False
        unknown = by_what(look_at_submission(replace(smtp, extra_ca=None), NOW))
        assert unknown["smtp tls"].ok is False
        assert len(server.logins) == 2
        assert server.received == []


@pytest.mark.servers
def test_every_mailbox_is_looked_into(dovecot: Dovecot, account: ImapSettings) -> None:
    """Whoever sorts Amazon's mail into a folder has no results in INBOX."""
    dovecot.create(account.user, "Amazon")
    amazon = b"Authentication-Results: mx.harborlane.example; spf=pass\r\nSubject: x\r\n\r\nHello\r\n"
    dovecot.deliver_all(account.user, [amazon] * 3, "Amazon")
    dovecot.deliver(account.user, amazon.replace(b"harborlane", b"elsewhere"), "Junk")
    found = by_what(look_at_mailbox(account, replace(WATCHED, mailboxes=("INBOX", "Amazon")), NOW))
    assert [found[f"mailbox {name}"].sentence for name in ("INBOX", "Amazon", "Junk")] == [
        "0 mails", "3 mails", "1 mail",
    ]  # fmt: skip
    assert "of the last 4 mails: mx.harborlane.example in 3, mx.elsewhere.example in 1" in (
        found["authserv_id"].sentence
    )
    assert "authserv_id: mx.harborlane.example" in found["authserv_id"].fix


@pytest.mark.servers
def test_the_mailbox_for_copies_has_to_be_there(dovecot: Dovecot, account: ImapSettings) -> None:
    named = replace(WATCHED, sent_mailbox="Gesendet")
    missing = by_what(look_at_mailbox(account, named, NOW))["imap sent"]
    assert missing.ok is False
    assert "no mailbox Gesendet" in missing.sentence
    dovecot.create(account.user, "Gesendet")
    assert by_what(look_at_mailbox(account, named, NOW))["imap sent"].ok is True


def greeted(greeting: str) -> dict[str, Finding]:
    """What doctor says of a server that greets like this."""

    async def story() -> dict[str, Finding]:
        async with scripted({"greeting": [say(greeting)]}) as server:
            smtp = SmtpSettings(host="127.0.0.1", port=server.port, security="none", auth="none")
            return await asyncio.to_thread(lambda: by_what(look_at_submission(smtp, NOW)))

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Fri, 1 Jan 2100 01:00:30 +0100", None),
        ("Fri, 1 Jan 2100 00:10:00 +0000", "10 minutes slow"),
        ("Thu, 31 Dec 2099 23:30:00 +0000", "30 minutes fast"),
    ],
)
def test_a_server_that_tells_its_time_shows_a_clock_that_is_off(told: str, said: str | None) -> None:
    clock = greeted(f"220 mx.harborlane.example ESMTP ready at {told}")["smtp clock"]
    assert clock.ok is (said is None)
    assert said is None or said in clock.sentence


@pytest.mark.parametrize(
    "greeting", ["220 mx.harborlane.example ESMTP", "220 Fri, 99 Jan 2100 99:00:00 +0000"]
)
def test_a_server_that_tells_no_time_shows_nothing(greeting: str) -> None:
    assert "smtp clock" not in greeted(greeting)


@pytest.mark.servers
def test_a_test_mail_shows_where_own_mail_arrives(
    dovecot: Dovecot, postfix: Postfix, account: ImapSettings
) -> None:
    address = f"{account.user}@brindlecove.example"
    imap = replace(account, user=address)
    smtp = SmtpSettings(
        host=postfix.host,
        port=postfix.tls_port,
        user=address,
        secret=lambda: PASSWORD,
        extra_ca=dovecot.ca_file,
    )
    pause = threading.Event()
    found = by_what(
        look_at_arrival(
            imap,
            smtp,
            address,
            ["INBOX"],
            "Sent",
            message_id="<rj.alert.AAAAAAAAAAAAAAAA@brindlecove.example>",
            now=lambda: datetime.now(UTC),  # noqa: TID251 -- compared with the server's clock
            wait=lambda seconds: pause.wait(seconds / 10) and None,
        )
    )
    assert {name: one.ok for name, one in found.items()} == {
        "test mail": True,
        "own mail": True,
        "clock": True,
    }
    assert "DKIM pass, SPF pass, DMARC pass" in found["own mail"].sentence
