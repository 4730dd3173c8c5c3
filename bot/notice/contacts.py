"""Who complains: read from contact blocks, labelled lines and sentences that name a role."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.frozen import quick
from bot.mail.text import fold_words
from bot.notice.contact_lines import (
    BULLET,
    CONTACT_FIELDS,
    Barred,
    contact_lines,
    folded_at,
    without_products,
)
from bot.notice.draft import Draft
from bot.notice.entries import Entry
from bot.notice.facts import Complainant, Found, Role
from bot.notice.labels import RoleName
from bot.notice.lexicon import Lexicon
from bot.notice.names import (
    announces_only,
    behalf_before,
    desk_behind,
    ends_in_legal_form,
    honorific_behind,
    is_only_legal_form,
    kind_of_name,
    without_honorific,
)
from bot.notice.places import addresses_in, phones_in
from bot.notice.source import Source

_SPLIT = re.compile(r"\s*(?:[,;|<>()\[\]\u3000\t、，；（）]|\s{2,}| (?:[-–—]{1,3}|[·/]) |: )\s*")
#: `云岫科技（深圳）有限公司`: the place in brackets is part of the name.
_PLACE = re.compile(r"(?<=[\u3400-\u9fff])[（(][\u3400-\u9fff]{1,6}[）)](?=[\u3400-\u9fff])")
_LEADING = re.compile(r"^(?:[^\w]*\b[a-zà-ÿ]{1,14}\b[:,]?\s+)*(?=[^\W\d_a-zà-ÿ])")
_END = re.compile(r"[.!?](?=\s|$)")
#: "c/o" and its like name somebody who takes mail for the complainant.
_CARE_OF = re.compile(r"(?:c/o|per adr\.|represented by|vertreten durch)\s+", re.I)
_LAW = re.compile(
    r"\b(?:LLP|PLLC|P\.?C\.?|Law|Legal|Attorneys?|Solicitors?|Rechtsanw\w+|Kanzlei|Patentanw\w+|Avocats?|Abogados?)\b"
)
#: Who may be named in running text: the narrow roles first.
_SPEAKERS: tuple[RoleName, ...] = ("counsel", "agent", "owner")
#: So far before an address its role is looked for, in characters.
_LONGEST_SENTENCE = 1000
_LABELLED = re.compile(r"^[\s>]*(?:[-–—*•·]{1,3}\s*)?([^\W\d_][^:：@\n]{1,60})(?::\s|：)\s*\S.*@")
#: A line longer than this is a whole mail whose line breaks are lost: each label is looked at by itself.
_FLATTENED = 400
#: What stands before a label is a sentence when it is longer than this.
_LONGEST_NAME = 60
#: What stands between a name without a label and the label behind it.
_APART = frozenset(",;|()-–—\u3000\t")
#: How sure an address is that only an unknown label introduces; below `SURE`, so that a person is asked.
_DOUBT = 0.5


@quick
@dataclass(frozen=True, slots=True)
class _Piece:
    """One thing said in a contact block: a role, a name, an address or a telephone number."""

    kind: str  #: owner | agent | counsel | person | desk | organisation | address | phone
    at: int
    found: Found | None
    stray: bool = False  #: from a line whose label we do not know: it may be anybody's


def complainants_of(
    source: Source, entries: Sequence[Entry], boundaries: Sequence[int], lexicon: Lexicon, barred: Barred
) -> list[tuple[int, Complainant]]:
    """Complainants with the offset where each is named, in the order of the text.

    `boundaries` are offsets that no complainant spans: the beginnings of complaints. `barred` says which
    addresses are Amazon's, ours, or otherwise not to be written to.
    """
    drafts: list[Draft] = []
    current = Draft(at=0)
    pending = sorted(boundaries)
    pieces = list(_pieces(source, entries, lexicon, barred))
    if any(piece.kind == "address" and not piece.stray for piece in pieces):
        pieces = [piece for piece in pieces if not piece.stray]
    else:
        pieces = _first_stray(pieces)
    for piece in pieces:
        while pending and piece.at >= pending[0]:
            pending.pop(0)
            drafts.append(current)
            current = Draft(at=piece.at)
        if _opens_another(current, piece):
            drafts.append(current)
            current = Draft(at=piece.at)
        _take(current, piece)
    drafts.append(current)
    return _finish(drafts)


def _first_stray(pieces: list[_Piece]) -> list[_Piece]:
    """Of addresses behind unknown labels only, the first is shown, with doubt: a person compares it."""
    first = next((piece for piece in pieces if piece.stray and piece.kind == "address"), None)
    kept = [piece for piece in pieces if not piece.stray]
    if first is None or first.found is None:
        return kept
    doubtful = replace(first, found=replace(first.found, confidence=_DOUBT))
    return sorted([*kept, doubtful], key=lambda piece: piece.at)


def _finish(drafts: list[Draft]) -> list[tuple[int, Complainant]]:
    kept: list[Draft] = []
    for draft in drafts:
        if draft.empty():
            continue
        before = kept[-1] if kept else None
        if before and before.named() and not before.addresses and draft.addresses and not draft.named():
            before.addresses, before.phones = draft.addresses, before.phones + draft.phones
            continue
        kept.append(draft)
    _name_clients(kept)
    if any(draft.addresses for draft in kept):
        kept = [draft for draft in kept if draft.addresses]
    out: list[tuple[int, Complainant]] = []
    seen: set[frozenset[str]] = set()
    for draft in kept:
        key = frozenset(found.value.casefold() for found in draft.addresses)
        if key and any(key <= other for other in seen):
            continue
        seen.add(key)
        out.append((draft.at, draft.complainant()))
    return out


def _name_clients(drafts: list[Draft]) -> None:
    """Whoever writes for an owner without a firm of their own is named with the owner's."""
    for client, speaker in pairwise(drafts):
        speaks = speaker.role in (Role.COUNSEL, Role.AGENT) and speaker.addresses and not speaker.organisation
        if speaks and client.role is Role.OWNER and not client.addresses:
            speaker.organisation = client.organisation


