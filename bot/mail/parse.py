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
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message as RawMessage
from email.utils import parsedate_to_datetime
from functools import cached_property

import mailparser

from bot.errors import UnreadableMail
from bot.mail.address import canonical, parse_addresses
from bot.mail.automatic import automatic_reason
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
_NAMING = ("Content-Disposition", "Content-Type")
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
        return email.message_from_bytes(raw, policy=email.policy.compat32)
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


def _message(
    tree: RawMessage, prefix: str, depth: int, budget: _Budget, second: _SecondReader | None = None
) -> Message:
    headers = tuple((clean(name, keep_lines=False), header_text(body)) for name, body in tree.raw_items())
    parts: list[Part] = []
    nested: list[Message] = []
    leaf = not tree.is_multipart() or _type(tree).startswith("message/")
    _walk(tree, f"{prefix}.1" if prefix and leaf else prefix, depth, budget, parts, nested)
    return Message(
        head=_head(tree, headers, second),
        headers=headers,
        parts=tuple(parts),
        nested=tuple(nested),
        defects=(),
        size=0,
    )


def _walk(
    node: RawMessage, prefix: str, depth: int, budget: _Budget, parts: list[Part], nested: list[Message]
) -> None:
    """Leaves in order, numbered as IMAP does (RFC 9051 §6.4.5); never into the text of a nested mail."""
    children = node.get_payload() if node.is_multipart() else None
    if not isinstance(children, list) or _type(node) in _REPORTS or _type(node).startswith("message/"):
        _leaf(node, prefix or "1", depth, budget, parts, nested)
        return
    for position, child in enumerate(children, 1):
        number = f"{prefix}.{position}" if prefix else str(position)
        budget.spend(depth)
        if isinstance(child, RawMessage):
            _walk(child, number, depth + 1, budget, parts, nested)


def _leaf(
    node: RawMessage, number: str, depth: int, budget: _Budget, parts: list[Part], nested: list[Message]
) -> None:
    kind = _type(node)
    inside = node.get_payload()
    if kind in _REPORTS:
        text = _report_text(inside)
        parts.append(_part(node, number, text.encode("utf-8", "replace"), text))
        return
    if kind in ("message/rfc822", "message/global") and isinstance(inside, list) and inside:
        parts.append(_part(node, number, b"", None))
        budget.spend(depth)
        if isinstance(inside[0], RawMessage):
            nested.append(_message(_unwrapped(node, inside[0]), number, depth + 1, budget))
        return
    octets = part_octets(node)
    attached = _attached_mail(node, octets)
    if attached is not None:
        parts.append(_part(node, number, octets, None))
        budget.spend(depth)
        nested.append(_message(attached, number, depth + 1, budget))
        return
    if kind.startswith("multipart/"):
        kind = "text/plain"  # its boundary never came, so what is there is plain text
    part = _part(node, number, octets, _leaf_text(node, kind, octets), kind)
    if part.text is None and is_pdf(kind, part.filename, octets):
        letter, gap = pdf_text(octets) if budget.letter() else ("", Gap.TOO_LARGE)
        part = replace(part, text=letter or None, gap=gap.value if gap else None)
    left = budget.left_out.get(number)
    if left:
        cut = Gap.TOO_LARGE.value if is_pdf(kind, part.filename, b"") else None
        part = replace(part, size=left.size, sha256=left.sha256, gap=cut)
    parts.append(part)


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


def _attached_mail(node: RawMessage, octets: bytes) -> RawMessage | None:
    """A mail attached as a file: named .eml, and it begins with the fields of one."""
    name = (_filename(node) or "").casefold()
    if not name.endswith(".eml") or _type(node).startswith("message/"):
        return None
    inside = email.message_from_bytes(octets, policy=email.policy.compat32)
    return inside if inside.get("From") and inside.get("Date") else None


def _leaf_text(node: RawMessage, kind: str, octets: bytes) -> str | None:
    if kind == "text/html":
        return flatten(part_text(node, octets))
    if kind in _HEADERS:
        return clean(decode_words(part_text(node, octets)))  # what a delivery report returns of our mail
    if kind.startswith("text/"):
        return part_text(node, octets)
    if kind in _TEXTS or kind.endswith(("+json", "+xml")) or _named_like_text(node, kind):
        return part_text(node, octets)
    return None


def _named_like_text(node: RawMessage, kind: str) -> bool:
    name = _filename(node) or ""
    return kind == "application/octet-stream" and name.casefold().endswith((".txt", ".json", ".xml"))


def _report_text(inside: object) -> str:
    """The groups of fields of a delivery report, an empty line between them."""
    if not isinstance(inside, list):
        return clean(str(inside))
    blocks = [block for block in inside if isinstance(block, RawMessage)]
    return "\n\n".join(
        "\n".join(f"{name}: {header_text(body)}" for name, body in block.raw_items()) for block in blocks
    )


def _part(node: RawMessage, number: str, octets: bytes, text: str | None, kind: str | None = None) -> Part:
    filename = _filename(node)
    disposition = str(node.get("Content-Disposition", "")).strip().casefold()
    attached = disposition.startswith("attachment") or (
        filename is not None and not disposition.startswith("inline")
    )
    return Part(
        number=number,
        content_type=kind or _type(node),
        filename=filename,
        attachment=attached,
        text=text,
        size=len(octets),
        sha256=hashlib.sha256(octets).hexdigest(),
    )


def _type(node: RawMessage) -> str:
    try:
        # A comment may stand behind the type, and belongs to nobody (RFC 2045 §5.1).
        return clean(node.get_content_type(), keep_lines=False).casefold().split(" ", 1)[0]
    except Exception:
        return "text/plain"


def _filename(node: RawMessage) -> str | None:
    try:
        if not any("name" in str(node.get(field, "")).casefold() for field in _NAMING):
            return None
        name = node.get_filename()
    except Exception:
        return None
    return header_text(name)[:255] or None if name else None


def _head(tree: RawMessage, headers: tuple[tuple[str, str], ...], second: _SecondReader | None) -> Head:
    bodies: dict[str, list[str]] = {}
    for field, body in headers:
        bodies.setdefault(field.casefold(), []).append(body)
    # Split the raw body: a comma out of an encoded word must not make a second address.
    people: dict[str, list[Address]] = {}
    for field, raw in tree.raw_items():
        name = field.casefold()
        if name in _PEOPLE:
            people.setdefault(name, []).extend(parse_addresses(_raw_line(raw)))

    def addresses(name: str) -> tuple[Address, ...]:
        return tuple(people.get(name, ()))

    def first(name: str) -> str:
        return bodies[name][0] if name in bodies else ""

    def ids_in(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(i for body in bodies.get(name, ()) for i in message_ids(body)))

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
        automatic=automatic_reason(headers),
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
