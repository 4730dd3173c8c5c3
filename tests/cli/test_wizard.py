"""The wizard at a terminal, against a real Dovecot and a real Postfix, from nothing to a home that works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bot.edge.files import load_settings
from tests.cli.conftest import Typed
from tests.cli.terminal import Terminal, lines_wider_than
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import AUTHSERV, Postfix
from tests.servers.scripted_imap import Conversation, ScriptedServer
from tests.servers.tokens import token, token_command

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
        at.until("It arrived in INBOX")
        at.until(f"Vouched for by {AUTHSERV}: DKIM pass, SPF pass, DMARC pass.")
        at.until(f"Notices are believed when {AUTHSERV} vouches for them")

        be_a_seller(at)
        at.answer("Second address (Enter: none)", me)
        at.until("This is the mailbox itself.")
        at.answer("Second address (Enter: none)", "tess.phone@elsewhere.example")
        at.answer("Where? [1]:", "1")
        at.until("Made a home")
        at.answer("Look for notices of the last 90 days now? [Y/n]:")
        at.until("Nothing to take on.")
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
    assert not re.search(rf"\b{PASSWORD}\b", (home / "rejoinder.yaml").read_text())  # nor in a folder's name
    checked = Typed(home)("check", "--json").json
    assert checked["gaps"] == []
    looked = Typed(home)("doctor", "--account", account.name, "--test-mail")
    assert looked.status == 0, looked.out
    assert "it arrived in INBOX after" in looked.out


def test_with_a_token_where_the_provider_takes_no_password(
    dovecot: Dovecot, postfix: Postfix, tmp_path: Path
) -> None:
    me, home = address(dovecot), tmp_path / "home"
    command = token_command(tmp_path, "not a token")
    with Terminal("init", str(home), "--address", me) as at:
        at.answer(f"Address [{me}]:")
        name_the_servers(at, dovecot.tls_port, postfix.tls_port)
        at.answer("Password (not shown while you type):", "any")
        at.answer("What next? [2]:", "7")
        at.answer("PEM file:", str(tmp_path / "none.pem"))
        at.until("There is no file")
        at.answer("PEM file:", str(dovecot.ca_file))
        at.answer("What next? [1]:", "6")
        at.answer("Command that prints the token:", 'oama "access')
        at.until("No closing quotation")
        at.answer("Command that prints the token:", "/nowhere/oama")
        at.until("The program /nowhere/oama for a secret cannot be run")
        at.answer("What next?", "1")
        at.answer("Command that prints the token:", shlex.join(command))
        at.until("The server refused the login")
        token_command(tmp_path, token(me))
        at.answer("What next? [1]:", "2")
        at.until("Sending works")
        at.answer("Send it now? [Y/n]:", "n")
        at.until("No mail here says who vouches for it")
        be_a_seller(at)
        at.answer("Second address (Enter: none)")
        at.until("Made a home")
        at.until("Look for notices of the last 90 days now? [Y/n]:")
        at.interrupt("Your home stands; `rejoinder adopt` asks again.")
        at.until("rejoinder run")
        assert at.ended() == 0
    account = load_settings(home).accounts[0]
    assert (account.imap.auth, account.smtp.auth) == ("xoauth2", "xoauth2")
    assert account.imap.password is not None
    assert account.imap.password.command == command
    assert account.authserv_id is None
    assert not (home / "secrets").exists()
    told = Typed(home)("doctor", "--json").json["findings"]
    findings = {row["finding"]["what"]: row["finding"]["ok"] for row in told}
    assert (findings["imap sign-in"], findings["smtp sign-in"]) == (True, True)


@pytest.mark.parametrize("at_question", ["Address:", "Is that right?", "legal name:"])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, at_question: str) -> None:
    home = tmp_path / "home"
    with Terminal("init", str(home), "--offline") as at:
        answers = {"Address:": "shop@gmail.com", "Is that right?": "", "legal name:": "Shop Ltd"}
        for question, line in answers.items():
            at.until(question)
            if question == at_question:
                break
            at.type(line)
        at.interrupt("Stopped. Nothing was written")
        assert at.ended() == 1
    assert list(tmp_path.iterdir()) == []


def test_offline_asks_no_server_and_names_what_is_missing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Terminal("init", str(home), "--offline", columns=60) as at:
        at.answer("Address:", "shop@gmail.com")
        at.until("Your mail is at Gmail and Google Workspace.")
        at.answer("Is that right? [Y/n]:")
        at.until("https://myaccount.google.com/apppasswords")
        at.until("Your usual password is refused.")
        at.until("2 of 3 · You as a seller")
        for question in ("legal name:", "Your own name:", "Line 1:"):
            at.answer(question)
        at.answer("Country (two letters)", "de")
        at.answer("Time zone [Europe/Berlin]:", "Europe/Berln")
        at.until("did you mean Europe/Berlin")
        at.answer("Time zone [Europe/Berlin]:")
        at.answer("with commas [amazon.de]:", "ebay.de")
        at.until("is no site of Amazon")
        at.answer("with commas [amazon.de]:")
        at.answer("on amazon.de:")
        at.answer("best first [de, en]:")
        home.mkdir()
        (home / "rejoinder.yaml").write_text("somebody was quicker\n")
        at.answer("Second address (Enter: none)")
        at.until("is a home already")
        home = tmp_path / "another"
        at.answer("Another folder", str(home))
        at.until("Made a home")
        at.until("it lacks legal_name, signatory, postal_address, stores")
        assert at.ended() == 0
    (account,) = load_settings(home).accounts
    assert (account.name, account.imap.host, account.languages) == ("shop", "imap.gmail.com", ("de", "en"))
    gaps = [row["gap"]["key"] for row in Typed(home)("check", "--json").json["gaps"]]
    assert gaps == ["password", "authserv_id", "profile"]


def test_ctrl_c_while_a_server_does_not_answer(tmp_path: Path) -> None:
    me = "tess@brindlecove.example"
    with (
        ScriptedServer(Conversation.until_hung_up).running() as silent,
        Terminal("init", str(tmp_path / "home"), "--address", me) as at,
    ):
        at.answer(f"Address [{me}]:")
        at.answer("Which provider? [1]:")
        at.answer("(IMAP)", f"127.0.0.1:{silent.port}")
        at.answer("[1]:")
        at.answer("(SMTP)", f"127.0.0.1:{silent.port}")
        at.answer("[1]:")
        at.answer("Password (not shown while you type):", "any")
        at.until("Signing in at 127.0.0.1")
        at.interrupt("Stopped. Nothing was written")
        assert at.ended() == 1
    assert list(tmp_path.iterdir()) == []