def _opens_another(current: Draft, piece: _Piece) -> bool:
    if piece.kind in ("owner", "agent", "counsel"):
        return not current.empty() and not (
            # "Rights owner: …" then "Rights owner email: …", or a heading above the block: still the same.
            piece.kind == "owner" and piece.found is None and not current.addresses
        )
    if piece.kind in ("desk", "person", "organisation"):
        return bool(current.addresses) and current.named()
    return False


def _take(current: Draft, piece: _Piece) -> None:
    if current.empty():
        current.at = piece.at
    if piece.kind in ("owner", "agent", "counsel"):
        current.role = Role(piece.kind)
    if piece.found is None:
        return
    if piece.kind == "address":
        if all(found.value.casefold() != piece.found.value.casefold() for found in current.addresses):
            current.addresses.append(piece.found)
    elif piece.kind == "phone":
        current.phones.append(piece.found)
    elif piece.kind == "person":
        current.add_name(piece.found)
    elif piece.kind == "desk":
        current.desk = current.desk or piece.found
    elif piece.kind == "organisation":
        current.organisation = current.organisation or piece.found


def block_pieces(
    source: Source, start: int, end: int, lexicon: Lexicon, barred: Barred
) -> Iterator[tuple[str, Found]]:
    """Names, telephone numbers and addresses in lines that are a contact block, in order."""
    at = start
    while at < end:
        stop = source.text.find("\n", at, end)
        stop = end if stop < 0 else stop
        for piece in _free_pieces(source, at, stop, "text", lexicon, barred):
            if piece.found is not None:
                yield piece.kind, piece.found
        at = stop + 1


def _pieces(source: Source, entries: Sequence[Entry], lexicon: Lexicon, barred: Barred) -> Iterator[_Piece]:
    """Everything said in contact places, in order; names are already told from firms."""
    by_line: dict[int, list[Entry]] = {}
    starts, lines = _lines(source.text)
    for entry in without_products(entries):
        by_line.setdefault(bisect_right(starts, entry.at) - 1, []).append(entry)
    marked = contact_lines(source, starts, lines, by_line, lexicon, barred)
    for index, line in enumerate(lines):
        if index in marked:
            own = by_line.get(index, [])
            stray = not own and _has_unknown_label(line, lexicon)
            for piece in _line_pieces(source, starts[index], line, own, lexicon, barred):
                yield replace(piece, stray=True) if stray else piece
        else:
            yield from _sentence_pieces(source, starts[index], line, lexicon, barred)


