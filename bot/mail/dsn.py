"""Delivery reports: the machine-readable part (RFC 3464), and what it says about which of our mails."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.mail.address import canonical
from bot.mail.message import Message
from bot.mail.thread import message_ids

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_FIELD = re.compile(r"^([A-Za-z0-9-]+):[ \t]*(.*)$")
_IN_TEXT = re.compile(r"(?im)^\s*message-id:\s*(<[^<>\s]+>)")
_SENDERS = ("mailer-daemon", "postmaster", "mail-daemon", "mail delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRecipient:
    """One per-recipient group (RFC 3464 §2.3)."""

    address: str
    action: str  #: failed | delayed | delivered | relayed | expanded
    status: str  #: "5.1.1"
    diagnostic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a delivery report says."""

    original_message_id: str | None
    recipients: tuple[ReportedRecipient, ...]


def read_report(message: Message) -> Report | None:
    """The report, or None when the mail is not a delivery report in the form of RFC 3464 or near it."""
    groups = [
        group
        for part in message.parts
        if part.content_type in ("message/delivery-status", "message/global-delivery-status") and part.text
        for group in _groups(part.text)
    ]
    recipients = tuple(found for group in groups if (found := _recipient(group)) is not None)
    if not recipients:
        recipients = _plain_bounce(message)
    if not recipients:
        return None
    return Report(original_message_id=_original(message), recipients=recipients)


def _groups(text: str) -> list[dict[str, str]]:
    groups: list[dict[str, str]] = [{}]
    last: str | None = None
    for line in text.split("\n"):
        field = _FIELD.match(line)
        if not line.strip():
            groups.append({})
            last = None
        elif line[0] in " \t" and last:
            groups[-1][last] += " " + line.strip()
        elif field:
            last = field[1].casefold()
            groups[-1].setdefault(last, field[2].strip())
    return [group for group in groups if group]


def _recipient(group: dict[str, str]) -> ReportedRecipient | None:
    named = group.get("original-recipient") or group.get("final-recipient") or ""
    address = canonical(named.rpartition(";")[2]) or canonical(
        group.get("final-recipient", "").rpartition(";")[2]
    )
    action = group.get("action", "").split(" ")[0].casefold()
    if address is None or not action:
        return None
    diagnostic = group.get("diagnostic-code", "")
    status = _STATUS.search(group.get("status", "")) or _STATUS.search(diagnostic)
    return ReportedRecipient(
        address=address,
        action=action,
        status=status[1] if status else ("5.0.0" if action == "failed" else "4.0.0"),
        diagnostic=diagnostic,
    )


def _plain_bounce(message: Message) -> tuple[ReportedRecipient, ...]:
    """Bounces without a status part: a daemon as author and a 4yz or 5yz answer about an address."""
    author = message.head.from_[0] if message.head.from_ else None
    daemon = author is not None and (author.addr_spec + " " + author.display_name).casefold().startswith(
        _SENDERS
    )
    if not daemon or message.body is None or not message.body.text:
        return ()
    text = message.body.text[:20_000]
    code = _STATUS.search(text) or re.search(r"\b([45])\d\d\b", text)
    address = re.search(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", text)
    spec = canonical(address[0]) if address else None
    if code is None or spec is None:
        return ()
    permanent = code[1].startswith("5")
    status = code[1] if "." in code[1] else f"{code[1]}.0.0"
    return (
        ReportedRecipient(
            address=spec,
            action="failed" if permanent else "delayed",
            status=status,
            diagnostic=" ".join(text[code.start() : code.start() + 200].split()),
        ),
    )


def _original(message: Message) -> str | None:
    """Message-ID of the mail reported on: from its returned header fields, else from the text."""
    for nested in message.nested:
        if nested.head.message_id:
            return nested.head.message_id
    for part in message.parts:
        if part.text and part.content_type != "message/delivery-status":
            found = _IN_TEXT.search(part.text[:100_000])
            if found and (ids := message_ids(found[1])):
                return ids[0]
    return message.head.cites[0] if message.head.cites else None
