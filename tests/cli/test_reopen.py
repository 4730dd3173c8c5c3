"""`rejoinder case reopen`, as a person types it."""

from __future__ import annotations

from tests.cli.conftest import Typed


def test_a_case_closed_by_mistake_comes_back_to_the_queue(drafted: Typed) -> None:
    (case,) = drafted("case", "list", "--json").json["cases"]
    case_id = case["case"]["case_id"]
    assert "is not closed" in drafted("case", "reopen", case_id).err
    drafted("case", "close", case_id, "--reason", "mistake")
    assert drafted("case", "reopen", case_id[:4]).out == f"Case {case_id} is open again and held.\n"
    (item,) = drafted("queue", "--json").json["items"]
    assert (item["kind"], item["reason"]) == ("hold", "reopened")
