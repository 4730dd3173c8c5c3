"""Labels and what stands behind them: on the same line, run on, on the next line, or in columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from bot.frozen import quick
from bot.notice.identifiers import complaint_ids_in_words
from bot.notice.lexicon import Lexicon
from bot.notice.source import Source

_BULLET = re.compile(r"^[\s>]*(?:[-–—*•·▪●◦]{1,3}|\d{1,2}[.)])?[\s]*")
_COLUMNS = re.compile(r"\s*\|\s*|\s{3,}")
_GAP_IN_LINE = re.compile(r"\||[^\S\n]{3}")
_RULE = re.compile(r"^[\s>]*[-=_*~─—]{6,}\s*$")
_RULED = re.compile(r"[-=_*~─—]{6}")
_VALUE_EDGE = " \t|;,*_"


#: Fields whose label needs no colon when it stands alone on its line.
_STACKED = frozenset(
    (
        "asin",
        "complaint_id",
        "right",
        "trademark_number",
        "patent_number",
        "design_number",
        "copyright_number",
        "owner",
    )
)


#: Labels that also are names of rights.
_NAMES_OF_RIGHTS = frozenset(
    ("mark", "work", "trademark_number", "patent_number", "design_number", "copyright_number")
)


#: So many words at most stand before the number of a heading: `Complaint no.`
_HEADING = 3


@quick
@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled value; offsets into the original text."""

    field: str  #: a FieldName, or "rule" for a dividing line
    at: int  #: where the label begins
    start: int  #: the value
    end: int
    own_line: bool  #: the value began behind the label, not on a line below
    text: str


def entries_of(source: Source, lexicon: Lexicon) -> tuple[Entry, ...]:
    """Every labelled value and every dividing line, in the order of the text."""
    found = [
        *_labelled(source, lexicon),
        *_stacked(source, lexicon),
        *_columns(source, lexicon),
        *_rows(source, lexicon),
        *_bare(source, lexicon),
        *_rules(source),
    ]
    if any(entry.field in _VAGUE for entry in found):
        found = _settled(found, about=next(lexicon.rights.found_in(source.folded.flow), None) is not None)
    if not any(entry.field == "complaint_id" for entry in found):
        taken = {entry.at for entry in found}
        found += [entry for entry in _headed(source, lexicon) if entry.at not in taken]
    return tuple(sorted(found, key=lambda entry: entry.at))


#: Fields whose labels say little.
_VAGUE = frozenset(("client", "reference"))
#: A number as long as those of complaints, alone.
_LONG_NUMBER = re.compile(r"[#\[(]?\d{8,13}[\])]?")


def _settled(entries: list[Entry], *, about: bool) -> list[Entry]:
    """What labels mean that say little: "Reference" is a complaint's where nothing else is called so.

    Only a text that is `about` a right has any.
    """
    named = any(entry.field == "complaint_id" and any(map(str.isdigit, entry.text)) for entry in entries)
    out = []
    for entry in entries:
        if entry.field == "client":
            # "For: shop@…" is the head of a mail that was passed on.
            out += [replace(entry, field="organisation")] if "@" not in entry.text else []
        elif entry.field != "reference":
            out.append(entry)
        elif not named and about and _LONG_NUMBER.fullmatch(entry.text.strip()):
            out.append(replace(entry, field="complaint_id"))
    return out


def _labelled(source: Source, lexicon: Lexicon) -> list[Entry]:
    folded = source.folded.text
    marks: list[tuple[str, int, int]] = []
    for mark in lexicon.labels.marks_in(folded):
        if mark.separator != ":" and not _begins_line(folded, mark.start):
            continue
        if mark.separator == "|" and folded[mark.end :].split("\n", 1)[0].count("|") > 1:
            continue  # the head of a table: see _columns
        marks.append((mark.field, mark.start, mark.behind))
    ends = ([mark[1] for mark in marks] + [len(folded)])[1:]
    return [_entry(source, mark, following) for mark, following in zip(marks, ends, strict=True)]


