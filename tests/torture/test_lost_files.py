"""A database or a log that is taken away under us, or is missing at the start: refuse, and say what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.edge.raw import DiskRawStore
from bot.edge.store import open_store
from bot.errors import StoreDamaged
from bot.ports import Change
from bot.wiring import open_house
from tests.samples import NOW, sample_case
from tests.stories.stage import write_home


def _gone(path: Path) -> None:
    path.unlink()


def _another(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


@pytest.mark.parametrize("lose", [_gone, _another])
@pytest.mark.parametrize("name", ["rejoinder.db", "rejoinder.db-wal"])
def test_what_is_taken_away_while_we_write_is_noticed(
    tmp_path: Path, name: str, lose: Callable[[Path], None]
) -> None:
    """SQLite would go on writing into a file without a name, and all of it would be gone at the end."""
    store = open_store(tmp_path / "rejoinder.db")
    store.record(Change(cases=(sample_case(case_id="FIRST"),)), NOW)
    lose(tmp_path / name)
    with pytest.raises(StoreDamaged, match=f"{name} was deleted or replaced") as refusal:
        store.record(Change(cases=(sample_case(case_id="SECOND"),)), NOW)
    assert "nothing was written" in str(refusal.value)
    store.close()


def test_a_second_process_that_comes_and_goes_is_no_loss(tmp_path: Path) -> None:
    store = open_store(tmp_path / "rejoinder.db")
    store.record(Change(cases=(sample_case(case_id="FIRST"),)), NOW)
    other = open_store(tmp_path / "rejoinder.db")
    other.record(Change(cases=(sample_case(case_id="SECOND"),)), NOW)
    other.close()
    store.record(Change(cases=(sample_case(case_id="THIRD"),)), NOW)
    store.close()
    with open_store(tmp_path / "rejoinder.db").one_view():
        pass


@pytest.mark.parametrize("left", [None, b""])
def test_a_missing_database_beside_kept_mail_is_no_first_start(tmp_path: Path, left: bytes | None) -> None:
    """An empty database would know of no letter that was sent."""
    home = write_home(tmp_path / "home")
    state = home / "state"
    state.mkdir()
    DiskRawStore(state / "raw").put(b"Subject: a notice\r\n\r\n")
    if left is not None:
        (state / "rejoinder.db").write_bytes(left)
    with pytest.raises(StoreDamaged, match="backup"), open_house(home):
        pass
    assert (state / "rejoinder.db").exists() is (left is not None)


def test_an_empty_folder_is_a_first_start(tmp_path: Path) -> None:
    home = write_home(tmp_path / "home")
    with open_house(home) as house:
        DiskRawStore(home / "state" / "raw").put(b"Subject: a notice\r\n\r\n")
        assert house.office.store.items() == ()
    with open_house(home):
        pass
