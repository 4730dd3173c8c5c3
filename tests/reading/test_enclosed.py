"""A letter that a person's mail only encloses counts as far as the mail itself leaves things open."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from bot.reading.model import CourtOrEvaluation, Disposition, LegalLetter, Other, Reply
from bot.reading.read import ReadingContext, read

DEMAND = """We act for Marten Home Ltd, owner of EU trade mark 018402217.
You sell copies under ASIN B0CQ4T7LM1.

Sign the undertaking and let us have it no later than 26 October 2026.

Corin Vale
Vale & Partners LLP
"""


def mail(body: str, letter: str, *, head: dict[str, str] | None = None) -> bytes:
    message = EmailMessage()
    message["From"] = "Corin Vale <c.vale@valepartners.example>"
    message["To"] = "shop@marwen.example"
    message["Date"] = "Mon, 12 Oct 2026 10:00:00 +0000"
    message["Subject"] = "Our letter of today"
    for name, value in (head or {}).items():
        message[name] = value
    message.set_content(body)
    message.add_attachment(letter, filename="letter.txt")
    return message.as_bytes()


def test_a_demand_that_stands_only_in_the_letter(pinned: ReadingContext) -> None:
    reading = read(mail("Please find our letter enclosed.\n\nCorin Vale\n", DEMAND), pinned).reading
    assert isinstance(reading, LegalLetter)
    assert reading.deadline is not None
    assert reading.deadline.days == 14
    answer = reading.answer
    assert answer is not None
    assert answer.disposition is Disposition.SETTLEMENT
    assert [found.value for found in answer.asins] == ["B0CQ4T7LM1"]
    assert [number.number.value for number in answer.numbers] == ["018402217"]
    assert answer.writer is not None
    assert answer.writer.organisation is not None
    assert answer.writer.organisation.value == "Vale & Partners LLP"
    assert answer.writer.addresses[0].value == "c.vale@valepartners.example"


def test_the_letter_demands_what_counsel_only_announces(pinned: ReadingContext) -> None:
    body = "We act for Marten Home Ltd and enclose our letter on its trademark.\n\nCorin Vale\n"
    reading = read(mail(body, DEMAND), pinned).reading
    assert isinstance(reading, LegalLetter)
    assert reading.answer is not None
    assert reading.answer.disposition is Disposition.SETTLEMENT


@pytest.mark.parametrize(
    ("letter", "disposition"),
    [
        ("Complaint 17600145521 stands: we will not withdraw it.", Disposition.REFUSED),
        ("We have withdrawn complaint 17600145521.", Disposition.NONE),
    ],
)
def test_a_withdrawal_counts_only_in_the_mail_itself(
    letter: str, disposition: Disposition, pinned: ReadingContext
) -> None:
    body = "About complaint 17600145521: see our letter.\n\nCorin Vale\n"
    reading = read(mail(body, letter), pinned).reading
    assert isinstance(reading, Reply)
    assert reading.disposition is disposition


def test_what_the_mail_says_is_not_replaced(pinned: ReadingContext) -> None:
    body = "We will not withdraw complaint 17600145521.\n\nCorin Vale\n"
    reading = read(mail(body, "Please send us your invoices."), pinned).reading
    assert isinstance(reading, Reply)
    assert reading.disposition is Disposition.REFUSED


def test_papers_of_a_court_in_a_letter(pinned: ReadingContext) -> None:
    papers = (
        "You have been sued. We are counsel for the plaintiff, Marten Home Ltd, which asserts U.S. Trademark"
        " Registration No. 5,771,903. You are hereby served with the summons and complaint.\n"
    )
    reading = read(mail("Please see the attachment.\n", papers), pinned).reading
    assert isinstance(reading, CourtOrEvaluation)
    assert not reading.evaluation


@pytest.mark.parametrize(
    ("head", "letter"),
    [
        ({}, "Agenda of the meeting on Monday, with coffee."),
        ({"List-Unsubscribe": "<https://news.valepartners.example>"}, DEMAND),
    ],
)
def test_ordinary_mail_with_an_attachment_stays_ordinary(
    head: dict[str, str], letter: str, pinned: ReadingContext
) -> None:
    assert isinstance(read(mail("Please see below.\n", letter, head=head), pinned).reading, Other)
