"""A person's own words told apart from what they quote, line by line, in linear time.

Three things mark quoted text: a prefix (">"), a line that introduces it ("On … wrote:"), a block of header
fields ("From: … Sent: … Subject: …"). The words are data (`Quoting`), of all languages at once. When it is in
doubt whose a line is, it counts as the person's: a word of theirs that is lost cannot be judged, and a word
too many is seen by whoever reads. Quoted lines are blanked out, so that every offset stays what it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.frozen import quick
from bot.mail.matching import Matcher
from bot.mail.text import fold_words

_SIGNATURE = ("--", "-- ", "—", "– ", "__")
_COLON = re.compile("[:：]")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}")
_ADDRESS = re.compile(r"[^\s@<>\[\]()]{1,64}@[^\s@<>\[\]()]{1,200}")
_BARS = "-_=*~─—– #"
_LONGEST_LINE = 400  #: longer lines introduce nothing
_LONGEST_SIGNATURE = 15  #: lines
_ATTRIBUTION_LINES = 4  #: a mailer may wrap the line that introduces
_HEADER_LINES = 12  #: a block of header fields is looked for in so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoting:
    """What introduces quoted text, and what a device or a firm adds below a mail."""

    attributions: Matcher
    leads: frozenset[str]  #: folded first words of a line that introduces: on, am, le
    header_words: frozenset[str]  #: folded
    author_words: frozenset[str]
    originals: Matcher
    devices: tuple[str, ...]  #: folded beginnings
    inline: Matcher
    disclaimers: Matcher


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Two texts as long as the mail's, what is left out blanked."""

    own: str  #: everything that the person wrote or may have written, signature included
    said: str  #: the same without signature, device line and disclaimer: what the meaning is read from


def words_of(text: str, quoting: Quoting, flow: str | None = None) -> Words:
    """The person's own words of a text; `flow` is the text folded, where that was done already."""
    lines = text.split("\n")
    quoted = _quoted(lines, quoting)
    if all(quoted[i] or not line.strip() for i, line in enumerate(lines)):
        quoted = [_has_prefix(line) for line in lines]  # nothing else is left: in doubt keep
    disclaimed = flow is None or quoting.disclaimers.found_in(flow)
    silent = _silent(lines, quoted, quoting, disclaimed=disclaimed)
    own = _blanked(text, lines, quoted)
    return Words(own=own, said=own if silent == quoted else _blanked(text, lines, silent))


def _blanked(text: str, lines: Sequence[str], out: Sequence[bool]) -> str:
    if not any(out):
        return text
    return "\n".join(" " * len(line) if gone else line for line, gone in zip(lines, out, strict=True))


def _quoted(lines: list[str], quoting: Quoting) -> list[bool]:
    """For each line whether it is quoted."""
    prefixed = [_has_prefix(line) for line in lines]
    filled = _next_filled(lines)
    may_introduce = _may_introduce(lines)
    out = list(prefixed)
    written = False  # has the person written anything above?
    inline = False  # do they say that they answer between the lines?
    index = 0
    while index < len(lines):
        if out[index] or not lines[index].strip():
            index += 1
            continue
        head, rest = 0, False
        if may_introduce[index]:
            head, rest = _introduction(lines, index, prefixed, filled, quoting)
        if not head:
            written = written or not _is_device(lines[index], quoting)
            index += 1
            continue
        out[index : index + head] = [True] * head
        index += head
        marked = filled[index] < len(lines) and prefixed[filled[index]]
        if rest and written and not marked and not inline:
            inline = _answers_inside(lines[:index], out, quoting)
            if not inline:
                out[index:] = [True] * (len(lines) - index)
                break
    return out


def _answers_inside(above: list[str], out: list[bool], quoting: Quoting) -> bool:
    """The person says that the answer stands between the quoted lines."""
    own = "\n".join(line for line, gone in zip(above, out, strict=False) if not gone)
    return quoting.inline.found_in(fold_words(own[-4000:]))


def _next_filled(lines: list[str]) -> list[int]:
    """For each index the first line from there on with anything on it; one more entry than lines."""
    out = [len(lines)] * (len(lines) + 1)
    for index in range(len(lines) - 1, -1, -1):
        out[index] = index if lines[index].strip() else out[index + 1]
    return out


