"""Own words told apart from quoted text and signature, line by line, in linear time.

The words that introduce a quotation are data (`attributions`); language-independent are the ">" prefix,
the signature mark (RFC 3676 §4.3) and a block of header lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTED = re.compile(r"^\s{0,3}[>|]")
_SIGNATURE = re.compile(r"^--\s?$")
_ORIGINAL = re.compile(r"^\s*(?:-{2,}|_{5,}|={5,}|\*{3,})\s*\S.{0,60}\s*(?:-{2,}|_{5,}|={5,}|\*{3,})\s*$")
_RULE = re.compile(r"^\s*_{20,}\s*$")
_HEADER = re.compile(r"^\s*\*?([^\W\d_][^\n:：]{0,24}?)\s?\*?\s?[:：]\*?\s?\S")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,200}")
_WROTE_END = re.compile(r"[:：]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Offsets: own words in [0, own), signature in [own, quote), what others wrote from `quote` on."""

    own: int
    quote: int


def split_quoted(text: str, attributions: tuple[str, ...], header_words: frozenset[str]) -> Split:
    """Where the writer's own words end, and where the quoted text begins.

    `attributions` are folded words of lines such as "On … wrote:"; `header_words` are folded names of
    header fields in mails quoted without a prefix ("from", "von", "sent").
    """
    offsets, lines = _lines(text)
    quote = len(lines)
    for index, line in enumerate(lines):
        if _begins_quote(lines, index, line, attributions, header_words):
            quote = index
            break
    # Text below or between the quoted lines is the writer's own: see own_words.
    own = quote
    for index in range(quote):
        if _SIGNATURE.match(lines[index]):
            own = index
            break
    ends = [*offsets, len(text)]
    return Split(own=ends[own], quote=ends[quote])


def own_words(text: str, attributions: tuple[str, ...], header_words: frozenset[str]) -> str:
    """The writer's own words with quoted lines blanked out, so that every offset stays what it was."""
    split = split_quoted(text, attributions, header_words)
    if text[: split.own].strip():
        return text[: split.own]
    # Answered below the quotation, or between its lines.
    kept = [
        " " * len(line) if _QUOTED.match(line) or _is_attribution(line, attributions) else line
        for line in text.split("\n")
    ]
    return "\n".join(kept)


def _lines(text: str) -> tuple[list[int], list[str]]:
    lines = text.split("\n")
    offsets, at = [], 0
    for line in lines:
        offsets.append(at)
        at += len(line) + 1
    return offsets, lines


def _begins_quote(
    lines: list[str], index: int, line: str, attributions: tuple[str, ...], header_words: frozenset[str]
) -> bool:
    if not line.strip():
        return False
    if _QUOTED.match(line):
        return True
    if _ORIGINAL.match(line) or _RULE.match(line):
        return _header_block(lines, index + 1, header_words)
    if _is_attribution(line, attributions):
        return True
    two = line + " " + lines[index + 1] if index + 1 < len(lines) else line
    if _is_attribution(two, attributions) and _ADDRESS.search(two):
        return True
    return _header_block(lines, index, header_words)


def _is_attribution(line: str, attributions: tuple[str, ...]) -> bool:
    """ "On … X wrote:" in one of the known languages: ends in a colon and names a date or an address."""
    folded = line.casefold().strip()
    if not 6 < len(folded) < 300 or not _WROTE_END.search(folded):
        return False
    return any(word in folded for word in attributions) and (
        any(c.isdigit() for c in folded) or "@" in folded
    )


def _header_block(lines: list[str], index: int, header_words: frozenset[str]) -> bool:
    """At least two known header fields within the next lines, one of them the author."""
    known = 0
    for line in lines[index : index + 6]:
        if not line.strip():
            if known:
                break
            continue
        field = _HEADER.match(line)
        if field is None or field[1].casefold().strip("* ") not in header_words:
            break
        known += 1
    return known >= 2
