"""How SQLite finds what every letter asks on its way out: by an index, never by walking."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.edge.store.sql import SqlStore
from tests.samples import NOW

_DAY_AGO = NOW - timedelta(days=1)

#: What the caps ask -> how SQLite must look each table of the question up.
CAPS: dict[str, tuple[Callable[[SqlStore], object], tuple[str, ...]]] = {
    "of all accounts": (
        lambda store: store.accepted_since(None, _DAY_AGO),
        ("COVERING INDEX ix_letter_tenant_id_accepted_at (tenant_id=? AND accepted_at>?)",),
    ),
    "of the account": (
        lambda store: store.accepted_since("lamps", _DAY_AGO),
        (
            "COVERING INDEX ix_letter_tenant_id_account_id_accepted_at "
            "(tenant_id=? AND account_id=? AND accepted_at>?)",
        ),
    ),
    "of one address": (
        lambda store: store.accepted_since("lamps", _DAY_AGO, to="ip@marken.example"),
        (
            "COVERING INDEX ix_letter_tenant_id_account_id_to_accepted_at "
            "(tenant_id=? AND account_id=? AND to=? AND accepted_at>?)",
        ),
    ),
    "of new addresses": (
        lambda store: store.new_addresses_since("lamps", _DAY_AGO),
        (
            "INDEX ix_letter_tenant_id_account_id_accepted_at "
            "(tenant_id=? AND account_id=? AND accepted_at>?)",
            # For each of these letters, whether there is an earlier one to that address.
            "INDEX ix_letter_tenant_id_account_id_to_accepted_at "
            "(tenant_id=? AND account_id=? AND to=? AND accepted_at<?)",
        ),
    ),
}


@contextmanager
def asked(store: SqlStore) -> Iterator[tuple[sqlite3.Connection, list[str]]]:
    """What the driver is given within the block, with its values; prepared statements pass SQLAlchemy by."""
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    seen: list[str] = []
    driver.set_trace_callback(seen.append)
    try:
        yield driver, seen
    finally:
        driver.set_trace_callback(None)


@pytest.mark.parametrize("cap", CAPS)
def test_a_cap_is_looked_up_in_an_index(sqlite_store: SqlStore, cap: str) -> None:
    question, indexes = CAPS[cap]
    with asked(sqlite_store) as (driver, seen):
        question(sqlite_store)
    (query,) = [words for words in seen if words.startswith("SELECT")]
    plan = [row[-1] for row in driver.execute(f"EXPLAIN QUERY PLAN {query}")]
    tables = [step.partition(" USING ")[2] for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert tuple(tables) == indexes, plan