def _may_introduce(lines: list[str]) -> list[bool]:
    """For each line whether any form of an introduction may begin there: most have none of their marks.

    That is a colon in it, or at the end of it or of one of the next few; or bars before or behind it.
    """
    out = [False] * len(lines)
    above = 0  # so many lines may still be the beginning of one that ends below
    for index in range(len(lines) - 1, -1, -1):
        text = lines[index].strip()
        above = _ATTRIBUTION_LINES if text.endswith((":", "：")) else above - 1 if text else 0
        out[index] = above > 0 or ":" in text or "：" in text or text[:1] in _BARS or text[-1:] in _BARS
    return out


def _has_prefix(line: str) -> bool:
    """Quoted by ">" (RFC 3676 §4.5)."""
    start = line.lstrip(" \u00a0")
    if len(line) - len(start) > 3:
        return False
    return start.startswith((">", "＞"))


def _introduction(
    lines: list[str], index: int, prefixed: list[bool], filled: list[int], quoting: Quoting
) -> tuple[int, bool]:
    """How many lines from here introduce quoted text, and whether all below may be quoted without a mark."""
    drawn = _drawn(lines[index], quoting)
    if drawn:
        below = filled[index + 1]
        fields = _header_fields(lines, below, prefixed, quoting)
        if fields:
            return below - index + fields, True
        return min(drawn - 1, 1), drawn == _INTRODUCES
    fields = _header_fields(lines, index, prefixed, quoting)
    if fields:
        return fields, True
    return _attribution(lines, index, prefixed, filled, quoting)


_BARE, _ORIGINAL, _INTRODUCES = 1, 2, 3


def _drawn(line: str, quoting: Quoting) -> int:
    """A line of bars; one that says "Original Message" or its like; bars around "… wrote"; or 0."""
    text = line.strip()
    if not text or len(text) > 100:
        return 0
    inner = text.strip(_BARS)
    barred = len(text) - len(inner) >= 4
    if not inner:
        return _BARE if barred and len(text) >= 5 else 0
    alone = len(inner) <= 60 and (barred or inner.endswith((":", "：")))
    if alone and quoting.originals.found_in(fold_words(inner)):
        return _ORIGINAL
    return _INTRODUCES if barred and _strength(inner + ":", quoting) == _STRONG else 0


def _header_fields(lines: list[str], index: int, prefixed: list[bool], quoting: Quoting) -> int:
    """Lines of a block of header fields, or 0: the author with an address and one more, or three."""
    names: list[str] = []
    last = index
    address = False
    for at in range(index, min(index + _HEADER_LINES, len(lines))):
        line = lines[at]
        if prefixed[at]:
            break
        if not line.strip():
            if names:
                break
            continue
        name = _field_name(line, quoting)
        if name is None:
            # A long list of addresses is wrapped.
            if names and (line[:1] in " \t" or lines[at - 1].rstrip().endswith((",", ";"))):
                last = at + 1
                continue
            break
        names.append(name)
        address = address or (name in quoting.author_words and _ADDRESS.search(line) is not None)
        last = at + 1
    if len(names) < 2:
        return 0
    author = any(name in quoting.author_words for name in names)
    enough = len(set(names)) >= 3 or (len(set(names)) >= 2 and address)
    return last - index if author and enough else 0


def _field_name(line: str, quoting: Quoting) -> str | None:
    """The folded name when the line is a known header field with a value behind it."""
    if len(line) > _LONGEST_LINE or not (":" in line or "：" in line):
        return None
    text = line.strip().lstrip("*_ ")
    colon = _COLON.search(text, 1, 32)
    if colon is None or not text[colon.end() :].strip(" *_"):
        return None
    name = fold_words(text[: colon.start()]).strip("* _")
    return name if name in quoting.header_words else None


_WEAK, _STRONG = 1, 2


def _attribution(
    lines: list[str], index: int, prefixed: list[bool], filled: list[int], quoting: Quoting
) -> tuple[int, bool]:
    """ "On … X wrote:", perhaps wrapped; a weak one counts only when a marked line follows."""
    if len(lines[index]) > _LONGEST_LINE:
        return 0, False
    joined = ""
    for count in range(1, _ATTRIBUTION_LINES + 1):
        at = index + count - 1
        if at >= len(lines) or prefixed[at] or not lines[at].strip() or len(lines[at]) > _LONGEST_LINE:
            break
        joined += " " + lines[at].strip()
        strength = _strength(joined.strip(), quoting) if joined.endswith((":", "：")) else 0
        if not strength or (count > 1 and not _may_be_wrapped(lines[index : at + 1], quoting)):
            continue
        marked = filled[at + 1] < len(lines) and prefixed[filled[at + 1]]
        if strength == _STRONG or (marked and count == 1):
            return count, not marked
    return 0, False


