"""Every family passes the tests it carries, and mistakes in one are refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.mail.authentication import Proof, Verdict
from bot.mail.parse import parse_message
from bot.reading.families import FamilyFile
from bot.reading.look import view_of
from bot.reading.rules import ReadingRules

PROVEN = Verdict(proven=True, proof=Proof.ALIGNED, domain="amazon.com", authserv_id="mx")


def test_every_family_passes_its_own_tests(rules: ReadingRules) -> None:
    for family in rules.families:
        assert any(test.matches for test in family.file.tests), family.name
        for test in family.file.tests:
            raw = (
                f"From: {test.from_}\nSubject: {test.subject}\nContent-Type: "
                f"text/plain; charset=utf-8\n\n{test.text}"
            )
            view = view_of(parse_message(raw.encode()), PROVEN, rules, frozenset())
            got = view.family is not None and view.family.name == family.name
            assert got is test.matches, (family.name, test.text, view.family and view.family.name)


@pytest.mark.parametrize(
    "when",
    [
        {"of": "text"},
        {"contains": ["x"]},
        {"of": "text", "contains": ["x"], "regex": ["y"]},
        {"of": "text", "regex": ["("]},
        {"of": "text", "regex": [r"\b商標\b"]},
        {"of": "body", "contains": ["x"]},
        {"of": "says", "contains": ["cuort"]},
        {"of": "labels", "is": ["asin"]},
        {},
    ],
)
def test_a_condition_that_means_nothing_is_refused(when: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FamilyFile.model_validate({"kind": "notice", "order": 1, "when": when})
