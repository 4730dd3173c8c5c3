"""What follows from what: plans, proofs, limits, and what is asked to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.commands import TellPerson, WriteDraft
from bot.case.model import Case, PartyRole, State
from bot.case.reasons import REASON_TEXT, Reason
from bot.errors import IllegalTransition
from tests.case.ladders import after, decided, on_the_line, sent
from tests.samples import NOW, sample_case, sample_facts, sample_track

DAY = timedelta(days=1)


def ready(**said: object) -> Case:
    return sample_case(tracks=(sample_track(**said),))


def due(case: Case, number: int, track: str = "1") -> Case:
    """The wait is over, and the next letter goes out."""
    return after(case, e.FellDue(at=NOW, track=track), *sent(track, f"L{number}"))


def three_letters() -> Case:
    case = after(ready(), *sent(letter="L1"))
    return due(due(case, 2), 3)


def test_the_next_step_is_planned_from_the_moment_of_acceptance() -> None:
    accepted = NOW + 5 * DAY
    case = after(ready(), *sent(at=accepted), at=accepted + DAY)
    assert (case.tracks[0].step, case.tracks[0].due_at) == ("reminder-1", accepted + 3 * DAY)
    assert case.next_due == accepted + 3 * DAY


def test_the_diary_says_what_followed_and_by_which_calendar() -> None:
    case = after(ready(), *on_the_line())
    decision = decided(case, e.Accepted(at=NOW, track="1", letter="L1"))
    accepted, planned = decision.events
    assert isinstance(accepted, e.Accepted)
    assert isinstance(planned, e.Planned)
    assert (planned.step, planned.due_at) == ("reminder-1", NOW + 3 * DAY)
    assert "utc" in planned.calendar
    assert decision.before is case


def test_after_the_last_letter_to_them_a_track_to_amazon_begins() -> None:
    case = three_letters()
    mine, theirs = case.tracks
    assert (mine.state, mine.due_at) == (State.AWAITING, None)
    assert (theirs.party, theirs.state, theirs.step) == (PartyRole.AMAZON, State.AWAITING, "escalation")
    assert theirs.due_at == NOW + 7 * DAY


def test_after_the_last_step_nothing_is_planned() -> None:
    case = due(three_letters(), 4, track="2")
    assert case.track("2").due_at is None
    assert case.next_due is None


def test_no_fourth_letter_however_the_track_comes_back() -> None:
    case = three_letters()
    assert after(case, e.FellDue(at=NOW, track="1")).tracks[0].hold is Reason.LETTER_LIMIT
    held = after(case, e.Answered(at=NOW, mail=9))
    for back in (
        e.Resumed(at=NOW, track="1", step="inquiry"),
        e.Restored(at=NOW, track="1", letter="L9"),
        e.Edited(at=NOW, track="1", letter="L9", revision=2),
    ):
        assert after(held, back).tracks[0].hold is Reason.LETTER_LIMIT
    waited = after(held, e.KeptWaiting(at=NOW, track="1", due_at=NOW), e.FellDue(at=NOW, track="1"))
    assert waited.tracks[0].hold is Reason.LETTER_LIMIT


def test_the_limit_is_for_the_complainant_not_for_amazon() -> None:
    held = after(three_letters(), e.Answered(at=NOW, mail=9))
    assert after(held, e.Resumed(at=NOW, track="2", step="escalation")).track("2").state is State.READY


def test_a_person_may_go_back_a_step_without_a_second_track_to_amazon() -> None:
    # Two letters, then an answer; the person asks again with the last reminder: Amazon's track begins once.
    case = due(after(ready(), *sent(letter="L1")), 2)
    case = after(case, e.Answered(at=NOW, mail=9), e.Resumed(at=NOW, track="1", step="reminder-2"))
    case = after(case, *sent(letter="L3"))
    assert [track.party for track in case.tracks] == [PartyRole.COMPLAINANT, PartyRole.AMAZON]


@pytest.mark.parametrize("cites", [(), ("L1",)])
def test_in_doubt_only_what_cites_the_letter_proves_it(cites: tuple[str, ...]) -> None:
    doubt = after(ready(), *on_the_line(), e.OutcomeUnknown(at=NOW, track="1"))
    decision = decided(doubt, e.Answered(at=NOW + DAY, mail=9, cites=cites))
    (track,) = decision.case.tracks
    if cites:
        assert [type(event) for event in decision.events] == [e.Proven, e.Planned, e.Answered]
        assert (track.state, track.hold, track.due_at) == (State.HELD, Reason.ANSWERED, None)
        assert track.attempts[0].at == NOW
    else:
        assert [type(event) for event in decision.events] == [e.Answered]
        assert (track.state, [note.mail for note in track.noted]) == (State.IN_DOUBT, [9])


def test_an_answer_to_an_earlier_letter_does_not_prove_the_one_in_doubt() -> None:
    doubt = after(ready(), *sent(letter="L1"), e.FellDue(at=NOW, track="1"), *on_the_line(letter="L2"))
    doubt = after(doubt, e.OutcomeUnknown(at=NOW, track="1"), e.Answered(at=NOW, mail=9, cites=("L1",)))
    assert doubt.tracks[0].state is State.IN_DOUBT


def test_an_answer_noted_on_the_line_proves_the_letter_when_the_line_is_lost() -> None:
    noted = after(ready(), *on_the_line(), e.Answered(at=NOW, mail=9, cites=("L1",)))
    assert noted.tracks[0].state is State.BODY_GONE
    decision = decided(noted, e.OutcomeUnknown(at=NOW, track="1"))
    kinds = [type(event) for event in decision.events]
    assert kinds == [e.OutcomeUnknown, e.Proven, e.Planned, e.Answered]
    assert decision.case.tracks[0].hold is Reason.ANSWERED


@pytest.mark.parametrize(
    ("outcome", "attempts"),
    [
        (e.Accepted(at=NOW, track="1", letter="L1"), 1),
        (e.Deferred(at=NOW, track="1", code=451, retry_at=NOW), 0),
        (e.Refused(at=NOW, track="1", code=550, stage="body"), 0),
        (e.Rehearsed(at=NOW, track="1"), 0),
    ],
)
def test_whatever_the_outcome_what_was_noted_holds(outcome: e.Event, attempts: int) -> None:
    noted = after(ready(), *on_the_line(), e.NoticeAgain(at=NOW, mail=9))
    (track,) = after(noted, outcome).tracks
    assert (track.state, track.hold, track.noted) == (State.HELD, Reason.NOTICE_AGAIN, ())
    assert len(track.attempts) == attempts


def test_two_things_noted_are_both_applied_in_their_order() -> None:
    noted = after(
        ready(),
        *on_the_line(),
        e.Answered(at=NOW, mail=8),
        e.RetractionSeen(at=NOW, mail=9, rung="confirmed"),
    )
    decision = decided(noted, e.Accepted(at=NOW, track="1", letter="L1"))
    assert [type(event) for event in decision.events[-2:]] == [e.Answered, e.RetractionSeen]
    assert decision.case.tracks[0].hold is Reason.RETRACTION_SEEN


def test_a_bounce_noted_on_the_last_reminder_does_not_stop_amazon() -> None:
    case = due(after(ready(), *sent(letter="L1")), 2)
    case = after(case, e.FellDue(at=NOW, track="1"), *on_the_line(letter="L3"))
    case = after(case, e.Bounced(at=NOW, track="1", mail=9, cites=("L1",)))
    case = after(case, e.Accepted(at=NOW, track="1", letter="L3"))
    assert [track.state for track in case.tracks] == [State.HELD, State.AWAITING]


def test_an_event_of_the_world_reaches_every_track() -> None:
    case = after(three_letters(), e.NoticeAgain(at=NOW, mail=9))
    assert [track.hold for track in case.tracks] == [Reason.NOTICE_AGAIN] * 2


def test_deadlines_are_remarks_and_tell_a_person() -> None:
    neared = decided(ready(), e.DeadlineNeared(at=NOW))
    assert (neared.case.deadline_neared, neared.case.deadline_passed) == (True, False)
    passed = decided(neared.case, e.DeadlinePassed(at=NOW))
    assert passed.case.deadline_passed
    for decision in (neared, passed):
        assert decision.case.tracks == ready().tracks
        assert any(isinstance(command, TellPerson) for command in decision.commands)


def test_a_ready_track_asks_for_its_draft_and_a_held_one_for_a_person() -> None:
    waiting = after(ready(), *sent())
    fallen = decided(waiting, e.FellDue(at=NOW, track="1"))
    assert fallen.commands == (WriteDraft(case_id="K7QW2M", track_id="1"),)
    held = decided(waiting, e.Answered(at=NOW, mail=9))
    assert held.reason is Reason.ANSWERED
    assert held.commands == (
        TellPerson(case_id="K7QW2M", reason=Reason.ANSWERED, text=REASON_TEXT[Reason.ANSWERED]),
    )


def test_what_is_illegal_changes_nothing() -> None:
    case = after(ready(), *sent())
    with pytest.raises(IllegalTransition, match="awaiting"):
        decided(case, e.Approved(at=NOW, track="1", letter="L1", digest="d", leaves_at=NOW))
    on_line = after(ready(), *on_the_line())
    with pytest.raises(IllegalTransition):
        decided(on_line, e.CaseClosed(at=NOW))


def test_a_track_that_is_not_there_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        decided(ready(), e.FellDue(at=NOW, track="7"))


def test_no_letter_ever_follows_a_kind_of_mail_that_has_none() -> None:
    facts = sample_facts(no_letter=Reason.COURT_MATTER)
    track = sample_track(state=State.HELD, hold=Reason.NOTICE_AGAIN)
    case = sample_case(facts=facts, tracks=(track,))
    decision = decided(case, e.Resumed(at=NOW, by="Ada", track="1", step="inquiry"))
    assert decision.case.track("1").state is State.HELD
    assert decision.reason is Reason.COURT_MATTER


def last_reminder_on_the_line() -> Case:
    """Two letters were accepted; after the third it is Amazon's turn."""
    case = due(after(ready(), *sent(letter="L1")), 2)
    return after(case, e.FellDue(at=NOW, track="1"), *on_the_line(letter="L3"))


