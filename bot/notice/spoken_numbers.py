"""Complaint numbers in running text: `about your complaint no. 12345678`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any

import re2

from bot.mail.matching import LETTERS, Phrasebook, compile_pattern
from bot.mail.text import UNSPACED, fold_words

_NUMBER = re.compile(r"[0-9]{8}")
#: A letter, near enough for words between a word and its number.
_LETTER = r"[a-z\x{aa}-\x{10ffff}]"


class SpokenNumbers:
    """What is said before, or behind, the number of a complaint."""

    def __init__(self, words: Sequence[str], book: Phrasebook) -> None:
        """`words` call a thing a complaint, in any language."""
        self._words = tuple(dict.fromkeys(map(fold_words, words)))
        self._likely = book.matcher(f"{word}*" for word in self._words)
        # One text is asked about for its facts, and again for every number there is.
        self.in_flow = lru_cache(maxsize=16)(self._in_flow)

    def _in_flow(self, flow: str) -> Sequence[tuple[str, int, int]]:
        """Every number that a folded text calls a complaint: the words between, and its range."""
        return tuple(self._found(flow))

    def _found(self, flow: str) -> Iterator[tuple[str, int, int]]:
        if _NUMBER.search(flow) is None or not self._likely.likely_in(flow):
            return
        for match in self._pattern.finditer(flow):
            start, end = next(match.span(group) for group in (2, 3, 4) if match.group(group))
            yield match.group(1) or "", start, end

    @cached_property
    def _pattern(self) -> Any:
        return _complaint_pattern(self._words)


def _complaint_pattern(words: Sequence[str]) -> Any:
    """Groups: words between; the number behind a word, behind one of an unspaced script, or before one."""
    spaced = sorted(words, key=len, reverse=True)
    sources = "|".join(re2.escape(word).replace("\\ ", " ") for word in spaced)
    unspaced = "|".join(re2.escape(word) for word in spaced if word[0] >= UNSPACED)
    marks = r"(?:ids?|no\.?|nos\.?|nr\.?|num(?:ber|ero|éro)s?|numer|nummer|reference|ref\.?|n°|nº|#)"
    number = r"([0-9]{8,13})(?:$|[^0-9\-])"
    patterns = [
        rf"(?:^|[^{LETTERS}])(?:{sources})(?:s|\(s\))?\)?((?: {_LETTER}{{1,14}}){{0,3}})"
        rf"[ \-]?(?:{marks}[ ]?){{0,2}}[ :,#(\[\"']*{number}"
    ]
    patterns.append(rf"(?:{unspaced}){_LETTER}{{0,6}}[ :#(\"']*{number}" if unspaced else r"(\z\A)")
    # "numaralı" as it is folded: see `bot.mail.text`.
    patterns.append(rf"([0-9]{{8,13}}) (?:numarali|nolu|no'lu) (?:{_LETTER}+ )?(?:{sources})")
    return compile_pattern("|".join(patterns))
