"""What can happen in a case, in the past tense; ids and digests only, never mail text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.case.model import PartyRole, State
from bot.case.reasons import Reason

ENGINE = "rejoinder"  #: `by` of what no person did


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Common to all: when, who, and on which track (None: the whole case)."""

    at: datetime
    by: str = ENGINE
    track: str | None = None


# ------------------------------------------------------------------- the case and its plan; no state moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    """A case was opened for a mail."""

    mail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStarted(Event):
    """A line of action began."""

    party: PartyRole
    playbook: str
    step: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Event):
    """The next step was set, and when it falls due (None: nothing follows by itself)."""

    step: str
    due_at: datetime | None
    calendar: str = ""  #: which calendar counted, with its version


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased(Event):
    """A person moved the case to the rules of that day; `Planned` says which waits changed with it."""

    rules_hash: str
    before: str  #: the rules it went on by until then


# ----------------------------------------------------------------------------------------- what we do


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted(Event):
    """A letter was written and waits for a person."""

    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrafted(Event):
    """The letter was written again because a fact or its complaints changed."""

    letter: str
    revision: int
    reason: Reason | None = None  #: which of the two, or that it grew too old


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Event):
    """A person changed the text."""

    letter: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed(Event):
    """A person wants to see the draft later."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(Event):
    """A person does not want this letter."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Event):
    """The track stops and waits for a person."""

    reason: Reason
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(Event):
    """A person approved these bytes and this envelope."""

    letter: str
    digest: str
    leaves_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled(Event):
    """A person took the approval back inside the undo window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided(Event):
    """The approval no longer holds."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp(Event):
    """Deferred too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendStarted(Event):
    """The letter was claimed for one attempt, before the first byte to the server."""

    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(Event):
    """We died before the body began: nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred(Event):
    """The server wants us to come back later; nothing was sent."""

    code: int | None
    retry_at: datetime
    counted: bool = True  #: False when the server refuses us, not the letter: it is never given up for that


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """The server refused for good; nothing was sent."""

    code: int
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyBegun(Event):
    """The server said 354 and the body is about to go: from here on only evidence tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """The server took responsibility (250 after the dot)."""

    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WroteByHand(Event):
    """A mail that a person of ours wrote by hand counts as this step, from the moment it left."""

    letter: str
    step: str
    sent_at: datetime
    evidence: str = "sent-mailbox"  #: or `said`: only a person's word
    mail: int | None = None  #: the mail as it is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed(Event):
    """Safe mode: the server took a copy for the operator only. Starts no clock, counts as no attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeUnknown(Event):
    """The line was lost after the body began (RFC 1047)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven(Event):
    """Evidence shows that the letter in doubt was accepted."""

    evidence: str  #: own-copy | sent-mailbox | bounce | reply
    mail: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSent(Event):
    """A person judges that the letter in doubt was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedNotSent(Event):
    """A person judges that the letter in doubt was not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FellDue(Event):
    """The wait is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """A person lets the track go on, at this step."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWaiting(Event):
    """A person wants to wait on, until then."""

    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Event):
    """A person wants the withdrawn draft back."""

    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Event):
    """A person ends one held track."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """A person ends the case."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Event):
    """A person opens a closed track again."""


# ---------------------------------------------------------------------------------- what the world does


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldEvent(Event):
    """Others act whenever they like, so every state answers these."""

    mail: int | None = None
    cites: tuple[str, ...] = ()  #: letters whose Message-ID it cites, which also proves that they arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(WorldEvent):
    """Mail of the other side, not proven automatic."""

    says: str = (
        ""  #: what it comes to, a `bot.reading.model.Disposition` value; empty where that was not read
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced(WorldEvent):
    """A permanent failure of the To address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractionSeen(WorldEvent):
    """A rung of the retraction ladder."""

    rung: str = "copy-seen"  #: promised | copy-seen | sent-by-owner | confirmed | listing-back


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAgain(WorldEvent):
    """Amazon wrote again about the same complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOutside(WorldEvent):
    """Somebody of ours wrote or spoke to them outside Rejoinder, or reports what happened elsewhere."""

    what: str = "wrote"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAsked(WorldEvent):
    """A person wants nothing more to be done on the track until they say how to go on."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawyerTookOver(WorldEvent):
    """The operator's lawyer has the case: no letter of ours leaves in it until `LawyerDone`."""

    why: str = ""


# ------------------------------------------------------------------------- legal everywhere, moves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceNoted(Event):
    """A delivery report that moves nothing: a copy failed, or the failure is temporary."""

    mail: int
    role: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticResponse(Event):
    """A machine answered; the clock runs on."""

    mail: int
    returns_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LawyerDone(Event):
    """The operator has the case again; what is held stays held until a person lets it go on."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted(Event):
    """A person took an older notice on; of one that nothing proves, where and when they saw its complaint."""

    mail: int
    seen_in: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactGiven(Event):
    """A person said who complains, or that nobody is named; `mail` is the text they gave, as it is kept."""

    mail: int | None = None
    nobody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedAmazon(Event):
    """A mail about the complaint went to Amazon by hand; that files nothing in Seller Central."""

    sent_at: datetime
    mail: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledInSellerCentral(Event):
    """A person filed an appeal in Seller Central; `mail` is its text, when they gave it."""

    filed_at: datetime
    mail: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterNoticeFiled(Event):
    """A person filed a DMCA counter-notice in Seller Central; `mail` is its text, when they gave it."""

    filed_at: datetime
    mail: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldSet(Event):
    """A person wants the papers of the case kept: nothing of it is erased."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldLifted(Event):
    """A person says that the papers need not be kept any more."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """Somebody's name, addresses, letters and mails were removed; the diary knows them by `parties` only."""

    parties: tuple[str, ...]  #: party ids
    letters: int
    mails: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Event):
    """A person puts this case into another, which goes on for both."""

    into: str
    closed: tuple[str, ...] = ()  #: tracks that were open until then


@dataclass(frozen=True, slots=True, kw_only=True)
class TookIn(Event):
    """Another case was put into this one; its clocks and the number of its letters count here."""

    other: str
    deadline: datetime | None
    last_safe: datetime | None
    ours: bool  #: the last safe date is our own
    letters: int  #: accepted towards the complainant


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged(Event):
    """A person takes this case out of the other again."""

    out_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo(Event):
    """The other case stands by itself again."""

    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreNamed(Event):
    """A person says which of the stores that share the mailbox the case is about."""

    store: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineNeared(Event):
    """The last-safe date has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Event):
    """The platform's deadline is over."""


#: Every event there is; the store reads and writes them by name.
EVENTS: tuple[type[Event], ...] = (
    Opened, TrackStarted, Planned, Rebased,
    Drafted, Redrafted, Edited, Snoozed, Rejected, Held, Approved, Recalled,
    Voided, GaveUp, SendStarted, Interrupted, Deferred, Refused, BodyBegun, Accepted, WroteByHand, Rehearsed,
    OutcomeUnknown, Proven, JudgedSent, JudgedNotSent, FellDue, Resumed, KeptWaiting, Restored, Closed,
    CaseClosed, Reopened, Answered, Bounced, RetractionSeen, NoticeAgain, ContactOutside, HoldAsked,
    LawyerTookOver, BounceNoted, AutomaticResponse, LawyerDone, StoreNamed, Merged, TookIn,
    Unmerged, LetGo, Adopted, ContactGiven,
    MailedAmazon, FiledInSellerCentral, CounterNoticeFiled, LegalHoldSet, LegalHoldLifted, Erased,
    DeadlineNeared, DeadlinePassed,
)  # fmt: skip
