"""Who wrote an answer: from the author field and the signature of the writer's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.mail.message import Address, Span
from bot.mail.text import fold_words, in_ideographs
from bot.notice.facts import Complainant, Found, Role
from bot.notice.lexicon import Lexicon
from bot.notice.names import (
    ends_in_legal_form,
    honorific_behind,
    is_only_legal_form,
    kind_of_name,
    without_honorific,
)
from bot.notice.places import phones_in
from bot.notice.signature import signature_lines
from bot.notice.source import Source


def writer_of(
    own: Source, authors: Sequence[Address], from_line: str, lexicon: Lexicon, *, signature: bool = True
) -> Complainant | None:
    """The one author: name, organisation and telephone numbers as signed; None without exactly one author."""
    if len(authors) != 1:
        return None
    author = authors[0]
    display = _turned(author.display_name)
    display = display[without_honorific(display, lexicon)[0] :].strip()  # "Avv. …", "Maître …"
    behind = honorific_behind(display)
    display = display[: len(display) - behind]
    if behind and len(display) == 1:
        display = ""  # a surname with a title only: the signature says more
    domain = author.domain.split(".")[0]
    shown = kind_of_name(display, domain, lexicon) if display else "nothing"
    lines = signature_lines(own, display, lexicon) if signature else []
    name_at = _name_line(lines, display, shown, domain, lexicon)
    header = _in_header(author, from_line, author.display_name)
    name = Found(value=display, span=header) if display and shown in ("person", "desk") else None
    if name_at is not None:
        name = _name_on(own, lines[name_at], display, shown, domain, lexicon) or name
    elif shown == "desk":
        name = _same_desk(own, lines, display, lexicon) or name
    if name_at is None and shown == "person":
        # Signed with the first name only: that line is no firm.
        own_words = set(fold_words(display).split())
        lines = [line for line in lines if not set(fold_words(line[1]).strip(" ,.").split()) <= own_words]
    organisation = _firm_before(own, lines, display, lexicon) or _organisation(
        own, lines, name_at, domain, lexicon
    )
    if organisation is None and display and (name is None or shown == "organisation"):
        organisation = Found(value=display, span=header)
    return Complainant(
        role=Role.OWNER,
        name=name,
        organisation=organisation,
        addresses=(Found(value=author.addr_spec, span=_in_header(author, from_line, author.addr_spec)),),
        phones=tuple(phone for start, text in lines for phone in phones_in(own, start, start + len(text))),
    )


def _in_header(author: Address, line: str, wanted: str) -> Span:
    """The place of a name or an address in the From field; the whole field where it is written otherwise."""
    line = line or f"{author.display_name} <{author.addr_spec}>".strip()
    at = line.casefold().find(wanted.casefold()) if wanted else -1
    start, end = (at, at + len(wanted)) if at >= 0 else (0, len(line))
    return Span(part="header:from", start=start, end=end, text=line[start:end])


def _turned(display: str) -> str:
    """`Brandauer, Tilo` → `Tilo Brandauer`; a firm's name is left alone."""
    pieces = [piece.strip() for piece in display.split(",")]
    two = len(pieces) == 2 and all(len(piece.split()) <= 2 and piece[:1].isupper() for piece in pieces)
    if two and pieces[1].rstrip(".").casefold() not in ("inc", "llc", "ltd", "llp", "corp", "co", "gmbh"):
        return f"{pieces[1]} {pieces[0]}"
    return display.strip()


#: "Jr.", "Esq.": a name ends in a full stop only behind so many letters.
_LONGEST_SHORTENED = 4
_TOKEN = re.compile(r"[^ \u3000]+")


def _person_at(text: str, domain: str, lexicon: Lexicon) -> tuple[int, int] | None:
    """Range of a person's name on a line, before what a comma cuts off; `法務部 部長 田中 一郎`."""
    line = text.split(",")[0]
    low, _ = without_honorific(line, lexicon)
    if in_ideographs(line):
        names = lexicon.names
        for token in _TOKEN.finditer(line, low):
            low = token.start()
            words = fold_words(token[0])
            if not any(found.found_in(words) for found in (names.desk, names.organisation, names.titles)):
                break
    high = len(line.rstrip()) - honorific_behind(line.rstrip())
    name = line[low:high].strip()
    sentence = name.endswith((".", "!", "?")) and len(name.split()[-1]) > _LONGEST_SHORTENED
    if not name or sentence or kind_of_name(name, domain, lexicon) != "person":
        return None
    return low, high


