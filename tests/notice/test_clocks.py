"""Limits on a day of the calendar: the order of figures follows language and shop, and doubt is named."""

from __future__ import annotations

from datetime import date

import pytest

from bot.notice.clocks import deadline_of
from bot.notice.source import source_of
from bot.reading.rules import ReadingRules

SENT = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "language", "shop", "until", "unclear"),
    [
        ("Reply by 14 March 2026.", "en", "amazon.com", date(2026, 3, 14), None),
        ("Reply by March 14th, 2026.", "en", "amazon.com", date(2026, 3, 14), None),
        ("Reply by 03/04/2026.", "en", "amazon.com", date(2026, 3, 4), None),
        ("Reply by 03/04/2026.", "en", "amazon.co.uk", date(2026, 4, 3), None),
        ("Reply by 03/04/2026.", "en", "amazon.ca", date(2026, 3, 4), date(2026, 4, 3)),
        ("Reply by 03/04/2026.", "en", None, date(2026, 3, 4), date(2026, 4, 3)),
        ("Reply by 03/25/2026.", "en", None, date(2026, 3, 25), None),
        ("Reply by 2026-04-03.", "en", None, date(2026, 4, 3), None),
        ("Antwort bis zum 03.04.2026 erbeten.", "de", "amazon.com", date(2026, 4, 3), None),
        ("Antwort bis zum 3. April erbeten.", "de", "amazon.de", date(2026, 4, 3), None),
        ("Odpowiedź prosimy przesłać do dnia 3 kwietnia 2026 r.", "pl", "amazon.pl", date(2026, 4, 3), None),
        ("Svara senast den 3 april 2026.", "sv", "amazon.se", date(2026, 4, 3), None),
        ("Reageer uiterlijk op 3 april 2026.", "nl", "amazon.nl", date(2026, 4, 3), None),
        ("3 Nisan 2026 tarihine kadar yanıt verin.", "tr", "amazon.com.tr", date(2026, 4, 3), None),
    ],
)
def test_a_day_is_read(
    text: str, language: str, shop: str | None, until: date, unclear: date | None, rules: ReadingRules
) -> None:
    found = deadline_of(source_of("1", text), rules.lexicon, SENT, language, shop)
    assert found is not None
    assert (found.until, found.unclear, found.days) == (until, unclear, (until - SENT).days)
    assert text[found.span.start : found.span.end] == found.span.text


@pytest.mark.parametrize(
    "text",
    [
        "The complaint was filed on 14 March 2026.",
        "Your funds will be held until 14 March 2026.",
        "Reply by 14 March 2020.",
        "Reply by 31 February 2026.",
        "The patent runs until 14 March 2031.",
        "Order 113-4409127-8861035 by 1/2",
    ],
)
def test_what_sets_us_no_limit(text: str, rules: ReadingRules) -> None:
    assert deadline_of(source_of("1", text), rules.lexicon, SENT, "en", "amazon.com") is None


def test_without_the_day_of_the_mail_no_day_is_read(rules: ReadingRules) -> None:
    assert deadline_of(source_of("1", "Reply by 14 March 2026."), rules.lexicon) is None


@pytest.mark.parametrize(
    "text",
    [
        "If after 90 days without an answer we have heard nothing, we will dispose of the goods.",
        "Nach 90 Tagen ohne Antwort werden wir den Bestand entsorgen.",
    ],
)
def test_silence_runs_too(text: str, rules: ReadingRules) -> None:
    found = deadline_of(source_of("1", text), rules.lexicon, SENT)
    assert found is not None
    assert found.days == 90
