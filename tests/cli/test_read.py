"""`rejoinder read` on files, without any home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, notice, process

CORPUS = ROOT / "tests" / "corpus"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is no home, as the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REJOINDER_HOME", raising=False)
    return tmp_path


def test_one_line_of_json_for_each_file_in_the_order_given(elsewhere: Path) -> None:
    names = ["21-legal-letter-de", "01-notice-trademark-numbered-list", "30-bounce-mailbox-full"]
    files = [str(CORPUS / f"{name}.eml") for name in names]
    done = process("read", "--json", *files)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["file"] for one in told] == files
    for one, name in zip(told, names, strict=True):
        expected = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
        assert one["kind"] == expected["kind"]
        assert one["complaint_ids"] == expected["complaint_ids"]


def test_what_cannot_be_opened_is_said_and_the_rest_is_read(elsewhere: Path) -> None:
    good = elsewhere / "notice.eml"
    good.write_bytes(notice("17340981265"))
    (elsewhere / "folder.eml").mkdir()
    done = process("read", "--json", "none.eml", "folder.eml", str(good))
    assert done.returncode == 1
    none, folder, last = (json.loads(line) for line in done.stdout.splitlines())
    assert none == {"file": "none.eml", "error": "No such file or directory"}
    assert folder["error"] == "Is a directory"
    assert last["complaint_ids"] == ["17340981265"]
    assert done.stderr.count(b"\n") == 2


def test_standard_input_and_a_page_for_people(elsewhere: Path) -> None:
    done = process("read", "-", typed=notice("17340981265", title="Barrel\x1b[2J"), NO_COLOR="1")
    text = " ".join(done.stdout.decode().split())
    assert done.returncode == 0
    assert "a notice: somebody complains (trademark, listing removed, amazon.com)" in text
    assert "Marta Oyelaran, ip@brindlecove.example" in text
    assert "your mail provider confirms" in text
    assert b"\x1b" not in done.stdout


def test_an_empty_file_is_a_mail_that_cannot_be_read(elsewhere: Path) -> None:
    (elsewhere / "empty.eml").write_bytes(b"")
    done = process("read", "empty.eml")
    assert done.returncode == 0
    assert b"could not be read" in done.stdout


def test_the_rules_of_a_home_are_used_when_it_is_named(elsewhere: Path, home: Path) -> None:
    (home / "rules" / "families").mkdir(parents=True)
    (home / "rules" / "families" / "trademark.yaml").write_text("surprise: 1\n", encoding="utf-8")
    mail = elsewhere / "notice.eml"
    mail.write_bytes(notice("17340981265"))
    assert process("read", "--json", str(mail)).returncode == 0
    named = process("read", "--json", str(mail), "--home", str(home))
    assert named.returncode == 2
    assert b"rules/families/trademark.yaml:1:1" in named.stderr
