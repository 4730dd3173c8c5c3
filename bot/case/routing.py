"""Which notices may start an inquiry: the operator's ordered table from family to playbook or hold."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.case.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table; exactly one of `playbook` and `hold` is set."""

    family: str  #: a family name, or a pattern with `*`; the last line is the catch-all `*`
    playbook: str | None = None
    hold: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The whole table; the first line that matches decides."""

    routes: tuple[Route, ...]

    def route(self, family: str) -> Route:
        """The line for a family; a table without a catch-all holds what it does not name."""
        for line in self.routes:
            if fnmatchcase(family, line.family):
                return line
        return Route(family="*", hold=Reason.NOT_ROUTED)
