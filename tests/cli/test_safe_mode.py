"""`rejoinder safe-mode`, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.session import now
from bot.edge.backup.mark import Mark, mark_bytes
from bot.edge.places import RESTORED
from tests.cli.conftest import Typed


@pytest.fixture
def file(drafted: Typed) -> Path:
    return drafted.home / "rejoinder.yaml"


def test_on_voids_what_was_approved_and_off_is_asked_for(drafted: Typed, file: Path) -> None:
    before = file.read_text()
    assert "Safe mode is off" in drafted("safe-mode").out
    drafted("approve", "1")
    on = drafted("safe-mode", "on")
    assert "Safe mode is on." in on.out
    assert "drafts again: 1." in on.out
    assert file.read_text() == before.replace("safe_mode: false", "safe_mode: true")
    assert "TEST" in drafted("queue").out
    assert drafted("safe-mode", "on", "--json").json == {
        "safe_mode": True, "changed": False, "void": [], "tested": [], "leaving": [],
    }  # fmt: skip
    unasked = drafted("safe-mode", "off")
    assert (unasked.status, "--yes" in unasked.err) == (2, True)
    assert "Safe mode is off." in drafted("safe-mode", "off", "--yes").out
    assert file.read_text() == before
    assert drafted("safe-mode", "--json").json == {"safe_mode": False, "restored": False}


def test_what_wins_over_the_file_is_said_instead(drafted: Typed, file: Path) -> None:
    before = file.read_text()
    done = drafted("safe-mode", "on", REJOINDER_SAFE_MODE="false")
    assert (done.status, "REJOINDER_SAFE_MODE is set and wins" in done.err) == (1, True)
    assert file.read_text() == before


def test_a_restored_copy_stays_in_safe_mode(drafted: Typed, file: Path) -> None:
    (drafted.home / "state" / RESTORED).write_bytes(mark_bytes(Mark(taken_at=now())))
    before = file.read_text()
    assert "rejoinder restored" in drafted("safe-mode").out
    done = drafted("safe-mode", "off", "--yes")
    assert (done.status, "rejoinder restored" in done.err) == (1, True)
    assert file.read_text() == before


def test_a_file_that_cannot_be_changed_without_guessing_is_left_to_the_person(
    drafted: Typed, file: Path
) -> None:
    text = file.read_text().replace("safe_mode: false\n", "") + "...\n"
    file.write_text(text)
    done = drafted("safe-mode", "off", "--yes")
    assert (done.status, "write safe_mode: false there yourself" in done.err) == (1, True)
    assert file.read_text() == text


def test_owner_and_permissions_stay(drafted: Typed, file: Path) -> None:
    file.chmod(0o640)
    link = file.with_name("real.yaml")
    file.rename(link)
    file.symlink_to(link)
    assert drafted("safe-mode", "on").status == 0
    assert file.is_symlink()
    assert "safe_mode: true" in link.read_text()
    assert link.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in drafted.home.iterdir() if path.name.startswith(".rejoinder")] == []
