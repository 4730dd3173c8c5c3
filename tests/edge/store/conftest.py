"""The same tests for every store: in memory, and in an SQLite file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.edge.store import MemoryStore, open_store
from bot.edge.store.sql import SqlStore

AnyStore = MemoryStore | SqlStore

#: Every store there is, and how one is opened in a folder of its own.
STORES: dict[str, Callable[[Path], AnyStore]] = {
    "memory": lambda folder: MemoryStore(),
    "sqlite": lambda folder: open_store(folder / "rejoinder.db"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    made = open_store(tmp_path / "rejoinder.db")
    yield made
    made.close()
