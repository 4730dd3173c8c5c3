"""Bytes made into a Message: limits first, the standard library as parser, our own walk for the bodies.

Before that the bytes were looked at by a reader of our own (`outline`): it draws the limits, leaves out what
is large, and where it sees other parts than the parser does the mail is marked as malformed. mail-parser is
asked about the fields where readers differ: who wrote the mail, and a date that the standard library does
not understand. It is given these fields alone: it appends the text of attached mails to the body, fails on
some broken multiparts, and decodes every part and field, which takes longer than all the rest.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.feedparser import FeedParser
from email.message import Message as RawMessage
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache

import mailparser

from bot.errors import UnreadableMail
from bot.frozen import quick
from bot.mail.address import canonical, parse_addresses
from bot.mail.automatic import PROVING, automatic_reason
from bot.mail.decode import decode_words, header_text, part_octets, part_text
from bot.mail.flatten import flatten
from bot.mail.letters import LETTERS_LIMIT, Gap, is_pdf, pdf_text
from bot.mail.malformed import is_plain_author, of_authors, of_bytes, of_parts
from bot.mail.message import Address, Head, Message, Part
from bot.mail.outline import DEPTH_LIMIT, PART_LIMIT, Left, lightened, outline
from bot.mail.text import clean
from bot.mail.thread import message_ids

#: Text by another name: notices that machines write for machines.
_TEXTS = ("application/json", "application/xml")
_HEADERS = ("message/rfc822-headers", "text/rfc822-headers")
_TELLING = frozenset(("content-type", "content-disposition"))
_PEOPLE = frozenset(("from", "sender", "to", "cc", "bcc"))
_REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")


def parse_message(raw: bytes) -> Message:
    """The whole mail as frozen values. Raises UnreadableMail when a limit is passed or nothing is there."""
    found = outline(raw)
    light, left = lightened(raw, found)
    tree = _tree(light)
    if not tree.keys():
        raise UnreadableMail("this is not a mail: it has no header field")
    second = _SecondReader(tree)
    try:
        message = _message(tree, "", 0, _Budget(left), second)
    except RecursionError:
        raise UnreadableMail(f"the parts of this mail are nested more than {DEPTH_LIMIT} deep") from None
    froms = [_raw_line(body) for name, body in tree.raw_items() if name.casefold() == "from"]
    odd = of_bytes(raw, found) | of_parts(raw, message, found)
    if not is_plain_author(froms):
        odd |= of_authors(message.head.from_, froms, second.authors)
    defects = {type(defect).__name__ for node in tree.walk() for defect in node.defects}
    return replace(message, size=len(raw), defects=tuple(sorted(defects)), malformed=tuple(sorted(odd)))


class _Budget:
    """How many parts may still come, over all nested mails together, and which of them were left out."""

    def __init__(self, left_out: Mapping[str, Left]) -> None:
        self.left = PART_LIMIT
        self.left_out = left_out
        self.letters = LETTERS_LIMIT

    def letter(self) -> bool:
        """Whether one more attached letter may be read: each may cost a second."""
        self.letters -= 1
        return self.letters >= 0

    def spend(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise UnreadableMail(f"this mail has more than {PART_LIMIT} parts")
        if depth > DEPTH_LIMIT:
            raise UnreadableMail(f"the parts of this mail are nested more than {DEPTH_LIMIT} deep")


def _tree(raw: bytes) -> RawMessage:
    """The MIME tree as the standard library sees it."""
    try:
        parser = FeedParser(policy=email.policy.compat32)
        # Whole: `email.message_from_bytes` feeds it the same characters in small pieces.
        parser.feed(raw.decode("ascii", "surrogateescape"))
        return parser.close()
    except MemoryError:
        raise
    except Exception as problem:
        raise UnreadableMail(f"this mail cannot be taken apart ({type(problem).__name__})") from None


class _SecondReader:
    """What mail-parser makes of author and date; asked only where the answer may matter."""

    def __init__(self, tree: RawMessage) -> None:
        self._tree = tree

    @cached_property
    def _parsed(self) -> mailparser.MailParser | None:
        head = RawMessage(email.policy.compat32)
        for name, body in self._tree.raw_items():
            if name.casefold() in ("from", "date"):
                head.set_raw(name, body)
        try:
            return mailparser.MailParser(head)
        except MemoryError:
            raise
        except Exception:
            return None  # it has no opinion

    @property
    def authors(self) -> tuple[str, ...]:
        """Addresses of From."""
        return tuple(str(address) for _, address in self._parsed.from_) if self._parsed else ()

    @property
    def date(self) -> datetime | None:
        """The claimed date."""
        date = self._parsed.date if self._parsed else None
        return date if isinstance(date, datetime) else None


@lru_cache(maxsize=256)
def _names(name: str) -> tuple[str, str, str]:
    """The name of a field as we keep it, that folded, and itself folded; the same few are in every mail."""
    kept = clean(name, keep_lines=False)
    return kept, kept.casefold(), name.casefold()


def _message(
    tree: RawMessage, prefix: str, depth: int, budget: _Budget, second: _SecondReader | None = None
) -> Message:
    fields: list[tuple[str, str]] = []
    bodies: dict[str, list[str]] = {}
    people: dict[str, list[Address]] = {}
    for name, raw in tree.raw_items():
        kept, known, given = _names(name)
        fields.append((kept, raw))
        bodies.setdefault(known, []).append(raw)
        if given in _PEOPLE:
            # Of the raw body: a comma out of an encoded word must not make a second address.
            people.setdefault(given, []).extend(parse_addresses(_raw_line(raw)))
    proving = []
    if not PROVING.isdisjoint(bodies):
        proving = [(name, header_text(raw)) for name, raw in fields if name.casefold() in PROVING]
    said = _said(tree)
    leaf = not tree.is_multipart() or said.kind.startswith("message/")
    taken = _Taken()
    _walk(tree, said, f"{prefix}.1" if prefix and leaf else prefix, depth, budget, taken)
    return Message(
        head=_head(bodies, people, automatic_reason(proving), second),
        fields=tuple(fields),
        parts=tuple(taken.parts),
        nested=tuple(taken.nested),
        defects=(),
        size=0,
    )


@dataclass(slots=True)
class _Taken:
    """What was found in a mail so far."""

    parts: list[Part] = field(default_factory=list)
    nested: list[Message] = field(default_factory=list)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a node says of itself; asked once, because the library looks through all its fields each time."""

    kind: str  #: its type, lower case
    charset: str | None
    filename: str | None
    attached: bool


