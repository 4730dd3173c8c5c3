"""Stops in every store, and the schema that had none."""

from __future__ import annotations

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
