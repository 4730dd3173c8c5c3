"""An independent book: from the script, the servers and the person alone, when which draft must be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.soak.script import HOLIDAYS, STEPS, ZONE

_ZONE = ZoneInfo(ZONE)
_DAY = timedelta(days=1)
INQUIRY, ESCALATION = STEPS[0][0], STEPS[-1][0]


def after_business_days(start: datetime, days: int) -> datetime:
    """The same time of day, on the wall of the seller's zone, so many business days later."""
    local = start.astimezone(_ZONE)
    day = local.date()
    while days:
        day += _DAY
        days -= day.weekday() < 5 and day not in HOLIDAYS
    return datetime.combine(day, local.time(), tzinfo=_ZONE).astimezone(UTC)


@dataclass(slots=True)
class Entry:
    """What is known of one complaint."""

    written: int = 0  #: letters to the complainant that the server took
    due: dict[str, datetime] = field(default_factory=dict)  #: by step, when its draft must be there
    drafted: set[str] = field(default_factory=set)  #: steps whose draft was seen since they are due

    @property
    def step(self) -> str:
        """The step that comes next towards the complainant, or to Amazon after the last of those."""
        return STEPS[self.written][0]


@dataclass
class Book:
    """Told what happened outside, and asked at each look whether every draft is right."""

    entries: dict[str, Entry] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    latest: timedelta = timedelta(0)  #: how long after its moment a draft was seen at most
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    # ------------------------------------------------------------------------------------ what happened

    def complained(self, complaint_id: str, at: datetime) -> None:
        """Its notice was delivered: the inquiry is due as soon as the mailbox can be read."""
        self.entries[complaint_id] = Entry(due={INQUIRY: at})

    def accepted(self, complaint_id: str, at: datetime, *, to_amazon: bool) -> None:
        """The server took a letter about it: the next step waits from this moment."""
        entry = self.entries[complaint_id]
        if to_amazon:
            entry.due.pop(ESCALATION, None)
            return
        step, wait = STEPS[entry.written]
        entry.written += 1
        entry.due.pop(step, None)
        if entry.step != ESCALATION or ESCALATION not in entry.due:
            entry.due[entry.step] = after_business_days(at, wait)

    def stopped(self, complaint_id: str, step: str | None = None) -> None:
        """Somebody answered or a letter came back: nothing comes by itself; with `step`, not this one."""
        entry = self.entries[complaint_id]
        for name in [step] if step else list(entry.due):
            entry.due.pop(name, None)

    def resumed(self, complaint_id: str, step: str, at: datetime) -> None:
        """A person lets it go on: this letter is due at once."""
        entry = self.entries[complaint_id]
        entry.due[step] = at
        entry.drafted.discard(step)

    def away(self, complaint_id: str, returns_on: date) -> None:
        """A machine says until when: a reminder waits for the day after, the step to Amazon keeps its day."""
        entry = self.entries[complaint_id]
        step = entry.step
        due = entry.due.get(step)
        if due is None or step in entry.drafted or step == ESCALATION or ESCALATION in entry.due:
            return
        later = due + max((returns_on + _DAY - due.date()).days, 0) * _DAY
        amazon = due
        for _, wait in STEPS[entry.written : -1]:
            amazon = after_business_days(amazon, wait)
        if due < later < amazon:
            entry.due |= {step: later, ESCALATION: amazon}

    # ------------------------------------------------------------------------------------------- a look

    def look(self, seen: Iterable[tuple[str, str, str]], at: datetime) -> None:
        """All drafts that wait now, by complaint, step and letter; called when the daemon is at rest.

        A draft that nothing asks for, or not yet, is early; one that is due and not there is missed.
        """
        for draft in seen:
            if draft not in self._seen:
                self._seen.add(draft)
                self._new(draft[0], draft[1], at)
        for complaint_id, entry in self.entries.items():
            for step, due in list(entry.due.items()):
                if due <= at and step not in entry.drafted:
                    self._note("missed", f"{complaint_id}: {step} was due {due}, and is not there at {at}")
                    entry.drafted.add(step)  # told once

    def _new(self, complaint_id: str, step: str, at: datetime) -> None:
        entry = self.entries.get(complaint_id)
        due = entry.due.get(step) if entry else None
        if entry is None or due is None:
            self._note("early", f"{complaint_id}: a draft of {step} at {at} that nothing asks for")
            return
        if at < due:
            self._note("early", f"{complaint_id}: {step} is due {due}, and was there at {at}")
        self.count[step] += 1
        self.latest = max(self.latest, at - due)
        entry.drafted.add(step)

    def _note(self, kind: str, what: str) -> None:
        self.count[kind] += 1
        self.wrong.append(what)