def test_a_plan_is_for_its_track() -> None:
    case = after(ready(), *sent())
    planned = e.Planned(at=NOW, track="1", step="reminder-2", due_at=NOW + 9 * DAY)
    (track,) = after(case, planned).tracks
    assert (track.step, track.due_at) == ("reminder-2", NOW + 9 * DAY)


def test_what_a_person_judges_of_every_track_is_not_judged_of_one_that_begins_with_it() -> None:
    doubt = after(last_reminder_on_the_line(), e.OutcomeUnknown(at=NOW, track="1"))
    decision = decided(doubt, e.JudgedSent(at=NOW, by="Ada"))
    assert [type(event) for event in decision.events] == [e.JudgedSent, e.TrackStarted, e.Planned]
    assert [track.state for track in decision.case.tracks] == [State.AWAITING, State.AWAITING]


@pytest.mark.parametrize(("kind", "evidence"), [(e.Answered, "reply"), (e.Bounced, "bounce")])
def test_the_proof_says_what_proved_it(kind: type[e.WorldEvent], evidence: str) -> None:
    doubt = after(ready(), *on_the_line(), e.OutcomeUnknown(at=NOW, track="1"))
    proof, *_ = decided(doubt, kind(at=NOW + DAY, track="1", mail=9, cites=("L1",))).events
    assert proof == e.Proven(at=NOW + DAY, track="1", evidence=evidence, mail=9)


