"""The wizard at a terminal, against a real Dovecot and a real Postfix, from nothing to a home that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.edge.files import load_settings
from tests.cli.conftest import Typed
from tests.cli.terminal import Terminal, lines_wider_than
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import AUTHSERV, Postfix

pytestmark = pytest.mark.servers


def address(dovecot: Dovecot) -> str:
    return f"{dovecot.new_user()}@brindlecove.example"


def name_the_servers(at: Terminal, imap: int, smtp: int) -> None:
    """A provider that nobody knows: host and port by hand, TLS from the start."""
    at.answer("Which provider? [1]:", "1")
    at.answer("(IMAP) [imap.brindlecove.example]:", f"127.0.0.1:{imap}")
    at.answer("[1]:", "1")
    at.answer("(SMTP) [smtp.brindlecove.example]:", f"127.0.0.1:{smtp}")
    at.answer("[1]:", "1")


def be_a_seller(at: Terminal) -> None:
    at.answer("legal name:", "Brindlecove Ltd")
    at.answer("Your own name:", "Tess Marwen")
    at.answer("Line 1:", "3 Tannery Lane")
    at.answer("Line 2:", "Ludlow SY8 1AA")
    at.answer("Line 3:")
    at.answer("Country (two letters)", "Germania")
    at.until('"Germania" is no country code')
    at.answer("Country (two letters)", "UK")
    at.answer("Time zone [Europe/London]:")
    at.answer("with commas [amazon.co.uk]:", "amazon.co.uk, www.amazon.de")
    at.answer("on amazon.co.uk:", "Brindlecove")
    at.answer("on amazon.de [Brindlecove]:")
    at.answer("best first", "en, de")


def test_from_nothing_to_a_home(dovecot: Dovecot, postfix: Postfix, tmp_path: Path) -> None:
    me, home = address(dovecot), tmp_path / "home"
    with Terminal("init", str(home)) as at:
        at.answer("Address:", "tess at brindlecove")
        at.until("is no address: expected something like")
        at.answer("Address:", me)
        name_the_servers(at, dovecot.tls_port, postfix.tls_port)

        at.answer("Password (not shown while you type):", "wrong one")
        at.until("cannot be trusted")
        at.answer("What next? [2]:", "7")
        at.answer("PEM file:", str(dovecot.ca_file))
        at.until("The server refused the login")
        at.answer("What next? [1]:", "1")
        at.answer("Password (not shown while you type):", PASSWORD)
        at.until("Receiving works: 0 mails in INBOX.")
        at.until("Sending works: the server lets us in.")

        at.until("Sent (marked by the server)")
        at.answer("Send it now? [Y/n]:", "y")
        at.until("It arrived in INBOX after")
        at.until(f"Vouched for by {AUTHSERV}: DKIM pass, SPF pass, DMARC pass.")
        at.until(f"Notices are believed when {AUTHSERV} vouches for them")

        be_a_seller(at)
        at.answer("Second address (Enter: none)", me)
        at.until("This is the mailbox itself.")
        at.answer("Second address (Enter: none)", "tess.phone@elsewhere.example")
        at.answer("Where? [1]:", "1")
        at.until("Made a home")
        at.until("rejoinder run")
        assert at.ended() == 0
        assert PASSWORD + "\n" not in at.seen
        assert [x for x in lines_wider_than(80, at.seen) if str(tmp_path) not in x] == []

    account = load_settings(home).accounts[0]
    assert account.address == me
    assert account.authserv_id == AUTHSERV
    assert account.profile.postal_address == ("3 Tannery Lane", "Ludlow SY8 1AA")
    assert dict(account.profile.stores) == {"amazon.co.uk": "Brindlecove", "amazon.de": "Brindlecove"}
    assert (account.country, account.time_zone, account.languages) == ("GB", "Europe/London", ("en", "de"))
    assert account.sent_copy == "append"  # this Postfix files nothing in Sent
    kept = home / "secrets" / f"{account.name}.password"
    assert kept.read_text() == f"{PASSWORD}\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in (home / "rejoinder.yaml").read_text().replace("password:", "").replace(
        ".password", ""
    )
    checked = Typed(home)("check", "--json").json
    assert checked["gaps"] == []
    assert Typed(home)("doctor", "--account", account.name).status == 0