def _has_unknown_label(line: str, lexicon: Lexicon) -> bool:
    """`Maker, as you say: Firm, address` in a contact block: no label that we know, no role before it."""
    label = _LABELLED.match(line)
    if label is None:
        return False
    folded = fold_words(label[1])
    roles = (lexicon.roles["owner"], lexicon.roles["agent"], lexicon.roles["counsel"])
    return not any(words.found_in(folded) for words in (*roles, lexicon.contact_headings))


def _lines(text: str) -> tuple[list[int], list[str]]:
    starts, at, lines = [], 0, text.split("\n")
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts, lines


def _line_pieces(
    source: Source, start: int, line: str, entries: list[Entry], lexicon: Lexicon, barred: Barred
) -> Iterator[_Piece]:
    if len(line) > _FLATTENED:
        for entry in entries:
            if not _of_others(source, entry.at, entry.end, lexicon):
                yield from _entry_pieces(source, entry, lexicon, barred)
        return
    if _of_others(source, start, start + len(line), lexicon):
        return
    bullet = BULLET.match(line)
    begin = start + (bullet.end() if bullet else 0)
    stop = start + len(line)
    care = _CARE_OF.match(source.text, begin, stop)
    if care is not None:
        counsel = _LAW.search(source.text, begin, stop) is not None
        yield _Piece("counsel" if counsel else "agent", begin, None)
        begin = care.end()
    first = min((entry.at for entry in entries), default=stop)
    # Only before an address or the like can a name stand without a label.
    leads = next((entry.field for entry in entries if entry.at == first), "person")
    # "Shipment name:" is one label that we do not know, not the name of a shipment before one.
    apart = not entries or leads in ("address", "phone") or source.text[:first].rstrip(" ")[-1:] in _APART
    if (
        0 < first - begin <= _LONGEST_NAME
        and apart
        and leads in ("person", "organisation", "address", "phone")
    ):
        yield from _free_pieces(source, begin, first, "text", lexicon, barred)
    for entry in entries:
        yield from _entry_pieces(source, entry, lexicon, barred)


def _entry_pieces(source: Source, entry: Entry, lexicon: Lexicon, barred: Barred) -> Iterator[_Piece]:
    """What a label of contact data says, and what stands behind it on its line."""
    if entry.field not in CONTACT_FIELDS:
        return
    if entry.field in ("owner", "agent", "counsel"):
        yield _Piece(entry.field, entry.at, None)
    if entry.own_line:
        yield from _free_pieces(source, entry.start, entry.end, entry.field, lexicon, barred)


