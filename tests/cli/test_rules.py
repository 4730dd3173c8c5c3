"""`rejoinder rules`: which files hold, a copy of one to change, and the schemas for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.edge.home import effective_files
from bot.settings.schema import MODELS, editor_line, kind_of
from tests.cli.conftest import ROOT, Typed


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    return tmp_path


def test_every_shipped_file_is_listed_with_what_it_says(empty: Path) -> None:
    files = {row["name"]: row for row in Typed(empty)("rules", "list", "--json").json["files"]}
    shipped = {f"rules/{name}" for name in effective_files(ROOT, "rules", ".yaml")}
    assert shipped < set(files)
    assert not any(row["own"] or row["off"] for row in files.values())
    assert "not genuine" in files["rules/families/counterfeit.yaml"]["about"]


def test_a_default_is_copied_with_the_line_for_editors_and_then_holds(empty: Path) -> None:
    assert Typed(empty)("rules", "eject", "families/trademark", "routing.yaml").status == 0
    copy = (empty / "rules/families/trademark.yaml").read_text(encoding="utf-8")
    first, _, rest = copy.partition("\n")
    assert first == "# yaml-language-server: $schema=../../schemas/family.schema.json"
    assert rest == (ROOT / "rules/families/trademark.yaml").read_text(encoding="utf-8")
    own = [row["name"] for row in Typed(empty)("rules", "list", "--json").json["files"] if row["own"]]
    assert own == ["rules/families/trademark.yaml", "rules/routing.yaml"]
    assert Typed(empty)("check").status == 0


def test_what_is_yours_already_is_left_and_nothing_else_is_copied(empty: Path) -> None:
    (empty / "rules").mkdir()
    (empty / "rules/routing.yaml").write_text("mine", encoding="utf-8")
    answer = Typed(empty)("rules", "eject", "policy", "routing")
    assert (answer.status, "routing.yaml is there already" in answer.err) == (1, True)
    assert [file.name for file in (empty / "rules").iterdir()] == ["routing.yaml"]
    assert (empty / "rules/routing.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("inquiry", "could be rules/playbooks/inquiry.yaml"),
        ("trademrk", "did you mean rules/families/trademark.yaml?"),
        ("../../etc/passwd", "there is no shipped file"),
    ],
)
def test_a_name_that_fits_none_or_several_is_told(empty: Path, named: str, said: str) -> None:
    answer = Typed(empty)("rules", "eject", named)
    assert answer.status == 1
    assert said in answer.err
    assert [file.name for file in empty.iterdir()] == ["rejoinder.yaml"]


def test_a_switched_off_file_is_shown_as_off(empty: Path) -> None:
    (empty / "rules/families").mkdir(parents=True)
    (empty / "rules/families/design.yaml").write_text("off: true\n", encoding="utf-8")
    files = {row["name"]: row for row in Typed(empty)("rules", "list", "--json").json["files"]}
    assert files["rules/families/design.yaml"]["off"] is True


def test_schema_lists_kinds_and_prints_one(typed: Typed) -> None:
    assert set(typed("rules", "schema").out.split()) == set(MODELS)
    assert json.loads(typed("rules", "schema", "playbook").out)["$schema"].endswith("2020-12/schema")
    assert typed("rules", "schema", "poem").status == 2
    assert typed("rules", "schema", "poem", "--write").status == 2


def test_the_line_for_editors_leads_to_a_schema_that_was_written(empty: Path) -> None:
    assert Typed(empty)("rules", "schema", "--write").status == 0
    for name in ("rejoinder.yaml", *(f"rules/{one}" for one in effective_files(ROOT, "rules", ".yaml"))):
        relative = editor_line(name).strip().partition("$schema=")[2]
        file = ((empty / name).parent / relative).resolve()
        kind = kind_of(name)
        assert kind is not None
        assert json.loads(file.read_text(encoding="utf-8"))["title"] == MODELS[kind].__name__


def test_a_file_without_a_schema_gets_no_line() -> None:
    assert [editor_line(name) for name in ("templates/en/inquiry.txt", "rules/notes.yaml", "x.yaml")] == [
        ""
    ] * 3


def test_check_names_mistakes_with_their_place_and_the_nearest_key(empty: Path) -> None:
    (empty / "rules/playbooks").mkdir(parents=True)
    text = (ROOT / "rules/playbooks/inquiry.yaml").read_text(encoding="utf-8")
    (empty / "rules/playbooks/inquiry.yaml").write_text(
        text.replace("reply_by:", "reply_bye:"), encoding="utf-8"
    )
    (empty / "rules/routing.yaml").write_text("routes: []\n", encoding="utf-8")
    answer = Typed(empty)("rules", "check")
    assert answer.status == 2
    assert 'unknown key "reply_bye"' in answer.err
    assert "Nearest valid key: reply_by" in answer.err
    assert "rules/routing.yaml:1:9" in answer.err
    line = text[: text.index("reply_by:")].count("\n") + 1
    assert f"rules/playbooks/inquiry.yaml:{line}:1" in answer.err
    assert {one["path"] for one in json.loads(Typed(empty)("rules", "check", "--json").out)["problems"]} == {
        "rules/playbooks/inquiry.yaml",
        "rules/routing.yaml",
    }


def test_check_draws_the_line_of_a_remark_and_ends_with_one(empty: Path) -> None:
    text = "routes:\n  - {name: a, hold: not-routed}\n"
    file = empty / "rules/routing.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    answer = Typed(empty)("rules", "check")
    assert answer.status == 1
    assert answer.out.startswith(
        "rules/routing.yaml:1:1: nothing tests this file\n    routes:\n    ^\n    Add"
    )
    assert "No mistakes, 1 remark." in answer.out
    told = Typed(empty)("rules", "check", "--json")
    assert (told.status, len(told.json["remarks"]), told.json["problems"]) == (1, 1, [])


def test_test_runs_all_or_some_and_tells_what_failed(empty: Path) -> None:
    assert Typed(empty)("rules", "test").status == 0
    assert Typed(empty)("rules", "test", "families/trademark").out.endswith("tests in 1 file.\n")
    assert Typed(empty)("rules", "test", "no-such-file").status == 2
    assert Typed(empty)("rules", "eject", "routing").status == 0
    file = empty / "rules/routing.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("hold: page-warning", "hold: not-routed").replace("name: warning", "name: soft"),
        encoding="utf-8",
    )
    answer = Typed(empty)("rules", "test", "routing")
    assert answer.status == 1
    line = text[: text.index("route: warning}")].count("\n") + 1
    assert f"rules/routing.yaml:{line}: it takes route soft, not warning" in answer.out
    assert "1 failed of" in answer.out
    assert Typed(empty)("rules", "test", "--json").json["failed"] == 1


def test_outside_of_any_home_the_shipped_rules_are_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Typed(tmp_path)("rules", "check", REJOINDER_HOME="").status == 0
    assert Typed(tmp_path / "nowhere")("rules", "check").status == 2


def explained(empty: Path, name: str, *more: str) -> dict[str, Any]:
    (mail,) = (ROOT / "tests/corpus").glob(f"{name}*.eml")
    told: dict[str, Any] = Typed(empty)("rules", "explain", str(mail), "--json", *more).json
    return told


def test_explain_asks_every_family_and_marks_the_first_condition_that_failed(empty: Path) -> None:
    told = explained(empty, "01-")
    assert told["is"] == "notice"
    taken = [row["family"] for row in told["families"] if row["taken"]]
    assert taken == ["trademark"]
    for row in told["families"]:
        failing = [one for one in row["conditions"] if one["first_failing"]]
        assert len(failing) == (not row["fits"]), row["family"]
        for one in row["conditions"]:
            name, _, line = one["place"].rpartition(":")
            text = (ROOT / name).read_text(encoding="utf-8")
            assert f"of: {one['of']}" in text.splitlines()[int(line) - 1]
    orders = [row["order"] for row in told["families"]]
    assert orders == sorted(orders)


def test_explain_tells_the_condition_that_excluded_a_mail(empty: Path) -> None:
    (empty / "rules/families").mkdir(parents=True)
    (empty / "rules/families/mine.yaml").write_text(
        "kind: notice\norder: 1\nwhen:\n  all:\n    - {of: labels, contains: [complaint_id]}\n"
        "  none:\n    - {of: text, contains: [zebra]}\n    - {of: text, contains: [rights holder]}\n",
        encoding="utf-8",
    )
    row = next(row for row in explained(empty, "01-")["families"] if row["family"] == "mine")
    (failing,) = [one for one in row["conditions"] if one["first_failing"]]
    assert failing["place"] == "rules/families/mine.yaml:8"
    assert failing["under_none"]
    assert "complaint by a rights holder about" in failing["value"]


@pytest.mark.parametrize(
    ("name", "route", "hold", "in_any_case"),
    [
        ("01-", "complaint", None, False),
        ("08-", "complaint", "no-address", False),
        ("13-", "patent-evaluation", "patent-evaluation", True),
    ],
)
def test_explain_goes_through_the_routes(
    empty: Path, name: str, route: str, hold: str | None, in_any_case: bool
) -> None:
    (row,) = explained(empty, name)["routing"]
    assert (row["taken"], row["hold"], row["in_any_case"], row["believed"]) == (
        route,
        hold,
        in_any_case,
        True,
    )
    before = row["routes"][: [one["taken"] for one in row["routes"]].index(True)]
    assert all(one["first_failing"] for one in before)
    assert before[0]["first_failing"]["of"] == "kinds"


def test_explain_of_a_fake_says_what_would_follow_if_it_were_proven(empty: Path) -> None:
    told = explained(empty, "24-")
    assert (told["is"], told["may_open_case"]) == ("phishing", False)
    assert not told["routing"][0]["believed"]


def test_explain_shows_it_and_refuses_what_is_no_file(empty: Path) -> None:
    (mail,) = (ROOT / "tests/corpus").glob("08-*.eml")
    answer = Typed(empty)("rules", "explain", str(mail))
    assert answer.status == 0
    assert "→ " in answer.out
    assert "held: the notice names no address" in " ".join(answer.out.split())
    assert len(Typed(empty)("rules", "explain", "--all", str(mail)).out) > 2 * len(answer.out)
    assert Typed(empty)("rules", "explain", str(empty / "none.eml")).status == 1
    assert Typed(empty)("rules", "explain", "-", typed=mail.read_bytes()).out == answer.out
