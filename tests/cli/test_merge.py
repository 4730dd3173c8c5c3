"""`rejoinder case merge` and `unmerge`, as a person types them."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import Typed


def test_both_numbers_stay_findable_and_it_can_be_undone(typed: Typed, mails: Callable[..., str]) -> None:
    typed("ingest", mails("17340981261"), mails("17340981262", owner="b@other.example"))
    one, two = (case["case"]["case_id"] for case in typed("case", "list", "--json").json["cases"])
    assert "name two cases" in typed("case", "merge", one, one).err
    done = typed("case", "merge", one[:5].lower(), two)
    assert (done.status, f"merged into {two}" in done.out) == (0, True)
    assert f"merged into {two}" in typed("case", "show", one).out
    assert one in typed("case", "show", two).out
    assert one not in typed("case", "list").out
    assert one in typed("case", "list", "--all").out
    assert len(typed("queue", "--json").json["items"]) == 1
    assert "unmerge" in typed("case", "reopen", one).err
    assert typed("case", "unmerge", one, "--json").json == {"case": one, "out_of": two, "closed": False}
    assert {item["kind"] for item in typed("queue", "--json").json["items"]} == {"draft", "hold"}
