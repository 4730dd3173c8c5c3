"""Labels in front of what they label, found from each colon or its like backwards.

There are thousands of labels and a text has few colons. So the text is searched for what stands between a
label and its value, and the words before it are looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.frozen import quick

#: What stands behind a label. Spaces before it are looked at afterwards, so that a long run is read once.
_SEPARATOR = re.compile(r"\.{2,}:?|[:=#|】→]| - ")
#: What may stand right before a label, at whose end a lookup begins.
_LEAD = re.compile(r"[\n |;,(>*•\-_\]\[。.、【]")
_REMARK = re.compile(r" ?\([^()\n]{0,40}\)$")
#: What a line begins with before its label.
_BULLET = re.compile(r"[ >*_#|\[【]*(?:(?:[-•·▪●◦]{1,3}|[0-9]{1,2}[.)]) *)?[*_ ]*")
_PLURALS = ("s", "(s)", "(en)", "(n)")
#: A label may be wrapped: "Numero di" at the end of a line, "registrazione:" on the next.
_GAP = r"[ \-]*\n?[ \-]*"
#: Characters looked back from a separator for the beginning of its label, and for a remark in brackets.
_LONGEST, _LONGEST_REMARK = 160, 45


@quick
@dataclass(frozen=True, slots=True)
class Mark:
    """A label with what separates it from its value, in a folded text."""

    field: str
    start: int  #: the label
    end: int
    separator: str  #: one of : = # | 】 → - or dots
    behind: int  #: where the value may begin


class LabelIndex:
    """All labels of all languages, by their letters without spaces and hyphens: "e-mail" is "email"."""

    def __init__(
        self, labels: Mapping[str, str], composed: Callable[[str], str | None] | None = None
    ) -> None:
        """`labels` are folded, with the field of each; `composed` says what any other label may mean."""
        self._composed = composed or _unknown
        self._known: dict[str, list[str]] = {}
        firsts: dict[str, set[str]] = {}
        for label in labels:
            first, heads = _heads(label)
            for head in heads:
                firsts.setdefault(head, set()).add(first)
        #: First words of labels, by how these begin.
        self._firsts = {head: tuple(words) for head, words in firsts.items()}
        self._fields = dict(labels)
        for label in sorted(labels, key=lambda one: (-len(one), one)):
            self._known.setdefault(_joined(label), []).append(label)

    def marks_in(self, folded: str) -> list[Mark]:
        """Every label with its separator, none over another: the one that begins first, then the longest."""
        found = [mark for match in _SEPARATOR.finditer(folded) for mark in self._before(folded, match)]
        kept: list[Mark] = []
        done = 0
        for mark in sorted(found, key=lambda one: (one.start, one.start - one.end)):
            # The character before a label belongs to it, and there is none at the beginning of the text.
            if mark.start > done or mark.start == done == 0:
                kept.append(mark)
                done = mark.behind
        return kept

    def _before(self, folded: str, separator: re.Match[str]) -> Iterator[Mark]:
        """Labels that end where a separator begins."""
        stop = _without_padding(folded, separator)
        low = _two_lines_back(folded, stop)
        places = [lead.end() for lead in _LEAD.finditer(folded, low, stop)]
        if low == 0:
            places.insert(0, 0)
        firsts = self._firsts
        begins = [
            start
            for start in places
            if (words := firsts.get(folded[start : start + 2])) and folded.startswith(words, start)
        ]
        mark = separator[0].strip(" ")
        found = False
        for end in _ends(folded, stop) if begins else ():
            for start in begins:
                for label in self._known.get(_joined(folded[start:end]), ()) if start < end else ():
                    if _as_written(label).fullmatch(folded, start, end) and not self._cut(folded, start, end):
                        yield Mark(self._fields[label], start, end, mark, separator.end())
                        found = True
                        break
        if not found and mark != "#":
            yield from self._put_together(folded, stop, mark, separator.end())

    def _cut(self, folded: str, start: int, end: int) -> bool:
        """ "Right: design", and "Owner:" on the next line: a label of its own, no end of "design owner"."""
        wrapped = folded.rfind("\n", start, end)
        if wrapped < 0 or not folded[folded.rfind("\n", 0, start) + 1 : start].strip(" >*•-"):
            return False
        return _joined(folded[wrapped:end]) in self._known

    def _put_together(self, folded: str, stop: int, mark: str, behind: int) -> Iterator[Mark]:
        """All that stands on the line before a separator, when its words make a label that no list has."""
        start = folded.rfind("\n", max(0, stop - _LONGEST), stop) + 1
        if start == 0 and stop > _LONGEST:
            return
        start += _BULLET.match(folded, start, stop).end() - start  # type: ignore[union-attr]
        for end in _ends(folded, stop):
            field = self._composed(folded[start:end]) if start < end else None
            if field is not None:
                yield Mark(field, start, end, mark, behind)
                return


def _two_lines_back(folded: str, stop: int) -> int:
    """Where the search for a label's beginning starts: it is wrapped over two lines at most."""
    low = max(0, stop - _LONGEST)
    above = folded.rfind("\n", low, stop)
    return max(low, folded.rfind("\n", low, above)) if above > low else low


def _unknown(_label: str) -> None:
    """No label but those that are listed."""


def _without_padding(folded: str, separator: re.Match[str]) -> int:
    """Where the words before a separator end: `Title **:`, `Title *- `, `Title =`."""
    stop = separator.start()
    if separator[0] == " - ":
        while stop and folded[stop - 1] in " *_":
            stop -= 1
        return stop
    if separator[0] == ":":
        for _ in range(2):
            stop -= folded[stop - 1 : stop] in ("*", "_")
    return stop - (folded[stop - 1 : stop] == " ")


def _ends(folded: str, stop: int) -> Iterable[int]:
    """Where the label may end: with all before the separator, or before a remark, a full stop, a plural."""
    ends = {stop: None}
    low = max(0, stop - _LONGEST_REMARK)
    remark = _REMARK.search(folded[low:stop]) if folded[stop - 1 : stop] == ")" else None
    if remark is not None:
        ends[low + remark.start()] = None
    for end in tuple(ends):
        if folded[end - 1 : end] == ".":
            ends[end - 1] = None
    for end in tuple(ends):
        for plural in _PLURALS:
            if folded.endswith(plural, 0, end):
                ends[end - len(plural)] = None
    return ends


def _joined(text: str) -> str:
    """Without what may stand between the words of a label."""
    return text.replace(" ", "").replace("-", "").replace("\n", "")


def _heads(label: str) -> tuple[str, Iterable[str]]:
    """The first word of a label, and how it may begin in two characters: the word may have but one."""
    first, *rest = re.split("[ -]", label)
    if len(first) > 1 or not rest:
        return first, (first[:2],)
    return first, (first + char for char in (" ", "-", "\n", rest[0][:1]))


@lru_cache(maxsize=2048)
def _as_written(label: str) -> re.Pattern[str]:
    """The ways of writing a label: its words may stand apart, together, or on two lines."""
    return re.compile(_GAP.join(re.escape(word) for word in re.split("[ -]", label)))