def _said(node: RawMessage) -> _Said:
    fields: dict[str, str] = {}
    for name, raw in node.raw_items():
        key = name.lower()
        if key in _TELLING and key not in fields:
            fields[key] = raw if raw.isascii() else str(node[key])
    kind, charset = _type_and_charset(fields.get("content-type"))
    filename = _filename(node) if any("name" in body.casefold() for body in fields.values()) else None
    disposition = fields.get("content-disposition", "").strip().casefold()
    return _Said(
        kind=kind or node.get_default_type(),
        charset=charset,
        filename=filename,
        attached=disposition.startswith("attachment")
        or (filename is not None and not disposition.startswith("inline")),
    )


def _walk(node: RawMessage, said: _Said, prefix: str, depth: int, budget: _Budget, taken: _Taken) -> None:
    """Leaves in order, numbered as IMAP does (RFC 9051 §6.4.5); never into the text of a nested mail."""
    children = node.get_payload() if node.is_multipart() else None
    if not isinstance(children, list) or said.kind in _REPORTS or said.kind.startswith("message/"):
        _leaf(node, said, prefix or "1", depth, budget, taken)
        return
    for position, child in enumerate(children, 1):
        number = f"{prefix}.{position}" if prefix else str(position)
        budget.spend(depth)
        if isinstance(child, RawMessage):
            _walk(child, _said(child), number, depth + 1, budget, taken)


def _leaf(node: RawMessage, said: _Said, number: str, depth: int, budget: _Budget, taken: _Taken) -> None:
    kind = said.kind
    if kind in _REPORTS:
        text = _report_text(node.get_payload())
        taken.parts.append(_part(said, number, text.encode("utf-8", "replace"), text))
        return
    if kind in ("message/rfc822", "message/global") and node.is_multipart():
        inside = node.get_payload(0)
        taken.parts.append(_part(said, number, b"", None))
        budget.spend(depth)
        if isinstance(inside, RawMessage):
            taken.nested.append(_message(_unwrapped(node, inside), number, depth + 1, budget))
        return
    octets = part_octets(node)
    attached = _attached_mail(said, octets)
    if attached is not None:
        taken.parts.append(_part(said, number, octets, None))
        budget.spend(depth)
        taken.nested.append(_message(attached, number, depth + 1, budget))
        return
    if kind.startswith("multipart/"):
        said = replace(said, kind="text/plain")  # its boundary never came, so what is there is plain text
    part = _part(said, number, octets, _leaf_text(said, octets))
    if part.text is None and is_pdf(said.kind, part.filename, octets):
        letter, gap = pdf_text(octets) if budget.letter() else ("", Gap.TOO_LARGE)
        part = replace(part, text=letter or None, gap=gap.value if gap else None)
    left = budget.left_out.get(number)
    if left:
        cut = Gap.TOO_LARGE.value if is_pdf(said.kind, part.filename, b"") else None
        part = replace(part, size=left.size, sha256=left.sha256, gap=cut)
    taken.parts.append(part)


