"""Calendar dates as people write them: names of months in any language, figures in the order of a country."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.frozen import quick
from bot.mail.matching import Matcher, Phrasebook
from bot.mail.text import fold_words

#: How far a day that is written without its year may lie ahead before it is taken for one of last year.
_LEAST_YEAR, _LAST_YEAR = 2000, 2099


#: "12.3.", "2026-03", "3月": figures of a date; and a name of a month that is one word with them.
_FIGURES = re.compile(r"\d(?: ?[-/.年] ?\d| ?月|(?<![^\W_]\d)\d?[^\W\d_])")
_TIME_OF_DAY = re.compile(r"\d{1,2}(?:[:.]\d{2})?(?:h|uhr|pm|am|p\.m|a\.m)?")


@quick
@dataclass(frozen=True, slots=True)
class Written:
    """A date in a folded text; two days when its figures can be read in two ways, the earlier one first."""

    start: int
    end: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """Phrases around `{date}`, split: what must stand right before, and right behind."""

    pairs: tuple[tuple[str, str], ...]
    endings: tuple[str, ...]  #: one of these ends whatever stands right before, where anything must
    fillers: frozenset[str]  #: words that may stand in between: names of days, articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How dates are written in all languages at once."""

    months: Mapping[str, int]
    names: Matcher  #: of months
    pattern: Any

    def may_be_in(self, flow: str) -> bool:
        """Whether a date may stand in a folded text: the pattern is slow, and most mails have none."""
        return _FIGURES.search(flow) is not None or bool(self.names.likely_in(flow))


def calendar_of(months: Mapping[str, int], book: Phrasebook) -> Calendar:
    """Compile the names of months, which are folded."""
    names = "|".join(sorted(map(re.escape, months), key=len, reverse=True)) or "(?!)"
    year = r"(?:,? ?(?:de |del |van |)(?P<{}>\d{{4}}))?"
    ordinal = r"(?:st|nd|rd|th|\.|º|er|:a|:e|ª)?"
    return Calendar(
        months=months,
        names=book.matcher(months),
        pattern=re.compile(
            r"(?<![\d.,/-])(?<![a-z\u00df-\u024f])"
            r"(?:(?P<y1>\d{4}) ?[-/.年] ?(?P<m1>\d{1,2}) ?[-/.月] ?(?P<d1>\d{1,2})日?"
            r"|(?P<m5>\d{1,2})月(?P<d5>\d{1,2})日"
            r"|(?P<f1>\d{1,2})(?P<sep>[./-])[ ]?(?P<f2>\d{1,2})(?P=sep)[ ]?(?P<y2>\d{4}|\d{2})"
            rf"|(?P<d3>\d{{1,2}}){ordinal} ?(?:of |de |d')?(?P<n3>{names})(?!\w)\.?{year.format('y3')}"
            rf"|(?P<n4>{names})(?!\w)\.? (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?{year.format('y4')})(?!\d)"
        ),
    )


def introduced(phrases: Sequence[str], fillers: Sequence[str]) -> Introduced:
    """`until {date}` and its like, folded; a phrase without `{date}` is none."""
    pairs = []
    for phrase in phrases:
        before, found, after = phrase.partition("{date}")
        if found:
            pairs.append((fold_words(before), fold_words(after).rstrip("*")))
    forms = [form for before, _ in pairs for form in (before, _without_article(before)) if form]
    return Introduced(
        pairs=tuple(pairs),
        endings=tuple({form.rpartition("*")[2].strip() for form in forms}),
        fillers=frozenset(map(fold_words, fillers)),
    )


def dates_in(flow: str, calendar: Calendar, order: str | None, sent: date | None) -> Iterator[Written]:
    """Every date of a folded text. `order` is dmy, mdy or ymd, or None when it is not known."""
    for match in calendar.pattern.finditer(flow) if calendar.may_be_in(flow) else ():
        days = _days(match.groupdict(), calendar.months, order, sent)
        if days:
            yield Written(match.start(), match.end(), days)


def introduced_by(flow: str, written: Written, words: Introduced) -> tuple[int, int] | None:
    """The range of the date with the phrase around it, or None when none of the phrases is there."""
    lead = flow[max(0, written.start - 80) : written.start].rpartition("\n")[2]
    tail = flow[written.end : written.end + 60].partition("\n")[0]
    behind = tail.lstrip(" ,")
    for stage in _stages(lead, words.fillers):
        likely = stage.endswith(words.endings)  # most stages end in none, and there are a hundred phrases
        for before, after in words.pairs:
            ends = not before or (likely and _ends(stage, before))
            if not ends or (after and not behind.startswith(after)):
                continue
            start = written.start - (len(lead) - len(stage)) - len(before.rpartition("*")[2])
            end = written.end + (len(tail) - len(behind) + len(after) if after else 0)
            return max(0, start if before else written.start), end
    return None


def _stages(lead: str, fillers: frozenset[str]) -> Iterator[str]:
    """The words before a date, then without the names of days, articles and times of day at their end.

    Each stage is tried: what is an article in one language introduces the date in another.
    """
    lead = lead.rstrip(" ,(")
    yield lead
    for _ in range(8):
        word = lead.rpartition(" ")[2]
        bare = word.strip(".,()")
        if not word or (bare not in fillers and not _TIME_OF_DAY.fullmatch(bare)):
            return
        lead = lead[: len(lead) - len(word)].rstrip(" ,(")
        yield lead


def _ends(lead: str, phrase: str) -> bool:
    """Whether the words before end in the phrase; `*` stands for anything, an article may be missing."""
    return any(_ends_in(lead, form) for form in (phrase, _without_article(phrase)) if form)


def _ends_in(lead: str, phrase: str) -> bool:
    head, star, tail = phrase.rpartition("*")
    if not lead.endswith(tail.strip()):
        return False
    rest = lead[: len(lead) - len(tail.strip())]
    if star:
        return head.strip() in rest
    return not rest or not rest[-1].isalnum() or ord(phrase[0]) > 0x2E80


def _without_article(phrase: str) -> str:
    """`rientrerò il` is also said `rientrerò lunedì`; "" for a phrase of one word."""
    head, _, last = phrase.rpartition(" ")
    return head if len(last) <= 3 else ""


def _days(
    found: Mapping[str, str | None], months: Mapping[str, int], order: str | None, sent: date | None
) -> tuple[date, ...]:
    for year, month, day in (("y1", "m1", "d1"), (None, "m5", "d5"), ("y3", "n3", "d3"), ("y4", "n4", "d4")):
        if found[day]:
            name = found[month] or ""
            number = int(name) if name.isdigit() else months[name]
            return _one(found[year] if year else None, number, int(found[day] or 0), sent)
    first, second = int(found["f1"] or 0), int(found["f2"] or 0)
    if found["sep"] == "." or order in ("dmy", "ymd"):
        return _one(found["y2"], second, first, sent)
    if order == "mdy":
        return _one(found["y2"], first, second, sent)
    both = {*_one(found["y2"], second, first, sent), *_one(found["y2"], first, second, sent)}
    return tuple(sorted(both))


def _one(year: str | None, month: int, day: int, sent: date | None) -> tuple[date, ...]:
    """One day, or none when there is no such day; without a year the first one on or after the mail."""
    try:
        if year:
            number = int(year) + (2000 if len(year) == 2 else 0)
            return (date(number, month, day),) if _LEAST_YEAR <= number <= _LAST_YEAR else ()
        if sent is None:
            return ()
        this = date(sent.year, month, day)
        return (this if this >= sent else date(sent.year + 1, month, day),)
    except ValueError:
        return ()