def _may_be_wrapped(lines: list[str], quoting: Quoting) -> bool:
    """The first line begins like an introduction, and what follows is none without it."""
    first = fold_words(lines[0])
    begins = first.split(" ")[0].strip(",.") in quoting.leads or first[:1].isdigit()
    rest = " ".join(line.strip() for line in lines[1:])
    return begins and any(c.isdigit() for c in first) and _strength(rest, quoting) < _STRONG


def _strength(text: str, quoting: Quoting) -> int:
    """Says who wrote and when, or from which address: strong; only ends like such a line: weak; or 0."""
    if not text.endswith((":", "：")) or not 6 <= len(text) <= _LONGEST_LINE:
        return 0
    folded = fold_words(text)
    verb = quoting.attributions.found_in(folded)
    address = _ADDRESS.search(text) is not None
    clock = _CLOCK.search(text) is not None
    if not (verb or address) or not _only_introduces(folded, quoting):
        return 0
    if verb and ((address and any(c.isdigit() for c in text)) or clock):
        return _STRONG
    # Some mailers leave out the verb: "2026年3月2日(月) 17:00 Name <address>:"
    return _STRONG if address and clock else _WEAK


_SAYS_MORE = re.compile(r"[!?。！？]|\w{3,}\. |\s[-–—]\s|; ")
_DATE_OR_ADDRESS = re.compile(r"\d|\S+@|<")


def _only_introduces(folded: str, quoting: Quoting) -> bool:
    """Nothing of the person's stands before "On Monday …": the line begins with it, or with a name."""
    first = _DATE_OR_ADDRESS.search(folded)
    before = folded[: first.start()] if first else folded
    words = [word.strip(",.()\"'*") for word in before.split()]
    if not words or words[0] in quoting.leads:
        return len(words) <= 6 or not first
    # "Name wrote on 2 March", but not "we met on 2 March and Name wrote".
    date_behind = any(word in quoting.leads for word in words[1:])
    named_first = not date_behind or quoting.attributions.found_in(before)
    return len(words) <= 8 and named_first and not _SAYS_MORE.search(before)


def _is_device(line: str, quoting: Quoting) -> bool:
    """What a telephone adds by itself: "Sent from my iPhone"."""
    return len(line) < 120 and fold_words(line).startswith(quoting.devices)


def _silent(lines: list[str], quoted: list[bool], quoting: Quoting, *, disclaimed: bool) -> list[bool]:
    """Quoted lines, and of the person's own: signature, device line and disclaimer."""
    out = list(quoted)
    for index, line in enumerate(lines):
        if not out[index] and _is_device(line, quoting):
            out[index] = True
    mark = _signature_mark(lines, quoted)
    if mark is not None:
        for index in range(mark, min(mark + _LONGEST_SIGNATURE, len(lines))):
            if quoted[index]:
                break
            out[index] = True
    for start, end in _paragraphs(lines, out) if disclaimed else ():
        if start and quoting.disclaimers.found_in(fold_words("\n".join(lines[start:end])[:2000])):
            out[start:end] = [True] * (end - start)
    return out


def _signature_mark(lines: list[str], quoted: list[bool]) -> int | None:
    """The last "-- " of the own lines (RFC 3676 §4.3) with own words above it."""
    last = None
    written = False
    for index, line in enumerate(lines):
        if quoted[index]:
            continue
        if written and line.rstrip("\r") in _SIGNATURE:
            last = index
        written = written or bool(line.strip())
    return last


def _paragraphs(lines: list[str], out: list[bool]) -> list[tuple[int, int]]:
    """Ranges of neighbouring lines that are filled and not left out."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for index in range(len(lines) + 1):
        inside = index < len(lines) and bool(lines[index].strip()) and not out[index]
        if inside and start is None:
            start = index
        elif not inside and start is not None:
            found.append((start, index))
            start = None
    return found
