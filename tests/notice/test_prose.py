"""Who complains in sentences without labels, and who does not although an address of theirs stands there."""

from __future__ import annotations

import pytest

from bot.notice.extract import Surroundings, extract
from bot.notice.facts import Complainant
from bot.notice.prose import spoken_contact
from bot.notice.source import source_of
from bot.reading.look import surroundings
from bot.reading.rules import ReadingRules


@pytest.fixture(scope="module")
def around(rules: ReadingRules) -> Surroundings:
    return surroundings(rules, frozenset({"shop@marwen.example"}), "amazon.com")


def spoken(text: str, around: Surroundings) -> Complainant | None:
    return spoken_contact(source_of("1", text), around.lexicon, around.barred)


@pytest.mark.parametrize(
    ("text", "name", "firm"),
    [
        (
            "Hello,\n\nTorvald Skis AB told us that your listing uses its mark. The trademark owner may take"
            " this back: please write to Ms Ingrid Falk (ingrid@torvald.example).",
            "Ingrid Falk",
            "Torvald Skis AB",
        ),
        (
            "Hallo,\n\ndie Moorland & Söhne GmbH meldet eine Verletzung. Wenden Sie sich an Herrn Uwe Tann"
            " (u.tann@moorland.example). Der Rechteinhaber muss uns selbst schreiben.",
            "Uwe Tann",
            "Moorland & Söhne GmbH",
        ),
    ],
)
def test_an_address_in_a_sentence_is_shown_with_doubt(
    text: str, name: str, firm: str, around: Surroundings
) -> None:
    contact = spoken(text, around)
    assert contact is not None
    assert contact.name is not None
    assert contact.organisation is not None
    assert (contact.name.value, contact.organisation.value) == (name, firm)
    assert all(found.doubtful for found in (*contact.addresses, contact.name, contact.organisation))


@pytest.mark.parametrize(
    "text",
    [
        "The rights owner complained. For translations of this mail write to Anna Bell (anna@words.example).",
        "The rights owner complained. Your account belongs to Anna Bell (anna@shop.example).",
        "The rights owner complained. Write to Ann Oak (a@one.example) or Bo Elm (b@two.example).",
        "Write to Ann Oak (a@one.example) about the delivery.",
        "The rights owner complained; see info@one.example for more.",
    ],
)
def test_nobody_is_made_a_complainant_by_an_address_alone(text: str, around: Surroundings) -> None:
    assert spoken(text, around) is None


@pytest.mark.parametrize(
    ("text", "firm"),
    [
        (
            "Alder Tools Ltd says that it is its mark.\n\nRights owner email: x@alder.example",
            "Alder Tools Ltd",
        ),
        ("Alder Tools Ltd and Birch Inc. say so.\n\nRights owner email: x@alder.example", None),
        ("Hello Alder Tools Ltd,\n\nRights owner email: x@birch.example", None),
        ("Title: Lamp of Alder Tools Ltd\n\nRights owner email: x@birch.example", None),
        ("It was reported by Amazon Services GmbH.\n\nRights owner email: x@birch.example", None),
    ],
)
def test_the_one_firm_spoken_of(text: str, firm: str | None, around: Surroundings) -> None:
    (complaint,) = extract(source_of("1", text), around).complaints
    assert complaint.complainant is not None
    found = complaint.complainant.organisation
    assert (found.value if found else None) == firm


def test_lines_that_a_flattened_mail_has_lost(around: Surroundings) -> None:
    text = (
        "Hello, we removed a listing. "
        + "You can reach us in Seller Central. " * 10
        + "These are the rights "
        "owner's contact details: -- Dora Arkel -- dora@arkel.example -- (415) 555-0126 What happens if I"
        " do not? ASIN: B0AAAAAAA1 Complaint ID: 17600000001 You can view your account in Seller Central."
    )
    (complaint,) = extract(source_of("1", text), around).complaints
    assert complaint.complainant is not None
    assert [found.value for found in complaint.complainant.addresses] == ["dora@arkel.example"]
    assert [found.value for found in complaint.complainant.phones] == ["(415) 555-0126"]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("ASIN: B0AAAAAAA1\nName: Runner Shoes\nComplaint ID: 17600000001\nEmail: x@firm.example", []),
        ("Rights owner\nAlder Tools Ltd\nx@alder.example\nTel. +1 206 555 0192", ["Alder Tools Ltd"]),
        (
            "You can write to them directly:\nAlder Tools Ltd\nRights owner email: x@alder.example",
            ["Alder Tools Ltd"],
        ),
        ("Shipment name: Dora Arkel\nEmail: x@alder.example", ["Dora Arkel"]),
    ],
)
def test_what_is_no_name(lines: str, names: list[str], around: Surroundings) -> None:
    (complaint,) = extract(source_of("1", lines), around).complaints
    people = [complaint.complainant, *complaint.others]
    found = [one for person in people if person for one in (person.name, person.organisation) if one]
    assert [one.value for one in found] == names


def test_a_firm_without_a_legal_form_is_called_one(around: Surroundings) -> None:
    text = (
        "La société Verrerie des Trois Vallées nous reproche d'utiliser sa marque.\n\n"
        "Plaignant : Gwenaël Le Bihan, gwenael@verrerie.example\n"
        "ASIN : B0AAAAAAA1\nN° de plainte : 17600000001"
    )
    who = extract(source_of("1", text), around).complaints[0].complainant
    assert who is not None
    assert who.organisation is not None
    assert who.organisation.value == "Verrerie des Trois Vallées"


def test_an_address_that_is_not_to_be_used_any_more_is_nobodys(around: Surroundings) -> None:
    text = (
        "ASIN: B0AAAAAAA1\nComplaint ID: 17600000001\n"
        "Rights owner: Farrow Candles Ltd, brand@farrow.example\n"
        "Until June the rights owner was heard at old@formerlaw.example; "
        "please do not use that address."
    )
    facts = extract(source_of("1", text), around)
    people = [facts.complaints[0].complainant, *facts.complaints[0].others]
    assert [one.value for who in people if who for one in who.addresses] == ["brand@farrow.example"]
