"""The table of states once more, written out by hand from the design, to be held against the code."""

from __future__ import annotations

from typing import Final

from bot.case import events as e
from bot.case.model import PartyRole, State
from bot.case.reasons import Reason
from tests.samples import NOW

#: state: event and where it leads. What others do, remarks and the closing of a case stand below.
TABLE: Final = """
READY     Drafted DRAFTED | Held HELD | WroteByHand AWAITING
DRAFTED   Approved APPROVED | Edited DRAFTED | Redrafted DRAFTED | Snoozed DRAFTED | Rejected HELD | Held HELD
APPROVED  Recalled DRAFTED | Edited DRAFTED | Voided DRAFTED | GaveUp HELD | SendStarted SENDING
SENDING   Interrupted APPROVED | Deferred APPROVED | Voided DRAFTED | Refused HELD | BodyBegun BODY_GONE
BODY_GONE Accepted AWAITING | Rehearsed DRAFTED | Deferred APPROVED | Refused HELD | OutcomeUnknown IN_DOUBT
IN_DOUBT  Proven AWAITING | JudgedSent AWAITING | JudgedNotSent DRAFTED
AWAITING  FellDue READY | WroteByHand AWAITING
HELD      Resumed READY | KeptWaiting AWAITING | Restored DRAFTED | Edited DRAFTED | Closed CLOSED
HELD      WroteByHand HELD
CLOSED    Reopened HELD
"""
WORLD: Final = ("Answered", "Bounced", "RetractionSeen", "NoticeAgain", "ContactOutside")
#: Said by the operator, at any moment: answered in every state as well.
SAID: Final = ("HoldAsked", "LawyerTookOver")
FREEZES: Final = ("READY", "DRAFTED", "APPROVED", "AWAITING", "HELD")
REMARKS: Final = (
    "DeadlineNeared", "DeadlinePassed", "AutomaticResponse", "BounceNoted", "LawyerDone",
    "StoreNamed", "Merged", "TookIn", "Unmerged", "LetGo",
    "Adopted", "ContactGiven",  # what a person says
    "MailedAmazon", "FiledInSellerCentral", "CounterNoticeFiled",  # and what they did elsewhere
    "LegalHoldSet", "LegalHoldLifted", "Erased",
    "Opened", "Planned", "Rebased",  # bookkeeping of ours
)  # fmt: skip
NOT_ON_THE_LINE: Final = ("READY", "DRAFTED", "APPROVED", "AWAITING", "HELD", "CLOSED")


def _legal() -> dict[tuple[str, str], str]:
    legal = {}
    for line in TABLE.strip().splitlines():
        state, _, moves = line.partition(" ")
        for move in moves.split("|"):
            event, after = move.split()
            legal[state, event] = after
    for state in State.__members__:
        legal |= {(state, event): "HELD" if state in FREEZES else state for event in (*WORLD, *SAID)}
        legal |= {(state, event): state for event in REMARKS}
    return legal | {(state, "CaseClosed"): "CLOSED" for state in NOT_ON_THE_LINE}


#: (state, event) → state after it; a pair that is missing is illegal.
LEGAL: Final = _legal()

_SAMPLES: Final = {
    "letter": "L1",
    "party": PartyRole.COMPLAINANT,
    "playbook": "inquiry",
    "state": State.READY,
    "mail": 1,
    "revision": 2,
    "until": NOW,
    "why": "because",
    "parties": ("p1",),
    "letters": 1,
    "mails": 1,
    "digest": "d" * 64,
    "leaves_at": NOW,
    "code": 450,
    "retry_at": NOW,
    "stage": "rcpt",
    "evidence": "own-copy",
    "step": "reminder-1",
    "due_at": NOW,
    "role": "cc",
    "status": "5.1.1",
    "store": "north",
    "into": "M7QW2M",
    "other": "M7QW2M",
    "out_of": "M7QW2M",
    "deadline": None,
    "last_safe": None,
    "ours": False,
    "sent_at": NOW,
    "filed_at": NOW,
    "rules_hash": "a" * 64,
    "before": "b" * 64,
}


def sample_event(kind: type[e.Event], **said: object) -> e.Event:
    """An event of a kind, with something plausible in every field that it needs."""
    values = {**_SAMPLES, "reason": Reason.DRAFT_INCOMPLETE}
    named = {name: values[name] for name in kind.__dataclass_fields__ if name in values}
    return kind(**{"at": NOW, "track": "1", **named, **said})  # type: ignore[arg-type]
