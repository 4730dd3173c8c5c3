"""Which notices may start an inquiry: an ordered list of routes, the first that fits wins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.case.reasons import Reason


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
        listed = (
            (self.kinds, matter.kind),
            (self.families, matter.family),
            (self.rights, matter.right),
            (self.actions, matter.action),
        )
        asked = (
            (self.warning, matter.warning),
            (self.automated, matter.automated),
            (self.counsel, matter.counsel),
        )
        return all(not wanted or value in wanted for wanted, value in listed) and all(
            wanted is None or wanted == value for wanted, value in asked
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The whole table; its last route is a catch-all."""

    routes: tuple[Route, ...]

    def choose(self, matter: Matter) -> Route:
        """The first route that fits."""
        return next(route for route in self.routes if route.fits(matter))
