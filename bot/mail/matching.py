"""Phrases an operator writes, found in folded text, and patterns in linear time (google-re2).

A phrase is plain text; `*` in it stands for up to eighty characters of the same paragraph, and at the end of
a word for its rest.

There are thousands of phrases and a mail says few of them. So the longest piece of each that has no `*` in it
is looked for together with those of all others, by one automaton (Aho and Corasick): what a text costs grows
with its length and with what it says, and not with the number of phrases.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

import re2
from ahocorasick_rs import AhoCorasick, Implementation

from bot.mail.text import UNSPACED, Folded, fold_words

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 16 << 20
#: Of so many pieces of a text it is remembered that they are some.
_PIECES = 1000
#: How many characters a `*` stands for at most.
_LIMIT = 80
_WORD = re.compile(r"[^\W_]+")
_GAP = rf"[^\n]{{0,{_LIMIT}}}"
#: " * " may stand for nothing at all: "withdrawn * complaint" fits "withdrawn complaint".
_WORDS_BETWEEN = rf" +(?:{_GAP} +)?"


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


# ------------------------------------------------------------------------------------ what is held


class _Held:
    """The text that is being read, and which texts were found to be pieces of it."""

    def __init__(self) -> None:
        self.whole = ""
        self.pieces: dict[str, str] = {"": ""}

    def hold(self, whole: str, pieces: Iterable[str]) -> None:
        if whole != self.whole:
            self.whole, self.pieces = whole, {whole: whole}
        self.pieces.update(dict.fromkeys(pieces, whole))

    def around(self, text: str) -> str:
        """The text that is held when this one is a piece of it, else this one."""
        found = self.pieces.get(text)
        if found is None:
            if len(self.pieces) > _PIECES:
                self.pieces.clear()
            found = self.pieces[text] = self.whole if _is_piece(text, self.whole) else text
        return found


_held = _Held()


def hold(whole: str, *pieces: str) -> None:
    """Pieces of this folded text are asked about next: its lines and sentences, by one matcher after another.

    What it says is looked up once for all of them. That changes no answer, because phrases that are likely in
    the whole are still looked for in the piece. Each line of `pieces` is known to stand in it: no phrase goes
    over the end of a line.
    """
    _held.hold(whole, pieces)


def _is_piece(text: str, whole: str) -> bool:
    """Whether it stands in the other with no word cut in two."""
    start = whole.find(text) if text else -1
    if start < 0:
        return False
    end = start + len(text)
    cut_before = start > 0 and whole[start - 1].isalnum() and text[0].isalnum()
    cut_behind = end < len(whole) and whole[end].isalnum() and text[-1].isalnum()
    return not (cut_before or cut_behind)


# ------------------------------------------------------------------------------------------ phrases


class Phrase:
    """One phrase, folded."""

    __slots__ = ("_pieces", "text")

    def __init__(self, text: str) -> None:
        """It is taken apart when it is looked for: most phrases never are."""
        self.text = text
        self._pieces: Sequence[_Piece] = ()

    def find(self, text: str, start: int = 0) -> tuple[int, int] | None:
        """Range of its first place in a folded text from an offset on, or None."""
        self._pieces = self._pieces or _pieces_of(self.text)
        if len(self._pieces) == 1:
            place = next(self._pieces[0].places_in(text, start), None)
        else:
            place = _near_each_other(self._pieces, text, start)
        if place is None or self.text[0] != "*":
            return place
        low, high = place
        while low > start and text[low - 1].isalnum():
            low -= 1  # the beginning of the word belongs to it
        return low, high


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a phrase without a star."""

    words: str
    begins_word: bool  #: no letter may stand before it
    behind_space: bool
    ends_word: bool  #: no letter may stand behind it
    gap: re.Pattern[str] | None  #: what may stand between it and the next piece

    def places_in(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        """Where it stands in a folded text, from an offset on."""
        for low, high in _places(self.words, text, start):
            if self.begins_word and low and text[low - 1].isalnum():
                continue
            if self.ends_word and text[high : high + 1].isalnum():
                continue
            if not self.behind_space or text[max(0, low - 1) : low] == " ":
                yield low, high


def _places(words: str, text: str, start: int) -> Iterator[tuple[int, int]]:
    if " " in words and "  " in text:  # any run of spaces counts as one
        yield from (match.span() for match in _spaced_words(words).finditer(text, start))
        return
    low = text.find(words, start)
    while low >= 0:
        yield low, low + len(words)
        low = text.find(words, low + 1)


@lru_cache(maxsize=1024)
def _spaced_words(words: str) -> re.Pattern[str]:
    return re.compile(re.escape(words).replace("\\ ", " +"))


def _near_each_other(pieces: Sequence[_Piece], text: str, start: int) -> tuple[int, int] | None:
    """From the last piece to the first, each where the next one behind it is near enough.

    Linear, because only the next one counts: what lies between grows with each one further on.
    """
    behind: list[tuple[int, int]] = []  # where a piece begins, and where the phrase ends from there
    for piece in reversed(pieces):
        found: list[tuple[int, int]] = []
        for low, high in piece.places_in(text, start):
            if piece.gap is None:
                found.append((low, high))
                continue
            following = bisect_left(behind, (high, high))
            if following < len(behind) and piece.gap.fullmatch(text, high, behind[following][0]):
                found.append((low, behind[following][1]))
        if not found:
            return None
        behind = found
    return behind[0]


def _pieces_of(phrase: str) -> Sequence[_Piece]:
    split: list[tuple[str, str]] = []  # what may stand before it, and the words
    gap = ""
    for behind_space, stretch in enumerate(phrase.split(" * ")):
        for behind_star, words in enumerate(stretch.split("*")):
            gap += _GAP if behind_star else _WORDS_BETWEEN if behind_space else ""
            if words:
                split.append((gap, words))
                gap = ""
    gaps = [re.compile(before) for before, _ in split[1:]]
    return tuple(
        _Piece(
            words=words,
            begins_word=not before and _is_word(words[0]),
            behind_space=before.endswith(_WORDS_BETWEEN),
            # With a star at its end the rest of the word is open, and none of it belongs to the place.
            ends_word=following is None and _is_word(words[-1]) and phrase[-1] != "*",
            gap=following,
        )
        for (before, words), following in zip(split, (*gaps, None), strict=True)
    )


def _is_word(char: str) -> bool:
    """A letter of a script that writes spaces between words."""
    return char.isalnum() and char < UNSPACED


# -------------------------------------------------------------------------------------------- books

Name = TypeVar("Name", bound=str)


def _words_alone(text: str) -> str:
    """Words with one space around each, whatever stands between them: what is searched, and what for."""
    return f" {' '.join(_WORD.findall(text))} "


def _longest_piece(phrase: str) -> str:
    """The longest stretch of a folded phrase without a star, as `_words_alone` has it; "" without a word.

    It stands in every text in which the phrase does. A space at its ends is the end of a word; there is none
    where the rest of the word is open, nor beside a letter of a script that writes no spaces.
    """
    stretches = phrase.split("*")
    pieces = []
    for place, stretch in enumerate(stretches):
        words = _words_alone(stretch).strip()
        open_before = stretch[:1].isalnum() and (place > 0 or stretch[0] >= UNSPACED)
        open_behind = stretch[-1:].isalnum() and (place < len(stretches) - 1 or stretch[-1] >= UNSPACED)
        if words:
            pieces.append(f"{'' if open_before else ' '}{words}{'' if open_behind else ' '}")
    return max(pieces, key=len, default="")


#: Phrases of which one piece was looked for, and whose they are.
_Filed = Sequence[tuple[Phrase, "Matcher"]]


class Phrasebook:
    """The phrases of many matchers filed together: a text is looked through once for all of them."""

    def __init__(self) -> None:
        """Phrases come with the matchers; they are filed when a text is asked about for the first time."""
        self._matchers: list[Matcher] = []
        # A text is asked about by one matcher after the other.
        self._likely_in = lru_cache(maxsize=64)(self._look_through)

    def matcher(self, phrases: Iterable[str]) -> Matcher:
        """A matcher whose phrases are filed here; it must be made before a text is asked about."""
        self._matchers.append(Matcher(tuple(phrases), self))
        return self._matchers[-1]

    def choice(self, phrases: Mapping[Name, Iterable[str]]) -> Choice[Name]:
        """Matchers by name, made as `matcher` makes them."""
        return Choice(self, {name: self.matcher(some) for name, some in phrases.items()})

    def likely_in(self, text: str) -> Mapping[Matcher, Sequence[Phrase]]:
        """By matcher, the phrases whose longest piece occurs in a folded text, or in what is held around it.

        Others cannot occur.
        """
        whole = _held.pieces.get(text)
        return self._likely_in(_held.around(text) if whole is None else whole)

    @cached_property
    def _filed(self) -> tuple[AhoCorasick | None, Sequence[_Filed], _Filed]:
        """What is looked for, the phrases of each piece of it, and phrases that have no words."""
        by_piece: dict[str, list[tuple[Phrase, Matcher]]] = {}
        for one in self._matchers:
            for text in one.folded:
                by_piece.setdefault(_longest_piece(text), []).append((Phrase(text), one))
        wordless = by_piece.pop("", [])
        pieces = AhoCorasick(by_piece, implementation=Implementation.ContiguousNFA) if by_piece else None
        return pieces, tuple(by_piece.values()), wordless

    def _look_through(self, text: str) -> Mapping[Matcher, Sequence[Phrase]]:
        pieces, filed, wordless = self._filed
        found = pieces.find_matches_as_indexes(_words_alone(text), overlapping=True) if pieces else ()
        likely: dict[Matcher, list[Phrase]] = {}
        for phrases in (*(filed[number] for number in {match[0] for match in found}), wordless):
            for phrase, one in phrases:
                likely.setdefault(one, []).append(phrase)
        return likely


class Matcher:
    """Any of several phrases."""

    def __init__(self, phrases: Sequence[str], book: Phrasebook) -> None:
        """See `matcher` and `Phrasebook.matcher`."""
        self._phrases = phrases
        self._book = book

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The phrases, folded; one of nothing but spaces and stars is in no text."""
        return tuple(dict.fromkeys(text for text in map(fold_words, self._phrases) if text.strip("* ")))

    def likely_in(self, text: str) -> Sequence[Phrase]:
        """The phrases that may occur in a folded text."""
        return self._book.likely_in(text).get(self, ())

    def first(self, folded: Folded) -> tuple[int, int] | None:
        """Range in the folded text of the first phrase found, or None."""
        return next(self.all(folded.flow), None)

    def all(self, text: str) -> Iterator[tuple[int, int]]:
        """Ranges of every phrase found in a folded text, none over another; at one place the longest."""
        waiting: list[tuple[int, int, str, int, Phrase]] = []

        def look(phrase: Phrase, start: int) -> None:
            place = phrase.find(text, start)
            if place is not None:
                heapq.heappush(waiting, (place[0], -len(phrase.text), phrase.text, place[1], phrase))

        for phrase in self.likely_in(text):
            look(phrase, 0)
        done = 0
        while waiting:
            start, _, _, end, phrase = heapq.heappop(waiting)
            if start >= done:
                yield start, end
                done = end
            look(phrase, done)

    def found_in(self, text: str) -> bool:
        """Whether any phrase occurs in a folded text."""
        likely = self._book.likely_in(text).get(self)  # none for most texts, and then nothing need be built
        return likely is not None and any(phrase.find(text) is not None for phrase in likely)


class Choice(Generic[Name]):
    """Matchers by name, in an order; of a text only those are asked of which phrases are likely."""

    def __init__(self, book: Phrasebook, matchers: Mapping[Name, Matcher]) -> None:
        """See `Phrasebook.choice`."""
        self._book = book
        self._matchers = matchers
        self._names = tuple(matchers)
        self._places = {one: place for place, one in enumerate(matchers.values())}

    def __getitem__(self, name: Name) -> Matcher:
        return self._matchers[name]

    def likely_in(self, text: str) -> Sequence[Name]:
        """Names of those that may be found in a folded text, in their order."""
        places = map(self._places.get, self._book.likely_in(text))
        return [self._names[place] for place in sorted([place for place in places if place is not None])]

    def found_in(self, text: str) -> Iterator[Name]:
        """Names of those that are found in a folded text, in their order."""
        return (name for name in self.likely_in(text) if self._matchers[name].found_in(text))


def matcher(phrases: Iterable[str]) -> Matcher:
    """A matcher with a book of its own; none at all never match."""
    return Phrasebook().matcher(phrases)