def _is_person(text: str, domain: str, lexicon: Lexicon) -> bool:
    return _person_at(text, domain, lexicon) is not None


def _name_on(
    own: Source, line: tuple[int, str], display: str, shown: str, domain: str, lexicon: Lexicon
) -> Found | None:
    """The name as it is signed, where that says more than the author field."""
    start, text = line
    if shown == "person":
        signed = re.search(rf"{re.escape(display)}[ \u3000]([\u3040-\u30ff\u3400-\u9fff々]{{1,3}})$", text)
        surname_only = signed and in_ideographs(display) and _TOKEN.fullmatch(display)
        return own.maybe(start + signed.start(), start + signed.end()) if signed and surname_only else None
    place = _person_at(text, domain, lexicon)
    return own.maybe(start + place[0], start + place[1]) if place else None


def _same_desk(own: Source, lines: list[tuple[int, str]], display: str, lexicon: Lexicon) -> Found | None:
    """`Ufficio Legale` above the firm, where the author field has both in one."""
    wanted = fold_words(display)
    for start, text in lines:
        folded = fold_words(text)
        if wanted.startswith(folded + " ") and lexicon.names.desk.found_in(folded):
            return own.maybe(start, start + len(text))
    return None


def _name_line(
    lines: list[tuple[int, str]], display: str, shown: str, domain: str, lexicon: Lexicon
) -> int | None:
    """The line that repeats the author's name, else the first that reads like a person's name."""
    wanted = fold_words(display)
    if shown in ("organisation", "desk"):
        person = next((i for i, (_, text) in enumerate(lines) if _is_person(text, domain, lexicon)), None)
        if person is not None:
            return person
    for index, (_, text) in enumerate(lines):
        if wanted and fold_words(text).startswith(wanted):
            return index
    if shown == "person" and wanted:
        surname = wanted.split()[-1]
        return next((i for i, (_, text) in enumerate(lines) if surname in fold_words(text).split()), None)
    return next((i for i, (_, text) in enumerate(lines) if _is_person(text, domain, lexicon)), None)


def _firm_before(own: Source, lines: list[tuple[int, str]], display: str, lexicon: Lexicon) -> Found | None:
    """`株式会社雨宿堂 早乙女 圭`: the firm on the line of the name, before it; behind that of a desk."""
    for start, text in lines:
        at = text.find(display) if display else -1
        if at == 0 and lexicon.names.desk.found_in(fold_words(display)):
            behind = text[len(display) :].strip(" ,|/–—-\u3000")
            if behind and _may_be_firm(behind) and kind_of_name(behind, "", lexicon) != "desk":
                return own.maybe(start + text.index(behind, len(display)), start + len(text))
        firm = text[: max(at, 0)].strip(" ,|/–—-\u3000")
        if len(firm) > 3 and _may_be_firm(firm) and _has_form(firm, lexicon):
            return own.maybe(start, start + text.index(firm) + len(firm))
    return None


def _has_form(text: str, lexicon: Lexicon) -> bool:
    """A legal form or a word of firms tells it, not only that it is no person's name."""
    names = lexicon.names
    by_form = ends_in_legal_form(text, lexicon) or names.organisation.found_in(fold_words(text))
    return by_form or (in_ideographs(text) and kind_of_name(text, "", lexicon) == "organisation")


