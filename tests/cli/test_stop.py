"""`rejoinder stop`, as a person types it."""

from __future__ import annotations

from tests.cli.conftest import Typed


def test_a_stop_holds_the_draft_is_listed_and_is_taken_back(drafted: Typed) -> None:
    done = drafted("stop", "IP@brindlecove.example", "--reason", "they asked us to", "--json").json
    assert done["stopped"]["address"] == "ip@brindlecove.example"
    assert len(done["held"]) == 1
    (held,) = drafted("queue", "--json").json["items"]
    assert held["reason"] == "recipient-not-allowed"
    (listed,) = drafted("stop", "--list", "--json").json["stopped"]
    assert (listed["by"], listed["why"]) == ("anna", "they asked us to")
    assert drafted("stop", "--remove", "ip@brindlecove.example", "--json").json == {
        "removed": "ip@brindlecove.example"
    }
    assert drafted("stop", "--list").out == "No stop is set.\n"


def test_mistakes_are_told(drafted: Typed) -> None:
    assert drafted("stop").status == 2
    assert drafted("stop", "--list", "a@b.example").status == 2
    assert drafted("stop", "--remove", "a@b.example", "--reason", "x").status == 2
    assert "no address" in drafted("stop", "everybody").err
    assert "no stop is set" in drafted("stop", "--remove", "a@b.example").err
