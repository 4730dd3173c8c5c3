"""Brings a database of an older schema up to date: a copy of it is put beside it first, then all or nothing.

To change the schema: change `schema.py`, raise `SCHEMA_VERSION` by one (and `bot.edge.glance.KNOWN_SCHEMA`
with it), and add one function to `MIGRATIONS` that makes the old tables into the new ones. It runs in a
transaction and may rely on nothing but the connection: `schema.py` will have changed again when it runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, text

from bot.edge.lock import StateLock
from bot.edge.places import LOCK
from bot.edge.rehearsal import copy_database
from bot.errors import StoreError, StoreInUse

Migration = Callable[[Connection], None]


def _add_stopped_address(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE TABLE stopped_address (tenant_id INTEGER NOT NULL, address TEXT NOT NULL, "
            '"at" BIGINT NOT NULL, "by" TEXT NOT NULL, why TEXT NOT NULL, '
            "CONSTRAINT pk_stopped_address PRIMARY KEY (tenant_id, address))"
        )
    )


def _index_what_the_caps_ask(connection: Connection) -> None:
    for columns in (("tenant_id", "accepted_at"), ("tenant_id", "account_id", "to", "accepted_at")):
        listed = ", ".join(f'"{column}"' for column in columns)
        connection.execute(text(f"CREATE INDEX ix_letter_{'_'.join(columns)} ON letter ({listed})"))


#: The first leads from version 1 to 2, and so on; the last one to `SCHEMA_VERSION`.
MIGRATIONS: tuple[Migration, ...] = (_add_stopped_address, _index_what_the_caps_ask)


def steps_from(version: int, migrations: tuple[Migration, ...], target: int) -> tuple[Migration, ...]:
    """The migrations from an older version to the target. Raises StoreError when there is no way."""
    if not 1 <= version <= target or len(migrations) != target - 1:
        raise StoreError(f"no way is known from schema {version} to {target}; restore a backup instead")
    return migrations[version - 1 :]


def copy_beside(database: Path, version: int) -> Path:
    """A durable copy of the database as it is, named after its version; earlier copies stay.

    Raises StoreError, StoreFull.
    """
    name = f"{database.name}.schema-{version}"
    copy, number = database.with_name(name), 1
    while copy.exists():
        number += 1
        copy = database.with_name(f"{name}.{number}")
    part = copy.with_name(f".{copy.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy_database(database, part)
    _fsync(part)
    part.replace(copy)
    _fsync(copy.parent)
    return copy


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_while_used(database: Path) -> StateLock | None:
    """Hold the lock of the state while the schema changes, unless this process holds it already.

    A daemon of the older version would go on writing what it knows. Raises StoreInUse, StoreError.
    """
    lock = StateLock(database.parent / LOCK)
    try:
        lock.acquire()
    except StoreInUse:
        if _holder(lock.path) == os.getpid():
            return None
        raise
    return lock


def _holder(path: Path) -> int | None:
    words = path.read_text(encoding="utf-8", errors="replace").split()
    return int(words[1]) if len(words) > 1 and words[0] == "pid" and words[1].isdigit() else None
