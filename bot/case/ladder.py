"""A playbook bound to the calendar that counts its waits for one seller account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.case.calendar import Calendar
from bot.case.playbook import Playbook, Step, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What `decide` walks: the steps, and when each falls due."""

    playbook: Playbook
    calendar: Calendar

    @property
    def name(self) -> str:
        """Name of the playbook."""
        return self.playbook.name

    @property
    def letter_limit(self) -> int:
        """Letters to one complainant in one case."""
        return self.playbook.letter_limit

    def after(self, step: str) -> Step | None:
        """The step that follows, or None after the last one. Raises KeyError for an unknown name."""
        return self.playbook.after(step)

    def falls_due(self, step: str, accepted_at: datetime) -> datetime:
        """When the step after this one falls due, its letter having been accepted then."""
        return self.calendar.add(accepted_at, self.playbook.step(step).wait)

    def clocks(self, received_at: datetime, limit: Wait | None) -> tuple[datetime | None, datetime]:
        """The platform's deadline (None when the notice names no limit) and the last-safe date."""
        if limit is None:
            return None, self.calendar.add(received_at, self.playbook.last_safe_default)
        deadline = self.calendar.add(received_at, limit)
        return deadline, max(received_at, self.calendar.subtract(deadline, self.playbook.last_safe_margin))
