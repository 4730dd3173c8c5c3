"""Settings and state alone, without rules and templates: for what only looks, and must answer at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.edge.files import load_settings
from bot.edge.places import DATABASE, made
from bot.edge.store import open_store
from bot.ports import Store
from bot.settings.values import Settings


@contextmanager
def open_desk(home: Path) -> Iterator[tuple[Settings, Store]]:
    """What `queue` and `case` need. Raises ConfigurationError and StoreError."""
    settings = load_settings(home)
    store = open_store(made(settings.state) / DATABASE, check=False)
    try:
        yield settings, store
    finally:
        store.close()
