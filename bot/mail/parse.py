"""Bytes made into a Message: limits first, mail-parser for the header, our own walk for the bodies.

mail-parser appends the text of attached mails to the body and fails on some broken multiparts, so the MIME
tree is walked here, stops at message/*, and falls back to the standard library's tolerant parser.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from datetime import UTC, datetime
from email.message import Message as RawMessage
from email.utils import parsedate_to_datetime

import mailparser

from bot.errors import UnreadableMail
from bot.mail.address import canonical, parse_addresses
from bot.mail.automatic import automatic_reason
from bot.mail.decode import header_text, part_octets, part_text
from bot.mail.flatten import flatten
from bot.mail.message import Address, Head, Message, Part
from bot.mail.text import clean
from bot.mail.thread import message_ids

SIZE_LIMIT = 25 * 1024 * 1024  #: octets
HEADER_LIMIT = 64 * 1024  #: octets of the header block
DEPTH_LIMIT = 20
PART_LIMIT = 200
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")


def parse_message(raw: bytes) -> Message:
    """The whole mail as frozen values. Raises UnreadableMail when a limit is passed or nothing is there."""
    _refuse_monsters(raw)
    tree, defects, claimed = _tree(raw)
    if not tree.keys():
        raise UnreadableMail("this is not a mail: it has no header field")
    try:
        return _message(tree, "", 0, _Budget(), size=len(raw), defects=defects, claimed=claimed)
    except RecursionError:
        raise UnreadableMail(f"the parts of this mail are nested more than {DEPTH_LIMIT} deep") from None


class _Budget:
    """How many parts may still come, over all nested mails together."""

    def __init__(self) -> None:
        self.left = PART_LIMIT

    def spend(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise UnreadableMail(f"this mail has more than {PART_LIMIT} parts")
        if depth > DEPTH_LIMIT:
            raise UnreadableMail(f"the parts of this mail are nested more than {DEPTH_LIMIT} deep")


def _refuse_monsters(raw: bytes) -> None:
    """What would cost too much to parse at all."""
    if len(raw) > SIZE_LIMIT:
        raise UnreadableMail(f"this mail has {len(raw)} octets, more than the {SIZE_LIMIT} that we read")
    end = _HEADER_END.search(raw, 0, HEADER_LIMIT + 4)
    if end is None and len(raw) > HEADER_LIMIT:
        raise UnreadableMail(f"the header of this mail is longer than {HEADER_LIMIT} octets")
    if raw.lower().count(b"content-type:") > 20 * PART_LIMIT:
        raise UnreadableMail(f"this mail has more than {PART_LIMIT} parts")


def _tree(raw: bytes) -> tuple[RawMessage, tuple[str, ...], datetime | None]:
    """The MIME tree, its defects and the claimed date."""
    try:
        parsed = mailparser.parse_from_bytes(raw)
        defects = tuple(sorted(clean(str(name)) for name in parsed.defects_categories))
        date = parsed.date
        tree = parsed.message
        if isinstance(tree, RawMessage) and tree.keys():
            return tree, defects, date if isinstance(date, datetime) else None
        reason = "mail-parser found no header"
    except MemoryError:
        raise
    except Exception as problem:
        reason = f"mail-parser: {type(problem).__name__}"
    try:
        return email.message_from_bytes(raw, policy=email.policy.compat32), (reason,), None
    except MemoryError:
        raise
    except Exception as problem:
        raise UnreadableMail(f"this mail cannot be taken apart ({type(problem).__name__})") from None


def _message(
    tree: RawMessage,
    prefix: str,
    depth: int,
    budget: _Budget,
    *,
    size: int,
    defects: tuple[str, ...] = (),
    claimed: datetime | None = None,
) -> Message:
    headers = tuple((clean(name, keep_lines=False), header_text(body)) for name, body in tree.raw_items())
    parts: list[Part] = []
    nested: list[Message] = []
    leaf = not tree.is_multipart() or _type(tree).startswith("message/")
    _walk(tree, f"{prefix}.1" if prefix and leaf else prefix, depth, budget, parts, nested)
    return Message(
        head=_head(tree, headers, claimed),
        headers=headers,
        parts=tuple(parts),
        nested=tuple(nested),
        defects=defects,
        size=size,
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
            nested.append(_message(inside[0], number, depth + 1, budget, size=0))
        return
    octets = part_octets(node)
    if kind.startswith("multipart/"):
        kind = "text/plain"  # its boundary never came, so what is there is plain text
    parts.append(_part(node, number, octets, _leaf_text(node, kind, octets), kind))


def _leaf_text(node: RawMessage, kind: str, octets: bytes) -> str | None:
    if kind == "text/html":
        return flatten(part_text(node, octets))
    if kind.startswith("text/") or kind == "message/rfc822-headers":
        return part_text(node, octets)
    return None


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
        return clean(node.get_content_type(), keep_lines=False).casefold()
    except Exception:
        return "text/plain"


def _filename(node: RawMessage) -> str | None:
    try:
        name = node.get_filename()
    except Exception:
        return None
    return header_text(name)[:255] or None if name else None


def _head(tree: RawMessage, headers: tuple[tuple[str, str], ...], claimed: datetime | None) -> Head:
    def addresses(name: str) -> tuple[Address, ...]:
        # Split the raw body: a comma out of an encoded word must not make a second address.
        return tuple(
            address
            for field, body in tree.raw_items()
            if field.casefold() == name
            for address in parse_addresses(_raw_line(body))
        )

    def bodies(name: str) -> tuple[str, ...]:
        return tuple(body for field, body in headers if field.casefold() == name)

    def first(name: str) -> str:
        return next(iter(bodies(name)), "")

    sender = addresses("sender")
    ids = message_ids(first("message-id"))
    path = bodies("return-path")
    subject = first("subject")
    return Head(
        message_id=ids[0] if ids else None,
        in_reply_to=tuple(dict.fromkeys(i for body in bodies("in-reply-to") for i in message_ids(body))),
        references=tuple(dict.fromkeys(i for body in bodies("references") for i in message_ids(body))),
        subject=subject,
        from_=addresses("from"),
        sender=sender[0] if sender else None,
        to=addresses("to"),
        cc=addresses("cc"),
        date=_date(first("date"), claimed),
        automatic=automatic_reason(headers, subject),
        return_path=(canonical(path[0]) or "") if path else None,
    )


def _raw_line(body: object) -> str:
    """A raw header body on one line, raw 8-bit octets decoded, encoded words left alone."""
    raw = str(body)
    try:
        octets = raw.encode("ascii", "surrogateescape")
        raw = octets.decode("utf-8", "replace")
    except UnicodeError:
        raw = raw.encode("utf-8", "replace").decode("utf-8", "replace")
    return clean(raw, keep_lines=False)


def _date(body: str, claimed: datetime | None) -> datetime | None:
    """The claimed date, aware and in UTC; a date without a zone counts as UTC."""
    when: datetime | None
    try:
        when = parsedate_to_datetime(body)
    except (TypeError, ValueError, IndexError, OverflowError):
        when = claimed
    if when is None:
        return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
