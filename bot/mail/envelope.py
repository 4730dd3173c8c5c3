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


def approval_digest(raw: bytes, envelope: Envelope) -> str:
    """SHA-256 over the exact bytes and the envelope; any change to either gives another digest."""
    paths = [envelope.mail_from, envelope.rehearsal, [[r.address, r.role.value] for r in envelope.recipients]]
    digest = hashlib.sha256(hashlib.sha256(raw).digest())
    digest.update(json.dumps(paths, ensure_ascii=True, separators=(",", ":")).encode("ascii"))
    return digest.hexdigest()
