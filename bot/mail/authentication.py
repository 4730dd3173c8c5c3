"""Whether a mail is what it claims: Authentication-Results (RFC 8601), DMARC alignment (RFC 7489)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """Why a mail is or is not believed; a closed list, each with a sentence in `PROOF_TEXT`."""

    ALIGNED = "aligned"
    NO_RESULTS = "no-results"
    NOT_PINNED = "not-pinned"
    FOREIGN_AUTHSERV = "foreign-authserv"
    DMARC_FAILED = "dmarc-failed"
    NOT_ALIGNED = "not-aligned"
    SEVERAL_FROM = "several-from"
    NO_FROM = "no-from"
    LOOK_ALIKE = "look-alike"
    RELAY = "relay"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What our own provider's results prove about the author domain of the one From address."""

    proven: bool  #: the author domain is proven by DMARC, or by an aligned DKIM or SPF pass
    proof: Proof
    domain: str | None  #: domain of the From address
    authserv_id: str | None  #: who says so
