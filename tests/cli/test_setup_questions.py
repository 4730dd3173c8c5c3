"""Questions of the wizard that only odd servers make it ask, with the answers typed ahead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli.asking import Asker
from bot.cli.screen import Screen
from bot.cli.setup.answers import Answers, guessed_servers
from bot.cli.setup.mailbox import ask_mailbox, choose_folders, find_provider
from bot.cli.setup.seller import ask_keeping
from bot.cli.setup.trial import pin, show_arrival
from bot.edge.doctor.authserv import pin_of
from bot.edge.home import load_providers
from bot.edge.setup.arrival import Arrival
from bot.edge.setup.folders import Listed
from bot.edge.setup.sign_in import Inside
from bot.mail.authentication import parse_results
from bot.settings.providers import ProviderModel
from tests.edge.setup.keyrings import keyring_of_the_test


def answers() -> Answers:
    imap, smtp = guessed_servers("shop.example")
    return Answers(address="ip@shop.example", imap=imap, smtp=smtp)


def asked(ask: Callable[[Asker], None], *typed: str) -> str:
    """What was shown while these lines were typed."""

    @click.command()
    def command() -> None:
        ask(Asker(Screen(width=80)))

    done = CliRunner().invoke(command, input="".join(f"{line}\n" for line in typed))
    assert done.exception is None, (done.output, done.exception)
    return " ".join(done.output.split())


def inside(*names: str, heads: tuple[bytes, ...] = (), marked: str = "") -> Inside:
    boxes = (Listed(name=n, attributes=frozenset({"\\sent"} if n == marked else ())) for n in names)
    return Inside(mailboxes=tuple(boxes), idle=True, inbox=1, heads=heads)


def head(name: str) -> bytes:
    return f"Authentication-Results: {name}; spf=pass\r\n\r\n".encode()


#: They do not agree, and are few.
TORN = (head("mx.a.example"), head("mx.b.example"), head("mx.a.example"))


class TestFolders:
    def test_a_name_of_their_own_is_written_down(self) -> None:
        said = answers()
        asked(lambda ask: choose_folders(ask, said, inside("INBOX", "Gesendet", "Spamverdacht")))
        assert (said.sent, said.sent_mailbox) == ("Gesendet", "Gesendet")
        assert (said.mailboxes, said.watch_junk) == (("INBOX", "Spamverdacht"), False)

    def test_what_the_server_marks_need_not_be_written_down(self) -> None:
        said = answers()
        asked(lambda ask: choose_folders(ask, said, inside("INBOX", "Raus", marked="Raus")), "2")
        assert (said.sent, said.sent_mailbox) == ("Raus", None)

    def test_in_doubt_a_person_says(self) -> None:
        said = answers()
        shown = asked(
            lambda ask: choose_folders(ask, said, inside("INBOX", "Sent", "Gesendet")), "2", "9", "3"
        )
        assert said.sent_mailbox == "Gesendet"
        assert "Type a number from 1 to 3." in shown
        assert (said.mailboxes, said.watch_junk) == (("INBOX",), False)


KNOWN = load_providers(None)


class TestPinning:
    def test_all_mails_agree(self) -> None:
        found = pin_of([head("mx.a.example")] * 9 + [b"\r\n"], None)
        assert found is not None
        assert (found.authserv_id, found.sure) == ("mx.a.example", True)

    def test_a_few_mails_prove_nothing_but_the_test_mail_does(self) -> None:
        heads = [head("mx.a.example")] * 3
        alone, confirmed = pin_of(heads, None), pin_of(heads, "mx.a.example")
        assert alone is not None
        assert confirmed is not None
        assert (alone.sure, confirmed.sure) == (False, True)

    def test_fields_that_senders_wrote_into_their_own_mails_are_not_believed(self) -> None:
        """A provider that writes none leaves the field to whoever sends."""
        found = pin_of([head("mx.evil.example")] * 20 + [b"\r\n"] * 30, None)
        assert found is not None
        assert not found.sure

    def test_no_mail_says_anything(self) -> None:
        assert pin_of([b"\r\n"] * 50, None) is None
        assert pin_of([], None) is None

    def test_microsoft_writes_no_name(self) -> None:
        found = pin_of([b"Authentication-Results: spf=pass; dkim=none\r\n\r\n"] * 9, "")
        assert found is not None
        assert (found.authserv_id, found.sure) == ("outlook.com", True)

    @pytest.mark.parametrize(("typed", "pinned"), [("y", "mx.a.example"), ("n", None), ("", None)])
    def test_in_doubt_a_person_says(self, typed: str, pinned: str | None) -> None:
        said = answers()
        said.inside = inside("INBOX", heads=TORN)
        shown = asked(lambda ask: pin(ask, said), typed)
        assert "a fake notice would be taken for genuine" in shown
        assert said.authserv_id == pinned

    def test_what_the_provider_is_known_to_write_needs_no_question(self) -> None:
        said = answers()
        server = {"host": "imap.a.example"}
        said.provider = ProviderModel.model_validate(
            {"title": "A", "imap": server, "smtp": server, "files_sent": True, "sign_in": ["password"],
             "authserv_id": "mx.a.example", "quirks": ["None."], "seen": "2026-01-01"}
        )  # fmt: skip
        said.inside = inside("INBOX", heads=TORN)
        asked(lambda ask: pin(ask, said))
        assert said.authserv_id == "mx.a.example"

    @pytest.mark.parametrize(
        ("seen", "known"),
        [
            ("atlas206.free.mail.ne1.yahoo.com", "*.yahoo.com"),
            ("mx3.messagingengine.com", "*.messagingengine.com"),
            ("dmarc.icloud.com", "*.icloud.com"),
        ],
    )
    def test_one_machine_of_a_known_provider_stands_for_all_of_them(self, seen: str, known: str) -> None:
        said = answers()
        said.provider = next(p for p in KNOWN.providers.values() if p.authserv_id == known)
        said.inside = inside("INBOX", heads=[head(seen)])
        asked(lambda ask: pin(ask, said))
        assert said.authserv_id == known

    def test_a_strangers_name_is_asked_about_even_at_a_known_provider(self) -> None:
        said = answers()
        said.provider = KNOWN.providers["yahoo"]
        said.inside = inside("INBOX", heads=[head("mx.yahoo.com.evil.example")])
        asked(lambda ask: pin(ask, said), "n")
        assert said.authserv_id is None


def arrival(**changed: object) -> Arrival:
    told = parse_results("mx.a.example; dkim=fail; dkim=pass; spf=softfail")
    known = {"mailbox": "Junk", "seconds": 3.2, "authserv_id": "mx.a.example", "methods": told.methods}
    return Arrival(**{**known, "skew": 0.0, "filed_in_sent": False, **changed})  # type: ignore[arg-type]


def test_how_it_arrived() -> None:
    shown = asked(lambda ask: show_arrival(ask, arrival(skew=600.0)))
    assert "arrived in Junk after 3 seconds" in shown
    assert "Mark it as wanted" in shown
    assert "DKIM pass, SPF softfail, DMARC not checked" in shown
    assert "10 minutes slow" in shown
    nobody = asked(lambda ask: show_arrival(ask, arrival(mailbox="INBOX", authserv_id=None, methods=())))
    assert "Nobody vouches for it" in nobody


def test_who_files_sent_is_what_was_seen() -> None:
    said = answers()
    assert said.sent_copy() == "auto"
    said.sent, said.arrival = "Sent", arrival()
    assert said.sent_copy() == "append"
    said.arrival = arrival(filed_in_sent=True)
    assert said.sent_copy() == "provider"


class TestKeeping:
    @pytest.fixture(autouse=True)
    def _keyring(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        keyring_of_the_test(tmp_path, monkeypatch)

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            (["1"], {"file": "secrets/shop.password"}),
            (["2"], {"keyring": "ip@shop.example"}),
            (["3", "no good", ""], {"env": "REJOINDER_SHOP_PASSWORD"}),
            (["4", "echo other", "y", "echo 'pw of mine'"], {"command": ["echo", "pw of mine"]}),
            (["4", "/nowhere/pass", "n"], {"file": "secrets/shop.password"}),
        ],
    )
    def test_where_the_person_says(self, tmp_path: Path, typed: list[str], kept: dict[str, object]) -> None:
        said = answers()
        said.password = "pw of mine"
        shown = asked(lambda ask: ask_keeping(ask, said, tmp_path), *typed)
        assert said.kept == kept
        assert "pw of mine" not in shown.replace("echo 'pw of mine'", "")

    def test_a_keyring_that_takes_nothing_leaves_the_file(self, tmp_path: Path) -> None:
        said = answers()
        said.password = "refused"
        shown = asked(lambda ask: ask_keeping(ask, said, tmp_path), "2")
        assert said.kept == {"file": "secrets/shop.password"}
        assert "It goes into the file." in shown


def test_a_company_domain_is_found_by_its_exchangers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_of: list[str] = []

    def exchangers(domain: str) -> tuple[str, ...]:
        asked_of.append(domain)
        return ("aspmx.l.google.com",)

    monkeypatch.setattr("bot.edge.setup.exchangers.mail_exchangers", exchangers)
    known = load_providers(None)
    said: list[Answers] = []

    def ask_it(ask: Asker) -> None:
        said.append(ask_mailbox(ask, known, None, offline=False))

    shown = asked(ask_it, "ip@shop.example", "")
    assert "Your mail is at Gmail and Google Workspace, as the mail exchangers of shop.example say." in shown
    assert "app password" in shown
    assert (said[0].imap.host, said[0].name) == ("imap.gmail.com", "shop")
    asked(ask_it, "ip@shop.example", "n", "3")
    assert said[1].imap.auth == "xoauth2"  # Microsoft takes nothing else
    assert asked_of == ["shop.example"] * 2
    assert find_provider("shop.example", known, offline=True) == (None, False)
