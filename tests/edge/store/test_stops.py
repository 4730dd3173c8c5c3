"""Stops in every store, and the schema that had none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.draft.stops import StoppedAddress
from bot.edge.store import open_store
from tests.edge.store.conftest import AnyStore
from tests.samples import HOUR, NOW

FIRST = StoppedAddress(address="b@rights.example", at=NOW, by="Ada", why="they asked")
WHOLE = StoppedAddress(address="@acme.example", at=NOW, by="Ada")


def test_stops_are_kept_by_address_and_replaced(store: AnyStore) -> None:
    later = StoppedAddress(address=FIRST.address, at=NOW + HOUR, by="Ben")
    for one in (FIRST, WHOLE, later):
        store.stop_address(one)
    assert store.stopped_addresses() == (WHOLE, later)


def test_a_stop_is_removed_once(store: AnyStore) -> None:
    store.stop_address(FIRST)
    assert store.remove_stop(FIRST.address)
    assert not store.remove_stop(FIRST.address)
    assert store.stopped_addresses() == ()


def test_a_stop_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "rejoinder.db"
    for expected in ((), (FIRST,)):
        store = open_store(file)
        assert store.stopped_addresses() == expected
        store.stop_address(FIRST)
        store.close()


def test_a_database_of_schema_1_gets_the_very_same_table(tmp_path: Path) -> None:
    file = tmp_path / "rejoinder.db"
    open_store(file).close()
    columns = "PRAGMA table_info(stopped_address)"
    with closing(sqlite3.connect(file)) as connection:
        new = [row[1:] for row in connection.execute(columns)]
        connection.execute("DROP TABLE stopped_address")
        connection.execute("UPDATE schema_version SET version = 1")
        connection.commit()
    store = open_store(file)
    store.stop_address(FIRST)
    assert store.stopped_addresses() == (FIRST,)
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        assert [row[1:] for row in connection.execute(columns)] == new
