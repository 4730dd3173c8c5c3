"""What the database itself says of its version and its mails, read without the store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.edge.store.sqlite import explain

_NAMED = (
    "SELECT sha256 AS named FROM mail WHERE named IS NOT NULL UNION "
    "SELECT CASE WHEN json_valid(document) THEN json_extract(document, '$.approval.raw_sha256') END AS named "
    "FROM letter WHERE named IS NOT NULL"
)


def schema_of(database: Path) -> int:
    """Its schema version. Raises StoreDamaged or StoreError when it cannot be read."""
    return int(_rows(database, "SELECT version FROM schema_version")[0][0])


def named_raws(database: Path) -> frozenset[str]:
    """SHA-256 of every mail that a row or an approval names."""
    return frozenset(row[0] for row in _rows(database, _NAMED))


def tenants(database: Path) -> list[int]:
    """Whose rows there are."""
    return sorted(row[0] for row in _rows(database, "SELECT DISTINCT tenant_id FROM case_file"))


def case_ids(database: Path, tenant_id: int) -> list[str]:
    """Every case of a tenant."""
    query = f"SELECT case_id FROM case_file WHERE tenant_id = {tenant_id:d} ORDER BY case_id"  # noqa: S608
    return [row[0] for row in _rows(database, query)]


def letter_ids(database: Path, tenant_id: int) -> list[str]:
    """Every letter of a tenant."""
    query = f"SELECT letter_id FROM letter WHERE tenant_id = {tenant_id:d} ORDER BY letter_id"  # noqa: S608
    return [row[0] for row in _rows(database, query)]


def complaints_of_sqlite(database: Path) -> list[str]:
    """What SQLite itself finds wrong: pages, indexes, links; empty when all is well."""
    found = [str(row[0]) for row in _rows(database, "PRAGMA integrity_check(20)") if row[0] != "ok"]
    for table, _, parent, _ in _rows(database, "PRAGMA foreign_key_check")[:20]:
        found.append(f"a row of {table} names a row of {parent} that is not there")
    return found


def _rows(database: Path, query: str) -> list[Any]:
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise explain(error, str(database)) from error
