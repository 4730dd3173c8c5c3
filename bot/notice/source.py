"""One text of a mail that facts are read from, and how a place in it becomes a Span."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.mail.message import Span
from bot.mail.text import Folded, fold
from bot.notice.facts import Found

_EDGES = " \n\t\u3000\u00a0\"'“”„«»‘’*_"


@dataclass(slots=True)
class Source:
    """A text with its part number and its folded form."""

    part: str
    text: str
    folded: Folded
    #: Every address in it, once somebody asked (see `bot.notice.places`): they are asked for in many ranges.
    addresses: tuple[Found, ...] | None = field(default=None, compare=False, repr=False)

    def span(self, start: int, end: int) -> Span:
        """The place [start, end) of the original text."""
        return Span(part=self.part, start=start, end=end, text=self.text[start:end])

    def found(self, start: int, end: int, value: str | None = None, confidence: float = 1.0) -> Found:
        """A value at [start, end) of the original text; the value is what stands there unless given.

        Raises ValueError where nothing stands: a value has a place.
        """
        while start < end and self.text[start] in _EDGES:
            start += 1
        while end > start and self.text[end - 1] in _EDGES:
            end -= 1
        return Found(
            value=self.text[start:end] if value is None else value,
            span=self.span(start, end),
            confidence=confidence,
        )

    def maybe(self, start: int, end: int, confidence: float = 1.0) -> Found | None:
        """The same, or None where nothing stands."""
        if not self.text[start:end].strip(_EDGES):
            return None
        return self.found(start, end, confidence=confidence)

    def found_folded(self, start: int, end: int, value: str | None = None) -> Found:
        """The same for a range of the folded text."""
        return self.found(*self.folded.place(start, end), value)


def source_of(part: str, text: str) -> Source:
    """Fold a text once."""
    return Source(part, text, fold(text))
