"""An old copy of the state wakes up: what it approved may have left, so it believes nothing of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.desk.restored import distrust, found_in_sent, letters_that_may_have_left, note_as_left
from bot.runner.outbox.sending import begin_body, claim
from tests.stories.mails import notice, own_copy
from tests.stories.stage import LINE_LOST, MONDAY, Stage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def approved(stage: Stage) -> Stage:
    """An inquiry that was approved, and whose undo window is over."""
    stage.arrives(notice("17340981265", MONDAY))
    stage.approve()
    stage.clock.moment += 11 * MINUTE
    stage.listen()
    return stage


def test_an_approval_older_than_the_copy_is_void(approved: Stage) -> None:
    assert distrust(approved.office, approved.now) == (1, 0)
    assert approved.state() is State.DRAFTED
    assert approved.draft().approval is None
    assert [x.reason for x in approved.happened(e.Voided)] == [Reason.RESTORED]
    assert distrust(approved.office, approved.now) == (0, 0)


def test_an_approval_given_in_the_restored_copy_stands(approved: Stage) -> None:
    assert distrust(approved.office, approved.now - 12 * MINUTE) == (0, 0)
    assert approved.state() is State.APPROVED


@pytest.mark.parametrize("body_begun", [False, True])
def test_a_letter_on_the_line_is_in_doubt_whether_or_not_its_body_had_begun(
    approved: Stage, body_begun: bool
) -> None:
    letter = approved.letter()
    begun = approved.now
    assert claim(approved.office, approved.practice, letter.letter_id).verdict.value == "go"
    if body_begun:
        assert begin_body(approved.office, approved.practice, letter.letter_id)
    approved.clock.moment += MINUTE
    assert distrust(approved.office, approved.now) == (0, 1)
    assert approved.state() is State.IN_DOUBT
    assert approved.track().letter_at == begun
    assert approved.only(ItemKind.IN_DOUBT).subject == f"letter:{letter.letter_id}"
    assert approved.server.bodies == []


def test_a_letter_that_the_copy_itself_rehearses_is_left_alone(approved: Stage) -> None:
    taken_at = approved.now - MINUTE
    assert claim(approved.office, approved.practice, approved.letter().letter_id).verdict.value == "go"
    assert distrust(approved.office, taken_at) == (0, 0)
    assert approved.state() is State.SENDING
    distrust(approved.office, approved.now)  # so that the story ends with nothing on the line


def test_a_draft_that_lies_in_sent_is_set_aside(approved: Stage) -> None:
    distrust(approved.office, approved.now)
    (letter,) = letters_that_may_have_left(approved.office, approved.now)
    assert letters_that_may_have_left(approved.office, letter.drafted_at - MINUTE) == ()
    assert asyncio.run(found_in_sent(approved.inbox, [letter])) == frozenset()
    approved.inbox.filed.add(letter.message_id)
    assert asyncio.run(found_in_sent(approved.inbox, [letter])) == {letter.letter_id}
    note_as_left(approved.office, approved.practice, letter, "Ada")
    assert approved.hold() is Reason.CONTACT_OUTSIDE
    assert approved.letter().state is State.HELD
    with pytest.raises(NotPossible, match="the inquiry left before"):
        approved.resumes()
    service.keep_waiting(approved.office, approved.only(ItemKind.HOLD).number, None, "Ada")
    assert approved.state() is State.AWAITING


def test_a_letter_in_doubt_that_lies_in_sent_is_proven(approved: Stage) -> None:
    assert claim(approved.office, approved.practice, approved.letter().letter_id).verdict.value == "go"
    distrust(approved.office, approved.now)
    (letter,) = letters_that_may_have_left(approved.office, approved.now)
    note_as_left(approved.office, approved.practice, letter, "Ada")
    assert approved.state() is State.AWAITING
    assert [proof.evidence for proof in approved.happened(e.Proven)] == ["sent-mailbox"]
    assert approved.track().due_at is not None


def _bytes(stage: Stage) -> bytes:
    approval = stage.letter().approval
    assert approval is not None
    return stage.office.raw.get(approval.raw_sha256)


def test_a_letter_that_left_before_is_written_again_only_when_that_is_said(approved: Stage) -> None:
    approved.arrives(own_copy(_bytes(approved), approved.now))
    with pytest.raises(NotPossible, match="the inquiry left before"):
        approved.resumes()
    approved.resumes(step="inquiry")
    assert approved.draft().step == "inquiry"
    service.reject(approved.office, approved.only(ItemKind.DRAFT).number, "no", "Ada")
    approved.resumes()  # said once, it need not be said again


@pytest.mark.parametrize("recalled", [False, True])
def test_a_copy_of_a_letter_that_we_have_not_sent_holds_it(approved: Stage, recalled: bool) -> None:
    """A snapshot of the machine has no mark. What was sent after it was taken comes back as our own copy."""
    raw = _bytes(approved)
    if recalled:
        service.recall(approved.office, approved.only(ItemKind.DRAFT).number, "Ada")
    approved.arrives(own_copy(raw, approved.now))
    assert approved.hold() is Reason.CONTACT_OUTSIDE
    assert approved.letter().state is State.HELD
    approved.passes(timedelta(days=1))
    assert approved.server.bodies == []


def test_a_copy_that_comes_while_the_letter_is_on_the_line_takes_it_back_at_354(approved: Stage) -> None:
    raw = _bytes(approved)

    async def meanwhile() -> None:
        await approved.hears(own_copy(raw, approved.now))

    approved.server.at_354 = meanwhile
    approved.passes(MINUTE)
    assert approved.server.bodies == []
    assert approved.hold() is Reason.CONTACT_OUTSIDE


def test_a_copy_of_a_letter_that_a_person_judged_not_sent_holds_it(approved: Stage) -> None:
    approved.server.answers = [LINE_LOST]
    approved.passes(MINUTE)
    approved.settles(sent=False)
    assert approved.state() is State.DRAFTED
    approved.arrives(own_copy(approved.server.bodies[0], approved.now))
    assert approved.hold() is Reason.CONTACT_OUTSIDE


def test_the_copy_of_a_rehearsal_holds_nothing(rehearsal: Stage) -> None:
    rehearsal.arrives(notice("17340981265", MONDAY))
    rehearsal.sends_out()
    rehearsal.arrives(own_copy(rehearsal.server.bodies[0], rehearsal.now))
    assert rehearsal.state() is State.DRAFTED


def test_the_copy_of_a_rehearsal_whose_line_was_lost_holds_nothing(rehearsal: Stage) -> None:
    rehearsal.arrives(notice("17340981265", MONDAY))
    rehearsal.server.answers = [LINE_LOST]
    rehearsal.sends_out()
    rehearsal.arrives(own_copy(rehearsal.server.bodies[0], rehearsal.now))
    assert rehearsal.state() is State.DRAFTED


def _of_another_home(stage: Stage) -> bytes:
    """What another home of ours wrote to the complainant, as the provider filed it."""
    to = stage.case().parties[0].address
    return (
        f"From: Ada Marsh <shop@brindlecove.example>\nTo: {to}\nSubject: Your report to Amazon\n"
        f"Date: {format_datetime(stage.now)}\nMessage-ID: <rj.{'B' * 26}@brindlecove.example>\n\nDear Sir,\n"
    ).encode()


def test_a_letter_in_sent_that_another_home_wrote_holds_the_case_and_counts(stage: Stage) -> None:
    """Drafted after the copy was taken, so it is not known here; but it lies in Sent, to the complainant."""
    stage.arrives(notice("17340981265", MONDAY))
    stage.approve()
    stage.writes(_of_another_home(stage))
    assert (stage.hold(), len(stage.track().attempts)) == (Reason.CONTACT_OUTSIDE, 1)
    stage.passes(timedelta(days=1))
    assert stage.server.bodies == []


def test_a_rehearsal_of_another_home_holds_the_case_and_is_no_attempt(rehearsal: Stage) -> None:
    """It says that it went to the complainant, and went to ourselves: the record must not tell Amazon so."""
    rehearsal.arrives(notice("17340981265", MONDAY))
    rehearsal.writes(_of_another_home(rehearsal))
    assert (rehearsal.hold(), rehearsal.track().attempts) == (Reason.CONTACT_OUTSIDE, ())