def _of_others(source: Source, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether a stretch speaks of us, or of somebody who is not to be written to."""
    folded = folded_at(source, start, source.text[start:end])
    return any(lexicon.roles[role].found_in(folded) for role in ("us", "other"))


def _sentence_pieces(
    source: Source, start: int, line: str, lexicon: Lexicon, barred: Barred
) -> Iterator[_Piece]:
    """`The patent owner is Firm, address.` in running text."""
    if "@" not in line and "(at)" not in line and "[at]" not in line:
        return
    for found in addresses_in(source, start, start + len(line)):
        if barred(found.value):
            continue
        low = max(start, found.span.start - _LONGEST_SENTENCE)
        before = source.text[low : found.span.start]
        cut = max((end.end() for end in _END.finditer(before)), default=0)
        folded = folded_at(source, low + cut, before[cut:])
        role = next((role for role in _SPEAKERS if lexicon.roles[role].found_in(folded)), None)
        if role is None or any(lexicon.roles[name].found_in(folded) for name in ("us", "other")):
            continue
        if lexicon.roles["other"].found_in(
            fold_words(_END.split(source.text[found.span.end : start + len(line)])[0])
        ):
            continue
        spans = list(lexicon.roles[role].all(folded))
        names_from = low + cut + _original(before[cut:], spans[-1][1])
        yield _Piece(role, found.span.start, None)
        lead = _LEADING.match(source.text[names_from : found.span.start])
        yield from _free_pieces(
            source, names_from + (lead.end() if lead else 0), found.span.end, "text", lexicon, barred
        )


def _original(text: str, folded_offset: int) -> int:
    """Folding may lengthen; near enough for where a name may begin."""
    return min(len(text), folded_offset)


def _free_pieces(
    source: Source, start: int, end: int, hint: str, lexicon: Lexicon, barred: Barred
) -> Iterator[_Piece]:
    """Addresses, telephone numbers and names in a stretch of text without labels."""
    addresses = list(addresses_in(source, start, end))
    fit = [found for found in addresses if not barred(found.value)]
    phones = [] if hint == "address" else list(phones_in(source, start, end))
    holes = [(found.span.start, found.span.end) for found in (*addresses, *phones)]
    if hint != "phone":
        domain = fit[0].value.rpartition("@")[2].split(".")[0] if fit else _domain_nearby(source, end, barred)
        for low, high in _split(source, start, end, holes, lexicon):
            yield from _name_piece(source, low, high, hint, domain, lexicon)
    for found in fit:
        yield _Piece("address", found.span.start, found)
    for found in phones:
        yield _Piece("phone", found.span.start, found)


def _domain_nearby(source: Source, at: int, barred: Barred) -> str:
    for found in addresses_in(source, at, min(len(source.text), at + 300)):
        if not barred(found.value):
            return found.value.rpartition("@")[2].split(".")[0]
    return ""


def _split(
    source: Source, start: int, end: int, holes: list[tuple[int, int]], lexicon: Lexicon
) -> list[tuple[int, int]]:
    """Stretches between commas and the like; a legal form behind a comma stays with its firm."""
    stretches: list[tuple[int, int]] = []
    at = start
    places = [match.span() for match in _PLACE.finditer(source.text, start, end)]
    for low, high in [*sorted(holes), (end, end)]:
        cursor = at
        for gap in _SPLIT.finditer(source.text, at, low):
            if any(begin <= gap.start() < stop for begin, stop in places):
                continue
            if gap.start() > cursor:
                stretches.append((cursor, gap.start()))
            cursor = gap.end()
        if low > cursor:
            stretches.append((cursor, low))
        at = max(at, high)
    joined: list[tuple[int, int]] = []
    for low, high in stretches:
        if joined and is_only_legal_form(source.text[low:high], lexicon):
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _is_sentence(text: str, lexicon: Lexicon) -> bool:
    """Too many words for a name, or a full stop where no legal form ends."""
    words = text.split()
    stops = text.endswith((".", "!", "?", "。")) and not ends_in_legal_form(text, lexicon)
    return len(words) > 9 or (len(words) > 5 and stops)


def _name_piece(
    source: Source, start: int, end: int, hint: str, domain: str, lexicon: Lexicon
) -> Iterator[_Piece]:
    start += behalf_before(source.text[start:end], lexicon)
    end -= desk_behind(source.text[start:end], lexicon)
    cut, honoured = without_honorific(source.text[start:end], lexicon)
    found = source.maybe(start + cut, end - honorific_behind(source.text[start + cut : end]))
    text = found.value.strip(" .:-") if found else ""
    if found is None or not 2 <= len(text) <= 100 or _is_sentence(found.value, lexicon):
        return
    if found.value.endswith((":", "：")) or announces_only(text, hint, lexicon):
        return
    kind = kind_of_name(text, domain, lexicon)
    if lexicon.roles["amazon"].found_in(fold_words(text)) and "@" not in text:
        return  # Amazon complains about nobody
    if text.islower() and source.text[found.span.start - 1 : found.span.start] in ("(", "（"):
        return  # "Ann Oak (photographer)"
    if kind == "nothing" or (lexicon.names.titles.found_in(text.casefold()) and kind != "organisation"):
        return
    if honoured and kind != "organisation":
        kind = "person"
    if hint == "organisation":
        kind = "organisation"
    elif hint == "person" and kind != "organisation":
        kind = "person"
    # The full stop of "Inc." and "s.r.o." belongs to the name.
    stop = found.value.endswith(".") and ends_in_legal_form(text, lexicon)
    piece = Found(value=f"{text}." if stop else text, span=found.span)
    yield _Piece(kind, found.span.start, piece)
