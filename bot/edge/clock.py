"""The clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

#: Seconds after which a wait looks at the wall clock again: it may have been set, or the machine slept.
GLANCE = 60.0


class SystemClock:
    """Fulfils `Clock`."""

    def __init__(self, glance: float = GLANCE) -> None:
        """`glance`: seconds between two looks at the wall clock while waiting."""
        self._glance = glance

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 -- this is the Clock port

    async def wait(self, until: datetime | None, doorbell: asyncio.Event, *, soft: datetime | None) -> None:
        """Return when `until` or `soft` has come or the doorbell rang (and clear the doorbell).

        The event loop counts in monotonic time, which knows of no clock change; so no single sleep is longer
        than a glance, and what is due is judged by the wall clock each time.
        """
        import asyncio  # not above: a command that only asks the time does without

        moments = [moment for moment in (until, soft) if moment is not None]
        end = min(moments, default=None)
        while True:
            left = self._glance if end is None else (end - self.now()).total_seconds()
            if left <= 0 and not doorbell.is_set():
                return
            try:
                async with asyncio.timeout(max(0.0, min(left, self._glance))):
                    await doorbell.wait()
            except TimeoutError:
                continue
            doorbell.clear()
            return
