"""`rejoinder doctor` as it is typed."""

from __future__ import annotations

from tests.cli.conftest import Typed


def test_servers_that_do_not_answer_hide_nothing(typed: Typed) -> None:
    done = typed("doctor", "--json")
    assert done.status == 1
    assert done.json["well"] is False
    found = {row["finding"]["what"]: row["finding"]["ok"] for row in done.json["findings"]}
    assert found["imap line"] is False
    assert found["smtp line"] is False
    assert found["profile"] is True
    assert found["disk"] is True


def test_the_screen_says_what_to_do(typed: Typed) -> None:
    done = typed("doctor", "--account", "shop")
    assert done.status == 1
    assert "→ Check host, port and security" in done.out
    assert "2 to mend." in done.out
    assert not (typed.home / "state").exists()


def test_an_account_that_there_is_not(typed: Typed) -> None:
    done = typed("doctor", "--account", "nobody")
    assert done.status == 2
    assert "there are: shop" in done.err


def test_check_asks_servers_only_when_told(typed: Typed) -> None:
    assert typed("check").status == 0
    assert "findings" not in typed("check", "--json").json
    done = typed("check", "--online")
    assert done.status == 1
    assert "No mistakes." in done.out
    assert "→ Check host, port and security" in done.out
    told = typed("check", "--online", "--json")
    assert told.status == 1
    assert {row["account"] for row in told.json["findings"]} == {"shop"}


def test_columns_where_there_is_room_and_lines_where_there_is_not(typed: Typed) -> None:
    wide = typed("doctor", COLUMNS="80").out
    assert "\nok     profile          a letter has all that it needs\n" in wide
    assert max(map(len, wide.splitlines())) <= 80
    narrow = typed("doctor", COLUMNS="42").out
    assert "\nok     profile\n       a letter has all that it needs\n" in narrow
    assert max(map(len, narrow.splitlines())) <= 42
