"""Who may write as the daemon: each raises a number when it starts, and must still hold it to write.

The lock of the state folder (`bot.edge.lock`) keeps a second daemon out as long as both see the same file.
The number here holds where that ends: a lock file taken away, a folder seen through two mounts. It lies in
the database itself, is compared within each transaction that writes, and only ever grows.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, insert, update

from bot.edge.store import statements as asked
from bot.edge.store.schema import counter
from bot.errors import LeaseLost, StoreInUse

#: A daemon that gave no sign of life for so long counts as dead.
DEAD_AFTER = timedelta(minutes=3)

_NUMBER, _ALIVE = "lease", "lease-alive"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def take(connection: Connection, tenant_id: int, now: datetime, *, alone: bool) -> int:
    """Raise the number, and say that we live; the number. Raises StoreInUse when another daemon lives.

    `alone`: the lock file proves that the one before us is dead, so its last sign of life does not count.
    """
    alive = _read(connection, tenant_id, _ALIVE)
    silent = now - (_EPOCH + alive * _MICROSECOND)
    if alive and not alone and timedelta() <= silent < DEAD_AFTER:
        raise StoreInUse(
            "another daemon works on this state: it does not hold the lock here, but gave a sign of life "
            f"{int(silent.total_seconds())} seconds ago. Stop that one first; if it died, start again in "
            f"{int(DEAD_AFTER.total_seconds() // 60)} minutes"
        )
    number = _read(connection, tenant_id, _NUMBER) + 1
    _write(connection, tenant_id, _NUMBER, number)
    renew(connection, tenant_id, now)
    return number


def hold(connection: Connection, tenant_id: int, number: int) -> None:
    """Raises LeaseLost when a later daemon has raised the number."""
    if _read(connection, tenant_id, _NUMBER) != number:
        raise LeaseLost(
            "another daemon has taken this state over, so this one writes and sends nothing any more and "
            "ends; see to it that only one is started"
        )


def renew(connection: Connection, tenant_id: int, now: datetime) -> None:
    """A sign of life."""
    _write(connection, tenant_id, _ALIVE, (now - _EPOCH) // _MICROSECOND)


def let_go(connection: Connection, tenant_id: int) -> None:
    """The next daemon need not wait."""
    _write(connection, tenant_id, _ALIVE, 0)


def _read(connection: Connection, tenant_id: int, name: str) -> int:
    return asked.COUNTER.value(connection, {"of_tenant": tenant_id, "of_name": name}) or 0


def _write(connection: Connection, tenant_id: int, name: str, value: int) -> None:
    here = and_(counter.c.tenant_id == tenant_id, counter.c.name == name)
    if connection.execute(update(counter).where(here).values(last=value)).rowcount == 0:
        connection.execute(insert(counter).values(tenant_id=tenant_id, name=name, last=value))
