"""What no file shows alone: names in one file that another must have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

import holidays
from pydantic import BaseModel

from bot.draft.templates import TemplateSet
from bot.errors import Problem
from bot.settings.rules import ACCOUNT_CALENDAR, CalendarFile, PlaybookFile, RoutingFile
from bot.settings.text import Document, Loc
from bot.settings.values import Settings

_MOST_LISTED = 30
#: Rule files by name, each with its document for the places.
Rules = Mapping[str, tuple[Document, BaseModel]]


def inconsistencies(
    settings: Settings | None,
    settings_document: Document,
    rules: Rules,
    files: Collection[str],
    templates: TemplateSet,
) -> tuple[Problem, ...]:
    """Names that lead nowhere: playbooks, calendars, countries, families and templates.

    `files`: names of all effective rule files, broken ones too: that a file is broken is told once.
    """
    language = settings.default_language if settings else "en"
    return (
        *(_accounts(settings, settings_document, files) if settings else ()),
        *(problem for document, model in rules.values() for problem in _rule(document, model, files)),
        *(
            problem
            for document, model in rules.values()
            if isinstance(model, PlaybookFile)
            for problem in _steps(document, model, templates, language)
        ),
    )


def _names(files: Collection[str], folder: str) -> set[str]:
    start = f"{folder}/"
    return {name[len(start) : -len(".yaml")] for name in files if name.startswith(start)}


def _nowhere(document: Document, loc: Loc, what: str, name: str, known: set[str]) -> Problem:
    near = get_close_matches(name, sorted(known), 1)
    listed = f"There are: {', '.join(sorted(known)) or 'none'}" if len(known) <= _MOST_LISTED else None
    hint = f"Did you mean {near[0]}?" if near else listed
    return document.problem(f'there is no {what} "{name}"', document.values.get(loc), hint)


def _accounts(settings: Settings, document: Document, files: Collection[str]) -> Iterator[Problem]:
    calendars = _names(files, "calendars")
    for account in settings.accounts:
        loc = ("accounts", account.name)
        yield from _country(document, loc, account.country, account.subdivision)
        if account.calendar is not None and account.calendar not in calendars:
            yield _nowhere(document, (*loc, "calendar"), "calendar", account.calendar, calendars)


def _country(document: Document, loc: Loc, country: str, subdivision: str | None) -> Iterator[Problem]:
    known = holidays.list_supported_countries()
    if country not in known:
        yield _nowhere(document, (*loc, "country"), "country with known holidays called", country, set(known))
    elif subdivision is not None and subdivision not in known[country]:
        regions = set(known[country])
        yield _nowhere(document, (*loc, "subdivision"), f"subdivision of {country}", subdivision, regions)


def _rule(document: Document, model: BaseModel, files: Collection[str]) -> Iterator[Problem]:
    if isinstance(model, CalendarFile):
        yield from _country(document, (), model.country, model.subdivision)
    elif isinstance(model, PlaybookFile):
        calendars = _names(files, "calendars")
        if model.calendar != ACCOUNT_CALENDAR and model.calendar not in calendars:
            yield _nowhere(document, ("calendar",), "calendar", model.calendar, calendars)
    elif isinstance(model, RoutingFile):
        yield from _routes(document, model, files)


def _routes(document: Document, model: RoutingFile, files: Collection[str]) -> Iterator[Problem]:
    playbooks, families = _names(files, "playbooks"), _names(files, "families")
    for number, route in enumerate(model.routes):
        loc = ("routes", number)
        if route.playbook is not None and route.playbook not in playbooks:
            yield _nowhere(document, (*loc, "playbook"), "playbook", route.playbook, playbooks)
        for position, family in enumerate(route.when.families):
            if family not in families:
                yield _nowhere(document, (*loc, "when", "families", position), "family", family, families)


def _steps(
    document: Document, model: PlaybookFile, templates: TemplateSet, language: str
) -> Iterator[Problem]:
    for number, step in enumerate(model.steps):
        template = step.template or step.name
        if templates.find(template, language) is None:
            loc = ("steps", number, "name" if step.template is None else "template")
            yield document.problem(
                f'there is no template "{template}" in the default language ({language})',
                document.values.get(loc),
                f"Write templates/{language}/{template}.txt",
            )
