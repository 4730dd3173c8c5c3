"""A shipped letter has nothing to find; each thing that can go wrong is found by its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.case.model import NumberFact, PartyRole
from bot.draft.lint import ERRORS, WARNINGS, WORD_CATEGORIES, LintRules, errors, lint
from bot.draft.model import Letter
from bot.draft.write import write_letter
from tests.draft.letters import PROFILE, TEMPLATES, case, escalation, request, several
from tests.draft.test_write import SAMPLES

WORDS = YAML(typ="safe").load((Path(__file__).parents[2] / "rules" / "words.yaml").read_text("utf-8"))
RULES = LintRules(
    words=WORDS,
    own_addresses=(PROFILE.sending_address, "kopie@nordlicht.example"),
    denied=("stopped@brindlecove.example",),
    amazon_domains=("amazon.example",),
)


def letter(**changes: object) -> Letter:
    written = write_letter(request())
    assert isinstance(written, Letter)
    return replace(written, **changes)  # type: ignore[arg-type]


def names(one: Letter, cases: tuple = (case(),)) -> set[str]:
    return {finding.name for finding in lint(one, cases, RULES)}


@pytest.mark.parametrize("tag", ["en", "de"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_shipped_letters_have_no_findings(sample, tag):
    wanted = SAMPLES[sample](tag)
    written = write_letter(wanted)
    assert isinstance(written, Letter)
    found = lint(written, [member.case for member in wanted.cases], RULES)
    without_amazon = {"no-copy-to-amazon"} if wanted.cases[0].case.facts.amazon_address is None else set()
    assert {finding.name for finding in found} == without_amazon


def test_the_words_file_has_every_category_in_every_language():
    assert set(WORDS) == set(TEMPLATES.languages)
    assert all(set(categories) == WORD_CATEGORIES for categories in WORDS.values())
    assert set(WARNINGS) >= WORD_CATEGORIES


BODY = letter().body
WRONG = {
    "empty-field": {"subject": " "},
    "unfilled-field": {"body": BODY + "Dear {{ name }}"},
    "control-character": {"subject": "a\x07b"},
    "bidi-character": {"body": BODY + "\u202egnp.exe"},
    "link": {"body": BODY + "see https://nordlicht.example/x"},
    "complaint-id-unknown": {"body": BODY + "Complaint ID: 99999999999"},
    "complaint-id-missing": {"body": BODY.replace("17340981265", "")},
    "asin-unknown": {"body": BODY + "B0AAAAAAAA"},
    "recipient-not-in-notice": {"to": "else@brindlecove.example"},
    "copy-not-in-notice": {"cc": ("boss@brindlecove.example",)},
    "recipient-denied": {"to": "stopped@brindlecove.example"},
    "no-copy-to-amazon": {"cc": ()},
    "long-line": {"body": BODY + "x" * 999},
    "admission": {"body": BODY + "We admit it."},
    "apology": {"body": BODY + "Das tut uns\nleid."},
    "undertaking": {"body": BODY + "We undertake to stop."},
    "supplier": {"body": BODY + "Our supplier is in Poland."},
    "accusation": {"body": BODY + "Your false report"},
    "threat": {"body": BODY + "Wir behalten uns rechtliche Schritte vor."},
    "money": {"body": BODY + "a settlement"},
    "attachment": {"body": BODY + "Please find attached"},
}


def test_every_finding_is_tried():
    assert set(WRONG) == {*ERRORS, *WARNINGS}


@pytest.mark.parametrize("name", WRONG)
def test_each_finding_is_found(name):
    found = [finding for finding in lint(letter(**WRONG[name]), [case()], RULES) if finding.name == name]
    assert found
    assert found[0].error is (name in ERRORS)
    assert found[0].sentence.startswith((ERRORS | WARNINGS)[name])
    blocking = errors(letter(**WRONG[name]), [case()], RULES)
    assert [finding for finding in blocking if finding.name == name] == (found if name in ERRORS else [])


@pytest.mark.parametrize(
    "address",
    [
        "amazon@nordlicht.example",
        "Amazon@Nordlicht.example",
        "no-reply@brindlecove.example",
        "brand-bounces@brindlecove.example",
        "x@host.invalid",
        "notice@amazon.example",
        "notice@eu.amazon.example",
    ],
)
def test_addresses_that_may_not_be_written_to(address):
    assert "recipient-denied" in names(letter(to=address))


def test_amazon_may_be_written_to_as_amazon():
    wanted = escalation()
    written = write_letter(wanted)
    assert isinstance(written, Letter)
    assert written.party is PartyRole.AMAZON
    assert lint(written, [wanted.cases[0].case], RULES) == ()


def test_one_of_several_ids_missing():
    wanted = request(cases=several())
    written = write_letter(wanted)
    assert isinstance(written, Letter)
    cut = replace(written, body=written.body.replace("17340981267", "…"))
    assert [finding.detail for finding in lint(cut, several(), RULES)] == ["17340981267"]


def test_a_phone_number_is_no_complaint_id():
    assert names(letter(body=BODY + "Tel. +49 40 123456789\n")) == set()


def test_the_number_of_the_right_is_no_complaint_id():
    cases = (case(numbers=(NumberFact(kind="trademark", number="018 123 456", office=None),)),)
    assert names(letter(body=BODY + "Complaint ID 17340981265, no. 018123456\n"), cases) == set()


def test_errors_come_first():
    found = lint(letter(body=BODY + "We admit it, see www.nordlicht.example"), [case()], RULES)
    assert [finding.error for finding in found] == [True, False]
