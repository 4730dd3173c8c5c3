"""A new home is sound, private, and never written over."""

from __future__ import annotations

from pathlib import Path

from bot.cli.init import SETTINGS
from tests.cli.conftest import Typed


def test_a_new_home_passes_the_check(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    done = Typed(tmp_path)("init", str(home))
    assert done.status == 0
    assert f"rejoinder check --home {home}" in " ".join(done.out.split())
    assert (home / "rejoinder.yaml").stat().st_mode & 0o077 == 0
    assert "No mistakes." in Typed(home)("check").out
    assert Typed(home)("queue").status == 0


def test_the_account_in_the_comments_is_a_sound_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Typed(tmp_path)("init", str(home))
    lines = [line.removeprefix("# ") for line in SETTINGS.splitlines()[2:] if line != "accounts: {}"]
    (home / "rejoinder.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = Typed(home)("check", "--json")
    assert done.status == 0, done.err
    assert done.json["accounts"] == ["shop"]
    assert done.json["not_pinned"] == []


def test_a_home_is_never_written_over(tmp_path: Path) -> None:
    Typed(tmp_path)("init", str(tmp_path))
    (tmp_path / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    done = Typed(tmp_path)("init", str(tmp_path))
    assert done.status == 1
    assert "nothing was changed" in done.err
    assert (tmp_path / "rejoinder.yaml").read_text(encoding="utf-8") == "accounts: {}\n"
