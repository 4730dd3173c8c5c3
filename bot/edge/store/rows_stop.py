"""SQL about addresses that nobody may be written to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert

from bot.draft.stops import StoppedAddress
from bot.edge.store import statements as asked
from bot.edge.store.schema import stopped_address


@dataclass(frozen=True, slots=True)
class StopRows:
    """Stops within one transaction of one tenant."""

    connection: Connection
    tenant_id: int

    def every(self) -> tuple[StoppedAddress, ...]:
        """By address."""
        rows = asked.STOPS.all(self.connection, {"of_tenant": self.tenant_id})
        return tuple(StoppedAddress(address=row.address, at=row.at, by=row.by, why=row.why) for row in rows)

    def put(self, stopped: StoppedAddress) -> None:
        """In place of one that is there."""
        self.remove(stopped.address)
        self.connection.execute(insert(stopped_address).values(tenant_id=self.tenant_id, **asdict(stopped)))

    def remove(self, address: str) -> bool:
        """Whether there was one."""
        here = (stopped_address.c.tenant_id == self.tenant_id, stopped_address.c.address == address)
        return self.connection.execute(delete(stopped_address).where(*here)).rowcount > 0
