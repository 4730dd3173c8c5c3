"""`rejoinder erase` and `case legal-hold`, over a real database and real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.edge.leftovers import files_with
from tests.cli.conftest import Typed

PERSON = "ip@brindlecove.example"
NAME = "Marta Oyelaran"


def case_of(typed: Typed) -> str:
    (case,) = typed("case", "list", "--all", "--json").json["cases"]
    return str(case["case"]["case_id"])


@pytest.fixture
def closed(drafted: Typed) -> Typed:
    """The case of the draft is closed, so that nothing stands in the way."""
    assert drafted("case", "close", case_of(drafted), "--reason", "settled by phone").status == 0
    return drafted


def test_nothing_of_the_address_is_left(closed: Typed) -> None:
    state = closed.home / "state"
    assert files_with(state, PERSON) != ()
    assert files_with(state, NAME) != ()
    done = closed("erase", PERSON, "--reason", "they asked for it", "--confirm", PERSON, "--json")
    assert done.status == 0, done.err
    assert done.json["erased"] is True
    assert (done.json["letters"], done.json["mails"], done.json["left"]) == (1, 1, [])
    assert files_with(state, PERSON) == ()
    assert files_with(state, NAME) == ()


def test_the_diary_still_proves_itself_and_says_what_was_erased(closed: Typed) -> None:
    case = case_of(closed)
    closed("erase", PERSON, "--reason", "they asked for it", "--confirm", PERSON)
    assert closed("verify").status == 0
    page = " ".join(closed("case", "show", case).out.split())
    assert "a name, its addresses, 1 letter and 1 mail erased: they asked for it" in page
    assert closed("case", "list", "--all").status == 0
    assert closed("queue").status == 0


def test_a_second_time_finds_nothing(closed: Typed) -> None:
    closed("erase", PERSON, "--confirm", PERSON)
    again = closed("erase", PERSON, "--confirm", PERSON)
    assert again.status == 0
    assert "Nothing here knows ip@brindlecove.example." in again.out


def test_a_stop_is_the_address_and_goes_as_well(closed: Typed) -> None:
    closed("stop", PERSON, "--reason", "they asked")
    assert "it goes as well" in closed("erase", PERSON, "--dry-run").out
    closed("erase", PERSON, "--confirm", PERSON)
    assert closed("stop", "--list", "--json").json == {"stopped": []}


def test_an_open_case_is_closed_first(drafted: Typed) -> None:
    done = drafted("erase", PERSON, "--confirm", PERSON)
    assert done.status == 1
    assert f"case {case_of(drafted)} is open; close it first" in done.err
    assert "Nothing was erased." in done.err
    assert files_with(drafted.home / "state", PERSON) != ()


def test_a_legal_hold_stops_it_until_it_is_lifted(closed: Typed) -> None:
    case = case_of(closed)
    assert closed("case", "legal-hold", case, "--reason", "a claim may come").status == 0
    done = closed("erase", PERSON, "--confirm", PERSON, "--json")
    assert done.status == 1
    assert done.json["erased"] is False
    assert "legal hold (a person said so)" in done.json["obstacles"][0]
    assert files_with(closed.home / "state", PERSON) != ()
    assert closed("case", "legal-hold", case, "--reason", "it is over", "--lift").status == 0
    assert closed("erase", PERSON, "--confirm", PERSON).status == 0
    assert "no legal hold" in closed("case", "legal-hold", case, "--reason", "x", "--lift").err


def test_a_counterfeit_is_kept_by_itself(typed: Typed, mails: Callable[..., str]) -> None:
    file = Path(mails())
    file.write_bytes(
        file.read_bytes().replace(b"Infringement type: Trademark", b"Infringement type: Counterfeit")
    )
    typed("ingest", str(file))
    case = case_of(typed)
    typed("case", "close", case, "--reason", "done")
    assert "it is about counterfeits" in typed("erase", PERSON, "--confirm", PERSON).err


def test_asked_only_changes_nothing(closed: Typed) -> None:
    done = closed("erase", PERSON, "--dry-run")
    assert done.status == 0
    assert "this was only asked" in done.out
    assert files_with(closed.home / "state", PERSON) != ()


def test_mistakes_are_told(closed: Typed) -> None:
    assert closed("erase", PERSON).status == 2  # nobody to ask
    assert closed("erase", PERSON, "--confirm", "ip@else.example").status == 2
    assert "is no address" in closed("erase", "everybody").err
    assert "is an address of yours" in closed("erase", "ip@harborlane.example").err
    assert "is Amazon's" in closed("erase", "notice@amazon.com").err
    assert closed("case", "legal-hold", case_of(closed), "--reason", " ").status == 2
    assert files_with(closed.home / "state", PERSON) != ()


def test_what_another_file_holds_is_named(closed: Typed) -> None:
    copy = closed.home / "state" / "rejoinder.db.schema-1"
    copy.write_bytes(b"old copy " + PERSON.upper().encode())
    done = closed("erase", PERSON, "--confirm", PERSON)
    assert done.status == 1
    assert "still stands in: rejoinder.db.schema-1" in done.out


def test_text_across_two_reads_is_found(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * ((1 << 20) - 5) + PERSON.encode() + b"y" * 100)
    assert files_with(tmp_path, PERSON) == (tmp_path / "big",)
