"""Routes that no mail reaches, found by asking the table about every mail there can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from bot.case.routing import Kind, Matter, Route, held_in_code
from bot.errors import Problem
from bot.notice.facts import Action, Right
from bot.settings.rules import RoutingFile
from bot.settings.text import Document

#: What a family of each kind is to the routing table: kind, warning, automated. Other kinds open no case.
_OPENS = {
    "notice": (Kind.NOTICE, False, False),
    "warning": (Kind.NOTICE, True, False),
    "account": (Kind.NOTICE, True, False),
    "suspected": (Kind.NOTICE, False, True),
    "court": (Kind.COURT, False, False),
    "evaluation": (Kind.EVALUATION, False, False),
}


def route_remarks(document: Document, model: RoutingFile, families: Mapping[str, str]) -> Iterator[Problem]:
    """`families`: name of each family that is on, to its kind."""
    routes = [route.value() for route in model.routes]
    matters = list(_matters(families))
    first: dict[str, list[Matter]] = {route.name: [] for route in routes}
    before: dict[str, dict[str, None]] = {route.name: {} for route in routes}
    for matter in matters:
        fit = [route for route in routes if route.fits(matter)]
        first[fit[0].name].append(matter)
        for route in fit[1:]:
            before[route.name][fit[0].name] = None
    for number, route in enumerate(routes):
        place = document.keys.get(("routes", number, "name"))
        taken = tuple(other.name for other in routes if other.name in before[route.name])
        if told := _remark(route, first[route.name], taken, last=route is routes[-1]):
            yield document.problem(told[0], place, told[1])


def _remark(
    route: Route, reached_by: list[Matter], taken_by: tuple[str, ...], *, last: bool
) -> tuple[str, str] | None:
    if not reached_by and last:
        return None  # the catch-all is there for mails that nobody thought of
    if not reached_by and not taken_by:
        return (
            f'no mail can fit route "{route.name}": its conditions never hold together',
            "Compare kinds, warning and automated with the kind of the families it means",
        )
    if not reached_by:
        names = ", ".join(f'"{name}"' for name in taken_by)
        return (
            f'route "{route.name}" is never reached: {names} above it takes every mail that fits it',
            "Move it up, or narrow what stands above",
        )
    if route.playbook is not None and all(map(held_in_code, reached_by)):
        return (
            f'route "{route.name}" names a playbook, but every mail that reaches it is held in any case',
            "Court matters, evaluations, account-level mail, automated findings, warnings and named lawyers "
            "are held; write hold: with a reason",
        )
    return None


def _matters(families: Mapping[str, str]) -> Iterator[Matter]:
    """Every combination that a mail of these families can be."""
    rights = (None, *(right.value for right in Right))
    actions = (None, *(action.value for action in Action))
    for name, kind in families.items():
        if kind not in _OPENS:
            continue
        what, warning, automated = _OPENS[kind]
        for right, action, counsel in product(rights, actions, (False, True)):
            yield Matter(
                kind=what,
                family=name,
                right=right,
                action=action,
                warning=warning,
                automated=automated,
                counsel=counsel,
            )
