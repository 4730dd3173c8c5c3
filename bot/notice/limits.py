"""How time limits are written, in all languages at once: `within {n} {unit}` and its like.

There are hundreds of ways to say it and a text names few units of time. So it is searched for the units that
it names; in front of one stands a number, and what stands before and behind both is compared with the ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.mail.matching import Matcher, Phrasebook
from bot.mail.text import fold_words
from bot.notice.labels import LabelsFile

#: "48h", "7日": a unit that is one word with its figures.
_UNIT_BEHIND_FIGURES = re.compile(r"(?<![^\W_])\d{1,3}(?=[^\W\d_])")
_FIGURES = re.compile(r"[0-9]{1,3}\Z")
#: "ninety (90) days": the number once more.
_AGAIN = re.compile(r" ?\([0-9a-z]{1,10}\)\Z")
#: "on" is ten in Turkish, and the end of many words.
_NOT_IN_A_WORD = r"(?<![0-9a-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff])"
_BEGINS = re.compile(_NOT_IN_A_WORD)
#: Characters before a number in which the beginning of a limit is looked for.
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit in a folded text; while it is looked for, its number and unit alone."""

    start: int
    end: int
    number: str  #: as written: "90", "ninety", "ninety (90)"
    unit: str  #: as the label files have it


@dataclass(frozen=True, slots=True)
class _Way:
    """What is said before a number, and behind its unit."""

    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None


class Limits:
    """Phrases of time limits, and what their number and unit words mean."""

    def __init__(self, files: Sequence[LabelsFile], silence: Sequence[str], book: Phrasebook) -> None:
        """`silence` are limits that run while nobody answers."""
        self.numbers: dict[str, int] = {}
        self.units: dict[str, tuple[float, bool]] = {}  #: unit word → days for one, business
        limits: list[str] = list(silence)
        not_ours: list[str] = []
        for file in files:
            words = file.deadline
            self.numbers.update({fold_words(word): value for word, value in words.numbers.items()})
            for names, days, business in (
                (words.business_days, 1.0, True),
                (words.days, 1.0, False),
                (words.weeks, 7.0, False),
                (words.months, 30.0, False),
                (words.hours, 1 / 24, False),
            ):
                self.units.update({fold_words(name): (days, business) for name in names})
            limits += words.limits
            not_ours += words.not_ours
        self.not_ours: Matcher = book.matcher(not_ours)
        # Each limit by its own words, whatever the number and the unit.
        self._limits: dict[str, list[str]] = {}
        for limit in dict.fromkeys(map(fold_words, limits)):
            spoken = fold_words(f"{limit.replace('{n}', '*').replace('{unit}', '*')}*")
            self._limits.setdefault(spoken, []).append(limit)
        self._spoken = book.matcher(self._limits)
        self._in_units = book.matcher(f"{unit}*" for unit in self.units)

    def in_flow(self, flow: str) -> Iterator[Limit]:
        """Every limit in a folded text, one after the other."""
        likely = self._spoken.likely_in(flow)
        if not likely:
            return
        lengths = self._lengths(flow)
        if not lengths:
            return
        ways = [way for phrase in likely for way in self._ways[phrase.text]]
        done = 0
        for length in lengths:
            found = [limit for way in ways if (limit := _limit(flow, length, way)) is not None]
            first = min(found, key=lambda limit: (limit.start, -limit.end), default=None)
            if first is not None and first.start >= done:
                done = first.end
                yield first

    def _lengths(self, flow: str) -> list[Limit]:
        """Every number with a unit behind it."""
        units: dict[int, str] = {}  # where it begins → the longest that stands there
        for phrase in self._in_units.likely_in(flow):
            place = phrase.find(flow)
            while place is not None:
                start, unit = place[0], phrase.text[:-1]
                if len(unit) > len(units.get(start, "")):
                    units[start] = unit
                place = phrase.find(flow, place[1])
        for figures in _UNIT_BEHIND_FIGURES.finditer(flow):
            start = figures.end()
            units.setdefault(start, next((u for u in self._longest_first if flow.startswith(u, start)), ""))
        lengths = [self._length(flow, start, unit) for start, unit in sorted(units.items()) if unit]
        return [length for length in lengths if length is not None]

    def _length(self, flow: str, start: int, unit: str) -> Limit | None:
        stop = start - (flow[max(0, start - 1) : start] in (" ", "-"))
        again = _AGAIN.search(flow, max(0, stop - 13), stop) if flow[max(0, stop - 1) : stop] == ")" else None
        end = again.start() if again is not None else stop
        figures = _FIGURES.search(flow, max(0, end - 3), end)
        if figures is not None:
            begin = figures.start()
        else:
            words = (end - length for length in self._number_lengths if length <= end)
            begin = next((low for low in words if flow[low:end] in self.numbers), -1)
        return Limit(begin, start + len(unit), flow[begin:stop], unit) if begin >= 0 else None

    @cached_property
    def _longest_first(self) -> Sequence[str]:
        return sorted(self.units, key=len, reverse=True)

    @cached_property
    def _number_lengths(self) -> Sequence[int]:
        return sorted(set(map(len, self.numbers)), reverse=True)

    @cached_property
    def _ways(self) -> Mapping[str, Sequence[_Way]]:
        """By the phrase that a limit is found likely by."""
        return {spoken: [_way(limit) for limit in limits] for spoken, limits in self._limits.items()}


def _way(limit: str) -> _Way:
    before, _, rest = limit.partition("{n}")
    behind = rest.partition("{unit}")[2]
    return _Way(
        before=re.compile(rf"{_NOT_IN_A_WORD}{_spaced(before)}\Z") if before else None,
        behind=re.compile(_spaced(behind)) if behind else None,
    )


def _limit(flow: str, length: Limit, way: _Way) -> Limit | None:
    """The limit that a number with its unit is in this way, or None."""
    start, end = length.start, length.end
    if way.behind is not None:
        behind = way.behind.match(flow, end)
        if behind is None:
            return None
        end = behind.end()
    if way.before is None:
        before = _BEGINS.match(flow, start)
    else:
        before = way.before.search(flow, max(0, start - _LONGEST), start)
    return replace(length, start=before.start(), end=end) if before is not None else None


def _spaced(text: str) -> str:
    """A folded phrase as a pattern: any run of spaces, and `*` for words in between."""
    return re.escape(text).replace("\\ ", " +").replace("\\*", r"[^\n.]{0,40}?")
