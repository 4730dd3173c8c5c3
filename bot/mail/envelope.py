"""The SMTP envelope (RFC 5321 §2.3.1), and the digest that ties a person's approval to bytes and envelope."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum


class RecipientRole(StrEnum):
    """Why an address receives the mail; shown to the person, and used when a bounce comes."""

    TO = "to"
    CC = "cc"
    OWN_COPY = "own-copy"
    REHEARSAL = "rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One forward-path."""

    address: str
    role: RecipientRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Reverse-path and forward-paths of one transaction."""

    mail_from: str
    recipients: tuple[Recipient, ...]
    rehearsal: bool = False  #: safe mode: delivered to the operator only, counts as no attempt

    def addresses(self, role: RecipientRole) -> tuple[str, ...]:
        """Forward-paths of one role, in order."""
        return tuple(r.address for r in self.recipients if r.role is role)


#: Octets of a local part (RFC 5321 §4.5.3.1.1).
_LOCAL_PART = 64


def tagged(address: str, message_id: str) -> str:
    """The address with the letter's own tag: `shop+rj.TOKEN@domain` for `<rj.TOKEN@domain>`.

    The address itself where a tag would make it too long, or would lead to another domain.
    """
    local, _, domain = address.rpartition("@")
    ident, _, ours = message_id.strip("<>").rpartition("@")
    with_tag = f"{local}+{ident}"
    fits = ours.casefold() == domain.casefold() and len(with_tag) <= _LOCAL_PART and "+" not in local
    return f"{with_tag}@{domain}" if fits else address


#: `json.dumps` makes an encoder anew each time.
_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def approval_digest(raw: bytes, envelope: Envelope) -> str:
    """SHA-256 over the exact bytes and the envelope; any change to either gives another digest."""
    paths = [envelope.mail_from, envelope.rehearsal, [[r.address, r.role.value] for r in envelope.recipients]]
    digest = hashlib.sha256(hashlib.sha256(raw).digest())
    digest.update(_json(paths).encode("ascii"))
    return digest.hexdigest()
