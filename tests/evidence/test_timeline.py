"""Every event has words, and a case reads like a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.case import events as e
from bot.case.model import Case, Facts, ListingFact, PartyRole, State
from bot.case.reasons import Reason
from bot.evidence.timeline import timeline

T0 = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
CASE = Case(
    case_id="C1",
    account_id="nordlicht",
    opened_at=T0,
    facts=Facts(
        complaint_id="17340981265",
        family="trademark",
        right="trademark",
        listings=(ListingFact(asin="B0ZG04SJF3", title=None),),
        numbers=(),
        reason_stated=False,
        marketplace="amazon.de",
        language="de",
        notice_mail=7,
        notice_at=T0 - timedelta(minutes=1),
        retraction_address=None,
        amazon_address=None,
    ),
    parties=(),
    tracks=(),
)


@dataclass(frozen=True)
class Letter:
    letter_id: str = "L1"
    step: str = "inquiry"
    to: str = "ip@brindlecove.example"


EVERY_EVENT = (
    e.Opened(at=T0, mail=7),
    e.TrackStarted(
        at=T0, track="1", party=PartyRole.COMPLAINANT, playbook="inquiry", step="inquiry", state=State.READY
    ),
    e.Planned(at=T0, step="reminder-1", due_at=T0 + timedelta(days=3)),
    e.Drafted(at=T0, letter="L1"),
    e.Redrafted(at=T0, letter="L1", revision=2),
    e.Edited(at=T0, letter="L1", revision=3, by="maren"),
    e.Snoozed(at=T0, until=T0),
    e.Rejected(at=T0, why="too early"),
    e.Held(at=T0, reason=Reason.NO_ADDRESS),
    e.Approved(at=T0, letter="L1", digest="d", leaves_at=T0),
    e.Recalled(at=T0),
    e.Voided(at=T0, reason=Reason.WORLD_SPOKE),
    e.GaveUp(at=T0),
    e.SendStarted(at=T0, letter="L1"),
    e.Interrupted(at=T0),
    e.Deferred(at=T0, code=451, retry_at=T0),
    e.Refused(at=T0, code=550, stage="rcpt"),
    e.BodyBegun(at=T0),
    e.Accepted(at=T0, letter="L1"),
    e.WroteByHand(at=T0, letter="L1", step="inquiry", sent_at=T0),
    e.Rehearsed(at=T0),
    e.OutcomeUnknown(at=T0),
    e.Proven(at=T0, evidence="own-copy", mail=9),
    e.JudgedSent(at=T0),
    e.JudgedNotSent(at=T0),
    e.FellDue(at=T0),
    e.Resumed(at=T0, step="escalation"),
    e.KeptWaiting(at=T0, due_at=None),
    e.Restored(at=T0, letter="L1"),
    e.Closed(at=T0, why="settled"),
    e.CaseClosed(at=T0),
    e.Reopened(at=T0),
    e.Answered(at=T0, mail=8),
    e.Bounced(at=T0, mail=8),
    e.RetractionSeen(at=T0, rung="promised"),
    e.NoticeAgain(at=T0),
    e.ContactOutside(at=T0, what="they phoned"),
    e.HoldAsked(at=T0, why="on holiday"),
    e.LawyerTookOver(at=T0),
    e.LawyerDone(at=T0, why="settled"),
    e.StoreNamed(at=T0, store="north"),
    e.Merged(at=T0, into="M7QW2M"),
    e.TookIn(at=T0, other="M7QW2M", deadline=None, last_safe=T0, ours=True, letters=1),
    e.Unmerged(at=T0, out_of="M7QW2M"),
    e.LetGo(at=T0, other="M7QW2M"),
    e.BounceNoted(at=T0, mail=8, role="cc", status="5.1.1"),
    e.AutomaticResponse(at=T0, mail=8),
    e.Adopted(at=T0, mail=7, seen_in="Account Health", seen_at=T0),
    e.ContactGiven(at=T0, mail=8),
    e.MailedAmazon(at=T0, sent_at=T0, mail=8),
    e.FiledInSellerCentral(at=T0, filed_at=T0, mail=8),
    e.CounterNoticeFiled(at=T0, filed_at=T0, mail=9),
    e.Rebased(at=T0, rules_hash="new", before="old"),
    e.LegalHoldSet(at=T0, why="a claim may come"),
    e.LegalHoldLifted(at=T0),
    e.Erased(at=T0, parties=("p1",), letters=2, mails=3),
    e.DeadlineNeared(at=T0),
    e.DeadlinePassed(at=T0),
)


def test_every_event_is_tried():
    assert {type(event) for event in EVERY_EVENT} == set(e.EVENTS)


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: type(event).__name__)
def test_every_event_has_words(event):
    line = timeline(CASE, (event,), (Letter(),))[1]
    assert line.text[0].islower() or line.text.startswith(("TEST", "Amazon"))
    assert type(event).__name__ != line.text
    assert (line.at, line.by) == (event.at, event.by)


def test_a_case_reads_like_a_story():
    diary = (
        e.Opened(at=T0, mail=7),
        e.Drafted(at=T0 + timedelta(minutes=3), track="1", letter="L1"),
        e.Approved(at=T0 + timedelta(hours=1), by="maren", track="1", letter="L1", digest="d", leaves_at=T0),
        e.Accepted(at=T0 + timedelta(hours=2), track="1", letter="L1"),
        e.Answered(at=T0 + timedelta(days=1), track="1", mail=8),
    )
    assert [(line.by, line.text, line.mail) for line in timeline(CASE, diary, (Letter(),))] == [
        ("amazon", "notice of complaint 17340981265 about B0ZG04SJF3 arrived", 7),
        ("rejoinder", "case opened", 7),
        ("rejoinder", "drafted: inquiry to ip@brindlecove.example", None),
        ("maren", "approved: inquiry to ip@brindlecove.example; leaves at Mon 9 Nov 2026 09:00 UTC", None),
        ("rejoinder", "accepted by the mail server: inquiry to ip@brindlecove.example", None),
        ("rejoinder", "the other side answered", 8),
    ]
