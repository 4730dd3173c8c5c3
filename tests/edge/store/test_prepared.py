"""A prepared statement does what SQLAlchemy does with it: types both ways, names, its own constants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, create_engine, insert, select, update

from bot.edge.store.prepared import Prepared
from bot.edge.store.schema import metadata, stopped_address

AT = datetime(2026, 3, 2, 9, 0, 0, 250, tzinfo=UTC)
INSERT = Prepared(insert(stopped_address))
ALL = Prepared(select(stopped_address).where(stopped_address.c.tenant_id == bindparam("of_tenant")))
ONE = Prepared(
    select(stopped_address.c.why)
    .where(stopped_address.c.tenant_id == bindparam("of_tenant"))
    .order_by(stopped_address.c.address)
    .limit(bindparam("at_most"))
)
MOVE = Prepared(
    update(stopped_address).where(
        stopped_address.c.tenant_id == 1, stopped_address.c.address == bindparam("of_address")
    )
)


def a_stop(address: str, why: str = "they asked") -> dict[str, object]:
    return {"tenant_id": 1, "address": address, "at": AT, "by": "Ada", "why": why}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as made:
        metadata.create_all(made)
        INSERT.write(made, a_stop("a@one.example"), a_stop("b@two.example", "no\0ne\ud800"))
        yield made
    engine.dispose()


def test_values_come_back_as_ours(connection: Connection) -> None:
    first, second = ALL.all(connection, {"of_tenant": 1})
    assert (first.address, first.at, first.by) == ("a@one.example", AT, "Ada")
    assert second.why == "no\ufffdne\ufffd"


def test_it_is_what_sqlalchemy_reads(connection: Connection) -> None:
    rows = connection.execute(select(stopped_address).order_by(stopped_address.c.address)).all()
    assert [tuple(row) for row in rows] == [tuple(row) for row in ALL.all(connection, {"of_tenant": 1})]


def test_a_limit_and_its_constant(connection: Connection) -> None:
    assert ONE.value(connection, {"of_tenant": 1, "at_most": 1}) == "they asked"
    assert len(ONE.all(connection, {"of_tenant": 1, "at_most": 5})) == 2
    assert ONE.value(connection, {"of_tenant": 2, "at_most": 1}) is None
    assert ONE.first(connection, {"of_tenant": 2, "at_most": 1}) is None


def test_a_write_says_how_many(connection: Connection) -> None:
    gone = {"of_address": "nobody@else.example", "why": "later"}
    here = {"of_address": "a@one.example", "why": "later"}
    assert MOVE.write(connection, gone) == 0
    assert MOVE.write(connection, here, gone) == 1
    assert ONE.value(connection, {"of_tenant": 1, "at_most": 1}) == "later"


def test_each_set_of_columns_is_its_own(connection: Connection) -> None:
    MOVE.write(connection, {"of_address": "a@one.example", "why": "first"})
    MOVE.write(connection, {"of_address": "a@one.example", "by": "Bo"})
    row = ALL.first(connection, {"of_tenant": 1})
    assert row is not None
    assert (row.by, row.why) == ("Bo", "first")


def test_what_is_not_given_is_missed(connection: Connection) -> None:
    with pytest.raises(KeyError, match="of_tenant"):
        ALL.all(connection, {})
    with pytest.raises(KeyError, match="at_most"):
        ONE.all(connection, {"of_tenant": 1})
