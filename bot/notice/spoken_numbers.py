"""Complaint numbers in running text: `about your complaint no. 12345678`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.mail.matching import Phrasebook
from bot.mail.text import UNSPACED

#: It begins with a figure, which is found quickly, and not within a longer number.
_NUMBER = re.compile(r"[0-9](?<![0-9]{2})[0-9]{7,12}(?![0-9\-])")
#: Latin letters right before a number, and those of them that only announce it: "No12345678".
_GLUED = re.compile(r"[a-z]+$")
_LONGEST_WORD = 20
_ANNOUNCING = frozenset(("id", "ids", "no", "nos", "nr", "n", "ref", "number", "num", "nummer"))
#: A letter, near enough for words between a word and its number.
_LETTER = r"[a-z\u00aa-\U0010ffff]"
_MARKS = r"(?:ids?|no\.?|nos\.?|nr\.?|num(?:ber|ero|éro)s?|numer|nummer|reference|ref\.?|n°|nº|#)"
#: So many characters before a number what it is called may stand.
_REACH = 160


@dataclass(frozen=True, slots=True)
class _Word:
    """What a complaint is called, with what may stand between it and its number."""

    letters: int
    before: re.Pattern[str]  #: up to the number; the group has the words between, which may make it another
    behind: re.Pattern[str]  #: from the number on


class SpokenNumbers:
    """What is said before, or behind, the number of a complaint."""

    def __init__(self, words: Sequence[str], book: Phrasebook) -> None:
        """`words` call a thing a complaint, in any language."""
        self._likely = book.matcher(f"{word}*" for word in words)
        # One text is asked about for its facts, and again for every number there is.
        self.in_flow = lru_cache(maxsize=16)(self._in_flow)

    def _in_flow(self, flow: str) -> Sequence[tuple[str, int, int]]:
        """Every number that a folded text calls a complaint: the words between, and its range."""
        return tuple(self._found(flow))

    def _found(self, flow: str) -> Iterator[tuple[str, int, int]]:
        likely = self._likely.likely_in(flow)
        if not likely:
            return
        words = [_word(phrase.text.rstrip("*")) for phrase in likely]
        for number in _NUMBER.finditer(flow):
            start, end = number.span()
            glued = _GLUED.search(flow, max(0, start - _LONGEST_WORD), start)
            if glued is not None and glued[0] not in _ANNOUNCING:
                continue  # "UK00003455129" is no complaint
            low = max(0, start - _REACH)
            before = [(word, found) for word in words if (found := word.before.search(flow, low, start))]
            if before:
                _, found = min(before, key=lambda one: (one[1].start(), -one[0].letters))
                yield found[1] or "", start, end
            elif any(word.behind.match(flow, end) for word in words):
                yield "", start, end


@lru_cache(maxsize=1024)
def _word(word: str) -> _Word:
    escaped = re.escape(word)
    if word[0] >= UNSPACED:
        before = rf"{escaped}()[ :(]{{0,3}}{_LETTER}{{0,6}}[ :#(\"']*\Z"
    else:
        before = (
            rf"{escaped}(?<![^\W_]{escaped})(?:s|\(s\))?\)?((?: {_LETTER}{{1,14}}){{0,3}})"
            rf"[ \-]?(?:{_MARKS}[ ]?){{0,2}}[ :,#(\[\"']*\Z"
        )
    # "numaralı" as it is folded: see `bot.mail.text`.
    behind = rf" (?:numarali|nolu|no'lu) (?:{_LETTER}{{1,40}} )?{escaped}"
    return _Word(len(word), re.compile(before), re.compile(behind))