def _stacked(source: Source, lexicon: Lexicon) -> list[Entry]:
    """A label alone on its line, its value alone on the next: what flattened designs leave of a form."""
    out: list[Entry] = []
    offset = 0
    lines = source.text.split("\n")
    for line, below in pairwise(lines):
        after = offset + len(line) + 1
        value = below.strip()
        alone = 3 < len(line.strip()) < 50 and 0 < len(value) < 80
        field = lexicon.field_of(line.strip(" *_")) if alone else None
        if field in _STACKED and not _is_label(field, value, lexicon):
            start, end = _trim(source.text, after, after + len(below))
            out.append(Entry(field, offset, start, end, False, source.text[start:end]))
        offset = after
    return out


def _is_label(field: str, value: str, lexicon: Lexicon) -> bool:
    """Whether a line below a label is another label; below "Type of infringement" "Trademark" is none."""
    of_value = lexicon.field_of(value.rstrip(":"))
    return of_value is not None and not (field == "right" and of_value in _NAMES_OF_RIGHTS)


def _headed(source: Source, lexicon: Lexicon) -> list[Entry]:
    """A line that is nothing but a word for a complaint and its number: the heading of what stands below."""
    out: list[Entry] = []
    for found in complaint_ids_in_words(source, lexicon):
        start, end = found.span.start, found.span.end
        line_start = source.text.rfind("\n", 0, start) + 1
        line_end = source.text.find("\n", end)
        line_end = len(source.text) if line_end < 0 else line_end
        words = source.text[line_start:start].split()
        if 0 < len(words) <= _HEADING and not source.text[end:line_end].strip(" *_#:.-–—)]"):
            out.append(Entry("complaint_id", line_start, start, end, True, found.value))
    return out


def _begins_line(folded: str, start: int) -> bool:
    line = folded[folded.rfind("\n", 0, start) + 1 : start]
    return not line.strip(" -*•>_|#【")


def _entry(source: Source, mark: tuple[str, int, int], following: int) -> Entry:
    """The value runs to the line end or to the next label; an empty one is sought on the lines below."""
    field, label, begin = mark
    at, _ = source.folded.place(label, begin)
    start = source.folded.origin[begin]
    stop = source.folded.origin[following]
    text = source.text
    line_end = text.find("\n", start)
    end = min(stop, len(text) if line_end < 0 else line_end)
    own_line = bool(text[start:end].strip(_VALUE_EDGE))
    if not own_line:
        start, end = _below(text, end, stop)
    start, end = _trim(text, start, end)
    return Entry(field, at, start, end, own_line, text[start:end])


def _below(text: str, at: int, stop: int) -> tuple[int, int]:
    """The first line with anything on it, at most two lines below, without its bullet."""
    start = at
    for _ in range(2):
        start = text.find("\n", start, stop) + 1
        if start <= 0:
            return at, at
        end = text.find("\n", start, stop)
        end = stop if end < 0 else end
        bullet = _BULLET.match(text[start:end])
        inner = start + (bullet.end() if bullet else 0)
        if text[inner:end].strip():
            return inner, end
    return at, at


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _VALUE_EDGE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _VALUE_EDGE):
        end -= 1
    return start, end


def _columns(source: Source, lexicon: Lexicon) -> list[Entry]:
    """Tables drawn with bars or wide gaps: a line of at least two labels, and the rows under it."""
    out: list[Entry] = []
    if _GAP_IN_LINE.search(source.text) is None:
        return out
    fields: list[str | None] | None = None
    offset = 0
    for line in source.text.split("\n"):
        cells = _cells(line)
        named = [lexicon.field_of(text.strip(" :*")) for _, _, text in cells]
        if sum(field is not None for field in named) >= 2 and ":" not in line.rstrip(":"):
            fields = named
        elif fields is not None and len(cells) == len(fields):
            out += [
                Entry(field, offset + start, offset + start, offset + end, True, text)
                for field, (start, end, text) in zip(fields, cells, strict=True)
                if field is not None and text
            ]
        elif line.strip(" -|+=:"):
            fields = None
        offset += len(line) + 1
    return out


