"""What a person answers, through the real commands on a real store."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.case.model import State
from bot.draft.model import Letter
from bot.edge.store import open_store
from tests.cli.conftest import Typed, write_home

Mails = Callable[..., str]


def letters(typed: Typed) -> tuple[Letter, ...]:
    store = open_store(typed.home / "state" / "rejoinder.db")
    try:
        return store.letters()
    finally:
        store.close()


def write_script(file: Path, text: str) -> str:
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o700)
    return str(file)


def test_approve_says_whom_when_and_how_to_take_it_back(drafted: Typed) -> None:
    done = drafted("approve", "1", "--by", "berta")
    assert done.status == 0
    text = " ".join(done.out.split())
    for word in ("approved: inquiry to ip@brindlecove.example", "leaves", "(in 9:5", "`rejoinder recall 1`"):
        assert word in text
    (letter,) = letters(drafted)
    assert letter.state is State.APPROVED
    assert letter.approval is not None
    assert letter.approval.by == "berta"
    assert letter.approval.digest[:16] in text


def test_the_reviewer_of_the_settings_answers_when_nobody_is_named(drafted: Typed) -> None:
    assert drafted("approve", "1", "--json").json["done"][0]["state"] == "approved"
    (letter,) = letters(drafted)
    assert letter.approval is not None
    assert letter.approval.by == "anna"


@pytest.mark.parametrize("name", ["rejoinder", "Rejoinder", " REJOINDER "])
def test_nobody_answers_as_the_program(drafted: Typed, name: str) -> None:
    done = drafted("approve", "1", "--by", name)
    assert done.status == 2
    assert letters(drafted)[0].state is State.DRAFTED


def test_recall_makes_it_a_draft_again(drafted: Typed) -> None:
    drafted("approve", "1")
    assert drafted("recall", "1").status == 0
    assert letters(drafted)[0].state is State.DRAFTED
    again = drafted("recall", "1")
    assert again.status == 1
    assert "a draft that nobody approved; there is nothing to take back" in again.err


def test_what_cannot_be_done_is_said_and_the_rest_is_done(drafted: Typed) -> None:
    done = drafted("approve", "1,7-8", "--json")
    assert done.status == 1
    assert [one["number"] for one in done.json["done"]] == [1]
    assert [one["number"] for one in done.json["problems"]] == [7, 8]
    assert "item 7: there is no item 7; `rejoinder queue` lists what waits" in done.err
    assert letters(drafted)[0].state is State.APPROVED


def test_approve_all_asks_and_there_is_nobody_to_ask(drafted: Typed) -> None:
    done = drafted("approve", "all", typed="y\n")
    assert done.status == 2
    assert "--yes" in done.err
    assert letters(drafted)[0].state is State.DRAFTED


def test_approve_all_shows_how_the_letters_differ(typed: Typed, mails: Mails) -> None:
    second = mails("17340981266", owner="law@tessaro.example", name="Lin Tessaro", asin="B0ZG04SJF4")
    assert typed("ingest", mails(), second).status == 0
    asked = typed("approve", "all")
    assert asked.status == 2
    assert "where it differs from item 1" in asked.out
    differing = asked.out.partition("where it differs")[2]
    assert "+ Dear Lin Tessaro," in differing
    assert "reserved" not in differing  # what both letters have is not repeated
    assert typed("approve", "all", "--yes").status == 0
    assert {letter.state for letter in letters(typed)} == {State.APPROVED}


def test_a_letter_written_again_is_approved_by_its_revision(typed: Typed, mails: Mails) -> None:
    typed("ingest", mails())
    typed("ingest", mails("17340981266", asin="B0ZG04SJF4"))  # the same owner: it joins the draft
    (row,) = typed("queue", "--json").json["items"]
    assert (row["revision"], row["written_again"]) == (2, True)
    page = typed("show", "1")
    assert "rejoinder approve 1 --revision 2" in page.out
    assert "written again because a further complaint" in page.out
    for words in (["approve", "1"], ["approve", "1", "--revision", "1"], ["approve", "all", "--yes"]):
        done = typed(*words, "--json")
        assert done.status == 1
        assert "--revision 2" in done.json["problems"][0]["error"]
    assert typed("approve", "1-2", "--revision", "2").status == 2
    done = typed("approve", "1", "--revision", "2", "--json")
    assert done.status == 0
    assert done.json["done"][0]["revision"] == 2


def test_approve_all_with_nothing_to_approve(typed: Typed) -> None:
    done = typed("approve", "all", "--yes")
    assert done.status == 1
    assert "no draft waits" in done.err


def test_reject_needs_a_reason_and_holds_the_case(drafted: Typed) -> None:
    assert drafted("reject", "1").status == 2
    done = drafted("reject", "1", "--reason", "we sell no such barrel")
    assert done.status == 0
    items = drafted("queue", "--json").json["items"]
    assert [(item["kind"], item["reason"]) for item in items] == [("hold", "rejected")]
    page = drafted("show", str(items[0]["number"]))
    assert "You rejected the draft." in page.out
    assert f"rejoinder resume {items[0]['number']}" in page.out


def test_a_held_case_goes_on_waits_or_ends(drafted: Typed) -> None:
    drafted("reject", "1", "--reason", "not yet")
    number = str(drafted("queue", "--json").json["items"][0]["number"])
    assert drafted("resume", number, "--step", "no-such").status == 1
    assert drafted("wait", number, "2020-01-01").status == 1
    assert drafted("wait", number, "5", "business", "days").status == 0
    case = drafted("case", "list", "--json").json["cases"][0]
    assert case["case"]["tracks"][0]["state"] == "awaiting"
    assert drafted("resume", number).status == 1  # no longer held
    case_id = case["case"]["case_id"]
    assert drafted("case", "close", case_id[:5], "--reason", "listing is back").status == 0
    assert drafted("case", "list", "--json").json["cases"] == []
    assert drafted("case", "list", "--all", "--json").json["cases"][0]["closed"] is True


def test_snooze_past_the_last_safe_date_warns(drafted: Typed) -> None:
    done = drafted("snooze", "1", "300 days")
    assert done.status == 0
    assert "past the last safe date" in " ".join(done.out.split())


def test_snooze_refuses_what_is_no_moment(drafted: Typed) -> None:
    done = drafted("snooze", "1", "soon")
    assert done.status == 2
    assert "5 business days" in done.err


def test_settle_only_what_is_in_doubt(drafted: Typed) -> None:
    assert drafted("settle", "1").status == 2
    done = drafted("settle", "1", "--sent")
    assert done.status == 1
    assert "not in doubt" in done.err


def test_edit_in_an_editor(drafted: Typed, tmp_path: Path) -> None:
    editor = write_script(tmp_path / "editor", "sed -i 's/^We are /We remain /' \"$1\"")
    done = drafted("edit", "1", EDITOR=editor)
    assert done.status == 0, done.err
    (letter,) = letters(drafted)
    assert "We remain Harborlane" in letter.body
    assert letter.edited_by == "anna"
    assert letter.revision == 2
    assert letter.body.endswith("\n")
    assert not letter.body.endswith("\n\n")


@pytest.mark.parametrize("command", ["true", ": >"])
def test_unchanged_or_empty_changes_nothing(drafted: Typed, tmp_path: Path, command: str) -> None:
    before = letters(drafted)
    done = drafted("edit", "1", EDITOR=write_script(tmp_path / "editor", f'{command} "$1"'))
    assert done.status == 0
    assert "nothing changed" in done.out
    assert letters(drafted) == before


@pytest.mark.parametrize("editor", ["false", "/nowhere/vi"])
def test_an_editor_that_does_not_work_is_named_with_what_else_to_do(drafted: Typed, editor: str) -> None:
    done = drafted("edit", "1", EDITOR=editor)
    assert (done.status, "nothing was changed" in done.err, "--file" in done.err) == (1, True, True)
    assert f"the editor {editor} " in done.err
    assert "Errno" not in done.err


def test_an_edit_voids_the_approval(drafted: Typed, tmp_path: Path) -> None:
    drafted("approve", "1")
    editor = write_script(tmp_path / "editor", "sed -i 's/^We are /We remain /' \"$1\"")
    assert drafted("edit", "1", EDITOR=editor).status == 0
    assert letters(drafted)[0].approval is None
    assert drafted("approve", "1").status == 0


def test_edit_from_a_file_and_without_a_terminal(drafted: Typed, tmp_path: Path) -> None:
    assert drafted("edit", "1").status == 2
    text = "Your report 17340981265\n\nDear Marta Oyelaran,\n\nabout B0ZG04SJF3.\n"
    assert drafted("edit", "1", "--file", "-", typed=text).status == 0
    (letter,) = letters(drafted)
    assert letter.subject == "Your report 17340981265"
    assert letter.body == "Dear Marta Oyelaran,\n\nabout B0ZG04SJF3.\n"


def test_an_edit_that_cannot_be_used_is_kept(drafted: Typed) -> None:
    done = drafted("edit", "1", "--file", "-", typed="Subject\nno blank line\n")
    assert done.status == 1
    assert "second line must be blank" in done.err
    kept = re.search(r"kept in (\S+);", done.err)
    assert kept is not None
    file = Path(kept[1])
    assert file.read_text(encoding="utf-8") == "Subject\nno blank line\n"
    file.unlink()


def test_an_edit_that_stops_approval_says_so(drafted: Typed) -> None:
    text = "Your report\n\nsee https://harborlane.example about 17340981265 B0ZG04SJF3\n"
    done = drafted("edit", "1", "--file", "-", typed=text)
    assert "stops approval: there is a link" in " ".join(done.out.split())
    refused = drafted("approve", "1")
    assert refused.status == 1
    assert "link" in refused.err


def test_safe_mode_is_loud(tmp_path: Path, mails: Mails) -> None:
    typed = Typed(write_home(tmp_path / "safe", safe_mode=True))
    typed("ingest", mails())
    assert "TEST: safe mode is on" in typed("show", "1").out
    assert "TEST, only ip@harborlane.example" in " ".join(typed("approve", "1").out.split())
    shown = typed("show", "1", "--json").json
    assert shown["test"] is True
    assert [r["address"] for r in shown["envelope"]["recipients"]] == ["ip@harborlane.example"]


def test_an_open_claim_is_answered_with_approve_or_reject(drafted: Typed, tmp_path: Path) -> None:
    reply = tmp_path / "reply.eml"
    reply.write_bytes(
        b"From: ip@brindlecove.example\r\nTo: ip@harborlane.example\r\nSubject: your mail\r\n"
        b"Message-ID: <1@brindlecove.example>\r\n\r\nAbout complaint ID 17340981265: please explain.\r\n"
    )
    assert drafted("ingest", str(reply)).status == 0
    items = {item["kind"]: item["number"] for item in drafted("queue", "--json").json["items"]}
    page = drafted("show", str(items["claim"]))
    assert "it belongs to the case" in " ".join(page.out.split())
    assert drafted("approve", str(items["claim"])).status == 0
    kinds = [item["kind"] for item in drafted("queue", "--json").json["items"]]
    assert kinds == ["hold"]
