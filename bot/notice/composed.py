"""Labels that no list has, understood by their words: "identifier of the notification" and its like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.mail.text import UNSPACED, fold_words
from bot.notice.labels import LabelsFile, PartName

#: Longer ones are sentences.
_MOST_CHARACTERS, _MOST_WORDS = 60, 7
#: So many letters of an ending a star stands for.
_ENDING = 5
#: The shortest word that begins a compound, and what may stand between its two words.
_SHORTEST = 3
_LINKS = ("", "s", "n", "en", "es", "e", "er")
_APART = re.compile(r"[\s\-/'().,&]+")
#: What stands in no label.
_NO_LABEL = re.compile(r"[\d:;@=<>|!?\n]")
#: "E-Mail", "e-posta": one word.
_ONE_WORD = re.compile(r"\be-(?=[^\W\d_])")
_RIGHTS = ("design", "patent", "copyright", "trademark")
#: What may be said beside each: the address of a person, of a firm, of whoever complained.
_PARTIES = frozenset(("owner", "agent", "counsel", "person", "name", "firm", "complaint", "right", *_RIGHTS))


class ComposedLabels:
    """The words that labels are made of, in all languages."""

    def __init__(self, files: Sequence[LabelsFile]) -> None:
        """The first file that claims a word keeps it."""
        self._whole: dict[str, PartName] = {}
        self._stems: dict[str, PartName] = {}
        clients = (word for file in files for word in file.parts.get("client", ()))
        self._clients = frozenset(map(fold_words, clients))
        for file in files:
            for part, words in file.parts.items():
                for word in words if part != "client" else ():
                    folded = fold_words(word)
                    (self._stems if folded.endswith("*") else self._whole).setdefault(
                        folded.rstrip("*"), part
                    )
        self._unspaced = sorted(
            (word for word in (*self._whole, *self._stems) if max(word) >= UNSPACED),
            key=lambda word: (-len(word), word),
        )
        self._heads = frozenset(word[:2] for word in (*self._whole, *self._stems))
        self.field_of = lru_cache(maxsize=1024)(self._field_of)

    def _field_of(self, label: str) -> str | None:
        """The field of a folded label that is made of known words only; `reference` for a mere "No."."""
        if not 1 < len(label) <= _MOST_CHARACTERS or _NO_LABEL.search(label):
            return None
        if label in self._clients:
            return "client"
        words = [word for word in _APART.split(_ONE_WORD.sub("e", label)) if word]
        if not 0 < len(words) <= _MOST_WORDS:
            return None
        parts: set[PartName] = set()
        for word in words:
            found = self._parts_of(word)
            if found is None:
                return None
            parts.update(found)
        return _field(parts - {"filler"})

    def _parts_of(self, word: str) -> Sequence[PartName] | None:
        """What a word means: itself, with an ending, or put together of two or more."""
        if word[:2] not in self._heads and word not in self._whole:
            return None
        simple = self._simple(word)
        if simple is not None:
            return (simple,)
        if max(word) >= UNSPACED:
            return self._run(word)
        for length in range(len(word) - 1, _SHORTEST - 1, -1):
            head = self._simple(word[:length])
            if head is None:
                continue
            for link in _LINKS:
                if word.startswith(link, length):
                    rest = self._parts_of(word[length + len(link) :]) if word[length + len(link) :] else None
                    if rest is not None:
                        return (head, *rest)
        return None

    def _simple(self, word: str) -> PartName | None:
        if word in self._whole:
            return self._whole[word]
        for length in range(len(word), max(_SHORTEST, len(word) - _ENDING) - 1, -1):
            if word[:length] in self._stems:
                return self._stems[word[:length]]
        return None

    def _run(self, word: str) -> Sequence[PartName] | None:
        """A run without spaces, cut into the longest words known."""
        parts: list[PartName] = []
        at = 0
        while at < len(word):
            piece = next((one for one in self._unspaced if word.startswith(one, at)), None)
            if piece is None:
                latin = re.match(r"[a-z]+", word[at:])
                known = self._simple(latin[0]) if latin else None
                if latin is None or known is None:
                    return None
                parts.append(known)
                at += latin.end()
                continue
            parts.append(self._whole.get(piece) or self._stems[piece])
            at += len(piece)
        return parts


#: What each deciding part labels, asked in this order, and what may be said beside it.
_DECIDING: tuple[tuple[PartName, str, frozenset[str]], ...] = (
    ("address", "address", _PARTIES | {"number"}),
    ("phone", "phone", _PARTIES | {"number"}),
    ("counsel", "counsel", _PARTIES),
    ("agent", "agent", _PARTIES),
    ("firm", "organisation", frozenset(("name", "owner", "complaint", "right"))),
    ("owner", "owner", _PARTIES),
    ("person", "person", frozenset(("name", "complaint", "right"))),
    ("item", "asin", frozenset(("complaint",))),
)


def _field(parts: Iterable[PartName]) -> str | None:
    """What a label of these parts labels; None when that is not clear."""
    said = set(parts)
    if "number" in said and not said & {"address", "phone"}:
        return _number(said)
    if "kind" in said:
        return "right" if said & {"complaint", "right", *_RIGHTS} and said <= {"kind", *_PARTIES} else None
    for part, field, beside in _DECIDING:
        if part in said:
            return field if said - {part} <= beside else None
    return None


def _number(said: set[PartName]) -> str | None:
    rest = said - {"number", "right"}
    if not rest:
        return "reference" if "right" not in said else "trademark_number"
    if "complaint" in rest:
        return "complaint_id" if rest <= {"complaint", "owner", *_RIGHTS} else None
    for right in _RIGHTS:
        if right in rest:
            return f"{right}_number" if rest <= set(_RIGHTS) else None
    return "asin" if rest == {"item"} else None
