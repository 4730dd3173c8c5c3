"""What a mail says was done: a thing and what became of it, in one sentence that is no condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from bot.mail.matching import Matcher, Phrasebook
from bot.notice.labels import DeedName, LabelsFile

#: A sentence ends at a stop with a space behind it, at an empty line, and at a stop of East Asian writing.
_STOP = re.compile(r"[.!?](?=\s|$)|[\n。！？]")
#: So many characters at most stand between a thing and what became of it.
_NEAR = 80
#: So far before it a "not" turns it around.
_NOT_NEAR = 24
#: "Not any more" is a deed of its own.
_NO_LONGER = re.compile(r"(?: [^\W\d_]{1,6})? (?:longer|mehr|meer|langer|più|längre|już|plus)(?![^\W_])")
#: An offer by its code, that the sentence begins with: what was withdrawn is this, and no complaint.
_OFFER = re.compile(r"\W*(?:asin\W{1,3})?b0[0-9a-z]{8}\W{1,3}(?:[^\W\d_]{1,5} ){0,3}")
#: No sentence is looked at further back or ahead.
_REACH = 400


@dataclass(frozen=True, slots=True)
class _Deed:
    things: Matcher
    done: Matcher


class Deeds:
    """The words of all languages for things, for what is done to them, and for what is not done yet."""

    def __init__(self, files: Sequence[LabelsFile], book: Phrasebook) -> None:
        """Nothing is compiled before a text is asked about."""
        self._deeds: Mapping[str, _Deed] = {
            name: _Deed(
                book.matcher(
                    word for file in files if name in file.deeds for word in file.deeds[name].things
                ),
                book.matcher(word for file in files if name in file.deeds for word in file.deeds[name].done),
            )
            for name in get_args(DeedName)
        }
        self._not_yet = book.matcher(word for file in files for word in file.not_yet)
        self._never = book.matcher(word for file in files for word in file.never)

    def done_in(self, flow: str, name: str, *, threatened: bool = False) -> bool:
        """Whether a folded text says that this was done, or is `threatened`."""
        return next(self.places(flow, name, threatened=threatened), None) is not None

    def places(self, flow: str, name: str, *, threatened: bool = False) -> Iterator[tuple[int, int]]:
        """Where a folded text says so: the words for what became of the thing."""
        deed = self._deeds.get(name)
        if deed is None or not deed.done.likely_in(flow) or not deed.things.likely_in(flow):
            return
        things = list(deed.things.all(flow))
        for start, end in deed.done.all(flow):
            if name == "retracted" and _OFFER.fullmatch(flow, self.sentence_of(flow, start, end), start):
                continue
            if _beside(things, start, end, flow) and (threatened or not self.is_open(flow, start, end)):
                yield start, end

    def stands(self, flow: str, place: tuple[int, int], doubted: Matcher, undone: Matcher) -> bool:
        """Whether nothing in the sentence of a deed makes it another's or none, nor anything behind it."""
        low = self.sentence_of(flow, *place)
        stop = _STOP.search(flow, place[1])
        sentence = flow[low : stop.start() if stop else len(flow)]
        return not doubted.found_in(sentence) and not undone.found_in(flow[low:])

    def is_open(self, flow: str, start: int, end: int) -> bool:
        """Whether what stands in this range is only possible, or not so: "if you do not, we remove it"."""
        low = self.sentence_of(flow, start, end)
        if self._not_yet.found_in(flow[low:end]):
            return True
        if low > start:  # the words that are looked for run over the end of a sentence
            never = self._never.all(flow[low:end])
            return any(_NO_LONGER.match(flow, low + behind, end) is None for _, behind in never)
        return low < start and self._never.found_in(flow[max(low, start - _NOT_NEAR) : start])

    @staticmethod
    def sentence_of(flow: str, start: int, end: int) -> int:
        """Where the sentence begins that a range ends in."""
        low = max(0, start - _REACH)
        for stop in _STOP.finditer(flow, low, end):
            low = stop.end()
        return low


def _beside(things: Sequence[tuple[int, int]], start: int, end: int, flow: str) -> bool:
    """Whether one of the things stands near the range, in the same sentence."""
    return any(_STOP.search(flow, low, high) is None for low, high in _gaps(things, start, end))


def _gaps(things: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What lies between the range and each thing that is near enough."""
    for low, high in things:
        if low >= end and low - end <= _NEAR:
            yield end, low
        elif high <= start and start - high <= _NEAR:
            yield high, start
        elif low < end and high > start:
            yield start, start
