"""Phrases an operator writes, compiled to linear-time patterns over folded text (google-re2).

A phrase is plain text; `*` in it stands for up to eighty characters of the same paragraph, and at the end of
a word for its rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from bot.mail.text import Folded, fold_words

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 16 << 20  # with the usual 8 MB our large alternations fall back to the slow engine
_LIMIT = 80


def compile_pattern(pattern: str) -> Any:
    """A google-re2 pattern. Raises ValueError with its reason when it cannot be compiled."""
    try:
        return re2.compile(pattern, options=_OPTIONS)
    except re2.error as problem:
        reason = problem.args[0] if problem.args else problem
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None


class PatternSet:
    """Patterns that are looked for together, so many at once as a set of RE2 holds without running dry."""

    _TOGETHER = 24

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises re2.error for a pattern that cannot be compiled."""
        self._sets = []
        for start in range(0, len(patterns), self._TOGETHER):
            one = re2.Set.SearchSet(_OPTIONS)
            for pattern in ("", *patterns[start : start + self._TOGETHER]):
                one.Add(pattern)
            one.Compile()
            self._sets.append((start - 1, one))

    def found_in(self, text: str) -> set[int] | None:
        """Numbers of the patterns that occur in a text; None when the sets ran dry on it."""
        found: set[int] = set()
        for start, one in self._sets:
            numbers = one.Match(text)
            if 0 not in numbers:  # the empty pattern is always found, unless the set gave up
                return None
            found.update(start + number for number in numbers if number)
        return found


def _phrase(phrase: str) -> tuple[str, str, str]:
    """What must stand before a phrase, its own re2 source over folded text, and what must stand behind it."""
    folded = fold_words(phrase)
    gap = rf"[^\n]{{0,{_LIMIT}}}?"
    # " * " may stand for nothing at all: "withdrawn * complaint" fits "withdrawn complaint".
    body = rf" +(?:{gap} +)?".join(
        gap.join(re2.escape(piece).replace("\\ ", " ").replace(" ", " +") for piece in stretch.split("*"))
        for stretch in folded.split(" * ")
    )
    start = "" if not folded or not _is_word(folded[0]) else r"(?:^|[^\pL\pN])"
    end = "" if not folded or not _is_word(folded[-1]) else r"(?:$|[^\pL\pN])"
    return start, body, end


def _is_word(char: str) -> bool:
    """A letter of a script that writes spaces between words."""
    return char.isalnum() and ord(char) < 0x2E80


@dataclass(frozen=True, slots=True)
class Matcher:
    """Any of several phrases."""

    pattern: Any | None

    def first(self, folded: Folded) -> tuple[int, int] | None:
        """Range in the folded text of the first phrase found, or None."""
        return next(self.all(folded.flow), None)

    def all(self, text: str) -> Iterator[tuple[int, int]]:
        """Ranges of every phrase found in a text that was folded."""
        if self.pattern is None:
            return
        for match in self.pattern.finditer(text):
            group = next(
                (number for number in range(1, len(match.groups()) + 1) if match.group(number) is not None), 0
            )
            yield match.span(group)

    def found_in(self, text: str) -> bool:
        """Whether any phrase occurs in a folded text."""
        return self.pattern is not None and self.pattern.search(text) is not None


def matcher(phrases: Iterable[str]) -> Matcher:
    """Compile phrases to one matcher; none at all never match."""
    # Written once for all phrases that share them: the classes of all letters are large, and once a phrase
    # they made a pattern of some hundred phrases take 50 ms to compile and milliseconds to search.
    bodies: dict[tuple[str, str], set[str]] = {}
    for start, body, end in (_phrase(phrase) for phrase in phrases if phrase.strip("* ")):
        bodies.setdefault((start, end), set()).add(body)
    sources = [
        f"{start}({'|'.join(sorted(same, key=lambda body: (-len(body), body)))}){end}"
        for (start, end), same in sorted(bodies.items(), reverse=True)
    ]
    return Matcher(compile_pattern("|".join(sources)) if sources else None)
