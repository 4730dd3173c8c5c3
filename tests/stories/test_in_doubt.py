"""The line was lost after the body: nobody knows, until evidence or a person says; nothing is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.ports import AlertKind
from bot.review import ItemKind
from bot.runner.desk import service
from tests.stories.mails import OWNER, bounce, notice, out_of_office, own_copy, reply, retraction_confirmed
from tests.stories.stage import LINE_LOST, MONDAY, PowerCut, Stage

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def in_doubt(stage: Stage) -> str:
    """An inquiry whose outcome nobody knows; its Message-ID."""
    stage.arrives(notice("17340981265", MONDAY))
    stage.server.answers = [LINE_LOST]
    letter = stage.sends_out()
    assert stage.state() is State.IN_DOUBT
    assert stage.told(AlertKind.IN_DOUBT)
    return letter.message_id


def test_it_is_never_sent_again_by_itself(stage: Stage) -> None:
    in_doubt(stage)
    for _ in range(30):
        stage.passes(DAY)
    assert len(stage.server.bodies) == 1
    assert stage.state() is State.IN_DOUBT
    assert stage.only(ItemKind.IN_DOUBT).reason == "in-doubt"
    with pytest.raises(NotPossible, match="settle"):
        service.approve(stage.office, stage.only(ItemKind.IN_DOUBT).number, "Ada")


def test_our_own_copy_proves_it_and_the_wait_counts_from_the_body(stage: Stage) -> None:
    in_doubt(stage)
    body_at = stage.track().letter_at
    stage.clock.moment += 2 * DAY
    stage.arrives(own_copy(stage.server.bodies[0], stage.now))
    assert stage.kinds()[-1] == "OwnCopy"
    track = stage.track()
    assert (track.state, track.step) == (State.AWAITING, "reminder-1")
    assert [proof.evidence for proof in stage.happened(e.Proven)] == ["own-copy"]
    assert track.attempts[0].at == body_at
    ladder = stage.practice.playbooks["inquiry"]
    assert body_at is not None
    assert track.due_at == ladder.falls_due("inquiry", body_at)
    assert stage.letter().state is State.AWAITING
    assert stage.items() == []


def test_a_person_who_knows_it_left_starts_the_wait(stage: Stage) -> None:
    in_doubt(stage)
    stage.clock.moment += DAY
    stage.settles(sent=True)
    assert (stage.state(), stage.letter().state) == (State.AWAITING, State.AWAITING)
    assert stage.track().due_at is not None
    assert stage.items() == []
    stage.passes(10 * DAY)
    assert stage.draft().step == "reminder-1"


def test_a_person_who_knows_it_did_not_leave_approves_it_again(stage: Stage) -> None:
    message_id = in_doubt(stage)
    stage.settles(sent=False)
    assert stage.state() is State.DRAFTED
    stage.passes(11 * MINUTE)
    assert len(stage.server.bodies) == 1  # not by itself
    stage.sends_out()
    (mail,) = stage.sent()
    assert mail["Message-ID"] == message_id
    assert len(stage.track().attempts) == 1


def test_an_answer_that_cites_it_proves_it_first_and_then_holds(stage: Stage) -> None:
    message_id = in_doubt(stage)
    stage.clock.moment += DAY
    stage.arrives(reply(message_id, stage.now, "Send us your invoices.\n"))
    track = stage.track()
    assert (track.state, track.hold, len(track.attempts)) == (State.HELD, Reason.ANSWERED, 1)
    assert track.due_at is None
    assert track.step == "reminder-1"  # going on means the next letter, not the same again
    order = [type(event) for event in stage.store.diary(stage.case().case_id)][-3:]
    assert order == [e.Proven, e.Planned, e.Answered]
    assert stage.letter().state is State.AWAITING
    assert stage.items(ItemKind.IN_DOUBT) == []


@pytest.mark.parametrize("sent", [True, False])
def test_what_cites_nothing_is_noted_and_applied_once_it_is_settled(stage: Stage, sent: bool) -> None:
    in_doubt(stage)
    stage.arrives(retraction_confirmed("17340981265", stage.now))
    assert stage.state() is State.IN_DOUBT  # it proves nothing about the letter
    stage.settles(sent=sent)
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.RETRACTION_SEEN)
    assert len(stage.track().attempts) == (1 if sent else 0)
    assert stage.letter().state is (State.AWAITING if sent else State.HELD)
    stage.passes(30 * DAY)
    assert len(stage.server.bodies) == 1


def test_a_bounce_of_the_addressee_proves_that_it_left(stage: Stage) -> None:
    message_id = in_doubt(stage)
    stage.arrives(bounce(message_id, OWNER, stage.now))
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.BOUNCED)
    assert [proof.evidence for proof in stage.happened(e.Proven)] == ["bounce"]


@pytest.mark.parametrize("recipient", ["notice-retraction@amazon.com", "copies@brindlecove.example"])
def test_a_bounce_of_a_copy_proves_it_too_and_moves_nothing_else(stage: Stage, recipient: str) -> None:
    message_id = in_doubt(stage)
    stage.arrives(bounce(message_id, recipient, stage.now))
    assert stage.state() is State.AWAITING
    assert [proof.evidence for proof in stage.happened(e.Proven)] == ["bounce"]
    assert stage.letter().state is State.AWAITING


def test_an_out_of_office_that_cites_it_proves_it_and_the_clock_runs(stage: Stage) -> None:
    message_id = in_doubt(stage)
    stage.arrives(out_of_office(message_id, stage.now))
    assert stage.state() is State.AWAITING
    assert stage.track().due_at is not None


def test_death_after_the_body_is_in_doubt_and_never_resent(stage: Stage) -> None:
    stage.arrives(notice("17340981265", MONDAY))
    stage.approve()
    stage.server.answers = [PowerCut("body")]
    with pytest.raises(PowerCut):
        stage.passes(11 * MINUTE)
    assert stage.state() is State.BODY_GONE
    assert stage.restarts() == (0, 1)
    assert stage.state() is State.IN_DOUBT
    for _ in range(5):
        stage.passes(DAY)
    assert len(stage.server.bodies) == 1
    assert stage.told(AlertKind.IN_DOUBT)


def test_death_before_the_body_is_an_interruption_and_it_leaves_once(stage: Stage) -> None:
    stage.arrives(notice("17340981265", MONDAY))
    stage.approve()
    stage.server.answers = [PowerCut("data")]
    with pytest.raises(PowerCut):
        stage.passes(11 * MINUTE)
    assert stage.state() is State.SENDING
    assert stage.restarts() == (1, 0)
    assert stage.state() is State.APPROVED
    stage.passes(MINUTE)
    stage.passes(DAY)
    assert len(stage.server.bodies) == len(stage.sent()) == 1
    assert stage.state() is State.AWAITING


def test_an_answer_that_came_while_we_were_dead_is_applied_before_anything_is_sent(stage: Stage) -> None:
    stage.arrives(notice("17340981265", MONDAY))
    letter = stage.approve()
    stage.server.answers = [PowerCut("data")]
    with pytest.raises(PowerCut):
        stage.passes(11 * MINUTE)
    stage.inbox.put(reply(letter.message_id, stage.now, "We talked already.\n"), stage.now)
    stage.restarts()
    stage.passes(MINUTE)
    assert stage.server.bodies == []
    assert stage.hold() is Reason.ANSWERED


def test_a_reminder_in_doubt_that_is_answered_holds_amazon_too(stage: Stage) -> None:
    stage.inquires()
    stage.passes(3 * DAY)
    stage.sends_out()
    stage.passes(7 * DAY)
    stage.server.answers = [LINE_LOST]
    letter = stage.sends_out()
    stage.arrives(reply(letter.message_id, stage.now, "We are looking into it.\n"))
    assert [track.hold for track in stage.case().tracks] == [Reason.ANSWERED, Reason.ANSWERED]


def test_where_the_provider_files_what_it_took_the_sent_mailbox_proves_it(stage: Stage) -> None:
    stage.changes(provider_files_sent=True)
    message_id = in_doubt(stage)
    stage.passes(DAY)
    assert stage.state() is State.IN_DOUBT  # not found proves nothing
    stage.inbox.filed.add(message_id)
    stage.passes(MINUTE)
    assert stage.state() is State.AWAITING
    assert [proof.evidence for proof in stage.happened(e.Proven)] == ["sent-mailbox"]
    assert (stage.letter().state, stage.letter().sent_copy) == (State.AWAITING, "provider")


def test_a_sent_mailbox_that_we_fill_ourselves_proves_nothing(stage: Stage) -> None:
    message_id = in_doubt(stage)
    stage.inbox.filed.add(message_id)
    stage.passes(DAY)
    assert stage.state() is State.IN_DOUBT
