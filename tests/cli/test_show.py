"""The page of an item: everything for an answer, at every width, and nothing a mail could forge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.case.events import BodyBegun, OutcomeUnknown, SendStarted
from bot.case.model import State
from bot.cli.session import now
from bot.cli.text import columns
from bot.draft.model import LetterAttempt
from bot.edge.store import open_store
from bot.runner.changes import change_of
from bot.runner.letters import for_all_tracks
from bot.wiring import open_house
from tests.cli.conftest import Typed

Mails = Callable[..., str]


def put_in_doubt(home: Path) -> None:
    """What start-up makes of a letter whose line was lost after the text had begun to leave."""
    with open_house(home, light=True) as house:
        office = house.office
        practice = office.practices["shop"]
        (letter,) = office.store.letters(states=(State.APPROVED,))
        at = now()
        for event, state in (
            (SendStarted(at=at, letter=letter.letter_id), State.SENDING),
            (BodyBegun(at=at), State.BODY_GONE),
            (OutcomeUnknown(at=at), State.IN_DOUBT),
        ):
            decisions = for_all_tracks(practice, office.store, letter, event, at)
            attempt = LetterAttempt(started_at=at, ended_at=at, outcome="in-doubt", text="connection lost")
            changed = replace(letter, state=state, attempts=(attempt,))
            office.store.record(change_of(decisions, letters=[changed]), at)
            letter = office.store.letter(letter.letter_id)


def test_a_draft_shows_notice_letter_envelope_sources_clocks_and_answers(drafted: Typed) -> None:
    done = drafted("show", "1")
    assert done.status == 0
    text = " ".join(done.out.split())
    for words in (
        "waits for your approval",
        "To Marta Oyelaran <ip@brindlecove.example>",
        "Cc notice-dispute@amazon.com (Amazon in copy)",
        "copy to yourself copies@harborlane.example",
        "why the notice about complaint 17340981265 reached you",
        "Subject: Notice: Policy Warning",
        "Dear Marta Oyelaran,",
        "“Complaint ID: 17340981265”",
        "nothing found",
        "last safe date",
        "Our own default, because the notice names no limit",
        "then reminder-1, 3 business days after this letter is accepted",
        "rejoinder approve 1",
        "rejoinder reject 1",
    ):
        assert words in text


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140, 200])
def test_every_line_fits_the_terminal(drafted: Typed, width: int) -> None:
    for command in (("show", "1"), ("queue",), ("case", "list")):
        done = drafted(*command, COLUMNS=str(width))
        assert max(columns(line) for line in done.out.splitlines()) <= width


def test_side_by_side_only_where_there_is_room(drafted: Typed) -> None:
    assert "The notice" in drafted("show", "1", COLUMNS="119").out
    assert " │ " not in drafted("show", "1", COLUMNS="119").out
    wide = drafted("show", "1", COLUMNS="120").out
    title = next(line for line in wide.splitlines() if line.startswith("The notice"))
    assert title.endswith("│ The letter")


def test_an_approved_letter_says_when_it_leaves_and_shows_its_hash(drafted: Typed) -> None:
    drafted("approve", "1")
    text = drafted("show", "1").out
    assert "approved, leaves in 9:5" in text
    shown = drafted("show", "1", "--json").json
    assert shown["letter"]["approval"]["digest"][:32] in text
    assert set(shown["answers"]) == {"rejoinder recall 1", "rejoinder edit 1"}


def test_in_doubt_is_said_in_plain_words_with_the_evidence(drafted: Typed) -> None:
    drafted("approve", "1")
    put_in_doubt(drafted.home)
    number = str(drafted("queue", "--json").json["items"][0]["number"])
    text = " ".join(drafted("show", number).out.split())
    assert "we do not know whether it arrived" in text
    assert "does not prove that nothing arrived" in text
    assert "connection lost" in text
    assert f"rejoinder settle {number} --sent" in text
    assert f"rejoinder settle {number} --not-sent" in text
    assert "rejoinder approve" not in text
    assert drafted("settle", number, "--not-sent").status == 0
    assert drafted("queue", "--json").json["items"][0]["state"] == "drafted"


def test_a_suspect_shows_its_signs_and_no_way_to_send(typed: Typed, mails: Mails) -> None:
    typed("ingest", mails(authserv="mx.other.example"))
    done = typed("show", "1")
    assert "nothing proves that" in " ".join(done.out.split())
    assert "were not written by your mail provider" in " ".join(done.out.split())
    assert "Beside a genuine mail of Amazon's of the kind" in done.out
    assert "≠ the authentication results" in " ".join(done.out.split())
    told = typed("show", "1", "--json").json
    assert {one["what"] for one in told["likeness"]["compared"] if not one["same"]} == {"confirmed"}
    assert [answer.split()[1] for answer in told["answers"]] == ["approve", "adopt"]
    assert typed("case", "list", "--json").json["cases"] == []
    assert typed("approve", "1").status == 0
    assert typed("queue", "--json").json["items"] == []


def test_a_case_without_an_address_explains_itself(typed: Typed, mails: Mails) -> None:
    typed("ingest", mails(owner="noreply@brindlecove.example"))
    (item,) = typed("queue", "--json").json["items"]
    assert (item["kind"], item["reason"]) == ("hold", "no-address")
    text = " ".join(typed("show", str(item["number"])).out.split())
    assert "look in Account Health" in text


def test_a_mail_cannot_write_over_the_page(typed: Typed, mails: Mails) -> None:
    """ESC, CSI and bidirectional characters of the mail do not reach the terminal."""
    hostile = "Barrel\x1b[2J\x1b[H\x9b31m\u202eexe.pdf\u2066"
    typed("ingest", mails(title=hostile, name="Marta\x1b]0;owned\x07 Oyelaran"))
    for command in (("show", "1"), ("show", "1", "--json"), ("queue",), ("case", "show", "")):
        out = typed(*command).out
        for character in "\x1b\x9b\u202e\u2066\x07":
            assert character not in out


def test_an_answered_item_offers_nothing_more(drafted: Typed) -> None:
    drafted("reject", "1", "--reason", "no")
    done = drafted("show", "1")
    assert done.status == 0
    assert "Your answers" not in done.out


def test_no_such_item(typed: Typed) -> None:
    done = typed("show", "9")
    assert done.status == 1
    assert done.err == "rejoinder: there is no item 9; `rejoinder queue` lists what waits\n"
    assert typed("show", "x").status == 2


def test_a_draft_whose_facts_changed_cannot_be_approved_from_its_page(drafted: Typed) -> None:
    store = open_store(drafted.home / "state" / "rejoinder.db")
    (letter,) = store.letters()
    store.record(change_of([], letters=[replace(letter, facts_digest="0" * 64)]), now())
    store.close()
    shown = drafted("show", "1", "--json").json
    assert shown["out_of_date"] is True
    assert "rejoinder approve 1" not in shown["answers"]
    assert "written again at the next turn" in " ".join(drafted("show", "1").out.split())
