"""Delivery reports: the machine-readable part (RFC 3464), and what it says about which of our mails."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass

from bot.frozen import quick
from bot.mail.address import canonical
from bot.mail.matching import Matcher
from bot.mail.message import Message
from bot.mail.text import fold, fold_words
from bot.mail.thread import is_ours, message_ids

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_FIELD = re.compile(r"^([A-Za-z0-9-]+):[ \t]*(.*)$")
_IN_TEXT = re.compile(r"(?im)^\s*message-id:\s*(<[^<>\s]+>)")
_REPLY = re.compile(r"(?<![\w.-])([45]\d\d)(?![\w.-])")
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_TAG = re.compile(r"\+rj\.([A-Za-z2-7]{16,})@([A-Za-z0-9.-]+)")
_SCANNED = 400_000  #: octets; longer reports are read by their own form or by words only
_SENDERS = (
    "mailer-daemon",
    "mailerdaemon",
    "postmaster",
    "mail-daemon",
    "mail delivery",
    "mmdf",
    "microsoftexchange",
)


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


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What reports say where they say nothing in a form: could not be delivered, or not yet."""

    bounces: Matcher
    delays: Matcher


def read_report(message: Message, raw: bytes = b"", wording: Wording | None = None) -> Report | None:
    """The report, or None when the mail is none.

    Asked in this order: the form of RFC 3464; the many forms of single mailers, which `flufl.bounce` knows;
    then codes and words of our own (`wording`), in a mail that a daemon wrote. Without `raw` the second is
    left out.
    """
    groups = [
        group
        for part in message.parts
        if part.content_type in ("message/delivery-status", "message/global-delivery-status") and part.text
        for group in _groups(part.text)
    ]
    recipients = tuple(found for group in groups if (found := _recipient(group)) is not None)
    if not recipients and _may_be_report(message, wording):
        recipients = _known_forms(message, raw) or _in_words(message, wording)
    if not recipients:
        return None
    return Report(original_message_id=_original(message), recipients=recipients)


def _may_be_report(message: Message, wording: Wording | None) -> bool:
    """Written by a daemon; a person's mail is never taken for a report, whatever it speaks of."""
    author = message.head.from_[0] if message.head.from_ else None
    named = [author.addr_spec, author.display_name] if author else []
    if any(name.casefold().startswith(_SENDERS) for name in named) or message.all("X-Failed-Recipients"):
        return True
    # An empty reverse-path (RFC 5321 §4.5.5) alone may be an automatic answer as well.
    silent = message.head.return_path == ""
    return silent and wording is not None and wording.bounces.found_in(fold_words(message.head.subject))


def _known_forms(message: Message, raw: bytes) -> tuple[ReportedRecipient, ...]:
    if not 0 < len(raw) <= _SCANNED:
        return ()
    # Only here: most mails are no reports.
    from flufl.bounce import all_failures

    try:
        transient, permanent = all_failures(email.message_from_bytes(raw))
    except MemoryError:
        raise
    except Exception:
        return ()  # it meets whatever a stranger wrote
    found: dict[str, ReportedRecipient] = {}
    for octets, lasting in [*((one, True) for one in permanent), *((one, False) for one in transient)]:
        spec = canonical(octets.decode("utf-8", "replace"))
        # It takes what looks like an address: the reader of the report is none that failed.
        if spec is not None and spec not in _specs_of_reader(message) and not is_ours(f"<{spec}>"):
            found.setdefault(spec, _judged(message, spec, lasting))
    return tuple(found[spec] for spec in sorted(found))


def _specs_of_reader(message: Message) -> set[str]:
    return {one.addr_spec for one in message.head.to}


def _judged(message: Message, address: str, lasting: bool) -> ReportedRecipient:
    """With the status near the address when its class (RFC 3463 §2) agrees; else that class alone."""
    text = (message.body.text or "")[:20_000] if message.body else ""
    at = max(0, text.casefold().find(address.casefold()))
    near = text[at : at + 800]
    wanted = "5" if lasting else "4"
    code = next((match for match in _STATUS.finditer(near) if match[1].startswith(wanted)), None)
    return ReportedRecipient(
        address=address,
        action="failed" if lasting else "delayed",
        status=code[1] if code else f"{wanted}.0.0",
        diagnostic=" ".join((near[code.start() :] if code else near)[:200].split()),
    )


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


def _in_words(message: Message, wording: Wording | None) -> tuple[ReportedRecipient, ...]:
    """Reports in no known form: a code of the protocol, or words, and whom they are about."""
    text = message.body.text[:20_000] if message.body and message.body.text else ""
    addresses = _failed_addresses(message, text)
    if not addresses:
        return ()
    code = _STATUS.search(text) or _REPLY.search(text)
    flow = fold(message.head.subject + "\n" + text[:6_000]).flow
    failed = wording is not None and wording.bounces.found_in(flow)
    delayed = wording is not None and wording.delays.found_in(flow)
    if code is None and not failed and not delayed:
        return ()
    permanent = code[1].startswith("5") if code else not delayed
    status = (code[1] if "." in code[1] else f"{code[1][0]}.0.0") if code else None
    at = code.start() if code else 0
    return tuple(
        ReportedRecipient(
            address=address,
            action="failed" if permanent else "delayed",
            status=status or ("5.0.0" if permanent else "4.0.0"),
            diagnostic=" ".join(text[at : at + 200].split()),
        )
        for address in addresses
    )


def _failed_addresses(message: Message, text: str) -> list[str]:
    """Named in a field, else whom our returned mail was to, else the first one in the text."""
    named = [spec for body in message.all("X-Failed-Recipients") for spec in _specs(body)]
    if named:
        return named
    to = [one.addr_spec for nested in message.nested for one in nested.head.to]
    said = _specs(text)
    returned = [spec for spec in said if spec in to]
    return returned or to[:1] or said[:1]


def _specs(text: str) -> list[str]:
    """addr-specs in a text, each once."""
    found = (canonical(match[0].rstrip(".")) for match in _ADDRESS.finditer(text[:20_000]))
    return list(dict.fromkeys(spec for spec in found if spec))


def _original(message: Message) -> str | None:
    """Message-ID of the mail reported on: ours in its returned header fields or in the text, else any there.

    A return tag in the address that the report was sent to says it too.
    """
    found = [nested.head.message_id for nested in message.nested if nested.head.message_id]
    for part in message.parts:
        if part.text and part.content_type != "message/delivery-status":
            found += [
                ident for one in _IN_TEXT.finditer(part.text[:100_000]) for ident in message_ids(one[1])
            ]
    found += message.head.cites
    ours = [ident for ident in found if is_ours(ident)] or list(tagged_ids(message))
    return next(iter([*ours, *found]), None)


def tagged_ids(message: Message) -> tuple[str, ...]:
    """Message-IDs of ours that stand as a tag in an address the mail was sent to: `shop+rj.TOKEN@domain`."""
    bodies = [one.addr_spec for one in (*message.head.to, *message.head.cc)]
    bodies += [
        body for name in ("Delivered-To", "X-Original-To", "Envelope-To") for body in message.all(name)
    ]
    return tuple(
        dict.fromkeys(
            f"<rj.{m[1].upper()}@{m[2].lower()}>" for b in bodies if "+rj." in b for m in _TAG.finditer(b)
        )
    )
