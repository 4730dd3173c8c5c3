"""How time limits are written, in all languages at once: `within {n} {unit}` and its like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import re2

from bot.mail.matching import Matcher, Phrasebook, compile_pattern
from bot.mail.text import fold_words
from bot.notice.labels import LabelsFile

_UNIT_BEHIND_FIGURES = re.compile(r"(?<![^\W_])\d{1,3}[^\W\d_]")


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
        self._limits = tuple(dict.fromkeys(map(fold_words, limits)))
        self.not_ours: Matcher = book.matcher(not_ours)
        # The limits by their own words, whatever the number and the unit; and the units.
        self._spoken = book.matcher(
            f"{limit.replace('{n}', '*').replace('{unit}', '*')}*" for limit in self._limits
        )
        self._in_units = book.matcher(f"{unit}*" for unit in self.units)

    def in_flow(self, flow: str) -> Iterator[tuple[int, int, str, str]]:
        """Every limit in a folded text: its range, its number and its unit as written."""
        timed = self._in_units.likely_in(flow) or _UNIT_BEHIND_FIGURES.search(flow)
        if not timed or not self._spoken.likely_in(flow) or self._pattern is None:
            return
        for match in self._pattern.finditer(flow):
            begin = match.start()
            while not flow[begin].isalnum():  # the pattern looks at one character before the limit
                begin += 1
            values = [group for group in match.groups() if group is not None]
            if len(values) >= 2:
                yield begin, match.end(), values[0], values[1]

    @cached_property
    def _pattern(self) -> Any | None:
        return _limit_pattern(self._limits, self.numbers, self.units)


def _limit_pattern(
    limits: Sequence[str], numbers: Mapping[str, int], units: Mapping[str, object]
) -> Any | None:
    """One pattern for all limits; numbers and units are long lists, so they are written but a few times."""
    if not limits or not units:
        return None
    words = "|".join(re2.escape(word) for word in sorted(numbers, key=len, reverse=True))
    spoken = rf"|{words}" if words else ""
    # "90", "ninety", "ninety (90)"
    number = rf"((?:[0-9]{{1,3}}{spoken})(?: ?\([0-9a-z]{{1,10}}\))?)"
    unit = "(" + "|".join(_spaced(word) for word in sorted(units, key=len, reverse=True)) + ")"
    length = rf"{number}[ -]?{unit}"
    heads, tails, both = [], [], []
    for limit in limits:
        head, _, rest = limit.partition("{n}")
        tail = rest.partition("{unit}")[2]
        if head and tail:
            both.append(f"{_spaced(head)}{length}{_spaced(tail)}")
        elif head:
            heads.append(_spaced(head))
        elif tail:
            tails.append(_spaced(tail))
    sources = [*both]
    if heads:
        sources.append(f"(?:{'|'.join(heads)}){length}")
    if tails:
        sources.append(f"{length}(?:{'|'.join(tails)})")
    # "on" is ten in Turkish, and the end of many words.
    return compile_pattern(rf"(?:^|[^\p{{Latin}}\pN])(?:{'|'.join(sources)})") if sources else None


def _spaced(text: str) -> str:
    """A folded phrase as a pattern: any run of spaces, and `*` for words in between."""
    escaped: str = re2.escape(text)
    return escaped.replace("\\ ", " ").replace(" ", " +").replace("\\*", r"[^\n.]{0,40}?")
