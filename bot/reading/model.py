"""The twelve things a mail can be for us; every mail is exactly one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.frozen import quick
from bot.mail.authentication import Verdict
from bot.mail.message import Address, Head
from bot.notice.facts import Action, Complainant, Complaint, Deadline, Found, Right, RightNumber
from bot.reading.gaps import Gap


class Disposition(StrEnum):
    """What an answer of the other side comes to."""

    RETRACTED = "retracted"
    REASON_GIVEN = "reason_given"
    SETTLEMENT = "settlement"
    REFUSED = "refused"
    NEEDS_INFO = "needs_info"
    REPRESENTED = "represented"
    PROMISED = "promised"  #: they say that they will withdraw, and have not yet
    NEVER_FILED = "never_filed"  #: "we never filed this": somebody may use their name
    NONE = "none"


class Doubt(StrEnum):
    """Why a notice may not open a case by itself; a closed list."""

    NOT_PROVEN = "not-proven"  #: no DMARC-aligned proof that a listed Amazon domain sent it
    FORWARDED = "forwarded"  #: a colleague's genuine mail; the notice inside is unproven
    NO_FAMILY = "no-family"  #: looks like a notice, no family matched
    FAKE = "fake"  #: signs of a fake
    MALFORMED = "malformed"  #: it says different things to different readers, so nothing is taken from it


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Amazon says that somebody complains about a listing, or warns about a page or the account."""

    family: str  #: name of the file in rules/families
    warning: bool  #: the page stays up and must be edited, or the whole account is meant
    automated: bool  #: "suspected" violations: nobody complained
    action: Action | None
    complaints: tuple[Complaint, ...]
    marketplace: str | None  #: "amazon.de"
    marketplace_span: Found | None
    deadline: Deadline | None
    retraction_address: Found | None  #: where the notice says a retraction must be sent
    amazon_addresses: tuple[Found, ...]  #: other Amazon addresses named in the notice that take mail
    reason_stated: bool
    language: str  #: language tag
    right: Right | None = None  #: of the first complaint: its type line, else the family, else the sentences
    gaps: tuple[Gap, ...] = ()  #: what is missing or doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class AmazonAnswer:
    """Amazon answers an appeal."""

    complaint_ids: tuple[Found, ...]
    asins: tuple[Found, ...]
    outcome: str  #: refused | more_information | accepted_account_down | reinstated | other
    action: Action | None
    deadline: Deadline | None
    marketplace: str | None
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """Amazon confirms a withdrawal, or the owner withdraws towards Amazon with us in copy."""

    by_amazon: bool
    complaint_ids: tuple[Found, ...]
    asins: tuple[Found, ...]
    marketplace: str | None
    language: str
    writer: Complainant | None = None  #: who withdraws, when it is not Amazon that tells us


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtOrEvaluation:
    """A court order, service of process, or Amazon's patent evaluation: stop automation, tell a person."""

    evaluation: bool  #: APEX when True, a court matter when False
    notice: Notice  #: the same facts, read with the same labels


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLetter:
    """A warning letter of a firm that does not come through Amazon."""

    deadline: Deadline | None
    language: str
    answer: Reply | None = None  #: the same letter read as an answer: who writes, which right, what is asked


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A person of the other side answers."""

    disposition: Disposition
    disposition_span: Found | None
    complaint_ids: tuple[Found, ...]
    asins: tuple[Found, ...]
    deadline: Deadline | None
    language: str
    writer: Complainant | None = None  #: from the From field and the signature
    right: Right | None = None
    numbers: tuple[RightNumber, ...] = ()
    reason_stated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticResponse:
    """A machine answered (RFC 3834): out of office, ticket acknowledgement, unattended address."""

    why: str  #: the header field that proves it
    proven: bool = True  #: False when only its subject and text say so: then it freezes like an answer
    complaint_ids: tuple[Found, ...]
    returns_on: date | None
    language: str
    writer: Complainant | None = None
    marketplace: str | None = None  #: when Amazon's machine answered


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecipient:
    """One recipient of a delivery report (RFC 3464 §2.3)."""

    address: str
    action: str  #: failed | delayed | delivered | relayed | expanded
    status: str  #: "5.1.1"
    diagnostic: str

    @property
    def permanent(self) -> bool:
        """A permanent failure: action `failed` and a status of class 5 (RFC 3463 §2)."""
        return self.action == "failed" and self.status.startswith("5")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A delivery report about a mail of ours."""

    original_message_id: str | None
    recipients: tuple[FailedRecipient, ...]
    language: str
    complaint_ids: tuple[Found, ...] = ()
    asins: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCopy:
    """Our own mail coming back to us: the copy to yourself, an alert, or our own answer to an alert."""

    message_id: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One thing in which a genuine mail and a suspect one are alike or not."""

    what: str
    genuine: str
    here: str
    same: bool


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A suspect beside the genuine kind of mail that it is most like."""

    family: str | None  #: None when it is like none that we know
    compared: tuple[Compared, ...]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """Claims to be Amazon's, or reads like a notice, and is not believed."""

    doubt: Doubt
    signs: tuple[str, ...]
    claims: Notice | None  #: what it pretends, to be shown, never to be acted upon
    fake: bool  #: judged a fake, rather than merely unproven
    language: str
    claimed_kind: str = "notice"  #: kind of the family that `claims` reads like
    likeness: Likeness | None = None  #: to be shown; None where nothing is taken from the mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Everything else that is what it claims to be."""

    language: str
    complaint_ids: tuple[Found, ...] = ()
    asins: tuple[Found, ...] = ()
    own_report: bool = False  #: brand-programme mail about a report that we filed ourselves
    marketplace: str | None = None
    action: Action | None = None
    numbers: tuple[RightNumber, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A mail that cannot be understood; parked."""

    reason: str


Reading = (
    Notice
    | AmazonAnswer
    | Retraction
    | CourtOrEvaluation
    | LegalLetter
    | Reply
    | AutomaticResponse
    | DeliveryReport
    | OwnCopy
    | Suspect
    | Other
    | Unreadable
)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What we make of one mail."""

    head: Head | None  #: None only for Unreadable
    verdict: Verdict | None
    reading: Reading
    correspondent: Address | None  #: the one From address, when there is exactly one
    raw_cites: tuple[str, ...] = ()  #: Message-IDs cited anywhere, delivery report included
    complaint_ids: tuple[str, ...] = ()  #: every complaint number found, for matching
    store: str | None = (
        None  #: of a notice, which of the stores that share the mailbox; None: unclear, or one
    )
