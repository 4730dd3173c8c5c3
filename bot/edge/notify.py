"""Tells a person by a line in the log, which is always written; `bot.edge.alerts` tells by other ways too."""

from __future__ import annotations

import structlog

from bot.ports import AlertKind

log = structlog.get_logger()

URGENT = (
    AlertKind.INTAKE_STOPPED,
    AlertKind.DEADLINE_PASSED,
    AlertKind.DEADLINE_NEAR,
    AlertKind.LAST_SAFE,
    AlertKind.IN_DOUBT,
    AlertKind.STOP_SWITCH,
    AlertKind.BOUNCE,
)


class LogNotifier:
    """`bot.ports.Notifier` in the log: enough for a daemon whose queue is looked at."""

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """One line, at the level that fits its urgency; the log takes local parts out of addresses itself."""
        more = {name: value for name, value in (("item", item), ("detail", detail)) if value}
        (log.warning if kind in URGENT else log.info)(text, alert=kind.value, account=account_id, **more)
