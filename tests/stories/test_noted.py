"""A person reports what happened outside: what it concerns is held, clocks and alarms run on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.keeping import Ground, legal_hold
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.ports import AlertKind
from bot.runner.desk.erasing import obstacles, traces
from bot.runner.desk.noting import Noted, note
from bot.runner.desk.service import close_case
from bot.runner.inbox.pasted import text_of
from tests.stories.mails import notice
from tests.stories.stage import Stage

MINUTE = timedelta(minutes=1)


def test_the_lawyer_takes_over_and_an_approved_letter_never_leaves(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    note(stage.office, stage.case().case_id, Noted.LAWYER, "Ada")
    assert {track.state for track in stage.case().tracks} == {State.HELD}
    assert stage.hold() is Reason.LAWYER
    stage.balances()
    for _ in range(60):
        stage.passes(timedelta(days=2))
    assert stage.server.bodies == []
    rung = {kind for kind, _ in stage.bells.rung}
    assert rung & {AlertKind.DEADLINE_NEAR, AlertKind.LAST_SAFE}, "the clocks run on"
    stage.balances()


def test_the_lawyer_takes_over_while_a_letter_is_on_the_line(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()

    async def at_354() -> None:
        note(stage.office, stage.case().case_id, Noted.LAWYER, "Ada")

    stage.server.at_354 = at_354
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    for _ in range(20):
        stage.passes(timedelta(days=2))
    assert stage.server.bodies == []
    stage.balances()


def test_a_call_stops_the_reminders(stage: Stage) -> None:
    stage.inquires()
    note(stage.office, stage.case().case_id, Noted.PHONED, "Ada")
    stage.passes(timedelta(days=20))
    assert (stage.state(), stage.draft_steps()) == (State.HELD, [])
    assert [event.what for event in stage.happened(e.ContactOutside)] == ["phoned"]
    stage.balances()


@pytest.mark.parametrize(
    ("what", "rung"), [(Noted.RETRACTION_SEEN, "copy-seen"), (Noted.LISTING_BACK, "listing-back")]
)
def test_a_retraction_and_the_listing_are_two_facts(stage: Stage, what: Noted, rung: str) -> None:
    stage.inquires()
    note(stage.office, stage.case().case_id, what, "Ada")
    assert stage.hold() is Reason.RETRACTION_SEEN
    assert [event.rung for event in stage.happened(e.RetractionSeen)] == [rung]
    stage.balances()


def test_nothing_is_noted_in_a_closed_case(stage: Stage) -> None:
    stage.inquires()
    close_case(stage.office, stage.case().case_id, "done", "Ada")
    with pytest.raises(NotPossible, match="nothing open"):
        note(stage.office, stage.case().case_id, Noted.PHONED, "Ada")


def test_only_what_was_filed_in_seller_central_ends_the_alarms(stage: Stage) -> None:
    stage.inquires()
    note(stage.office, stage.case().case_id, Noted.MAILED_AMAZON, "Ada")
    stage.passes(timedelta(days=200))
    assert stage.told(AlertKind.LAST_SAFE), "a mail to Amazon files nothing"


def test_an_appeal_meets_the_deadline_and_holds_nothing(stage: Stage) -> None:
    stage.inquires()
    note(stage.office, stage.case().case_id, Noted.APPEALED, "Ada", text="Our trademark is our own.\n")
    assert (stage.state(), stage.case().filed_at) == (State.AWAITING, stage.now)
    for _ in range(30):
        stage.passes(timedelta(days=7))
    assert not stage.told(AlertKind.LAST_SAFE)
    assert not stage.told(AlertKind.DEADLINE_NEAR)
    (filed,) = stage.happened(e.FiledInSellerCentral)
    assert text_of(stage.office, filed.mail or 0) == "Our trademark is our own.\n"
    stage.balances()


def test_a_counter_notice_holds_all_meets_the_deadline_and_keeps_the_papers(stage: Stage) -> None:
    stage.inquires()
    case_id = stage.case().case_id
    note(stage.office, case_id, Noted.COUNTER_NOTICE, "Ada", text="Under penalty of perjury.\n")
    assert (stage.hold(), stage.track().detail) == (Reason.HELD_BY_YOU, "you filed a counter-notice")
    assert (stage.case().counter_notice_at, stage.case().filed_at) == (stage.now, None)
    for _ in range(30):
        stage.passes(timedelta(days=7))
    assert stage.draft_steps() == []
    assert not {AlertKind.LAST_SAFE, AlertKind.DEADLINE_NEAR, AlertKind.DEADLINE_PASSED} & {
        kind for kind, _ in stage.bells.rung
    }
    (filed,) = stage.happened(e.CounterNoticeFiled)
    assert text_of(stage.office, filed.mail or 0) == "Under penalty of perjury.\n"
    assert legal_hold(stage.case(), stage.store.diary(case_id)) is Ground.COUNTER_NOTICE
    close_case(stage.office, case_id, "it is over", "Ada")
    told = obstacles(stage.office, traces(stage.office, "ip@rights.example"))
    assert told == ()  # somebody else's address
    theirs = stage.case().parties[0].address
    assert theirs is not None
    assert "a counter-notice was filed" in obstacles(stage.office, traces(stage.office, theirs))[0]
    stage.balances()


def test_a_counter_notice_while_a_letter_is_on_the_line(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()

    async def at_354() -> None:
        note(stage.office, stage.case().case_id, Noted.COUNTER_NOTICE, "Ada")

    stage.server.at_354 = at_354
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert stage.hold() is Reason.HELD_BY_YOU
    stage.balances()


def test_the_letter_to_amazon_calls_a_counter_notice_no_appeal(stage: Stage) -> None:
    stage.inquires()
    note(stage.office, stage.case().case_id, Noted.COUNTER_NOTICE, "Ada")
    stage.resumes()
    stage.passes(timedelta(days=1))  # one letter a day to one address
    for pause in (9, 12):
        stage.sends_out()
        stage.passes(timedelta(days=pause))
    assert "escalation" in stage.draft_steps()
    assert "appeal" not in stage.draft().body


def test_the_escalation_says_when_the_appeal_was_filed_and_nothing_of_a_mail(stage: Stage) -> None:
    stage.inquires()
    case_id = stage.case().case_id
    for _ in range(2):
        stage.passes(timedelta(days=9))
        stage.sends_out()
    stage.passes(timedelta(days=12))
    assert "We filed an appeal" not in stage.draft().body
    note(stage.office, case_id, Noted.APPEALED, "Ada", at=stage.now - timedelta(days=3))
    stage.turn()
    assert "We filed an appeal in Seller Central on" in stage.draft().body


def test_a_letter_written_elsewhere_counts_and_is_not_cited(stage: Stage) -> None:
    inquiry = stage.inquires()
    stage.passes(timedelta(days=1))
    note(stage.office, stage.case().case_id, Noted.WROTE, "Ada")
    assert (stage.hold(), len(stage.track().attempts)) == (Reason.CONTACT_OUTSIDE, 2)
    stage.resumes()
    assert stage.draft().references == (inquiry.message_id,)


def test_nothing_is_noted_of_a_day_to_come(stage: Stage) -> None:
    stage.inquires()
    with pytest.raises(NotPossible, match="still to come"):
        note(stage.office, stage.case().case_id, Noted.APPEALED, "Ada", at=stage.now + timedelta(days=1))


def test_the_same_text_is_kept_once_and_belongs_to_both_cases(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now), notice("17340981266", stage.now, asin="B0ZG04SJF4"))
    for case in stage.store.cases():
        note(stage.office, case.case_id, Noted.APPEALED, "Ada", text="We appeal both.")
    (kept,) = [mail for mail in stage.store.mails("shop") if mail.kind == "Pasted"]
    assert set(kept.cases) == {case.case_id for case in stage.store.cases()}
