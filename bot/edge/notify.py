"""Tells a person by a line in the log; mail, command and webhook follow with the set-up."""

from __future__ import annotations

import structlog

from bot.ports import AlertKind

log = structlog.get_logger()

_URGENT = (AlertKind.IN_DOUBT, AlertKind.INTAKE_STOPPED, AlertKind.STOP_SWITCH, AlertKind.DEADLINE)


class LogNotifier:
    """`bot.ports.Notifier` in the log: enough for a daemon whose queue is looked at."""

    def tell(self, kind: AlertKind, account_id: str, text: str) -> None:
        """One line, at the level that fits its urgency."""
        (log.warning if kind in _URGENT else log.info)(text, alert=kind.value, account=account_id)
