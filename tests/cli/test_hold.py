"""`rejoinder case hold` and `case release`, as a person types them."""

from __future__ import annotations

from tests.cli.conftest import Typed


def case_of(typed: Typed) -> str:
    (case,) = typed("case", "list", "--json").json["cases"]
    return str(case["case"]["case_id"])


def test_a_case_is_held_with_its_reason_and_the_way_out_is_shown(drafted: Typed) -> None:
    case_id = case_of(drafted)
    done = drafted("case", "hold", case_id[:4].lower(), "--reason", "waiting for the invoice")
    assert (done.status, "Letters withdrawn: 1." in done.out) == (0, True)
    (item,) = drafted("queue", "--json").json["items"]
    assert item["reason"] == "held-by-you"
    page = drafted("show", str(item["number"])).out
    assert "waiting for the invoice" in page
    assert f"rejoinder resume {item['number']}" in page
    assert "held already" in drafted("case", "hold", case_id, "--reason", "again").err
    assert drafted("case", "hold", case_id).status == 2


def test_the_lawyer_has_it_until_the_case_id_is_typed_in_full(drafted: Typed) -> None:
    case_id = case_of(drafted)
    assert "nothing to take back" in drafted("case", "release", case_id, "--reason", "x").err
    drafted("case", "note", case_id, "lawyer")
    (item,) = drafted("queue", "--json").json["items"]
    page = " ".join(drafted("show", str(item["number"])).out.split())
    assert "rejoinder resume" not in page
    assert f"rejoinder case release {case_id}" in page
    refused = drafted("resume", str(item["number"]))
    assert (refused.status, "your lawyer has case" in refused.err) == (1, True)
    assert drafted("case", "release", case_id, "--reason", "settled").status == 2
    wrong = drafted("case", "release", case_id, "--reason", "settled", "--confirm", case_id[:4])
    assert (wrong.status, "nothing was changed" in wrong.err) == (2, True)
    right = drafted("case", "release", case_id, "--reason", "settled", "--confirm", case_id)
    assert "is yours again, and held" in right.out
    assert drafted("resume", str(item["number"])).status == 0
