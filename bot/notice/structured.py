"""Notices that machines write for machines: ACNS in XML and XARF in JSON, with the place of every value.

Neither is given to a parser that could follow what a stranger wrote: ACNS is read tag by tag with no entity
but the five of XML itself, and a document that declares a type or an entity is not read at all.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.mail.address import canonical
from bot.notice.facts import Complainant, Found, Role
from bot.notice.source import Source

_TAG = re.compile(r"<(/?)(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,60})(?:\s[^<>]{0,500})?(/?)>")
_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.I)
_LISTING = re.compile(r"(?:/dp/|/gp/product/|[?&]asin=)([Bb]0[A-Za-z0-9]{8}|\d{9}[\dXx])(?![A-Za-z0-9])")
_ACNS_ROOT = "infringement"
#: Element of ACNS, as a path from the root → which of our fields it fills.
_ACNS = {
    "complainant/entity": "organisation",
    "complainant/contact": "name",
    "complainant/email": "address",
    "complainant/phone": "phone",
    "content/item/title": "work",
    "source/url": "url",
}
#: Keys of XARF 4, 3 and 2, as a path → field; the first that is there counts.
_XARF = (
    ("reporter/org", "organisation"),
    ("reporter/contact", "address"),
    ("sender/contact", "address"),
    ("ReporterInfo/ReporterOrg", "organisation"),
    ("ReporterInfo/ReporterContactName", "name"),
    ("ReporterInfo/ReporterContactEmail", "address"),
    ("ReporterInfo/ReporterOrgEmail", "address"),
    ("ReporterInfo/ReporterContactPhone", "phone"),
    ("Reporter/ReporterOrg", "organisation"),
    ("Reporter/ReporterContactEmail", "address"),
    ("source_identifier", "url"),
    ("url", "url"),
    ("Report/SourceUrl", "url"),
)
_TEXT_LIMIT = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """What a structured notice says."""

    form: str  #: "acns" or "xarf"
    complainant: Complainant | None
    asins: tuple[Found, ...]
    works: tuple[Found, ...]


def read_structured(source: Source, barred: Callable[[str], bool]) -> Structured | None:
    """The notice, or None when the text is neither ACNS nor XARF."""
    text = source.text.lstrip("\ufeff \n")
    if len(source.text) > _TEXT_LIMIT:
        return None
    if text.startswith("<"):
        values = _acns(source)
        form = "acns"
    elif text.startswith("{"):
        values = _xarf(source)
        form = "xarf"
    else:
        return None
    return _of(form, values, barred) if values else None


def _of(form: str, values: list[tuple[str, Found]], barred: Callable[[str], bool]) -> Structured:
    def all_of(field: str) -> list[Found]:
        return list({found.value: found for name, found in values if name == field}.values())

    addresses = []
    for found in all_of("address"):
        spec = canonical(found.value)
        if spec and not barred(spec):
            addresses.append(Found(value=spec, span=found.span))
    names, firms = all_of("name"), all_of("organisation")
    known = bool(addresses or names or firms)
    complainant = Complainant(
        role=Role.OWNER,
        name=names[0] if names else None,
        organisation=firms[0] if firms else None,
        addresses=tuple(addresses),
        phones=tuple(all_of("phone")),
    )
    asins = [
        Found(value=match[1].upper(), span=found.span)
        for found in all_of("url")
        if (match := _LISTING.search(found.value))
    ]
    return Structured(
        form=form,
        complainant=complainant if known else None,
        asins=tuple(asins),
        works=tuple(all_of("work")),
    )


def _acns(source: Source) -> list[tuple[str, Found]]:
    """Field and value of every element we know; nothing of a document that declares anything."""
    if _DECLARES.search(source.text):
        return []
    path: list[str] = []
    values: list[tuple[str, Found]] = []
    begun = 0
    for tag in _TAG.finditer(source.text):
        closing, name, empty = tag[1], tag[2].casefold(), tag[3]
        if not closing:
            if not path and name != _ACNS_ROOT:
                continue  # an envelope around it
            if not empty:
                path.append(name)
                begun = tag.end()
            continue
        if path and path[-1] == name:
            field = _ACNS.get("/".join(path[1:]))
            found = source.maybe(begun, tag.start()) if field else None
            if field and found and "<" not in found.value and len(found.value) <= 300:
                values.append(
                    (field, Found(value=" ".join(_unescaped(found.value).split()), span=found.span))
                )
            path.pop()
    return values


def _unescaped(text: str) -> str:
    return html.unescape(re.sub(r"&(?!(?:amp|lt|gt|quot|apos);)", "&amp;", text))


def _xarf(source: Source) -> list[tuple[str, Found]]:
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict) or not _is_xarf(document):
        return []
    values: list[tuple[str, Found]] = []
    for path, field in _XARF:
        value = _at(document, path.split("/"))
        place = _placed(source, value) if isinstance(value, str) and value.strip() else None
        if place is not None:
            values.append((field, place))
    return values


def _is_xarf(document: Mapping[str, object]) -> bool:
    return "xarf_version" in document or "ReporterInfo" in document or "Reporter" in document


def _at(document: object, keys: list[str]) -> object:
    for key in keys:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def _placed(source: Source, value: str) -> Found | None:
    """A text value where it stands; None when it cannot be found as written."""
    for written in _written(value):
        at = source.text.find(f'"{written}"')
        if at >= 0:
            return source.found(at + 1, at + 1 + len(written), " ".join(value.split())[:300])
    return None


def _written(value: str) -> Iterator[str]:
    for ascii_only in (False, True):
        yield json.dumps(value, ensure_ascii=ascii_only)[1:-1]
    yield json.dumps(value)[1:-1].replace("/", "\\/")
