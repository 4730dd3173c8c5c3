"""What rule files say and cannot mean: rules never reached, steps that cannot fire, names nothing fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from bot.draft.templates import TemplateSet
from bot.errors import Problem
from bot.notice.answers import AnswersFile
from bot.notice.labels import LabelsFile
from bot.reading.families import FamilyFile
from bot.settings.lint_families import family_remarks, lost_labels
from bot.settings.lint_routes import route_remarks
from bot.settings.lint_steps import playbook_remarks
from bot.settings.lint_templates import template_remarks
from bot.settings.rules import PlaybookFile, PolicyFile, RoutingFile
from bot.settings.text import Document
from bot.settings.values import Policy

#: Files by name below rules/, each with its document for the places.
Rules = Mapping[str, tuple[Document, BaseModel]]


def remarks(rules: Rules, templates: TemplateSet, shown: Mapping[str, str]) -> tuple[Problem, ...]:
    """Every remark about a set of files without mistakes, by file and line.

    `shown`: key of a template (`en/inquiry`) to its path as a person knows it.
    """
    found = (
        *_of_readers(rules),
        *_of_playbooks(rules),
        *_untested(rules),
        *template_remarks(
            [model for _, model in rules.values() if isinstance(model, PlaybookFile)], templates, shown
        ),
    )
    return tuple(sorted(found, key=lambda one: (one.path, one.line or 0, one.column or 0)))


def _of_readers(rules: Rules) -> Iterator[Problem]:
    families = {
        _stem(name): (document, model)
        for name, (document, model) in rules.items()
        if isinstance(model, FamilyFile)
    }
    labels = [(document, model) for document, model in rules.values() if isinstance(model, LabelsFile)]
    yield from family_remarks(families, [model for _, model in labels])
    yield from lost_labels(labels)
    for document, model in rules.values():
        if isinstance(model, RoutingFile):
            kinds = {name: family.kind for name, (_, family) in families.items() if not family.off}
            yield from route_remarks(document, model, kinds)


def _of_playbooks(rules: Rules) -> Iterator[Problem]:
    policy: Policy | None = next(
        (model.value() for _, model in rules.values() if isinstance(model, PolicyFile)), None
    )
    for name, (document, model) in rules.items():
        if isinstance(model, PlaybookFile) and policy is not None:
            yield from playbook_remarks(document, model.value(_stem(name), policy))


def _untested(rules: Rules) -> Iterator[Problem]:
    for document, model in rules.values():
        if isinstance(model, LabelsFile | AnswersFile | RoutingFile) and not model.tests:
            yield document.problem(
                "nothing tests this file", (1, 1), "Add a mail under tests:, see docs/rules.md"
            )
        if isinstance(model, FamilyFile) and len({test.matches for test in model.tests}) < 2:
            yield document.problem(
                "nothing tests what fits this family and what does not",
                document.keys.get(("tests",)) or (1, 1),
                "Add one mail that fits and one with matches: false",
            )


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".yaml")