def test_what_holds_the_last_reminder_holds_the_track_to_amazon_that_begins_with_it() -> None:
    noted = after(last_reminder_on_the_line(), e.NoticeAgain(at=NOW, mail=9))
    decision = decided(noted, e.Accepted(at=NOW, track="1", letter="L3"))
    assert [(track.track_id, track.hold) for track in decision.case.tracks] == [
        ("1", Reason.NOTICE_AGAIN),
        ("2", Reason.NOTICE_AGAIN),
    ]
    again = [event for event in decision.events if isinstance(event, e.NoticeAgain)]
    assert again == [e.NoticeAgain(at=NOW, track=track, mail=9) for track in ("1", "2")]


@pytest.mark.parametrize(
    ("kind", "reason"), [(e.HoldAsked, Reason.HELD_BY_YOU), (e.LawyerTookOver, Reason.LAWYER)]
)
def test_what_a_person_said_on_the_line_keeps_their_words(
    kind: type[e.HoldAsked | e.LawyerTookOver], reason: Reason
) -> None:
    noted = after(ready(), *on_the_line(), kind(at=NOW, track="1", why="Dr. Gold has it"))
    (track,) = after(noted, e.Accepted(at=NOW, track="1", letter="L1")).tracks
    assert (track.hold, track.detail) == (reason, "Dr. Gold has it")


def test_what_was_noted_before_the_body_waits_for_the_outcome() -> None:
    claimed = on_the_line()[:-1]
    noted = after(ready(), *claimed, e.Answered(at=NOW, mail=9, cites=("L1",)))
    begun = decided(noted, e.BodyBegun(at=NOW, track="1"))
    assert [type(event) for event in begun.events] == [e.BodyBegun]
    assert begun.case.tracks[0].noted == noted.tracks[0].noted


