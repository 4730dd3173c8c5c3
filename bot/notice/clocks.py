"""Time limits that a mail sets to us; waits of others, lives of records and holding periods are none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date

from bot.mail.dates import dates_in, introduced_by
from bot.mail.matching import Matcher
from bot.notice.facts import Deadline
from bot.notice.lexicon import Lexicon
from bot.notice.source import Source

_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n|[。！？]")
#: Shops where figures are read month first, and where both ways are in use.
_MONTH_FIRST, _EITHER_WAY = "amazon.com", ("amazon.ca", None)
#: No limit is set further ahead; a date beyond it is the life of a right or of a record.
_FURTHEST = 400


def deadline_of(
    source: Source,
    lexicon: Lexicon,
    sent: date | None = None,
    language: str | None = None,
    shop: str | None = None,
) -> Deadline | None:
    """The first time limit set to us: so many days, or a day of the calendar after the mail was sent.

    The order of a date in figures is that of the language, else of the shop; where neither tells, the earlier
    day is taken and the other one is named beside it.
    """
    spans = _in_days(source, lexicon)
    named = _on_a_day(source, lexicon, sent, order_of(lexicon, language, shop)) if sent else None
    if spans is None or named is None:
        return spans or named
    return min(spans, named, key=lambda deadline: deadline.span.start)


def names_a_day(source: Source, lexicon: Lexicon) -> bool:
    """Whether a date of the calendar stands in it: only then the language matters to its time limits."""
    calendar, flow = lexicon.dates.calendar, source.folded.flow
    return calendar.may_be_in(flow) and calendar.pattern.search(flow) is not None


def order_of(lexicon: Lexicon, language: str | None, shop: str | None) -> str | None:
    """dmy, mdy or ymd; None when a date in figures must be asked about."""
    order = lexicon.dates.orders.get(language or "")
    if order or shop in _EITHER_WAY:
        return order
    return "mdy" if shop == _MONTH_FIRST else "dmy"


def _in_days(source: Source, lexicon: Lexicon) -> Deadline | None:
    limits, flow = lexicon.limits, source.folded.flow
    for limit in limits.in_flow(flow):
        if _is_not_ours(limits.not_ours, flow, limit.start, limit.end):
            continue
        number = _number(limit.number, limits.numbers)
        if number is not None:
            days, business = limits.units[limit.unit]
            place = source.folded.place(limit.start, limit.end)
            return Deadline(
                days=max(1, math.ceil(number * days)), business=business, span=source.span(*place)
            )
    return None


def _on_a_day(source: Source, lexicon: Lexicon, sent: date, order: str | None) -> Deadline | None:
    flow = source.folded.flow
    for written in dates_in(flow, lexicon.dates.calendar, order, sent):
        place = introduced_by(flow, written, lexicon.dates.until)
        ahead = [day for day in written.days if 0 <= (day - sent).days <= _FURTHEST]
        if place is None or not ahead or lexicon.limits.not_ours.found_in(_sentence(flow, *place)[1]):
            continue
        return Deadline(
            days=(ahead[0] - sent).days,
            business=False,
            span=source.span(*source.folded.place(*place)),
            until=ahead[0],
            unclear=ahead[1] if len(ahead) > 1 else None,
        )
    return None


def _number(written: str, numbers: Mapping[str, int]) -> int | None:
    first = written.split("(")[0].strip()
    return int(first) if first.isdigit() else numbers.get(first)


#: A number right behind "the last" or "最近": how old a document may be.
_AGE = re.compile(r"[ ]{0,2}\d{2,3}(?!\d)")
#: Right before it: "les 365 derniers jours".
_AGE_BEFORE = re.compile(r"(?<!\d)\d{2,3}[ ]{0,2}$")


def _is_not_ours(words: Matcher, flow: str, start: int, end: int) -> bool:
    """Whether the sentence speaks of other waits; the age of a document elsewhere in it says nothing."""
    begin, sentence = _sentence(flow, start, end)
    for low, high in words.all(sentence):
        age = _AGE.match(sentence, high) or _AGE_BEFORE.search(sentence, max(0, low - 6), low)
        elsewhere = begin + high < start or begin + low >= end
        if age is None or not elsewhere or begin + low <= start < begin + age.end():
            return True
    return False


def _sentence(flow: str, start: int, end: int) -> tuple[int, str]:
    """The sentence around a place, with its offset."""
    before = 0
    for stop in _SENTENCE_END.finditer(flow, max(0, start - 400), start):
        before = stop.end()
    after = _SENTENCE_END.search(flow, end)
    begin = max(before, start - 400)
    return begin, flow[begin : after.start() if after else min(len(flow), end + 300)]
