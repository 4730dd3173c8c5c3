"""A new home is on the disk whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from bot.edge.setup import home as module
from bot.edge.setup.home import refuse_unfit, write_home, write_private
from bot.errors import NotPossible
from bot.settings.schema import schema


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_all_that_belongs_to_a_home_and_only_for_its_owner(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    previous = os.umask(0)
    try:
        write_home(home, "accounts: {}\n", {"secrets/shop.password": "pw"})
    finally:
        os.umask(previous)
    assert {name for name in everything(home) if not name.startswith("schemas/")} == {
        "rejoinder.yaml", "schemas", "rules", "templates", "secrets", "secrets/shop.password",
    }  # fmt: skip
    assert (home / "secrets/shop.password").read_text() == "pw\n"
    told = [p for p in (home, *home.rglob("*")) if p.parent.name != "schemas"]
    assert [p for p in told if stat.S_IMODE(p.stat().st_mode) & 0o077] == []
    assert json.loads((home / "schemas/rejoinder.schema.json").read_text()) == schema("rejoinder")


def test_a_home_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "rejoinder.yaml").write_text("mine\n")
    with pytest.raises(NotPossible, match="nothing was changed"):
        write_home(tmp_path, "other\n", {"secrets/x": "pw"})
    assert everything(tmp_path) == {"rejoinder.yaml"}


def test_where_no_home_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotPossible, match="no folder that you may write into"):
        refuse_unfit(tmp_path / "file" / "home")
    monkeypatch.setattr("bot.edge.disk.network_disk", lambda path, mounts: "nfs4")
    with pytest.raises(NotPossible, match="network file system"):
        refuse_unfit(tmp_path / "home")


@pytest.mark.parametrize("at", range(2))
@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError("no room")], ids=["Ctrl-C", "no room"])
def test_whatever_stops_it_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, stop: type[BaseException] | OSError
) -> None:
    (tmp_path / "home" / "rules").mkdir(parents=True)
    (tmp_path / "home" / "note").write_text("mine")
    calls = 0

    def writes(file: Path, text: str) -> None:
        nonlocal calls
        calls += 1
        if calls > at:
            raise stop
        write_private(file, text)

    monkeypatch.setattr(module, "write_private", writes)
    with pytest.raises(stop if isinstance(stop, type) else OSError):
        write_home(tmp_path / "home", "accounts: {}\n", {"secrets/shop.password": "pw"})
    assert everything(tmp_path) == {"home", "home/rules", "home/note"}


def test_a_private_file_replaces_the_old_one_in_one_step(tmp_path: Path) -> None:
    file = tmp_path / "shop.password"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new\n")
    assert file.read_text() == "new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert everything(tmp_path) == {"shop.password"}
