"""The same tests for every store: in memory, and in an SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.edge.store import MemoryStore, open_store
from bot.edge.store.sql import SqlStore

AnyStore = MemoryStore | SqlStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    made: AnyStore = MemoryStore() if request.param == "memory" else open_store(tmp_path / "rejoinder.db")
    yield made
    made.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    made = open_store(tmp_path / "rejoinder.db")
    yield made
    made.close()