def test_a_track_of_amazon_has_a_number_of_its_own() -> None:
    elsewhere = sample_track(track_id="2", party=PartyRole.AMAZON, playbook="other", state=State.HELD)
    case = last_reminder_on_the_line().with_track(elsewhere)
    case = after(case, e.Accepted(at=NOW, track="1", letter="L3"))
    assert [track.track_id for track in case.tracks] == ["1", "2", "3"]
    assert case.track("3").party is PartyRole.AMAZON


def by_hand(step: str, day: int, letter: str = "H1") -> e.WroteByHand:
    return e.WroteByHand(at=NOW, track="1", letter=letter, step=step, sent_at=NOW + day * DAY)


def test_after_a_letter_by_hand_the_next_step_is_planned_from_its_moment() -> None:
    waiting = after(ready(), *sent(letter="L1"))
    for case in (ready(), waiting):
        (track,) = after(case, by_hand("inquiry", 1)).tracks
        assert (track.state, track.step, track.due_at) == (State.AWAITING, "reminder-1", NOW + 4 * DAY)


def test_a_letter_by_hand_in_a_held_track_plans_nothing() -> None:
    held = after(ready(), *sent(letter="L1"), e.Answered(at=NOW, mail=9))
    decision = decided(held, by_hand("inquiry", 1))
    assert [type(event) for event in decision.events] == [e.WroteByHand]
    assert decision.case.next_due is None


def test_a_further_letter_by_hand_moves_amazons_day_as_long_as_amazon_heard_nothing() -> None:
    case = after(ready(), *sent(letter="L1"), by_hand("reminder-2", 1))
    assert (case.track("2").step, case.track("2").due_at) == ("escalation", NOW + 8 * DAY)
    later = after(case, by_hand("reminder-2", 3, letter="H2"))
    assert later.track("2").due_at == NOW + 10 * DAY
    assert later.track("1").due_at is None
    held = after(case, e.HoldAsked(at=NOW, track="2"))
    assert after(held, by_hand("reminder-2", 3, letter="H2")).track("2") == held.track("2")
    heard = after(case, e.FellDue(at=NOW, track="2"), *sent("2", "L4"))
    waits = heard.with_track(replace(heard.track("2"), due_at=NOW + 20 * DAY))
    assert after(waits, by_hand("reminder-2", 3, letter="H2")).track("2").due_at == NOW + 20 * DAY


def test_a_step_done_again_does_not_move_amazons_day() -> None:
    """The person resumed an earlier step: the other party's track keeps the plan it has."""
    case = after(ready(), *sent(letter="L1"), by_hand("reminder-2", 1))
    held = after(case, e.HoldAsked(at=NOW, track="1"), e.Resumed(at=NOW, track="1", step="reminder-2"))
    at = NOW + 6 * DAY
    again = after(held, *sent(letter="L3", at=at), at=at)
    assert again.track("2").due_at == case.track("2").due_at


def test_what_cites_nothing_does_not_prove_the_letter_whose_line_was_lost() -> None:
    noted = after(ready(), *on_the_line(), e.Answered(at=NOW, mail=9), e.OutcomeUnknown(at=NOW, track="1"))
    (track,) = noted.tracks
    assert (track.state, [note.mail for note in track.noted]) == (State.IN_DOUBT, [9])


def test_letters_to_amazon_do_not_count_for_the_limit_of_the_complainant() -> None:
    case = after(ready(), *sent(letter="L1"), by_hand("reminder-2", 1))
    case = after(case, e.FellDue(at=NOW, track="2"), *sent("2", "L4"))
    assert len(case.attempts) == 3
    again = after(case, e.HoldAsked(at=NOW, track="1"), e.Resumed(at=NOW, track="1", step="reminder-2"))
    assert again.track("1").state is State.READY


def test_the_reason_is_of_the_track_that_is_held_by_this() -> None:
    case = after(ready(), *sent(letter="L1"), by_hand("reminder-2", 1))
    second = decided(case, e.HoldAsked(at=NOW, track="2"))
    assert second.reason is Reason.HELD_BY_YOU
    first = decided(second.case, e.LawyerTookOver(at=NOW, track="1"))
    assert first.reason is Reason.LAWYER
    again = decided(first.case, e.ContactOutside(at=NOW, track="2"))
    assert again.reason is Reason.CONTACT_OUTSIDE
    assert decided(again.case, e.StoreNamed(at=NOW, store="north")).reason is None
