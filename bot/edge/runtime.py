"""What this Python's own mail code lets through, asked at start, and that our guard stops it.

Versions differ: some end the header at a line break inside a field (CVE-2024-6923 and its kin), some read an
address out of a display name (CVE-2023-27043). No letter is written by that code, so none of it is a reason
not to run; a guard of ours that does not hold is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import getaddresses

from bot.errors import ControlCharacter, NotPossible, RejoinderError
from bot.mail.compose import compose

_VICTIM = "victim@bystander.example"
#: Each would be a second field, a second line or an early end of the header if it came through.
INJECTIONS = (
    f"x\r\nBcc: {_VICTIM}", f"x\nBcc: {_VICTIM}", f"x\rBcc: {_VICTIM}", "x\r\n", "x\n", "x\r\n\r\ny",
    f"x\x0bBcc: {_VICTIM}", f"x\x0cBcc: {_VICTIM}", f"x\x1cBcc: {_VICTIM}", f"x\x85Bcc: {_VICTIM}",
    f"x\u2028Bcc: {_VICTIM}", f"x\u2029Bcc: {_VICTIM}", "x\ud800y", "x\x00y", "x\x7fy", "x\x1b[2J",
)  # fmt: skip


class GuardBroken(RejoinderError):
    """Our own guard lets through what would change who gets a letter: nothing may be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    """The smallest letter."""

    mail_from: str = "shop@seller.example"
    from_name: str = "Shop"
    to: str = "owner@brand.example"
    to_name: str = "Owner"
    cc: tuple[str, ...] = ("notice@amazon.example",)
    subject: str = "Complaint 1"
    body: str = "Hello\n"
    message_id: str = "<rj.PROBE@seller.example>"
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def weaknesses() -> tuple[str, ...]:
    """What the standard library of this Python gets wrong, as names for the log."""
    probes: dict[str, Callable[[], bool]] = {
        "subject-ends-header": _subject_ends_header,
        "field-injected": _field_injected,
        "long-message-id-encoded": _long_id_encoded,
        "address-out-of-name": _address_out_of_name,
    }
    return tuple(name for name, lets_through in probes.items() if lets_through())


def prove_guard() -> int:
    """How many injections our own composing refused: all of them. Raises GuardBroken at the first other."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    refused = 0
    for words in INJECTIONS:
        for bent in (
            replace(_Probe(), subject=words),
            replace(_Probe(), to_name=words),
            replace(_Probe(), from_name=words),
            replace(_Probe(), to=f"{words}@brand.example"),
            replace(_Probe(), cc=(f"{words}@brand.example",)),
            replace(_Probe(), message_id=f"<{words}@seller.example>"),
            replace(_Probe(), references=(f"<{words}@brand.example>",)),
        ):
            try:
                compose(bent, when)
            except (ControlCharacter, NotPossible):
                refused += 1
                continue
            raise GuardBroken(
                "this Python writes a letter with a control character in its header, so nothing can be sent "
                "safely; use another version of Python, and report this with its number"
            )
    compose(_Probe(), when)  # and an honest letter still goes
    return refused


def _subject_ends_header() -> bool:
    """CPython 3.11.7 and others: a Subject that ends in a line break ends the header with it."""
    mail = EmailMessage(policy=policy.SMTP)
    try:
        mail["Subject"] = "hello\n"
        mail["To"] = "a@b.example"
        return message_from_bytes(bytes(mail)).keys() != ["Subject", "To"]
    except (ValueError, MessageError):
        return False


def _field_injected() -> bool:
    """CVE-2024-6923: a value with a line break is written as two fields."""
    mail = Message(policy=policy.compat32)
    try:
        mail["Subject"] = f"hello\nBcc: {_VICTIM}"
        return "Bcc" in message_from_bytes(mail.as_bytes()).keys()  # noqa: SIM118 -- header fields, no dict
    except (ValueError, MessageError):
        return False


def _long_id_encoded() -> bool:
    """A Message-ID of more than 77 characters, as Exchange writes them, becomes encoded words."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["References"] = f"<{'x' * 90}@exchange.example>"
    return b"=?" in bytes(mail)


def _address_out_of_name() -> bool:
    """CVE-2023-27043: an address of the display name is taken for the mailbox."""
    found = [spec for _, spec in getaddresses(['alice@one.example)"<bob@two.example>'])]
    return "alice@one.example" in found
