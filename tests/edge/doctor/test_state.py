"""What doctor says of the state folder."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from bot.edge.doctor.finding import Finding
from bot.edge.doctor.state import look_at_state
from bot.edge.lock import StateLock
from bot.edge.store import open_store


def looked(state: Path) -> dict[str, Finding]:
    return {finding.what: finding for finding in look_at_state(state)}


def test_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    found = looked(tmp_path / "state")
    assert [found[what].ok for what in ("disk", "database", "lock")] == [True, None, True]
    assert list(tmp_path.iterdir()) == []


def test_a_sound_state_and_a_damaged_one(tmp_path: Path) -> None:
    open_store(tmp_path / "rejoinder.db").close()
    assert looked(tmp_path)["database"].ok is True
    (tmp_path / "rejoinder.db").write_bytes(b"not a database at all" * 500)
    assert looked(tmp_path)["database"].ok is False


def test_a_folder_that_cannot_be_written_and_a_full_disk(tmp_path: Path) -> None:
    refused = OSError(30, "Read-only file system")
    with mock.patch("bot.edge.doctor.state.tempfile.TemporaryFile", side_effect=refused):
        found = looked(tmp_path)["disk"]
    assert found.ok is False
    assert "Read-only" in found.sentence
    with mock.patch("bot.edge.doctor.state.shutil.disk_usage", return_value=mock.Mock(free=5_000_000)):
        found = looked(tmp_path)["disk"]
    assert found.ok is False
    assert "5 MB" in found.sentence


def test_a_lock_that_is_held_and_one_left_behind(tmp_path: Path) -> None:
    with StateLock(tmp_path / "lock"):
        assert "at work" in looked(tmp_path)["lock"].sentence
    assert looked(tmp_path)["lock"].sentence == "free"
    (tmp_path / "lock").write_text("pid 4711 on elsewhere\n")
    assert looked(tmp_path)["lock"].ok is None
    with StateLock(tmp_path / "lock"):
        assert "at work" in looked(tmp_path)["lock"].sentence


@pytest.mark.parametrize(("says", "ok"), [("yes", True), ("no", None)])
def test_a_clock_that_a_time_server_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, ok: bool | None
) -> None:
    program = tmp_path / "timedatectl"
    program.write_text(f'#!/bin/sh\n[ "$*" = "show --property=NTPSynchronized --value" ] && echo {says}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = looked(tmp_path / "state")["clock"]
    assert found.ok is ok
    assert bool(found.fix) is not ok


def test_without_systemd_nothing_is_said_of_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "clock" not in looked(tmp_path / "state")
    (tmp_path / "timedatectl").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "timedatectl").chmod(0o755)
    assert "clock" not in looked(tmp_path / "state")
