"""Which notices may start an inquiry: an ordered list of routes, the first that fits wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.case.reasons import Reason

#: `bot.notice.facts.Action` values that concern the whole account.
_ACCOUNT_LEVEL = ("account_risk", "funds_held")


class Kind(StrEnum):
    """What a mail that can open a case is about."""

    NOTICE = "notice"
    COURT = "court"  #: a court order or service of process
    EVALUATION = "evaluation"  #: Amazon's patent evaluation (APEX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What routing looks at, as plain values."""

    kind: Kind
    family: str
    right: str | None  #: a `bot.notice.facts.Right` value
    action: str | None = None  #: a `bot.notice.facts.Action` value
    warning: bool = False
    automated: bool = False
    counsel: bool = False  #: a lawyer is named as the contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table. An empty condition fits everything; all conditions must fit."""

    name: str
    kinds: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    warning: bool | None = None
    automated: bool | None = None
    counsel: bool | None = None
    playbook: str | None = None  #: exactly one of playbook and hold is set
    hold: Reason | None = None

    @property
    def catch_all(self) -> bool:
        """True when every matter fits."""
        lists = (self.kinds, self.families, self.rights, self.actions)
        return not any(lists) and self.warning is None and self.automated is None and self.counsel is None

    def fits(self, matter: Matter) -> bool:
        """True when no condition speaks against it."""
        return not any(True for _ in self.against(matter))

    def against(self, matter: Matter) -> Iterator[tuple[str, frozenset[str], str]]:
        """Conditions that speak against it, in the order of the file: name, what they want, what there is."""
        listed = (
            ("kinds", self.kinds, matter.kind),
            ("families", self.families, matter.family),
            ("rights", self.rights, matter.right),
            ("actions", self.actions, matter.action),
        )
        for name, wanted, value in listed:
            if wanted and value not in wanted:
                yield name, wanted, value or ""
        asked = (
            ("warning", self.warning, matter.warning),
            ("automated", self.automated, matter.automated),
            ("counsel", self.counsel, matter.counsel),
        )
        for name, required, is_so in asked:
            if required is not None and required is not is_so:
                yield name, frozenset((str(required).lower(),)), str(is_so).lower()


def held_in_code(matter: Matter) -> Reason | None:
    """Why no inquiry may follow, whatever any rules file says; None when routing decides."""
    rules: tuple[tuple[bool, Reason], ...] = (
        (matter.kind is Kind.EVALUATION, Reason.PATENT_EVALUATION),
        (matter.kind is Kind.COURT, Reason.COURT_MATTER),
        (matter.action in _ACCOUNT_LEVEL, Reason.ACCOUNT_LEVEL),
        (matter.automated, Reason.AUTOMATED_NOTICE),
        (matter.warning, Reason.PAGE_WARNING),
        (matter.counsel, Reason.COUNSEL_NAMED),
    )
    return next((reason for applies, reason in rules if applies), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The whole table; its last route is a catch-all."""

    routes: tuple[Route, ...]

    def choose(self, matter: Matter) -> Route:
        """The first route that fits."""
        return next(route for route in self.routes if route.fits(matter))
