"""A case: one complaint, its facts, its parties, and the tracks along which we act."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.case.reasons import Reason
from bot.frozen import copy_with


class State(StrEnum):
    """Where a track stands; the moves between these are the table in `states`."""

    READY = "ready"
    DRAFTED = "drafted"
    APPROVED = "approved"
    SENDING = "sending"
    BODY_GONE = "body-gone"
    IN_DOUBT = "in-doubt"
    AWAITING = "awaiting"
    HELD = "held"
    CLOSED = "closed"


class PartyRole(StrEnum):
    """Towards whom a track runs."""

    COMPLAINANT = "complainant"
    AMAZON = "amazon"
    COUNSEL = "counsel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody outside; names and addresses live here only, so that erasing removes them."""

    party_id: str  #: keyed by role, name and address within the account, so the same owner is one party
    role: PartyRole
    name: str | None
    organisation: str | None
    addresses: tuple[str, ...]  #: addr-specs; the first is the one we write to
    source: str = "mail"  #: mail | setting | person | calendar

    @property
    def address(self) -> str | None:
        """The one contact, or None when there is none."""
        return self.addresses[0] if self.addresses else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFact:
    """A listing concerned."""

    asin: str
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFact:
    """Number of a registered right."""

    kind: str
    number: str
    office: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value of the case was read: the words of the mail, or who said it."""

    field: str
    value: str
    part: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the notice says, as plain values with their sources."""

    complaint_id: str | None
    family: str
    right: str | None  #: a `bot.notice.facts.Right` value
    listings: tuple[ListingFact, ...]
    numbers: tuple[NumberFact, ...]
    reason_stated: bool
    marketplace: str | None
    language: str
    notice_mail: int  #: mail id in the store
    notice_at: datetime  #: when it reached the mailbox
    retraction_address: str | None  #: as the authenticated notice names it
    amazon_address: str | None  #: Amazon's address for the copy, from the notice or the dated table
    review_address: str | None = None  #: where Amazon takes requests for review; None: where the copy goes
    no_letter: Reason | None = None  #: set for a kind of mail that no letter may ever follow
    #: who saw the complaint in Seller Central, when no mail proves it: approving a letter names its addressee
    vouched_by: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def asins(self) -> tuple[str, ...]:
        """ASINs in the order of the notice."""
        return tuple(listing.asin for listing in self.listings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A letter that a server accepted: what counts as having written."""

    step: str
    letter_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something the world did while a letter was on the line; applied right after the outcome."""

    event: str  #: class name of the event
    mail: int | None
    cites: tuple[str, ...]  #: letters it cites
    why: str = ""  #: a person's words, for what a person asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One line of action towards one party, walking one playbook; changed by `states.apply` only."""

    track_id: str  #: small number within the case
    party: PartyRole
    playbook: str
    state: State
    step: str  #: the step being done, or the one waited for
    due_at: datetime | None = None
    letter_id: str | None = None
    letter_at: datetime | None = None  #: when the body began, for a letter on the line or in doubt
    hold: Reason | None = None
    detail: str | None = None  #: which gap, which code: shown beside the hold
    snoozed_until: datetime | None = None
    retry_at: datetime | None = None
    tries: int = 0
    attempts: tuple[Attempt, ...] = ()
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The platform's clock, and the date by which something must have been done."""

    deadline: datetime | None
    last_safe: datetime | None
    ours: bool  #: computed from our default because the notice names no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """A case that was put into this one."""

    case_id: str
    clocks: Clocks
    letters: int  #: accepted towards the complainant; they count for the limit here


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One complaint against one seller account."""

    case_id: str
    tenant_id: int = 1
    account_id: str
    opened_at: datetime
    facts: Facts
    parties: tuple[Party, ...]
    tracks: tuple[Track, ...]
    deadline: datetime | None = None  #: the platform's clock; never pauses
    last_safe: datetime | None = None
    last_safe_is_ours: bool = False  #: computed from our default because the notice names no limit
    deadline_neared: bool = False
    deadline_passed: bool = False
    rules_hash: str = ""
    perhaps_same_as: str | None = None
    merged_into: str | None = None  #: the case that goes on for this one
    merged: tuple[TakenIn, ...] = ()  #: cases that were put into this one
    own_clocks: Clocks | None = None  #: before any case was taken in
    store: str | None = None  #: which of the stores that share the mailbox; None: not known, or only one
    lawyer: bool = False  #: the operator's lawyer has it: no letter of ours leaves in it
    mailed_amazon_at: datetime | None = None  #: when a mail about it last went to Amazon by hand
    filed_at: datetime | None = None  #: when an appeal was last filed in Seller Central, as a person said
    counter_notice_at: datetime | None = None  #: when a DMCA counter-notice was last filed there, the same
    version: int = 0  #: 0 until stored

    def track(self, track_id: str) -> Track:
        """The track of this id. Raises KeyError."""
        for track in self.tracks:
            if track.track_id == track_id:
                return track
        raise KeyError(track_id)

    def party(self, role: PartyRole) -> Party | None:
        """The party of this role, if the case has one."""
        return next((party for party in self.parties if party.role is role), None)

    def with_track(self, track: Track) -> Case:
        """This case with one track replaced, or added when it is new."""
        known = any(t.track_id == track.track_id for t in self.tracks)
        tracks = (
            tuple(track if t.track_id == track.track_id else t for t in self.tracks)
            if known
            else (*self.tracks, track)
        )
        return copy_with(self, tracks=tracks)

    def with_taken_in(self, merged: tuple[TakenIn, ...]) -> Case:
        """This case with these put into it: the earliest of all their clocks counts."""
        own = self.own_clocks or Clocks(
            deadline=self.deadline, last_safe=self.last_safe, ours=self.last_safe_is_ours
        )
        every = [own, *(one.clocks for one in merged)]
        deadline = min((c.deadline for c in every if c.deadline), default=None)
        last_safe = min((c.last_safe for c in every if c.last_safe), default=None)
        return replace(
            self,
            merged=merged,
            own_clocks=own if merged else None,
            deadline=deadline,
            last_safe=last_safe,
            last_safe_is_ours=all(c.ours for c in every if c.last_safe == last_safe),
            # A date that was not this case's before is told of when it comes.
            deadline_neared=self.deadline_neared and last_safe == self.last_safe,
            deadline_passed=self.deadline_passed and deadline == self.deadline,
        )

    @property
    def closed(self) -> bool:
        """True when no track can act any more."""
        return all(track.state is State.CLOSED for track in self.tracks)

    @property
    def met(self) -> bool:
        """True when a person filed in Seller Central, which meets the platform's deadline; no mail does."""
        return self.filed_at is not None or self.counter_notice_at is not None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Everything accepted in this case, oldest first."""
        return tuple(sorted((a for t in self.tracks for a in t.attempts), key=lambda a: a.at))

    @property
    def next_due(self) -> datetime | None:
        """The earliest moment at which this case wants to act by itself."""
        moments = [t.due_at for t in self.tracks if t.state is State.AWAITING and t.due_at is not None]
        return min(moments, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a case's diary as the store keeps it."""

    case_id: str
    sequence: int
    event: object = field(repr=True)
