"""Where cases, letters and mail rows are kept: a database, or memory for tests and rehearsals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.edge.store.memory import MemoryStore

if TYPE_CHECKING:
    from bot.edge.store.sql import SqlStore

__all__ = ["MemoryStore", "open_store"]


def open_store(target: Path | str, *, tenant_id: int = 1, check: bool = True) -> SqlStore:
    """The store at a path (an SQLite file, made when missing) or at a database URL.

    `check` reads the whole database for damage first; a short-lived command may leave that to the daemon.
    Raises SchemaTooNew, StoreDamaged, StoreFull or StoreError.
    """
    # Here, not above: SQLAlchemy takes a good part of the start-up time of a command that needs no store.
    from sqlalchemy.engine import URL

    from bot.edge.store.sql import SqlStore

    if isinstance(target, str) and "://" in target:
        return SqlStore(target, tenant_id=tenant_id, check=check)
    return SqlStore(URL.create("sqlite", database=str(target)), tenant_id=tenant_id, check=check)