def _organisation(
    own: Source, lines: list[tuple[int, str]], name_at: int | None, domain: str, lexicon: Lexicon
) -> Found | None:
    """Behind or below the name: a firm by its form, else the line right below when it is no job title."""
    if not lines:
        return None
    first = name_at if name_at is not None else 0
    pieces: list[tuple[int, int, bool]] = []
    for index, (start, text) in enumerate(lines[first:]):
        for low, high in _pieces(text, lexicon):
            if index == 0 and low == 0 and name_at is not None:
                continue
            pieces.append((start + low, start + high, index == 1 and low == 0))
    kept = [piece for piece in pieces if _may_be_firm(own.text[piece[0] : piece[1]])]
    for start, end, below in kept:
        if _is_firm(own.text[start:end], below, domain, lexicon):
            firm = _firm(own, start, end, lexicon)
            if firm is not None:
                return firm
    for start, end, below in kept:
        text = own.text[start:end]
        titled = lexicon.names.titles.found_in(fold_words(text))
        if not titled and (below or kind_of_name(text, domain, lexicon) == "desk"):
            return _firm(own, start, end, lexicon)
    return _firm_above(own, lines[name_at - 1], lexicon) if name_at else None


def _is_firm(text: str, below: bool, domain: str, lexicon: Lexicon) -> bool:
    """Said by its form, its words or the domain; one word alone is as often a greeting or a first name."""
    if kind_of_name(text, "", lexicon) != "organisation":
        return False
    squeezed = fold_words(text).replace(" ", "")
    words = text.split()
    if ends_in_legal_form(text, lexicon) or lexicon.names.organisation.found_in(fold_words(text)):
        return True
    written_large = words[0][:1].isupper() and words[-1][:1].isupper()
    return (
        below
        or (len(words) > 1 and written_large)
        or in_ideographs(text)
        or (len(squeezed) > 3 and squeezed in domain)
    )


def _firm_above(own: Source, line: tuple[int, str], lexicon: Lexicon) -> Found | None:
    """Japanese and Chinese signatures name the firm first; others do where its form tells that it is one."""
    start, text = line
    last = fold_words(text.split()[-1])  # "… Solicitors"
    formed = (
        in_ideographs(text) or ends_in_legal_form(text, lexicon) or lexicon.names.organisation.found_in(last)
    )
    firm = _may_be_firm(text) and formed and kind_of_name(text, "", lexicon) == "organisation"
    return own.maybe(start, start + len(text)) if firm else None


def _may_be_firm(text: str) -> bool:
    return (
        "@" not in text
        and "://" not in text
        and not any(c.isdigit() for c in text)
        and 1 < len(text) <= 80
        and ":" not in text
    )


def _firm(own: Source, start: int, end: int, lexicon: Lexicon) -> Found | None:
    """The firm without the desk words around it: `Okonwa Kitchenware Brand Team`, `Patentabteilung Uhl`."""
    words = own.text[start:end].split()
    formed = ends_in_legal_form(own.text[start:end], lexicon)  # "Team Sport GmbH" is all of its name
    while not formed and len(words) > 1 and lexicon.names.desk.found_in(fold_words(words[0])):
        start = own.text.index(words.pop(0), start, end)
        start = own.text.index(words[0], start, end)
    while (count := _desk_words(words, lexicon)) > 0:
        for cut in reversed(words[-count:]):
            end = own.text.rindex(cut, start, end)
        del words[-count:]
        if len(words) > 1 and words[-1].casefold() in (
            "brand",
            "legal",
            "ip",
            "trademark",
            "copyright",
            "brands",
        ):
            end = own.text.rindex(words.pop(), start, end)
    text = own.text[start:end].strip()
    if not text or lexicon.names.titles.found_in(fold_words(text)):
        return None
    return own.maybe(start, end)


def _desk_words(words: list[str], lexicon: Lexicon) -> int:
    """How many words at the end name a desk; never all of them."""
    for count in (3, 2, 1):
        text = fold_words(" ".join(words[-count:]))
        if len(words) > count and next(lexicon.names.desk.all(text), None) == (0, len(text)):
            return count
    return 0


def _pieces(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    at = 0
    for piece in _split_keeping(text):
        low = at + len(piece) - len(piece.lstrip())
        high = at + len(piece.rstrip())
        at += len(piece) + 1
        if high <= low:
            continue
        if pieces and is_only_legal_form(text[low:high], lexicon):
            pieces[-1] = (pieces[-1][0], high)
        else:
            pieces.append((low, high))
    return pieces


def _split_keeping(text: str) -> list[str]:
    for mark in ("|", ";", "•", "·", "/"):
        text = text.replace(mark, ",")
    for dash in (" - ", " – ", " — "):
        text = text.replace(dash, " , ")
    return text.split(",")
