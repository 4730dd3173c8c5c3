"""What a notice says, as frozen facts; a value without a place in the mail cannot exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.frozen import quick
from bot.mail.message import Span


class Right(StrEnum):
    """Kind of intellectual property right that a complaint rests on."""

    TRADEMARK = "trademark"
    COPYRIGHT = "copyright"
    COUNTERFEIT = "counterfeit"
    UTILITY_PATENT = "utility_patent"
    DESIGN_PATENT = "design_patent"
    PARALLEL_IMPORT = "parallel_import"
    OTHER = "other"


class Action(StrEnum):
    """What Amazon says it did."""

    LISTING_REMOVED = "listing_removed"
    IMAGE_REMOVED = "image_removed"
    WARNING = "warning"
    ACCOUNT_RISK = "account_risk"
    FUNDS_HELD = "funds_held"


class Role(StrEnum):
    """As what a person or firm is named in a notice."""

    OWNER = "owner"
    AGENT = "agent"
    COUNSEL = "counsel"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value read from a mail, with the place it was read."""

    value: str
    span: Span
    confidence: float = 1.0  #: 1 where a label says what it is; less where only its surroundings do

    def __post_init__(self) -> None:
        """Nothing is no value, and doubt has a measure. Raises ValueError otherwise."""
        if not self.value.strip() or not 0 < self.confidence <= 1:
            raise ValueError(f"no value: {self.value!r} with confidence {self.confidence}")

    @property
    def doubtful(self) -> bool:
        """A person must compare it with the mail before anything depends on it."""
        return self.confidence < SURE


#: From here on a value is taken without asking.
SURE = 0.7


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RightNumber:
    """Number of a registered right, as written."""

    kind: str  #: trademark | utility_patent | design_patent | registered_design | copyright | other
    number: Found
    office: str | None  #: named, or inferred from the shop's country


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Complainant:
    """Who complains: the rights owner or its representative."""

    role: Role
    name: Found | None  #: a person or a desk
    organisation: Found | None
    addresses: tuple[Found, ...]  #: addr-specs fit to be written to: never Amazon's, ours, no-reply or a list
    phones: tuple[Found, ...]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One listing concerned."""

    asin: Found
    title: Found | None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One complaint; a mail may hold several, and each keeps its own ASINs and complainant."""

    complaint_id: Found | None
    right: Right | None
    listings: tuple[Listing, ...]
    numbers: tuple[RightNumber, ...]
    complainant: Complainant | None  #: None when the notice names nobody
    others: tuple[
        Complainant, ...
    ] = ()  #: further contacts named for this complaint: an agent, a second owner
    marks: tuple[Found, ...] = ()  #: words or works that the complaint names instead of, or beside, a number


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A time limit set to us, counted from the notice."""

    days: int  #: counted from the day the mail was sent
    business: bool
    span: Span
    until: date | None = None  #: when the mail names a day of the calendar
    unclear: date | None = None  #: the later of two days, when the figures can be read in two ways
