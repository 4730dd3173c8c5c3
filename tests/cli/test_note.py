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


def test_what_belongs_to_an_appeal_is_refused_elsewhere(drafted: Typed) -> None:
    (case,) = drafted("case", "list", "--json").json["cases"]
    case_id = case["case"]["case_id"]
    assert drafted("case", "note", case_id, "phoned", "--text", "x").status == 2
    assert drafted("case", "note", case_id, "appealed", "--on", "2199-01-01").status == 2
    assert drafted("case", "note", case_id, "appealed", "--text", "a", "--file", "-").status == 2
