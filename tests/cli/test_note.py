"""`rejoinder case note`, as a person types it."""

from __future__ import annotations

from tests.cli.conftest import Typed


def test_one_command_hands_the_case_to_the_lawyer(drafted: Typed) -> None:
    assert drafted("approve", "1").status == 0
    (case,) = drafted("case", "list", "--json").json["cases"]
    done = drafted("case", "note", case["case"]["case_id"][:4].lower(), "lawyer", "--json").json
    assert (done["noted"], done["stands"]) == ("lawyer", "held: lawyer")
    assert {item["kind"] for item in drafted("queue", "--json").json["items"]} == {"hold"}
    shown = " ".join(drafted("case", "show", done["case"]).out.split())
    assert "your lawyer has the case; nothing is sent in it — anna" in shown


def test_only_what_it_knows_can_be_noted(drafted: Typed) -> None:
    (case,) = drafted("case", "list", "--json").json["cases"]
    assert drafted("case", "note", case["case"]["case_id"], "shouted").status == 2


def test_an_appeal_keeps_its_text_and_the_page_shows_two_facts(drafted: Typed) -> None:
    (case,) = drafted("case", "list", "--json").json["cases"]
    case_id = case["case"]["case_id"]
    before = " ".join(drafted("case", "show", case_id).out.split())
    assert "mailed to Amazon not yet" in before
    assert "filed in Seller Central nobody said so" in before

    done = drafted("case", "note", case_id, "appealed", "--file", "-", typed="We own the mark.\n")
    assert done.status == 0, done.err
    assert "Its text is kept" in done.out
    shown = drafted("case", "show", case_id)
    assert "filed in Seller Central  an appeal" in shown.out
    assert "We own the mark." in shown.out
    told = drafted("case", "show", case_id, "--json").json
    assert [one["text"] for one in told["texts"]] == ["We own the mark.\n"]
    assert drafted("verify").status == 0


def test_a_counter_notice_says_what_it_changes_and_what_comes_next(drafted: Typed) -> None:
    (case,) = drafted("case", "list", "--json").json["cases"]
    case_id = case["case"]["case_id"]
    told = drafted("case", "note", case_id, "counter-notice", "--on", "2026-03-02", "--text", "I swear.")
    assert told.status == 0, told.err
    words = " ".join(told.out.split())
    assert f"Case {case_id}: held: held by you." in words
    assert "the alarms of Amazon's deadline end, and a legal hold begins. Its text is kept" in words
    assert "put back between Mon 16 Mar 2026 and Fri 20 Mar 2026" in words
    assert "for copyright; this notice was read as trademark" in words

    shown = " ".join(drafted("case", "show", case_id).out.split())
    assert "filed in Seller Central a counter-notice, Mon 2 Mar 2026" in shown
    assert "what comes next Amazon forwards it to them" in shown
    assert "nobody said so" not in shown
    assert "counter-notice filed in Seller Central on" in shown
    assert "I swear." in shown
    assert drafted("verify").status == 0

    mailed = drafted("case", "note", case_id, "mailed-amazon")
    assert mailed.status == 0, mailed.err
    assert "alarms run on" not in mailed.out  # they ended with the counter-notice

    other = drafted("case", "note", case_id, "counter-notice", "--json").json
    assert (other["noted"], other["filed_at"]) == ("counter-notice", None)
    assert other["counter_notice_at"]


def test_what_belongs_to_an_appeal_is_refused_elsewhere(drafted: Typed) -> None:
    (case,) = drafted("case", "list", "--json").json["cases"]
    case_id = case["case"]["case_id"]
    assert drafted("case", "note", case_id, "phoned", "--text", "x").status == 2
    assert drafted("case", "note", case_id, "appealed", "--on", "2199-01-01").status == 2
    assert drafted("case", "note", case_id, "appealed", "--text", "a", "--file", "-").status == 2