#: A label, a gap, and its value: a form without colons.
_ROW = re.compile(
    r"^[ \t>]*(?:[-–—*•·]{1,3}[ \t]+)?(\S(?:[^\n:|]{0,40}?\S)?)(?:[ ]{2,}|\t+)(?=\S)([^\n|]*)$", re.MULTILINE
)


def _rows(source: Source, lexicon: Lexicon) -> list[Entry]:
    """Lines of a label and its value with a wide gap between them; one alone may be anything."""
    if "  " not in source.text and "\t" not in source.text:
        return []
    out = []
    for row in _ROW.finditer(source.text):
        field = lexicon.field_of(row[1])
        if field is not None and lexicon.field_of(row[2]) is None:
            start, end = _trim(source.text, *row.span(2))
            out.append(Entry(field, row.start(1), start, end, True, source.text[start:end]))
    return out if len(out) > 1 else []


#: A value that tells by its form what it is, at the end of a line.
_TELLING = re.compile(r"(?:[Bb]0[A-Za-z0-9]{8}[,;]?|#?\d{8,13}|\S+@\S+\.[^\W\d_]{2,})$")
#: Words of a label at most that nothing separates from its value, and lines that such a form has at least.
_BARE_WORDS, _BARE_LINES = 5, 3


def _bare(source: Source, lexicon: Lexicon) -> list[Entry]:
    """Forms with nothing between label and value: lines one below the other that all begin with a label."""
    out: list[Entry] = []
    form: list[tuple[int, str]] = []
    offset = 0
    for line in (*source.text.split("\n"), ""):
        if line and _NO_BARE.search(line) is None:
            form.append((offset, line))
        else:
            out += _rows_of_form(source, form, lexicon) if _may_be_form(form) else []
            form = []
        offset += len(line) + 1
    return out


def _may_be_form(lines: Sequence[tuple[int, str]]) -> bool:
    """Enough lines, and two that end in what only a form has: most paragraphs are not looked at further."""
    return len(lines) >= _BARE_LINES and sum(_tells(line) for _, line in lines) > 1


def _tells(line: str) -> bool:
    return _TELLING.search(line.rstrip()) is not None


def _rows_of_form(source: Source, lines: Sequence[tuple[int, str]], lexicon: Lexicon) -> list[Entry]:
    rows = [(line, _bare_row(source, *line, lexicon)) for line in lines]
    out: list[Entry] = []
    for labelled, run in groupby(rows, key=lambda row: row[1] is not None):
        together = list(run)
        if labelled and _may_be_form([line for line, _ in together]):
            out += [entry for _, entry in together if entry is not None]
    return out


#: What separates a label from its value in other layouts; and no line of a form is longer.
_NO_BARE = re.compile(r"[:：=|\t→]|\.\.| [-–—] |\S {2,}\S|^.{120}")


def _bare_row(source: Source, offset: int, line: str, lexicon: Lexicon) -> Entry | None:
    """The longest label that a line begins with, and what stands behind it."""
    words = list(re.finditer(r"\S+", line))
    for count in range(min(_BARE_WORDS, len(words) - 1), 0, -1):
        begin, cut = words[0].start(), words[count - 1].end()
        field = lexicon.field_of(line[begin:cut])
        if field is not None:
            start, end = offset + words[count].start(), offset + words[-1].end()
            return Entry(field, offset + begin, start, end, True, source.text[start:end])
    return None


def _cells(line: str) -> list[tuple[int, int, str]]:
    stripped_start = len(line) - len(line.lstrip(" |"))
    stripped_end = len(line.rstrip(" |"))
    if not line[stripped_start:stripped_end].strip(" -+=:|"):
        return []
    cells, at = [], stripped_start
    for gap in _COLUMNS.finditer(line, stripped_start, stripped_end):
        cells.append((at, gap.start(), line[at : gap.start()].strip()))
        at = gap.end()
    cells.append((at, stripped_end, line[at:stripped_end].strip()))
    return cells


def _rules(source: Source) -> list[Entry]:
    if _RULED.search(source.text) is None:
        return []
    out, offset = [], 0
    for line in source.text.split("\n"):
        if _RULE.match(line):
            out.append(Entry("rule", offset, offset, offset + len(line), True, line))
        offset += len(line) + 1
    return out
