"""Which language a text is written in: one that a label file is for, or none of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from bot.mail.text import fold_words
from bot.notice.labels import LabelsFile

#: The tag of a language that none of the files is for (BCP 47, ISO 639-2).
UNKNOWN_LANGUAGE = "und"
#: So far ahead of every known language a neighbour must be: a name or a quoted line brings a word or two.
_AHEAD = 2
_SAMPLE = 20_000  #: characters that are looked at
_SCRIPTS: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    ("kana", ((0x3041, 0x30FF), (0x31F0, 0x31FF))),
    ("hangul", ((0xAC00, 0xD7AF), (0x1100, 0x11FF))),
    ("han", ((0x3400, 0x9FFF), (0xF900, 0xFAFF))),
    ("cyrillic", ((0x0400, 0x04FF),)),
    ("greek", ((0x0370, 0x03FF),)),
    ("arabic", ((0x0600, 0x06FF),)),
    ("hebrew", ((0x0590, 0x05FF),)),
    ("thai", ((0x0E00, 0x0E7F),)),
    ("devanagari", ((0x0900, 0x097F),)),
)
_NOT_LATIN = re.compile("[\u0250-\U0010ffff]")
_OUR_LETTERS = frozenset("àáâäåąæçćèéêëęğìíîïıłñńòóôöøœśşßùúûüźżÿ")


class Neighbour(BaseModel):
    """What tells one language that no label file is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: list[str] = Field(
        min_length=20, description="frequent short words, those it shares with a language we know among them"
    )
    letters: str = Field(default="", description="letters that the languages we know do not write")


class NeighboursFile(
    RootModel[
        dict[
            Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")],
            Neighbour,
        ]
    ]
):
    """rules/neighbours.yaml: languages that are not read, to be told from those that are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongues:
    """What languages are told by; a neighbour's tag is none of `known`."""

    by_word: Mapping[str, tuple[str, ...]]  #: folded word → tags of the languages that it is frequent in
    by_letter: Mapping[str, tuple[str, ...]]
    by_script: Mapping[str, str]
    known: tuple[str, ...]


def build_tongues(files: Sequence[LabelsFile], neighbours: Mapping[str, Neighbour]) -> Tongues:
    """A neighbour with a label file is known, and lends that file its words."""
    primary = {file.language.partition("-")[0]: file.language for file in reversed(files)}
    words: defaultdict[str, dict[str, None]] = defaultdict(dict)
    letters: defaultdict[str, dict[str, None]] = defaultdict(dict)
    told = [(file.language, file.words, file.letters) for file in files] + [
        (primary.get(tag.partition("-")[0], tag), one.words, one.letters) for tag, one in neighbours.items()
    ]
    for tag, its_words, its_letters in told:
        for word in its_words:
            words[fold_words(word)][tag] = None
        for letter in its_letters:
            letters[letter][tag] = None
    return Tongues(
        by_word={word: tuple(tags) for word, tags in words.items()},
        by_letter={letter: tuple(tags) for letter, tags in letters.items()},
        by_script={script: file.language for file in reversed(files) for script in file.scripts},
        known=tuple(file.language for file in files),
    )


def language_of(text: str, tongues: Tongues, otherwise: str = "en", folded: str | None = None) -> str:
    """The known language whose script or frequent words fit best, else `UNKNOWN_LANGUAGE`.

    `otherwise` is for a text in which nothing speaks for any; `folded` is the text folded, where that was
    done already.
    """
    sample = text[:_SAMPLE]
    script, written = _script_of(sample)
    if script in tongues.by_script:
        return tongues.by_script[script]
    scores = _scores(fold_words(sample) if folded is None or len(text) > _SAMPLE else folded, sample, tongues)
    best = max(tongues.known, key=lambda tag: scores[tag], default=otherwise)
    if script and written > 2 * scores[best]:  # else it is the name of a product
        return UNKNOWN_LANGUAGE
    if _writes_foreign_letters(sample, tongues):
        return UNKNOWN_LANGUAGE
    nearest = max((score for tag, score in scores.items() if tag not in tongues.known), default=0)
    if nearest >= scores[best] + _AHEAD:
        return UNKNOWN_LANGUAGE
    return best if scores[best] > 0 else otherwise


def _scores(folded: str, sample: str, tongues: Tongues) -> Counter[str]:
    """Frequent words of each language in a text; letters of its own count too, but a name may bring some."""
    words = [word.strip(".,;:!?()\"'«»¿¡") for word in folded.split()]
    scores = Counter(chain.from_iterable(filter(None, map(tongues.by_word.get, words))))
    if sample.isascii():
        return scores
    letters: Counter[str] = Counter()
    lower = sample.lower()
    for letter in tongues.by_letter.keys() & set(lower):
        times = lower.count(letter)
        for tag in tongues.by_letter[letter]:
            letters[tag] += times
    for tag, times in letters.items():
        scores[tag] += min(2, times)
    return scores


def _writes_foreign_letters(sample: str, tongues: Tongues) -> bool:
    """Three ordinary words with Latin letters that no language of ours has; names begin with capitals."""
    foreign = {char for char in set(sample) if "\u00c0" <= char < "\u0250" and _foreign(char, tongues)}
    if not foreign:
        return False
    return len({word for word in sample.split() if word[0].islower() and not foreign.isdisjoint(word)}) >= 3


def _foreign(char: str, tongues: Tongues) -> bool:
    tags = tongues.by_letter.get(char)
    return char not in _OUR_LETTERS if tags is None else not any(tag in tongues.known for tag in tags)


@lru_cache(maxsize=4096)
def _script_of_char(char: str) -> str:
    code = ord(char)
    return next(
        (name for name, ranges in _SCRIPTS if any(low <= code <= high for low, high in ranges)),
        "",
    )


def _script_of(sample: str) -> tuple[str, int]:
    """The non-Latin script that carries the text, and in how many words: kana wins over Han, for Japanese
    writes both."""
    if _NOT_LATIN.search(sample) is None:
        return "", 0
    seen: Counter[str] = Counter()
    words = latin = 0
    inside = False
    for char in sample:
        if char < "\u0250":
            latin += char.isalpha()
            inside = False
            continue
        name = _script_of_char(char)
        if name:
            seen[name] += 1
            words += not inside
        inside = bool(name)
    if seen["kana"] >= 5 and seen["kana"] + seen["han"] > latin * 0.2:
        return "kana", words
    name, count = seen.most_common(1)[0] if seen else ("", 0)
    return (name, words) if count > 5 and count > latin * 0.2 else ("", 0)
