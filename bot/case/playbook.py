"""The ladder that a track walks: steps, each with an addressee, a template and a wait."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.case.model import PartyRole


class Unit(StrEnum):
    """In what a wait is counted; only business days need to know a country."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business days"


_UNITS = {
    "m": Unit.MINUTES,
    "min": Unit.MINUTES,
    "minute": Unit.MINUTES,
    "minutes": Unit.MINUTES,
    "h": Unit.HOURS,
    "hour": Unit.HOURS,
    "hours": Unit.HOURS,
    "d": Unit.DAYS,
    "day": Unit.DAYS,
    "days": Unit.DAYS,
    "business day": Unit.BUSINESS_DAYS,
    "business days": Unit.BUSINESS_DAYS,
}
_WAIT = re.compile(r"(?P<amount>[0-9]{1,9}) ?(?P<unit>[a-z]+(?: [a-z]+)?)")

#: No wait is longer than ten years, so that no sum leaves the range of a date.
_MOST = {Unit.MINUTES: 5_256_000, Unit.HOURS: 87_600, Unit.DAYS: 3_650, Unit.BUSINESS_DAYS: 2_500}


@dataclass(frozen=True, slots=True)
class Wait:
    """A length of time as a person writes it: `3 business days`, `72h`, `10 min`."""

    amount: int  #: zero or more
    unit: Unit

    def __str__(self) -> str:
        """As it is written in a file, in full words."""
        unit = self.unit.value.removesuffix("s") if self.amount == 1 else self.unit.value
        return f"{self.amount} {unit}"

    @classmethod
    def parse(cls, text: str) -> Wait:
        """Read `3 business days`, `72h`, `10 min`, `3 days`; raises ValueError with a sentence."""
        folded = " ".join(text.split()).lower()
        match = _WAIT.fullmatch(folded)
        unit = _UNITS.get(match["unit"]) if match else None
        if match is None or unit is None:
            raise ValueError(
                f'"{text}" is no length of time: expected a number and a unit, '
                "such as 3 business days, 2 days, 72h or 10 min"
            )
        amount = int(match["amount"])
        if amount > _MOST[unit]:
            raise ValueError(
                f'"{text}" is longer than {_MOST[unit]} {unit.value}, the most that can be waited'
            )
        return cls(amount, unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of the ladder: one letter to one party, and how long we then wait."""

    name: str
    to: PartyRole
    copy_amazon: bool
    template: str  #: file name in templates/<language tag>/, without its ending
    wait: Wait  #: counted from the moment the letter was accepted until the next step falls due


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """Steps in the order they are walked, and the numbers that go with them."""

    name: str
    steps: tuple[Step, ...]  #: at least one, names unique
    calendar: str  #: name of a calendar in rules/calendars, or "account": the seller account's own
    last_safe_margin: Wait  #: the last-safe date is the platform's deadline less this
    last_safe_default: Wait  #: counted from the notice when it names no limit; marked as ours
    reply_by: Wait  #: the date that a letter asks them to answer by, counted from its drafting
    good_for: Wait  #: how long a draft stays good
    letter_limit: int  #: letters to one complainant in one case

    @property
    def first(self) -> Step:
        """Where a track begins."""
        return self.steps[0]

    def step(self, name: str) -> Step:
        """The step of this name. Raises KeyError."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def after(self, name: str) -> Step | None:
        """The step that follows, or None after the last one. Raises KeyError for an unknown name."""
        position = self.steps.index(self.step(name))
        return self.steps[position + 1] if position + 1 < len(self.steps) else None
