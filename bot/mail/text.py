"""Text as we keep it, free of control characters, and as we match it, folded with a way back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from bot.frozen import quick

_INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_ALIKE = {
    "‘": "'", "’": "'", "‛": "'", "ʼ": "'", "′": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
    # Turkish has two letters i, and capitals of its own for both: BİLDİRİM and ŞIKAYET are found as well.
    "İ": "i", "ı": "i",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
}  # fmt: skip


#: What becomes of each ASCII character: itself in lower case, white space a space, but lines are kept.
_PLAIN = {
    code: "\n" if code == 10 else " " if chr(code).isspace() else _ALIKE.get(chr(code), chr(code)).lower()
    for code in range(128)
}
#: Most of most mails is ASCII, and folds one for one.
_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
#: Control characters but for the end of a line (category Cc), and surrogates (Cs).
_NO_TEXT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: Signs of companies and dates become up to four letters; what becomes more only makes a text explode.
_LONGEST_FORM = 4
#: From here on letters are of scripts that write no spaces between words.
UNSPACED = "\u2e80"
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: Characters up to which a folded text is kept: longer ones are sentences, and come but once.
_SHORT = 200


def clean(text: str, *, keep_lines: bool = True) -> str:
    """The text in NFC without control characters, NUL and surrogates; line ends become LF.

    With `keep_lines` false every run of white space becomes one space, as a header field needs.
    """
    if (
        text.isascii() and text.isprintable()
    ):  # there is nothing to be taken out, and the only space is a space
        tidy = keep_lines or ("  " not in text and text[:1] != " " != text[-1:])
        return text if tidy else " ".join(text.split())
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    " if keep_lines else " ")
    text = _NO_TEXT.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text if keep_lines else " ".join(text.split())


@quick
@dataclass(frozen=True, slots=True)
class Folded:
    """A text made ready for matching; `origin[i]` is where folded character i stands in the original."""

    text: str  #: NFKC, case folded, quotes and dashes unified, spaces unified, lines kept
    flow: str  #: the same, with single line breaks as spaces: a sentence may be wrapped anywhere
    origin: Sequence[int]  #: one longer than the text: the last entry is the original's length

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Half-open range in the original for a half-open range in the folded text."""
        if end <= start:
            return self.origin[start], self.origin[start]
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text for matching, character by character, so that every place leads back."""
    if text.isascii():
        kept = text.translate(_PLAIN)
        return Folded(text=kept, flow=_flow(kept), origin=range(len(text) + 1))
    runs = _RUN.findall(text)
    pieces = list(map(_folded_run, runs))
    kept = "".join(chain.from_iterable(pieces))
    return Folded(text=kept, flow=_flow(kept), origin=_origin(runs, pieces))


def _folded_run(run: str) -> Sequence[str]:
    """ASCII in one piece, anything else a piece for each character."""
    return (run.translate(_PLAIN),) if run.isascii() else tuple(map(_folded_char, run))


def _origin(runs: Sequence[str], pieces: Sequence[Sequence[str]]) -> Sequence[int]:
    """Where each folded character stands; what is not ASCII may become several of them, or none."""
    if all(
        run.isascii() or {1}.issuperset(map(len, folded)) for run, folded in zip(runs, pieces, strict=True)
    ):
        return range(sum(map(len, runs)) + 1)
    origin: list[int] = []
    at = 0
    for run, folded in zip(runs, pieces, strict=True):
        if run.isascii():
            origin.extend(range(at, at + len(run)))
        else:
            origin.extend(index for index, piece in enumerate(folded, at) for _ in piece)
        at += len(run)
    return (*origin, at)


@lru_cache(maxsize=8192)
def _folded_char(char: str) -> str:
    if char in _INVISIBLE:
        return ""
    return " " if char.isspace() else _ALIKE.get(char) or _compatible(char)


def _compatible(char: str) -> str:
    """Its NFKC form in folded case; a sign that stands for a whole sentence (U+FDFA) is left as it is."""
    wide = unicodedata.normalize("NFKC", char).casefold()
    return wide if len(wide) <= _LONGEST_FORM else char


def fold_words(text: str) -> str:
    """A short text folded, with single spaces: for comparing labels and names."""
    return _fold_words(text) if len(text) <= _SHORT else _single_spaced(text)


@lru_cache(maxsize=4096)
def _fold_words(text: str) -> str:
    """Kept, because every line of a mail is compared with labels in several places."""
    return _single_spaced(text)


def _single_spaced(text: str) -> str:
    return " ".join("".join(chain.from_iterable(map(_folded_run, _RUN.findall(text)))).split())


def in_ideographs(text: str) -> bool:
    """Whether Chinese, Japanese or Korean letters stand in it."""
    return _IDEOGRAPHS.search(text) is not None


def _flow(text: str) -> str:
    """Line breaks inside a paragraph become spaces; empty lines and lists keep theirs."""
    lines = text.split("\n")
    out = lines[0]
    for before, line in pairwise(lines):
        breaks = not line.strip() or not before.strip() or line.lstrip()[:1] in "-*•>"
        out += ("\n" if breaks else " ") + line
    return out
