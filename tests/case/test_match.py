"""Which cases a mail concerns and what it does there: one test for each kind of link and reading."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.case import events as e
from bot.case.items import ItemKind
from bot.case.match import Candidates, Mail, Matched, SentLetter, match
from bot.case.model import Case, State
from bot.mail.authentication import Proof, Verdict
from bot.mail.envelope import RecipientRole
from bot.reading.model import (
    AmazonAnswer,
    AutomaticResponse,
    DeliveryReport,
    Disposition,
    Doubt,
    FailedRecipient,
    LegalLetter,
    Other,
    OwnCopy,
    Reading,
    Reply,
    Retraction,
    Suspect,
    Understood,
)
from tests.samples import NOW, sample_case, sample_track

MAIL = Mail(mail_id=9, account_id="lamps")
OWNER, AMAZON, SELF = "marken@muster.example", "notice-dispute@marketplace.example", "copy@lamps.example"
LETTER = SentLetter(
    letter_id="L1",
    message_id="<rj.l1@lamps.example>",
    tracks=(("K7QW2M", "1"),),
    recipients=((OWNER, RecipientRole.TO), (AMAZON, RecipientRole.CC), (SELF, RecipientRole.OWN_COPY)),
)
PROVEN = Verdict(proven=True, proof=Proof.ALIGNED, domain="muster.example", authserv_id="mx.lamps.example")
UNPROVEN = Verdict(proven=False, proof=Proof.NO_RESULTS, domain="muster.example", authserv_id=None)


def case(state: State = State.AWAITING, **said: Any) -> Case:
    return sample_case(tracks=(sample_track(state=state, letter_id="L1", **said),))


def cited(one: Case | None = None) -> Candidates:
    return Candidates(cases=(one or case(),), cited=(LETTER,))


def by_complaint(one: Case | None = None) -> Candidates:
    one = one or case()
    return Candidates(cases=(one,), cited=(), by_complaint=frozenset({one.case_id}))


def by_address(one: Case | None = None) -> Candidates:
    one = one or case()
    return Candidates(cases=(one,), cited=(), by_address=frozenset({one.case_id}))


NOBODY = Candidates(cases=(), cited=())


def matched(reading: Reading, candidates: Candidates, verdict: Verdict = PROVEN) -> Matched:
    understood = Understood(head=None, verdict=verdict, reading=reading, correspondent=None)
    return match(understood, MAIL, candidates, NOW)


def kinds(result: Matched) -> list[str]:
    return [type(event).__name__ for _, event in result.events]


def items(result: Matched) -> list[tuple[ItemKind, str]]:
    return [(item.kind, item.reason) for item in result.items]


def reply(disposition: Disposition = Disposition.NONE) -> Reply:
    return Reply(
        disposition=disposition,
        disposition_span=None,
        complaint_ids=(),
        asins=(),
        deadline=None,
        language="en",
    )


def retraction(*, by_amazon: bool) -> Retraction:
    return Retraction(by_amazon=by_amazon, complaint_ids=(), asins=(), marketplace=None, language="en")


ANSWER = AmazonAnswer(
    complaint_ids=(),
    asins=(),
    outcome="refused",
    action=None,
    deadline=None,
    marketplace=None,
    language="en",
)
SUSPECT = Suspect(doubt=Doubt.NOT_PROVEN, signs=("urgency",), claims=None, fake=False, language="en")
LEGAL = LegalLetter(deadline=None, language="en")
OTHER = Other(language="en")


@pytest.mark.parametrize("reading", [reply(), OTHER, LEGAL, SUSPECT, ANSWER], ids=lambda r: type(r).__name__)
def test_what_cites_us_freezes_whatever_it_is(reading: Reading) -> None:
    assert "Answered" in kinds(matched(reading, cited(), UNPROVEN))


def test_an_answer_carries_the_letters_it_cites() -> None:
    ((case_id, event),) = matched(reply(), cited()).events
    assert case_id == "K7QW2M"
    assert isinstance(event, e.Answered)
    assert (event.mail, event.cites, event.track) == (9, ("L1",), None)


@pytest.mark.parametrize("link", [by_complaint, by_address])
@pytest.mark.parametrize("reading", [reply(), OTHER], ids=["reply", "other"])
def test_a_complaint_id_or_a_sender_alone_is_a_claim(link: Any, reading: Reading) -> None:
    result = matched(reading, link())
    assert result.events == ()
    assert items(result) == [(ItemKind.CLAIM, "claims-to-belong")]
    assert result.items[0].cases == ("K7QW2M",)


def test_mail_linked_to_nothing_does_nothing() -> None:
    assert matched(OTHER, NOBODY) == Matched(note="nothing to do with a case")
    assert items(matched(reply(), NOBODY)) == [(ItemKind.ALARM, "reply-unknown-case")]


def test_mail_about_our_own_reports_is_no_claim() -> None:
    own = Other(language="en", own_report=True)
    assert matched(own, by_complaint()) == Matched(note="about a report that we filed ourselves")


def test_after_closing_it_is_something_to_read() -> None:
    closed = case(State.CLOSED)
    assert items(matched(reply(), cited(closed))) == [(ItemKind.ALARM, "after-closing")]


@pytest.mark.parametrize(
    ("reading", "candidates", "verdict", "rung"),
    [
        (reply(Disposition.RETRACTED), cited(), PROVEN, "promised"),
        (retraction(by_amazon=False), cited(), UNPROVEN, "copy-seen"),
        (retraction(by_amazon=False), by_address(), UNPROVEN, None),
        (retraction(by_amazon=True), by_complaint(), PROVEN, "confirmed"),
        (retraction(by_amazon=False), by_complaint(), PROVEN, None),
        (retraction(by_amazon=True), by_complaint(), UNPROVEN, None),
    ],
)
def test_the_rungs_of_a_withdrawal(
    reading: Reading, candidates: Candidates, verdict: Verdict, rung: str | None
) -> None:
    result = matched(reading, candidates, verdict)
    if rung is None:
        assert result.events == ()
        assert result.items
    else:
        ((_, event),) = result.events
        assert isinstance(event, e.RetractionSeen)
        assert event.rung == rung


def test_a_withdrawal_by_the_filing_address_about_the_complaint_is_sent_by_the_owner() -> None:
    one = case()
    both = Candidates(
        cases=(one,),
        cited=(),
        by_complaint=frozenset({one.case_id}),
        by_address=frozenset({one.case_id}),
    )
    assert [getattr(event, "rung", "") for _, event in matched(retraction(by_amazon=False), both).events] == [
        "sent-by-owner"
    ]
    unproven = matched(retraction(by_amazon=False), both, UNPROVEN).events
    assert [getattr(event, "rung", "") for _, event in unproven] == ["copy-seen"]


def report(address: str, action: str = "failed", status: str = "5.1.1") -> DeliveryReport:
    failed = FailedRecipient(address=address, action=action, status=status, diagnostic="")
    return DeliveryReport(original_message_id=LETTER.message_id, recipients=(failed,), language="en")


@pytest.mark.parametrize(
    ("reading", "events", "shown"),
    [
        (report(OWNER), ["Bounced"], []),
        (report(OWNER.upper()), ["Bounced"], []),
        (report(OWNER, "delayed", "4.4.1"), ["BounceNoted"], []),
        (report(OWNER, "failed", "4.4.1"), ["BounceNoted"], []),
        (report(OWNER, "delivered", "2.0.0"), [], []),
        (report(AMAZON), ["BounceNoted"], [(ItemKind.ALARM, "copy-bounced")]),
        (report(SELF), ["BounceNoted"], [(ItemKind.ALARM, "copy-bounced")]),
        (report("x@third.example"), ["BounceNoted"], [(ItemKind.ALARM, "copy-bounced")]),
    ],
)
def test_only_a_permanent_failure_of_the_addressee_moves(
    reading: DeliveryReport, events: list[str], shown: list[tuple[ItemKind, str]]
) -> None:
    result = matched(reading, cited())
    assert (kinds(result), items(result)) == (events, shown)


def test_a_report_that_cites_us_but_names_another_letter_is_told() -> None:
    other = DeliveryReport(original_message_id="<x@lamps.example>", recipients=(), language="en")
    assert items(matched(other, cited())) == [(ItemKind.ALARM, "bounce-unclear")]
    assert matched(other, NOBODY).items == ()


@pytest.mark.parametrize(
    ("reading", "evidence"),
    [
        (OwnCopy(message_id=LETTER.message_id), "own-copy"),
        (report(AMAZON), "bounce"),
        (report(OWNER, "delayed", "4.4.1"), "bounce"),
        (AutomaticResponse(why="Auto-Submitted", complaint_ids=(), returns_on=None, language="en"), "reply"),
    ],
)
def test_what_a_machine_says_about_a_letter_in_doubt_proves_it(reading: Reading, evidence: str) -> None:
    result = matched(reading, cited(case(State.IN_DOUBT)))
    first = result.events[0][1]
    assert isinstance(first, e.Proven)
    assert (first.evidence, first.track) == (evidence, "1")
    assert "Proven" not in kinds(matched(reading, cited(case(State.AWAITING))))


def test_our_own_copy_of_another_letter_proves_nothing() -> None:
    other = case(State.IN_DOUBT)
    later = SentLetter(
        letter_id="L2", message_id="<rj.l2@lamps.example>", tracks=LETTER.tracks, recipients=()
    )
    candidates = Candidates(cases=(other,), cited=(later,))
    assert matched(OwnCopy(message_id=later.message_id), candidates).events == ()


def test_a_machine_is_a_remark_and_says_when_they_are_back() -> None:
    back = date(2026, 3, 9)
    away = AutomaticResponse(why="Auto-Submitted", complaint_ids=(), returns_on=back, language="en")
    ((_, event),) = matched(away, cited()).events
    assert isinstance(event, e.AutomaticResponse)
    assert event.returns_on == back
    assert kinds(matched(away, by_complaint())) == ["AutomaticResponse"]
    assert matched(away, by_address()).events == ()


def test_a_machine_known_by_its_words_alone_holds_like_a_person() -> None:
    away = AutomaticResponse(why="Subject", complaint_ids=(), returns_on=None, language="en", proven=False)
    assert kinds(matched(away, cited())) == ["AutomaticResponse", "Answered"]
    assert kinds(matched(away, by_complaint())) == ["AutomaticResponse"]


def test_a_date_of_return_of_a_stranger_is_not_believed() -> None:
    away = AutomaticResponse(
        why="Auto-Submitted", complaint_ids=(), returns_on=date(2026, 3, 9), language="en"
    )
    ((_, event),) = matched(away, by_complaint()).events
    assert isinstance(event, e.AutomaticResponse)
    assert event.returns_on is None


def test_amazons_answer_is_told_once() -> None:
    assert items(matched(ANSWER, NOBODY)) == [(ItemKind.ALARM, "amazon-answer")]
    linked = matched(ANSWER, by_complaint())
    assert kinds(linked) == ["Answered"]
    assert linked.items == ()  # the case is held, which is in the queue already
