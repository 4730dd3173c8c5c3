"""Text as we keep it, free of control characters, and as we match it, folded with a way back."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_ALIKE = {
    "‘": "'", "’": "'", "‛": "'", "ʼ": "'", "′": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
}  # fmt: skip


#: Signs of companies and dates become up to four letters; what becomes more only makes a text explode.
_LONGEST_FORM = 4
#: Characters up to which a folded text is kept: longer ones are sentences, and come but once.
_SHORT = 200


def clean(text: str, *, keep_lines: bool = True) -> str:
    """The text in NFC without control characters, NUL and surrogates; line ends become LF.

    With `keep_lines` false every run of white space becomes one space, as a header field needs.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    " if keep_lines else " ")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    text = unicodedata.normalize("NFC", text)
    return text if keep_lines else " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made ready for matching; `origin[i]` is where folded character i stands in the original."""

    text: str  #: NFKC, case folded, quotes and dashes unified, spaces unified, lines kept
    flow: str  #: the same, with single line breaks as spaces: a sentence may be wrapped anywhere
    origin: tuple[int, ...]  #: one longer than the text: the last entry is the original's length

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Half-open range in the original for a half-open range in the folded text."""
        if end <= start:
            return self.origin[start], self.origin[start]
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text for matching, character by character, so that every place leads back."""
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        if char == "\n":
            piece = "\n"
        elif char.isspace():
            piece = " "
        elif char < "\x80":
            piece = _ALIKE.get(char, char).lower()
        else:
            piece = _ALIKE.get(char) or _compatible(char)
        folded.extend(piece)
        origin.extend([index] * len(piece))
    origin.append(len(text))
    kept = "".join(folded)
    return Folded(text=kept, flow=_flow(kept), origin=tuple(origin))


def _compatible(char: str) -> str:
    """Its NFKC form in folded case; a sign that stands for a whole sentence (U+FDFA) is left as it is."""
    wide = unicodedata.normalize("NFKC", char).casefold()
    return wide if len(wide) <= _LONGEST_FORM else char


def fold_words(text: str) -> str:
    """A short text folded, with single spaces: for comparing labels and names."""
    return _fold_words(text) if len(text) <= _SHORT else " ".join(fold(text).text.split())


@lru_cache(maxsize=4096)
def _fold_words(text: str) -> str:
    """Kept, because every line of a mail is compared with labels in several places."""
    return " ".join(fold(text).text.split())


def _flow(text: str) -> str:
    """Line breaks inside a paragraph become spaces; empty lines and lists keep theirs."""
    lines = text.split("\n")
    out = lines[0]
    for before, line in pairwise(lines):
        breaks = not line.strip() or not before.strip() or line.lstrip()[:1] in "-*•>"
        out += ("\n" if breaks else " ") + line
    return out
