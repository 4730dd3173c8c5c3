"""Letters that could not be written, found by filling each with a complaint that lacks one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bot.case.model import PartyRole
from bot.draft.templates import Plain, TemplateSet
from bot.errors import Problem
from bot.settings.rules import PlaybookFile

Values = dict[str, Plain]

_DAY = date(2026, 3, 2)


def template_remarks(
    playbooks: Sequence[PlaybookFile], templates: TemplateSet, shown: Mapping[str, str]
) -> Iterator[Problem]:
    """One remark for each thing that a notice may lack and a template cannot do without."""
    told: set[tuple[str, str]] = set()
    for playbook in playbooks:
        for number, step in enumerate(playbook.steps):
            name = step.template or step.name
            full = _values(first=number == 0, to=step.to)
            for language in templates.languages:
                key = f"{language}/{name}"
                if templates.source(name, language) is None or key not in shown:
                    continue
                for lacking, why in _lacking(templates, name, language, full):
                    if (key, lacking) not in told:
                        told.add((key, lacking))
                        yield Problem(
                            path=shown[key],
                            line=1,
                            message=f"this letter cannot be written {lacking}: {why}",
                            hint="Ask first: {% if name %} … {% endif %}",
                        )


def _lacking(templates: TemplateSet, name: str, language: str, full: Values) -> Iterator[tuple[str, str]]:
    if obstacle := templates.obstacle(name, language, full):
        yield "at all", obstacle
        return
    for lacking, values in _variants(full):
        if obstacle := templates.obstacle(name, language, values):
            yield lacking, obstacle


def _variants(full: Values) -> Iterator[tuple[str, Values]]:
    """The same values without one thing that a notice may lack; gaps of the profile are asked for anyway."""
    complaint = full["complaints"]
    assert isinstance(complaint, list)
    one = complaint[0]
    for key, empty, lacking in (
        ("id", None, "when the notice names no complaint ID"),
        ("right", None, "when the notice names no right"),
        ("numbers", [], "when the notice names no number of the right"),
        ("marketplace", None, "when the notice names no marketplace"),
    ):
        yield lacking, {**full, "complaints": [{**one, key: empty}], **({"ids": []} if key == "id" else {})}
    untitled = {**one, "listings": [{"asin": "B0CQ4T7LM1", "title": None}]}
    yield "when the notice names no title of the listing", {**full, "complaints": [untitled]}
    unlisted: Values = {**one, "listings": [], "asins": []}
    yield "when the notice names no listing", {**full, "complaints": [unlisted]}
    yield "when the notice names no person", {**full, "contact_name": ""}
    yield "when the notice names no firm", {**full, "organisation": ""}
    nowhere: list[Plain] = [{"address": None, "complaints": ["17480001001"]}]
    yield "when the notice names no address for withdrawals", {**full, "retractions": nowhere}
    yield "when nothing is left open", {**full, "questions": []}


def _values(*, first: bool, to: PartyRole) -> Values:
    """Everything that a letter of this step is filled with, nothing missing."""
    record = to is PartyRole.AMAZON
    attempt: Plain = {"day": _DAY, "step": "inquiry", "fate": "accepted", "returned": None}
    return {
        "complaints": [
            {
                "id": "17480001001",
                "right": "trademark",
                "numbers": ["6,204,118"],
                "listings": [{"asin": "B0CQ4T7LM1", "title": "Folding Step Stool"}],
                "asins": ["B0CQ4T7LM1"],
                "noticed": _DAY,
                "marketplace": "amazon.com",
                "store": "Marwen Home",
            }
        ],
        "count": 1,
        "listing_count": 1,
        "ids": ["17480001001"],
        "contact_name": "Ilse Marten",
        "contact_address": "ilse.marten@martenhome.example",
        "contact_in_notice": True,
        "organisation": "Marten Home",
        "questions": [{"name": name, "only": []} for name in ("right", "element", "proof")],
        "cc_amazon": True,
        "retractions": [{"address": "notice-retraction@amazon.com", "complaints": ["17480001001"]}],
        "seller": {
            "legal_name": "Marwen Household Ltd",
            "address_lines": ["3 Tannery Lane", "United Kingdom"],
            "signatory": "Tess Marwen",
            "address": "shop@marwen.example",
        },
        "stores": [{"marketplace": "amazon.com", "name": "Marwen Home"}],
        "previous": [] if first else [_DAY],
        "first_subject": "" if first else "Your report to Amazon",
        "attempts": [attempt] if record else [],
        "answers": [_DAY] if record else [],
        "reply_by": _DAY,
        "today": _DAY,
    }
