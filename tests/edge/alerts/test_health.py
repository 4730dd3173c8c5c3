"""Which ways fail, in a file that the queue reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.edge.alerts.health import FILE, Failing, failing, forget, note

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


def test_a_way_fails_since_its_first_failure_until_it_works(tmp_path: Path) -> None:
    note(tmp_path, "mail", None, NOW)
    assert not (tmp_path / FILE).exists()
    note(tmp_path, "webhook", "no answer", NOW)
    note(tmp_path, "mail", "550", NOW)
    note(tmp_path, "webhook", "404", NOW + timedelta(hours=1))
    assert failing(tmp_path) == (
        Failing(channel="mail", since=NOW, why="550"),
        Failing(channel="webhook", since=NOW, why="404"),
    )
    note(tmp_path, "mail", None, NOW)
    assert [one.channel for one in failing(tmp_path)] == ["webhook"]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    forget(tmp_path)
    assert failing(tmp_path) == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"mail": 1}', '{"mail": {"since": "x", "why": ""}}', "null"]
)
def test_a_damaged_file_tells_of_none_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert failing(tmp_path) == ()
    note(tmp_path, "mail", "550", NOW)
    assert [one.channel for one in failing(tmp_path)] == ["mail"]
