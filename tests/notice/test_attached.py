"""Complainants whom only a letter, a structured notice or a signature names; and what cannot be read is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.message import Part, Span
from bot.notice.attached import completed, signed_below
from bot.notice.extract import Facts, Surroundings, extract
from bot.notice.facts import Found
from bot.notice.signed import signed_contact
from bot.notice.source import source_of
from bot.notice.structured import read_structured
from bot.reading.look import surroundings
from bot.reading.rules import ReadingRules

NOTICE = "We removed some of your listings.\nASIN: B0CATX7777\nComplaint ID: 17200300402\n"
TWO = NOTICE + "\n-----\n\nASIN: B0CATX8888\nComplaint ID: 17200300403\n"


@pytest.fixture(scope="module")
def around(rules: ReadingRules) -> Surroundings:
    return surroundings(rules, frozenset({"shop@marwen.example"}), "amazon.com")


def letter(text: str, kind: str = "text/plain", number: str = "2") -> Part:
    return Part(
        number=number, content_type=kind, filename="letter", attachment=True, text=text, size=1, sha256=""
    )


def read(text: str, around: Surroundings, *letters: Part) -> Facts:
    source = source_of("1", text)
    facts = completed(extract(source, around), letters, "1", around)
    return signed_below(facts, signed_contact(source, around.lexicon, around.barred))


def addresses(facts: Facts) -> list[list[str]]:
    return [
        [found.value for found in complaint.complainant.addresses] if complaint.complainant else []
        for complaint in facts.complaints
    ]


def test_a_letter_names_the_complainant(around: Surroundings) -> None:
    facts = read(NOTICE, around, letter("Rights owner: Ada Quill\nEmail: ada@quill.example\n"))
    assert addresses(facts) == [["ada@quill.example"]]
    assert facts.complaints[0].complainant is not None
    assert facts.complaints[0].complainant.addresses[0].span.part == "2"


def test_the_mail_itself_wins_over_its_letter(around: Surroundings) -> None:
    text = NOTICE + "Rights owner email: own@quill.example\n"
    assert addresses(read(text, around, letter("Email: other@quill.example\n"))) == [["own@quill.example"]]


def test_each_complaint_gets_the_party_that_the_letter_names_for_it(around: Surroundings) -> None:
    text = (
        "Complaint ID: 17200300403\nRights owner email: second@b.example\n\n-----\n\n"
        "Complaint ID: 17200300402\nRights owner email: first@a.example\n"
    )
    assert addresses(read(TWO, around, letter(text))) == [["first@a.example"], ["second@b.example"]]


def test_two_parties_for_one_complaint_are_nobody(around: Surroundings) -> None:
    """Whose address it is cannot be told: none is taken."""
    signed = "Regards\nAda\nada@quill.example\n\nRegards\nBen\nben@stone.example\n"
    assert addresses(read(NOTICE, around, letter(signed))) == [[]]


def test_a_signature_is_read_with_doubt(around: Surroundings) -> None:
    text = (
        NOTICE + "\nThe rights owner wrote:\nPlease remove it.\n\nAda Quill\nQuill Ltd\nada@quill.example\n"
    )
    facts = read(text, around)
    assert addresses(facts) == [["ada@quill.example"]]
    who = facts.complaints[0].complainant
    assert who is not None
    assert who.addresses[0].doubtful
    assert who.name is not None
    assert who.name.value == "Ada Quill"


@pytest.mark.parametrize(
    "below",
    [
        "Questions? Our partner\nhelp@lingua.example\n",  # nobody spoke of an owner
        "The rights owner has asked.\n\nOther sellers: rival@shop.example\n",
        "The rights owner has asked.\n\nyour account: me@other.example\n",
        "The rights owner has asked.\n\nnoreply@quill.example\n",
        "The rights owner has asked.\n\nhelp@lingua.example\n",  # under no name
        "The rights owner asked.\n\nIf this mail is hard to read you may also ask help@lingua.example for a text.\n",
        "The rights owner has asked.\n\nada@quill.example\n\nben@stone.example\n",
    ],
)
def test_nobody_else_signs(below: str, around: Surroundings) -> None:
    assert addresses(read(NOTICE + "\n" + below, around)) == [[]]


ACNS = (
    '<?xml version="1.0"?><Infringement xmlns="http://www.acns.net/ACNS"><Complainant>'
    "<Entity>Quill &amp; Sons</Entity><Contact>Ada Quill</Contact><Email>ada@quill.example</Email>"
    "</Complainant><Service_Provider><Email>us@marwen.example</Email></Service_Provider><Source>"
    "<URL>https://www.amazon.com/dp/B0CATX7777</URL></Source></Infringement>"
)


def test_acns(around: Surroundings) -> None:
    source = source_of("2", ACNS)
    found = read_structured(source, around.barred)
    assert found is not None
    assert found.complainant is not None
    assert found.complainant.organisation is not None
    assert found.complainant.organisation.value == "Quill & Sons"
    assert [one.value for one in found.complainant.addresses] == ["ada@quill.example"]
    assert [one.value for one in found.asins] == ["B0CATX7777"]
    for one in (*found.asins, *found.complainant.addresses):
        assert source.text[one.span.start : one.span.end] == one.span.text


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ACNS.replace("Ada Quill", "&a;"),
        '<!doctype x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + ACNS.replace("Ada Quill", "&b;"),
        ACNS.replace("<Complainant>", '<!ENTITY a "b"><Complainant>'),
    ],
)
def test_a_document_that_declares_anything_is_not_read(declared: str, around: Surroundings) -> None:
    assert read_structured(source_of("2", declared), around.barred) is None


def test_an_unknown_entity_stays_as_it_is_written(around: Surroundings) -> None:
    found = read_structured(source_of("2", ACNS.replace("Ada Quill", "&a; Quill")), around.barred)
    assert found is not None
    assert found.complainant is not None
    assert found.complainant.name is not None
    assert found.complainant.name.value == "&a; Quill"


@pytest.mark.parametrize(
    "document",
    [
        {"xarf_version": "4.0.0", "reporter": {"org": "Quill", "contact": "ada@quill.example"}},
        {
            "Version": "3",
            "ReporterInfo": {"ReporterOrg": "Quill", "ReporterContactEmail": "ada@quill.example"},
        },
        {"Version": "2", "Reporter": {"ReporterOrg": "Quill", "ReporterContactEmail": "ada@quill.example"}},
    ],
)
def test_xarf(document: object, around: Surroundings) -> None:
    found = read_structured(source_of("2", json.dumps(document)), around.barred)
    assert found is not None
    assert found.complainant is not None
    assert [one.value for one in found.complainant.addresses] == ["ada@quill.example"]


@pytest.mark.parametrize("text", ["{}", "[1]", "{", '{"a": 1}', "<html><body>x</body></html>", "plain"])
def test_what_is_no_structured_notice(text: str, around: Surroundings) -> None:
    assert read_structured(source_of("2", text), around.barred) is None


def test_amazons_and_our_addresses_are_never_taken_from_a_structured_notice(around: Surroundings) -> None:
    for address in ("notice@amazon.com", "shop@marwen.example", "noreply@quill.example"):
        found = read_structured(source_of("2", ACNS.replace("ada@quill.example", address)), around.barred)
        assert found is not None
        assert found.complainant is not None
        assert found.complainant.addresses == ()


# ---------------------------------------------------------------------- a value without a place


@pytest.mark.parametrize(
    "wrong",
    [
        {"part": "", "start": 0, "end": 1, "text": "a"},
        {"part": "1", "start": -1, "end": 0, "text": "a"},
        {"part": "1", "start": 2, "end": 2, "text": ""},
        {"part": "1", "start": 0, "end": 3, "text": "a"},
    ],
)
def test_a_place_that_is_none_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no place"):
        Span(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "confidence"), [("", 1.0), (" ", 1.0), ("a", 0.0), ("a", 1.1)])
def test_a_value_that_is_none_cannot_be_made(value: str, confidence: float) -> None:
    with pytest.raises(ValueError, match="no value"):
        Found(value=value, span=Span(part="1", start=0, end=1, text="a"), confidence=confidence)


# ruff: noqa: E501
PIECES = st.sampled_from(
    [
        "ASIN", "ASIN:", "Complaint ID:", "Beschwerde-ID", "17200300402", "B0CATX7777", "\n", "\n\n", " | ", "-- ",
        "Rights owner:", "Email", "ada@quill.example", "ada [at] quill [dot] example", "Quill Ltd", "+44 20 7946 0188",
        "by 14 March 2026", "03/04/2026", "within 7 days", "Trademark number:", "1234567", ":", ",", "権利者：", "\u3000",
        "*", "“”", "Infringement type: Trademark", "—", "c/o", "ﬁ", "İ",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES | st.text(max_size=8), max_size=25))
def test_every_value_stands_where_it_says(around: Surroundings, pieces: list[str]) -> None:
    """Whatever the text: each value has its place in it, and nothing is raised."""
    source = source_of("1", " ".join(pieces))
    facts = read(source.text, around)
    people = [c.complainant for c in facts.complaints if c.complainant]
    found = [
        *facts.complaint_ids,
        *facts.asins,
        *(listing.title for c in facts.complaints for listing in c.listings if listing.title),
        *(number.number for c in facts.complaints for number in c.numbers),
        *(mark for c in facts.complaints for mark in c.marks),
        *(one for who in people for one in (*who.addresses, *who.phones)),
        *(one for who in people for one in (who.name, who.organisation) if one),
    ]
    spans = [one.span for one in found] + ([facts.deadline.span] if facts.deadline else [])
    for span in spans:
        assert source.text[span.start : span.end] == span.text
