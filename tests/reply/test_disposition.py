"""What an answer comes to; an offer, a condition or a denial is no retraction."""

from __future__ import annotations

from datetime import date

import pytest

from bot.mail.text import fold
from bot.reading.rules import ReadingRules
from bot.reply.dates import return_date
from bot.reply.disposition import judge


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We have withdrawn the complaint this morning.", "retracted"),
        ("Wir haben die Beschwerde heute zurückgenommen.", "retracted"),
        ("I have asked Amazon to close the complaint.", "retracted"),
        ("We have not withdrawn the complaint.", None),
        ("If the complaint has been withdrawn, tell us.", None),
        ("Once you pay USD 500 the complaint will be withdrawn.", "settlement"),
        ("We will not withdraw the complaint.", "refused"),
        ("Wir halten an unserer Beschwerde fest.", "refused"),
        ("Please send us copies of your purchase invoices.", "needs_info"),
        ("The complaint rests on our trademark.", "reason_given"),
        ("We act for Dunlow Toys. Direct all further communication to us.", "represented"),
        ("We represent Dunlow Toys and demand payment of EUR 900.", "settlement"),
        ("Thank you for your message.", None),
        ("", None),
    ],
)
def test_disposition(text: str, name: str | None, rules: ReadingRules) -> None:
    judged = judge(fold(text), rules.lexicon.reply)
    assert (judged.name if judged else None) == name


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("i am away until 3 november and", date(2025, 11, 3)),
        ("bis zum 16. januar nicht im büro", date(2026, 1, 16)),
        ("until 31 february", None),
        ("until further notice", None),
    ],
)
def test_return_date(text: str, day: date | None, rules: ReadingRules) -> None:
    phrases = [phrase for file in rules.lexicon.answers for phrase in file.returns]
    assert return_date(text, phrases, rules.lexicon.months, date(2025, 10, 27)) == day
