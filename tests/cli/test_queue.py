"""The queue: what waits, most urgent first, and what a person must know before trusting it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.cli.session import now
from bot.edge.store import open_store
from bot.ports import Cursor
from tests.cli.conftest import Typed, write_home

Mails = Callable[..., str]


def test_an_empty_queue_teaches_and_says_that_nothing_was_read(typed: Typed) -> None:
    done = typed("queue")
    assert done.status == 0
    assert "Nothing waits for you." in done.out
    assert "rejoinder ingest" in done.out
    assert "has never been read" in done.out


def test_a_draft_is_listed_with_addressee_complaint_and_who_owes(drafted: Typed) -> None:
    done = drafted("queue")
    line = next(line for line in done.out.splitlines() if line.startswith("1 "))
    for word in ("draft: inquiry", "ip@brindlecove", "17340981265", "you", "in "):
        assert word in line
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_on_a_telephone_nothing_is_squeezed_to_a_few_letters(drafted: Typed) -> None:
    for width in (40, 63):
        lines = drafted("queue", COLUMNS=str(width)).out.splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("1 "))
        assert "draft: inquiry  in " in lines[at]
        assert "17340981265" in lines[at + 1]
        assert lines[at + 1].endswith("cove.example"), "the domain, by which it is judged, stays"
        assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("command", "whole"), [("case list", "inquiry drafted"), ("rules list", "rules/answers/de.yaml")]
)
def test_on_a_telephone_a_long_table_is_a_list(drafted: Typed, command: str, whole: str) -> None:
    lines = drafted(*command.split(), COLUMNS="40").out.splitlines()
    assert any(whole in line for line in lines)
    assert all(len(line) <= 40 for line in lines)


def test_json_before_and_after_the_command_is_the_same(drafted: Typed) -> None:
    after, before = drafted("queue", "--json").json, drafted("--json", "queue").json
    assert before == after
    item = after["items"][0]
    assert (item["number"], item["kind"], item["to"]) == (1, "draft", "ip@brindlecove.example")
    assert item["complaint_ids"] == ["17340981265"]


def test_the_home_may_stand_before_and_after_the_command(drafted: Typed, tmp_path: Path) -> None:
    elsewhere = Typed(tmp_path)
    assert elsewhere("queue").status == 2
    for words in (("--home", str(drafted.home), "queue"), ("queue", "--home", str(drafted.home))):
        assert "draft: inquiry" in elsewhere(*words).out


def test_snoozed_items_are_hidden_unless_all_are_asked_for(drafted: Typed) -> None:
    assert drafted("snooze", "1", "2 days").status == 0
    assert "17340981265" not in drafted("queue").out
    assert "1 snoozed" in drafted("queue").out
    assert "snoozed, back in 47 hours" in drafted("queue", "--all").out


def test_safe_mode_and_an_account_that_is_not_pinned_are_said(tmp_path: Path) -> None:
    typed = Typed(write_home(tmp_path / "other", pinned=False, safe_mode=True))
    names = {note["name"] for note in typed("queue", "--json").json["notes"]}
    assert names == {"safe-mode", "not-pinned", "never-read"}
    assert "TEST" in typed("queue").out


def test_a_mailbox_not_read_for_long_is_said_with_its_age(drafted: Typed) -> None:
    store = open_store(drafted.home / "state" / "rejoinder.db")
    store.set_cursor("shop", "INBOX", Cursor(uidvalidity=1, last_uid=1))
    store.reconciled("shop", "INBOX", now() - timedelta(hours=5))
    store.close()
    assert "was last read 5 hours ago" in " ".join(drafted("queue").out.split())


def test_an_unknown_account_is_a_mistake_of_usage(typed: Typed) -> None:
    done = typed("queue", "--account", "none")
    assert done.status == 2
    assert "there are: shop" in done.err


def test_most_urgent_first(typed: Typed, mails: Mails) -> None:
    """A draft that is approved leaves first; what has no clock comes last."""
    assert typed("ingest", mails("17340981261", authserv="mx.other.example")).status == 0  # a suspect
    assert typed("ingest", mails("17340981262"), mails("17340981263", owner="b@other.example")).status == 0
    kinds = [item["kind"] for item in typed("queue", "--json").json["items"]]
    assert kinds == ["draft", "draft", "suspect"]
    numbers = [item["number"] for item in typed("queue", "--json").json["items"]]
    typed("approve", str(numbers[1]))
    assert typed("queue", "--json").json["items"][0]["number"] == numbers[1]
    assert "leaves in 9:5" in typed("queue").out


def test_several_suspects_can_be_told_apart_and_cannot_write_on_the_screen(typed: Typed) -> None:
    mail = EmailMessage()
    mail["From"] = "Amazon <notice@very-long-name-of-a-host-that-is-not.amazon.com.evil.example>"
    mail["Subject"] = "Policy Warning\u202e gnp.exe\x1b[2J " + "very long " * 30
    mail["Message-ID"] = "<1@evil.example>"
    mail.set_content("Complaint ID: 17340981261\nYour listing was removed. Sign in at http://evil.example/")
    for number, raw in enumerate((mail.as_bytes(), mail.as_bytes().replace(b"<1@", b"<2@"))):
        (typed.home / f"{number}.eml").write_bytes(raw)
    assert typed("ingest", *(str(typed.home / f"{n}.eml") for n in (0, 1))).status == 0
    items = typed("queue", "--json").json["items"]
    assert [item["sender"].rpartition("@")[2][-13:] for item in items] == [".evil.example"] * len(items)
    out = typed("queue").out
    assert ".evil.example: Policy Warning" in out
    assert not {"\x1b", "\u202e"} & set(out)
    assert all(len(line) <= 80 for line in out.splitlines())
