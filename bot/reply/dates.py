"""Dates in running text: when somebody who is away comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.mail.text import fold_words

_NUMERIC = r"(\d{1,2})[./](\d{1,2})[./](\d{2,4})|(\d{4})-(\d{2})-(\d{2})"


def return_date(
    text: str, phrases: Sequence[str], months: Mapping[str, int], sent: date | None
) -> date | None:
    """The date behind one of the phrases (`until {date}`), its year taken from when the mail was sent.

    `text` is folded. A numeric date with slashes is ambiguous and is not read unless a part is above twelve.
    """
    names = "|".join(sorted(map(re.escape, months), key=len, reverse=True)) or "(?!)"
    spoken = (
        rf"(\d{{1,2}})(?:st|nd|rd|th|\.)? (?:of )?({names})\.?(?:,? (\d{{4}}))?"
        rf"|({names})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?"
    )
    for phrase in phrases:
        lead = re.escape(fold_words(phrase).replace("{date}", "").strip())
        match = re.search(
            rf"(?<!\w){lead}\s*(?:\w+day,? |the |montag,? |dienstag,? |mittwoch,? "
            rf"|donnerstag,? |freitag,? )?(?:{spoken}|{_NUMERIC})",
            text[:20_000],
        )
        found = _date(match.groups(), months, sent) if match else None
        if found is not None:
            return found
    return None


def _date(groups: Sequence[str | None], months: Mapping[str, int], sent: date | None) -> date | None:
    day1, month1, year1, month2, day2, year2, first, second, third, iso_y, iso_m, iso_d = groups
    try:
        if iso_y and iso_m and iso_d:
            return date(int(iso_y), int(iso_m), int(iso_d))
        if first and second and third:
            year = int(third) + (2000 if len(third) == 2 else 0)
            day, month = int(first), int(second)
            return date(year, day, month) if month > 12 else date(year, month, day)
        name, day_text, year_text = (month1, day1, year1) if month1 else (month2, day2, year2)
        if not name or not day_text:
            return None
        return _in_year(int(day_text), months[name], int(year_text) if year_text else None, sent)
    except ValueError:
        return None


def _in_year(day: int, month: int, year: int | None, sent: date | None) -> date | None:
    """Without a year: the first such day on or after the mail was sent."""
    if year is not None:
        return date(year, month, day)
    if sent is None:
        return None
    this = date(sent.year, month, day)
    return this if this >= sent else date(sent.year + 1, month, day)
