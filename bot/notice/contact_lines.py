"""Which lines of a text belong to a contact block: by labels, headings and bullets around an address."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from bot.notice.entries import Entry
from bot.notice.lexicon import Lexicon
from bot.notice.places import addresses_in
from bot.notice.source import Source

#: Labels of what stands in a contact block.
CONTACT_FIELDS = frozenset(("owner", "agent", "counsel", "person", "organisation", "address", "phone"))
#: Labels of an item that the name of the product may stand between.
_OF_ITEMS = frozenset(("asin", "title", "right", "complaint_id", "ignored"))
BULLET = re.compile(r"^[\s>]*(?:[-–—*•·▪●◦]{1,3}|\d{1,2}[.)])\s*(?=\S)")
#: Whether an address is never to be written to.
Barred = Callable[[str], bool]


def contact_lines(
    source: Source,
    starts: list[int],
    lines: list[str],
    by_line: dict[int, list[Entry]],
    lexicon: Lexicon,
    barred: Barred,
) -> set[int]:
    """Numbers of the lines that belong to a contact block; `by_line` has the labels of each line."""
    marked: set[int] = set()
    flow = source.folded.flow
    headed = bool(lexicon.contact_headings.likely_in(flow) or lexicon.roles["owner"].likely_in(flow))
    for index, line in enumerate(lines):
        own = by_line.get(index, [])
        contact = [entry for entry in own if entry.field in CONTACT_FIELDS]
        if contact:
            marked.add(index)
            below = _block(lines, index + 1, by_line)
            if not contact[-1].own_line or _address_is_below(source, starts, lines, index, below, contact):
                marked |= below
        elif headed and not own and _is_heading(source, starts[index], line, lexicon):
            marked |= _block(lines, index + 1, by_line)
        elif BULLET.match(line) and not own and _fit(source, starts[index], line, barred, lexicon):
            marked |= _bullets_around(lines, index, by_line)
    return marked


def _address_is_below(
    source: Source, starts: list[int], lines: list[str], index: int, below: set[int], contact: list[Entry]
) -> bool:
    """`Rights owner: Name`, and the firm and the address on the lines under it, without labels."""
    if contact[-1].field not in ("owner", "agent", "counsel") or index + 1 not in below:
        return False
    held = [i for i in range(index, min(index + 6, len(lines))) if i == index or i in below]
    addresses = [i for i in held if next(addresses_in(source, starts[i], starts[i] + len(lines[i])), None)]
    return bool(addresses) and addresses[0] != index


def _fit(source: Source, start: int, line: str, barred: Barred, lexicon: Lexicon) -> bool:
    """A line with an address that may be written to and no word that gives it to somebody else."""
    if all(barred(found.value) for found in addresses_in(source, start, start + len(line))):
        return False
    folded = folded_at(source, start, line)
    return not (lexicon.roles["us"].found_in(folded) or lexicon.roles["other"].found_in(folded))


def folded_at(source: Source, start: int, line: str) -> str:
    """The folded form of a line that begins at an offset of the original text."""
    origin = source.folded.origin
    low = bisect_left(origin, start)
    high = bisect_left(origin, start + len(line))
    return source.folded.text[low:high]


def _is_heading(source: Source, start: int, line: str, lexicon: Lexicon) -> bool:
    text = line.strip().rstrip("*_ ")
    if not text or len(text) > 250:
        return False
    folded = folded_at(source, start, line)
    last = folded.rstrip().rpartition(". ")[2]
    if text.endswith((":", "：")) and lexicon.roles["owner"].found_in(last):
        return not lexicon.roles["other"].found_in(folded)
    return (text.endswith((":", "：")) or len(text) < 90) and lexicon.contact_headings.found_in(folded)


def _block(lines: list[str], first: int, by_line: dict[int, list[Entry]]) -> set[int]:
    """Lines from `first` to the next empty line that no bullet follows."""
    found: set[int] = set()
    index = first
    while index < len(lines) and index < first + 14:
        if not lines[index].strip():
            following = lines[index + 1] if index + 1 < len(lines) else ""
            if found and not BULLET.match(following):
                break
        elif any(entry.field not in CONTACT_FIELDS for entry in by_line.get(index, [])):
            if not BULLET.match(lines[index]):
                break
        elif len(lines[index]) > 160 and not BULLET.match(lines[index]):
            break
        else:
            found.add(index)
        index += 1
    return found


def _bullets_around(lines: list[str], index: int, by_line: dict[int, list[Entry]]) -> set[int]:
    low = high = index
    while low > 0 and BULLET.match(lines[low - 1]):
        low -= 1
    while high + 1 < len(lines) and BULLET.match(lines[high + 1]):
        high += 1
    return {
        place
        for place in range(low, high + 1)
        if all(entry.field in CONTACT_FIELDS for entry in by_line.get(place, [])) and len(lines[place]) < 120
    }


def without_products(entries: Sequence[Entry]) -> Iterator[Entry]:
    """All but a "Name:" among the lines of an item: that is what the product is called."""
    fields = ["", *(entry.field for entry in entries), ""]
    for before, entry, behind in zip(fields, entries, fields[2:], strict=False):
        product = before in _OF_ITEMS and behind in _OF_ITEMS and "@" not in entry.text
        if entry.field != "person" or not product:
            yield entry
