"""Labelled values put together to complaints: one block each, in whatever order the labels come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.mail.text import fold_words
from bot.notice.entries import Entry
from bot.notice.facts import Found, Listing, Right, RightNumber
from bot.notice.identifiers import asins_in, complaint_ids_behind, numbers_behind
from bot.notice.lexicon import Lexicon
from bot.notice.source import Source

_NUMBER_FIELDS = ("trademark_number", "patent_number", "design_number", "copyright_number")
_ITEM_FIELDS = frozenset(("asin", "title", "right", "complaint_id", "mark", "work", *_NUMBER_FIELDS))
#: ASINs, and between two of them at most a short word: "and", "und", "oraz".
_ASIN_LINE = re.compile(
    r"^[\s>]*(?:[-–—*•]{0,3}\s*)?[Bb]0[A-Za-z0-9]{8}(?:[\s,;|、，]*(?:[^\W\d]{1,4}\s+)?[Bb]0[A-Za-z0-9]{8})*[\s,;|.]*$"
)


@dataclass(slots=True)
class Block:
    """What was read for one complaint, while it is being put together."""

    at: int
    ids: list[Found] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    right: Right | None = None
    numbers: list[RightNumber] = field(default_factory=list)
    marks: list[Found] = field(default_factory=list)

    def empty(self) -> bool:
        """Nothing was read yet."""
        return not (self.ids or self.listings or self.right or self.numbers or self.marks)


def blocks_of(source: Source, entries: Sequence[Entry], lexicon: Lexicon) -> list[Block]:
    """One block a complaint. What stands before the first item is joined to the first."""
    items = [entry for entry in entries if entry.field in _ITEM_FIELDS or entry.field == "rule"]
    leads = next((e.field for e in items if e.field in ("asin", "complaint_id")), "asin")
    blocks = [Block(at=0)]
    for entry in items:
        if _opens(blocks[-1], entry, leads):
            blocks.append(Block(at=entry.at))
        _put(source, blocks[-1], entry, lexicon)
    return _merged([block for block in blocks if not block.empty()])


def _opens(block: Block, entry: Entry, leads: str) -> bool:
    if entry.field == "rule":
        return bool(block.ids and block.listings)
    if not block.ids:
        return False
    if entry.field == "complaint_id":
        return leads == "complaint_id" or bool(block.listings)
    return entry.field == "asin" and leads == "asin"


def _put(source: Source, block: Block, entry: Entry, lexicon: Lexicon) -> None:
    if entry.field == "asin":
        block.listings += _listings(source, entry)
    elif entry.field == "title" and entry.text:
        _name_listing(block, source.maybe(entry.start, entry.end))
    elif entry.field == "right":
        block.right = block.right or right_in(entry.text, lexicon)
    elif entry.field == "complaint_id":
        block.ids += list(complaint_ids_behind(source, entry.start, entry.end))
    elif entry.field in _NUMBER_FIELDS:
        _number(source, block, entry)
    elif entry.field in ("mark", "work") and entry.text:
        # "Trademark: 1234567" is a number behind the label of a mark.
        field = "trademark_number" if entry.field == "mark" else "copyright_number"
        numbers = list(numbers_behind(source, field, entry.start, entry.end, None))
        if numbers:
            block.numbers += numbers
        elif len(entry.text) < 120:
            block.marks += _stated(source, entry)


def _number(source: Source, block: Block, entry: Entry) -> None:
    hint = block.right.value if block.right else None
    label = fold_words(source.text[entry.at : entry.start])
    if entry.field == "patent_number" and "design" in label:
        hint = "design_patent"
    numbers = list(numbers_behind(source, entry.field, entry.start, entry.end, hint))
    if not numbers and entry.field == "trademark_number":  # "Registration: VA 2-341-776"
        numbers = list(numbers_behind(source, "copyright_number", entry.start, entry.end, hint))
    block.numbers += numbers
    if not numbers and entry.own_line and 1 < len(entry.text) < 80:
        block.marks += _stated(source, entry)


def _listings(source: Source, entry: Entry) -> list[Listing]:
    """ASINs behind the label and on the following lines that hold nothing else."""
    end = entry.end
    text = source.text
    while True:
        line_start = text.find("\n", end)
        if line_start < 0:
            break
        line_end = text.find("\n", line_start + 1)
        line_end = len(text) if line_end < 0 else line_end
        if not _ASIN_LINE.match(text[line_start + 1 : line_end]):
            break
        end = line_end
    found = list(asins_in(source, entry.start, end, labelled=True))
    title: Found | None = None
    if len(found) == 1:
        rest = source.maybe(found[0].span.end, entry.end)
        stripped = rest.value.strip(" -–—:,()") if rest else ""
        if rest and len(stripped) > 3:
            title = Found(value=stripped, span=rest.span)
    return [Listing(asin=asin, title=title) for asin in found]


def _stated(source: Source, entry: Entry) -> list[Found]:
    found = source.maybe(entry.start, entry.end)
    return [found] if found else []


def _name_listing(block: Block, title: Found | None) -> None:
    if title and block.listings and block.listings[-1].title is None:
        block.listings[-1] = Listing(asin=block.listings[-1].asin, title=title)


def _merged(blocks: list[Block]) -> list[Block]:
    """Blocks of one number are one; a block without a number goes to its neighbour when there is only one."""
    out: list[Block] = []
    for block in blocks:
        same = next((other for other in out if _ids(other) and _ids(other) & _ids(block)), None)
        if (same is None and out and not block.ids) or (same is None and out and not out[-1].ids):
            same = out[-1]
        if same is None:
            out.append(block)
            continue
        same.ids += [found for found in block.ids if found.value not in _ids(same)]
        same.listings += block.listings
        same.right = same.right or block.right
        same.numbers += block.numbers
        same.marks += block.marks
    return out


def _ids(block: Block) -> set[str]:
    return {found.value for found in block.ids}


def right_in(text: str, lexicon: Lexicon) -> Right | None:
    """The kind of right that a type line or a sentence names; the narrow kinds are asked first."""
    return next(lexicon.rights.found_in(fold_words(text)), None)
