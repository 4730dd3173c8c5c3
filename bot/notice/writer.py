"""Who wrote an answer: from the author field and the signature of the writer's own words."""

from __future__ import annotations

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
    lines = _signature_lines(own, display, lexicon) if signature else []
    name_at = _name_line(lines, display, shown, domain, lexicon)
    header = _in_header(author, from_line, author.display_name)
    name = Found(value=display, span=header) if display and shown in ("person", "desk") else None
    if name_at is not None:
        start, text = lines[name_at]
        if shown not in ("person",) and _is_person(text.split(",")[0], domain, lexicon):
            cut, _ = without_honorific(text, lexicon)
            line = text.split(",")[0]
            name = own.maybe(start + cut, start + len(line) - honorific_behind(line)) or name
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


def _signature_lines(own: Source, display: str, lexicon: Lexicon) -> list[tuple[int, str]]:
    """The last lines of the own words that are short, with their offsets; at most ten.

    Below a signature that bears the author's name there may be a disclaimer of any length.
    """
    out: list[tuple[int, str]] = []
    offset = 0
    for line in own.text.split("\n"):
        stripped = line.strip()
        if stripped and not fold_words(stripped).startswith(lexicon.quoting.devices):
            out.append((offset + line.index(stripped[0]), stripped))
        offset += len(line) + 1
    signed = _without_prose(out[-10:], lexicon)
    if signed or not display:
        return signed
    while out and _is_prose(out[-1][1], lexicon):
        out.pop()
    above = _without_prose(out[-10:], lexicon)
    surname = fold_words(display).split()[-1]
    return above if any(surname in fold_words(text).split() for _, text in above) else []


def _without_prose(lines: list[tuple[int, str]], lexicon: Lexicon) -> list[tuple[int, str]]:
    """What stands below the last line that is a sentence."""
    cut = max((index + 1 for index, (_, text) in enumerate(lines) if _is_prose(text, lexicon)), default=0)
    return lines[cut:]


def _is_prose(text: str, lexicon: Lexicon) -> bool:
    return len(text) > 90 or _is_sentence(text, lexicon)


#: So long is what a Chinese or Japanese sentence says at least; greetings are shorter.
_SENTENCE_HAN = 8


def _is_sentence(text: str, lexicon: Lexicon) -> bool:
    """A full stop behind more words than a line of a signature has; Chinese and Japanese know no spaces."""
    if text.endswith(("。", "！", "？")):
        return len(text) > _SENTENCE_HAN
    stops = text.endswith((".", "?", "!", ":")) and len(text.split()) > 4
    return stops and not ends_in_legal_form(text, lexicon)


def _is_person(text: str, domain: str, lexicon: Lexicon) -> bool:
    cut, _ = without_honorific(text, lexicon)
    return kind_of_name(text[cut:].strip(), domain, lexicon) == "person"


def _name_line(
    lines: list[tuple[int, str]], display: str, shown: str, domain: str, lexicon: Lexicon
) -> int | None:
    """The line that repeats the author's name, else the first that reads like a person's name."""
    wanted = fold_words(display)
    if shown == "organisation":
        person = next((i for i, (_, text) in enumerate(lines) if _is_person(text, domain, lexicon)), None)
        if person is not None:
            return person
    for index, (_, text) in enumerate(lines):
        if wanted and fold_words(text).startswith(wanted):
            return index
    if shown == "person" and wanted:
        surname = wanted.split()[-1]
        return next((i for i, (_, text) in enumerate(lines) if surname in fold_words(text).split()), None)
    return next(
        (i for i, (_, text) in enumerate(lines) if _is_person(text.split(",")[0], domain, lexicon)), None
    )


def _firm_before(own: Source, lines: list[tuple[int, str]], display: str, lexicon: Lexicon) -> Found | None:
    """`株式会社雨宿堂 早乙女 圭`: the firm on the line of the name, before it."""
    for start, text in lines:
        at = text.find(display) if display else -1
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
    """Japanese and Chinese signatures name the firm first."""
    start, text = line
    firm = _may_be_firm(text) and in_ideographs(text) and kind_of_name(text, "", lexicon) == "organisation"
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
    """The firm without the desk words at its end: `Okonwa Kitchenware Brand Team`."""
    words = own.text[start:end].split()
    while len(words) > 1 and lexicon.names.desk.found_in(fold_words(words[-1])):
        cut = words.pop()
        end = own.text.rindex(cut, start, end)
        if words[-1].casefold() in ("brand", "legal", "ip", "trademark", "copyright", "brands"):
            end = own.text.rindex(words.pop(), start, end)
    text = own.text[start:end].strip()
    if not text or lexicon.names.titles.found_in(fold_words(text)):
        return None
    return own.maybe(start, end)


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
    return text.split(",")