def _unwrapped(node: RawMessage, inside: RawMessage) -> RawMessage:
    """A mail that was attached in base64, which RFC 2046 §5.2.1 forbids and some mailers do."""
    coding = str(node.get("Content-Transfer-Encoding", "")).strip().casefold()
    if coding not in ("base64", "quoted-printable") or inside.keys():
        return inside
    text = inside.get_payload()
    wrapped = RawMessage(email.policy.compat32)
    wrapped["Content-Transfer-Encoding"] = coding
    wrapped.set_payload(text if isinstance(text, str) else "")
    again = email.message_from_bytes(part_octets(wrapped), policy=email.policy.compat32)
    return again if again.keys() else inside


def _attached_mail(said: _Said, octets: bytes) -> RawMessage | None:
    """A mail attached as a file: named .eml, and it begins with the fields of one."""
    if not _ends_like(said, (".eml",)) or said.kind.startswith("message/"):
        return None
    inside = email.message_from_bytes(octets, policy=email.policy.compat32)
    return inside if inside.get("From") and inside.get("Date") else None


def _ends_like(said: _Said, endings: tuple[str, ...]) -> bool:
    return said.filename is not None and said.filename.casefold().endswith(endings)


def _leaf_text(said: _Said, octets: bytes) -> str | None:
    kind = said.kind
    if kind == "text/html":
        return flatten(part_text(octets, said.charset))
    if kind in _HEADERS:
        return clean(decode_words(part_text(octets, said.charset)))  # what a report returns of our mail
    named_like_text = kind == "application/octet-stream" and _ends_like(said, (".txt", ".json", ".xml"))
    if kind.startswith("text/") or kind in _TEXTS or kind.endswith(("+json", "+xml")) or named_like_text:
        return part_text(octets, said.charset)
    return None


def _report_text(inside: object) -> str:
    """The groups of fields of a delivery report, an empty line between them."""
    if not isinstance(inside, list):
        return clean(str(inside))
    blocks = [block for block in inside if isinstance(block, RawMessage)]
    return "\n\n".join(
        "\n".join(f"{name}: {header_text(body)}" for name, body in block.raw_items()) for block in blocks
    )


def _part(said: _Said, number: str, octets: bytes, text: str | None) -> Part:
    return Part(
        number=number,
        content_type=said.kind,
        filename=said.filename,
        attachment=said.attached,
        text=text,
        size=len(octets),
        sha256=hashlib.sha256(octets).hexdigest(),
    )


@lru_cache(maxsize=256)
def _type_and_charset(declared: str | None) -> tuple[str, str | None]:
    """What a Content-Type says, "" for the type without one; most mails bear one of the same few."""
    if declared is None:
        return "", None
    node = RawMessage(email.policy.compat32)
    node.set_raw("Content-Type", declared)
    try:
        # A comment may stand behind the type, and belongs to nobody (RFC 2045 §5.1).
        kind = clean(node.get_content_type(), keep_lines=False).casefold().split(" ", 1)[0]
    except Exception:
        kind = "text/plain"
    try:
        return kind, node.get_content_charset()
    except Exception:
        return kind, None


def _filename(node: RawMessage) -> str | None:
    try:
        name = node.get_filename()
    except Exception:
        return None
    return header_text(name)[:255] or None if name else None


def _head(
    bodies: Mapping[str, list[str]],
    people: Mapping[str, list[Address]],
    automatic: str | None,
    second: _SecondReader | None,
) -> Head:
    def addresses(name: str) -> tuple[Address, ...]:
        return tuple(people.get(name, ()))

    def first(name: str) -> str:
        return header_text(bodies[name][0]) if name in bodies else ""

    def ids_in(name: str) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(i for body in bodies.get(name, ()) for i in message_ids(header_text(body)))
        )

    ids = message_ids(first("message-id"))
    return Head(
        message_id=ids[0] if ids else None,
        in_reply_to=ids_in("in-reply-to"),
        references=ids_in("references"),
        subject=first("subject"),
        from_=addresses("from"),
        sender=next(iter(addresses("sender")), None),
        to=addresses("to"),
        cc=addresses("cc"),
        bcc=addresses("bcc"),
        date=_date(first("date"), second),
        automatic=automatic,
        return_path=(canonical(first("return-path")) or "") if "return-path" in bodies else None,
    )


def _raw_line(body: object) -> str:
    """A raw header body on one line, raw 8-bit octets decoded, encoded words left alone."""
    raw = str(body)
    if raw.isascii():
        return clean(raw, keep_lines=False)
    try:
        octets = raw.encode("ascii", "surrogateescape")
        raw = octets.decode("utf-8", "replace")
    except UnicodeError:
        raw = raw.encode("utf-8", "replace").decode("utf-8", "replace")
    return clean(raw, keep_lines=False)


def _date(body: str, second: _SecondReader | None) -> datetime | None:
    """The claimed date, aware and in UTC; a date without a zone counts as UTC."""
    when: datetime | None
    try:
        when = parsedate_to_datetime(body)
    except (TypeError, ValueError, IndexError, OverflowError):
        when = second.date if second else None
    if when is None:
        return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
