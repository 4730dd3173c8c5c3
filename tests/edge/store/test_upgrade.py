"""A database of an older schema: copied first, then brought up to date, or left exactly as it was."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.edge import glance as glances
from bot.edge.lock import StateLock
from bot.edge.store import migrate, open_store, sql
from bot.edge.store.schema import SCHEMA_VERSION
from bot.errors import Conflict, SchemaTooNew, StoreError, StoreInUse
from bot.ports import Change
from tests.samples import NOW, sample_case

ROOT = Path(__file__).parents[3]


def query(database: Path, words: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(words).fetchall()


def add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE case_file ADD COLUMN colour TEXT"))


def paint(connection: Connection) -> None:
    connection.execute(text("UPDATE case_file SET colour = 'green'"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of today's schema with one case, which the tests then look at from tomorrow."""
    path = tmp_path / "rejoinder.db"
    store = open_store(path)
    store.record(Change(cases=(sample_case(),)), NOW)
    store.close()
    return path


@pytest.fixture
def tomorrow(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions later."""
    known = (lambda connection: None,) * (SCHEMA_VERSION - 1)
    monkeypatch.setattr(migrate, "MIGRATIONS", (*known, add_colour, paint))
    monkeypatch.setattr(sql, "SCHEMA_VERSION", SCHEMA_VERSION + 2)


def test_every_version_up_to_ours_has_its_migration() -> None:
    assert len(migrate.MIGRATIONS) == SCHEMA_VERSION - 1
    assert glances.KNOWN_SCHEMA == SCHEMA_VERSION


#: What each version added, taken away again: the newest first.
_TAKEN_BACK = {
    2: ("INDEX ix_letter_tenant_id_accepted_at", "INDEX ix_letter_tenant_id_account_id_to_accepted_at"),
    1: ("TABLE stopped_address",),
}


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_upgraded_database_has_the_tables_and_indexes_of_a_new_one(old: Path, version: int) -> None:
    """From every version there ever was, and with what it held."""
    shape = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2"
    columns = "SELECT m.name, c.* FROM sqlite_master m, pragma_table_info(m.name) c ORDER BY 1, 2"
    indexed = "SELECT m.name, i.* FROM sqlite_master m, pragma_index_info(m.name) i ORDER BY 1, 2"
    new = [query(old, words) for words in (shape, columns, indexed)]
    with closing(sqlite3.connect(old)) as connection, connection:
        for earlier in range(SCHEMA_VERSION - 1, version - 1, -1):
            for what in _TAKEN_BACK[earlier]:
                connection.execute(f"DROP {what}")
        connection.execute(f"UPDATE schema_version SET version = {version}")
    assert query(old, shape) != new[0]
    store = open_store(old)
    assert [case.case_id for case in store.cases()] == ["K7QW2M"]
    store.close()
    assert [query(old, words) for words in (shape, columns, indexed)] == new


@pytest.mark.usefixtures("tomorrow")
def test_an_older_schema_is_copied_and_brought_up_to_date(old: Path) -> None:
    store = open_store(old)
    assert store.case("K7QW2M").case_id == "K7QW2M"
    store.close()
    assert query(old, "SELECT colour FROM case_file") == [("green",)]
    assert query(old, "SELECT version FROM schema_version") == [(SCHEMA_VERSION + 2,)]
    copy = old.with_name(f"rejoinder.db.schema-{SCHEMA_VERSION}")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert query(copy, "SELECT version FROM schema_version") == [(SCHEMA_VERSION,)]
    assert query(copy, "SELECT case_id FROM case_file") == [("K7QW2M",)]
    assert query(copy, "PRAGMA integrity_check") == [("ok",)]
    open_store(old).close()
    assert [p.name for p in old.parent.glob("*schema-*")] == [copy.name]


@pytest.mark.usefixtures("tomorrow")
def test_a_copy_of_an_earlier_upgrade_is_never_overwritten(old: Path) -> None:
    earlier = old.with_name(f"rejoinder.db.schema-{SCHEMA_VERSION}")
    earlier.write_bytes(b"precious")
    open_store(old).close()
    assert earlier.read_bytes() == b"precious"
    assert query(old.with_name(earlier.name + ".2"), "SELECT case_id FROM case_file") == [("K7QW2M",)]


def test_a_migration_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(connection: Connection) -> None:
        add_colour(connection)
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))

    before = query(old, "SELECT sql FROM sqlite_master ORDER BY name")
    monkeypatch.setattr(migrate, "MIGRATIONS", (*migrate.MIGRATIONS, fails))
    monkeypatch.setattr(sql, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    with pytest.raises(StoreError, match="no such table: nowhere"):
        open_store(old)
    assert query(old, "SELECT sql FROM sqlite_master ORDER BY name") == before
    assert query(old, "SELECT version FROM schema_version") == [(SCHEMA_VERSION,)]
    monkeypatch.undo()
    store = open_store(old)
    assert store.case("K7QW2M").case_id == "K7QW2M"
    store.close()


@pytest.mark.usefixtures("tomorrow")
def test_not_while_a_daemon_of_the_older_version_runs(old: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from bot.edge.lock import StateLock\n"
        "with StateLock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(old.parent / "lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as daemon:  # fmt: skip
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse, match=f"in use by pid {daemon.pid}"):
            open_store(old)
        daemon.communicate("")
    assert query(old, "SELECT version FROM schema_version") == [(SCHEMA_VERSION,)]
    assert list(old.parent.glob("*schema-*")) == []


@pytest.mark.usefixtures("tomorrow")
def test_the_daemon_that_holds_the_lock_itself_may(old: Path) -> None:
    with StateLock(old.parent / "lock"):
        open_store(old).close()
        assert f"pid {os.getpid()}" in (old.parent / "lock").read_text()
    assert query(old, "SELECT version FROM schema_version") == [(SCHEMA_VERSION + 2,)]


@pytest.mark.usefixtures("tomorrow")
def test_another_process_that_was_quicker_is_noticed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(database: Path, version: int) -> Path:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE schema_version SET version = version + 1")
        return database

    monkeypatch.setattr(migrate, "copy_beside", meanwhile)
    with pytest.raises(Conflict, match="upgrading"):
        open_store(old)
    assert query(old, "SELECT version FROM schema_version") == [(SCHEMA_VERSION + 1,)]


def test_no_way_back_and_none_from_before_the_first(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 0")
    with pytest.raises(StoreError, match="no way is known from schema 0"):
        open_store(old)
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(f"UPDATE schema_version SET version = {SCHEMA_VERSION + 1}")
    with pytest.raises(SchemaTooNew, match="install that version again"):
        open_store(old)


def test_a_list_of_an_older_schema_says_what_to_do(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glances, "KNOWN_SCHEMA", SCHEMA_VERSION + 1)
    with pytest.raises(StoreError, match="rejoinder case list"):
        glances.glance(old)
