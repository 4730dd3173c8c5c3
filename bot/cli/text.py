"""Text for a terminal: nothing from a mail may move the cursor, and everything fits its width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
_BREAKS = frozenset("\u2028\u2029\x0b\x0c\x85")


def harmless(text: str) -> str:
    """The text without control, format and bidirectional characters; line ends and tabs become plain ones.

    ESC, CSI and the like would let a mail write over what a person decides by; format characters
    (category Cf) hide text or turn it around.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        "\n" if c in _BREAKS else c
        for c in text
        if c == "\n" or c in _BREAKS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn")
    )


def one_line(text: str) -> str:
    """Harmless, and every run of white space a single space."""
    return " ".join(harmless(text).split())


def columns(text: str) -> int:
    """How many columns the text takes: wide characters (UAX #11) two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(c) for c in text)


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """At most so many columns, with an ellipsis where something is missing."""
    if columns(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _columns_of(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS if width > 0 else ""


def address_cut(address: str, width: int) -> str:
    """At most so many columns of an address; the domain, by which it is judged, is the last to be cut.

    Of a domain that is too long the end stays: that is what was paid for.
    """
    if columns(address) <= width:
        return address
    local, at, domain = address.rpartition("@")
    room = width - columns(domain) - len(at)
    if room >= 2:
        return cut(local, room) + at + domain
    kept = address
    while kept and columns(kept) > width - 1:
        kept = kept[1:]
    return ELLIPSIS + kept


def padded(text: str, width: int) -> str:
    """Cut or filled up to exactly so many columns."""
    text = cut(text, width)
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many columns; lines keep their indentation, an empty text is one empty line."""
    return [piece for line in harmless(text).split("\n") for piece in _wrapped_line(line, max(width, 8))]


def reflowed(text: str, width: int) -> list[str]:
    """A letter for a screen narrower than its lines: whole paragraphs are broken anew, and nothing else.

    A line runs on into the next when the next one's first word had no room on it; so lists, tables and
    addresses keep their lines.
    """
    lines = harmless(text).split("\n")
    longest = max(map(columns, lines))
    if longest <= width:
        return wrapped(text, width)
    joined: list[str] = []
    room = 0  # of the line as it stands in the letter
    for line in lines:
        if joined and _runs_on(joined[-1], room, line, longest):
            joined[-1] += " " + line.lstrip()
        else:
            joined.append(line)
        room = columns(line)
    return [piece for line in joined for piece in _wrapped_line(line, max(width, 8))]


def _runs_on(before: str, used: int, line: str, longest: int) -> bool:
    if not line.strip() or not before.strip():
        return False
    hanging = len(line) - len(line.lstrip()) in (_indent(before), _indent(before, after_mark=True))
    return hanging and used + 1 + columns(line.split()[0]) > longest


def _indent(line: str, *, after_mark: bool = False) -> int:
    """Columns before the first word, or before the text after `1. ` or `- `."""
    rest = line.lstrip()
    mark = rest.partition(" ")[0]
    counts = mark == "-" or (mark.endswith(".") and mark[:-1].isdigit())
    return len(line) - len(rest) + (len(mark) + 1 if after_mark and counts else 0)


def _wrapped_line(line: str, width: int) -> Iterator[str]:
    if columns(line) <= width:
        yield line.rstrip()
        return
    indent = line[: min(len(line) - len(line.lstrip()), width // 3)]
    current, has_words = indent, False
    indent = " " * min(_indent(line, after_mark=True), width // 3)
    for word in line.split():
        for piece in _pieces(word, width - len(indent)):
            if has_words and columns(current) + 1 + columns(piece) > width:
                yield current
                current, has_words = indent, False
            current += (" " if has_words else "") + piece
            has_words = True
    yield current


def _pieces(word: str, width: int) -> Iterator[str]:
    """A word too long for a line, as with addresses of sites or Japanese sentences, in pieces that fit."""
    while columns(word) > width:
        used = count = 0
        for character in word:
            used += _columns_of(character)
            if used > width:
                break
            count += 1
        count = max(count, 1)
        yield word[:count]
        word = word[count:]
    if word:
        yield word
