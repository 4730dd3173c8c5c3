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
