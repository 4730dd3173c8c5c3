"""The rejoinder.yaml that set-up writes is read back as what was asked, whatever people type."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edge.files import load_settings
from bot.settings.text import read_yaml
from bot.settings.values import Settings
from bot.settings.writing import NewAccount, NewServer, scalar, settings_text

BARE = NewAccount(
    name="shop",
    address="ip@shop.example",
    imap=NewServer(host="imap.shop.example"),
    smtp=NewServer(host="smtp.shop.example"),
    secret={"file": "secrets/shop.password"},
    time_zone="Europe/Berlin",
    country="NO",
)
FULL = NewAccount(
    name="shop",
    address="ip@shop.example",
    imap=NewServer(host="::1", port=1143, security="none", user="o'neil: #1"),
    smtp=NewServer(host="smtp.shop.example", security="starttls", auth="xoauth2", ca_file="/a b/ca.pem"),
    secret={"command": ["pass", "show", "shop # 1"]},
    authserv_id="mx.shop.example",
    mailboxes=("INBOX", "Spam: alles"),
    watch_junk=False,
    sent_mailbox="Gesendet & mehr",
    sent_copy="append",
    own_copy_to="copies@shop.example",
    time_zone="Europe/Berlin",
    country="DE",
    languages=("de", "en"),
    legal_name="Yes",
    signatory='Anna "Ann" Müller, Dr.',
    postal_address=("Straße 1: Hof", "[1] 12345 Ort", "- c/o Shop"),
    country_name="Germany",
    stores={"amazon.de": "null", "amazon.co.uk": "50% off! {best}"},
    reviewer="Anna #1",
    alerts_to="second@elsewhere.example",
    provider="Some: Provider",
)


def read_back(new: NewAccount, home: Path) -> Settings:
    (home / "rejoinder.yaml").write_text(settings_text(new), encoding="utf-8")
    return load_settings(home, environment={})


def test_an_account_of_which_little_is_known(tmp_path: Path) -> None:
    settings = read_back(BARE, tmp_path)
    (account,) = settings.accounts
    assert (account.name, account.country, account.imap.port, account.smtp.port) == ("shop", "NO", 993, 465)
    assert account.authserv_id is None
    assert account.profile.legal_name is None
    assert settings.safe_mode
    assert settings.alerts.mail is None


def test_an_account_of_which_everything_is_known(tmp_path: Path) -> None:
    settings = read_back(FULL, tmp_path)
    (account,) = settings.accounts
    assert (account.imap.host, account.imap.port, account.imap.user) == ("::1", 1143, "o'neil: #1")
    assert (account.smtp.port, account.smtp.auth, account.smtp.ca_file) == (
        587,
        "xoauth2",
        Path("/a b/ca.pem"),
    )
    assert account.imap.password is not None
    assert account.imap.password.command == ("pass", "show", "shop # 1")
    assert account.mailboxes == ("INBOX", "Spam: alles")
    assert (account.sent_mailbox, account.watch_junk, account.sent_copy) == (
        "Gesendet & mehr",
        False,
        "append",
    )
    profile = account.profile
    assert (profile.legal_name, profile.signatory) == ("Yes", 'Anna "Ann" Müller, Dr.')
    assert profile.postal_address == ("Straße 1: Hof", "[1] 12345 Ort", "- c/o Shop")
    assert dict(profile.stores) == {"amazon.de": "null", "amazon.co.uk": "50% off! {best}"}
    assert settings.reviewer == "Anna #1"
    assert settings.alerts.mail is not None
    assert settings.alerts.mail.to == "second@elsewhere.example"


def test_the_first_line_names_the_schema_for_editors() -> None:
    first = settings_text(BARE).splitlines()[0]
    assert first == "# yaml-language-server: $schema=schemas/rejoinder.schema.json"


def test_what_is_missing_stands_there_as_a_comment() -> None:
    text = settings_text(BARE)
    for key in ("authserv_id", "legal_name", "signatory", "postal_address", "stores"):
        assert any(line.lstrip().startswith("#") and key in line for line in text.splitlines()), key
    assert "# a guess" not in text
    guessed = settings_text(
        NewAccount(**{**_fields(BARE), "imap": NewServer(host="imap.x.example", guessed=True)})
    )
    assert "# a guess" in guessed


def _fields(new: NewAccount) -> dict[str, object]:
    return {name: getattr(new, name) for name in NewAccount.__dataclass_fields__}


_line = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(str.strip)


@given(_line)
def test_every_line_of_text_is_read_back_as_itself(text: str) -> None:
    for written in (f"key: {scalar(text)} # said", f"key: [{scalar(text)}, x]"):
        document = read_yaml(written.encode(), "f")
        assert document.problems == []
        value = document.value["key"]
        assert value in (text, [text, "x"])


@pytest.mark.parametrize(
    "word", ["no", "Off", "true", "null", "1e3", "0x10", "12:30", "~", "<<", "a  b", "a:"]
)
def test_words_that_yaml_reads_as_something_else(word: str) -> None:
    assert read_yaml(f"key: {scalar(word)}".encode(), "f").value == {"key": word}
