"""A person holds a case in any state; a lawyer's case is silent until it is taken back on purpose."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.review import ItemKind
from bot.runner.desk import holding, service
from bot.runner.desk.noting import Noted, note
from bot.runner.steps.drafting import write_drafts
from tests.stories.mails import notice
from tests.stories.stage import LINE_LOST, Stage

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def hold(stage: Stage) -> holding.HeldCase:
    return holding.hold(stage.office, stage.case().case_id, "on holiday", "Ada")


@pytest.mark.parametrize("approved", [False, True])
def test_a_draft_and_an_approved_letter_are_withdrawn(stage: Stage, approved: bool) -> None:
    stage.arrives(notice("17340981265", stage.now))
    if approved:
        stage.approve()
    done = hold(stage)
    assert len(done.withdrawn) == 1
    assert (stage.hold(), stage.track().detail) == (Reason.HELD_BY_YOU, "on holiday")
    stage.balances()
    stage.passes(20 * DAY)
    assert stage.server.bodies == []
    stage.resumes()
    stage.sends_out()
    assert len(stage.sent()) == 1


def test_what_waits_for_an_answer_is_held_and_waits_on_when_told_to(stage: Stage) -> None:
    stage.inquires()
    hold(stage)
    stage.passes(20 * DAY)
    assert (stage.state(), stage.draft_steps()) == (State.HELD, [])
    service.keep_waiting(stage.office, stage.only(ItemKind.HOLD).number, stage.now + DAY, "Ada")
    stage.passes(2 * DAY)
    assert stage.draft_steps() == ["reminder-1"]


def test_a_letter_on_the_line_is_held_before_its_text_leaves(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()

    async def at_354() -> None:
        assert hold(stage).on_the_line

    stage.server.at_354 = at_354
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert (stage.hold(), stage.track().detail) == (Reason.HELD_BY_YOU, "on holiday")


def test_a_letter_in_doubt_is_held_once_its_fate_is_known(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.server.answers = [LINE_LOST]
    stage.sends_out()
    assert hold(stage).on_the_line
    assert stage.state() is State.IN_DOUBT
    stage.settles(sent=False)
    assert stage.hold() is Reason.HELD_BY_YOU
    stage.balances()


def test_what_is_held_or_closed_is_not_held_again(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    hold(stage)
    with pytest.raises(NotPossible, match="held already"):
        hold(stage)
    service.close_case(stage.office, stage.case().case_id, "done", "Ada")
    with pytest.raises(NotPossible, match="closed"):
        hold(stage)


def lawyer(stage: Stage) -> None:
    note(stage.office, stage.case().case_id, Noted.LAWYER, "Ada")


def test_nobody_resumes_past_the_lawyer_whatever_holds_the_case_later(stage: Stage) -> None:
    letter = stage.inquires()
    lawyer(stage)
    stage.arrives(notice("17340981265", stage.now, token="again"))
    assert stage.hold() is Reason.NOTICE_AGAIN
    for item in stage.items(ItemKind.HOLD):
        with pytest.raises(NotPossible, match="case release"):
            service.resume(stage.office, item.number, "Ada", "reminder-1")
    assert stage.store.letter(letter.letter_id).state is State.AWAITING


def test_no_detour_leads_to_a_draft_while_the_lawyer_has_it(stage: Stage) -> None:
    """Waiting, closing, opening again: each ends in a hold before a letter is written."""
    stage.inquires()
    lawyer(stage)
    service.keep_waiting(stage.office, stage.only(ItemKind.HOLD).number, stage.now + DAY, "Ada")
    stage.passes(3 * DAY)
    assert (stage.hold(), stage.draft_steps()) == (Reason.LAWYER, [])
    service.close_case(stage.office, stage.case().case_id, "oops", "Ada")
    service.reopen_case(stage.office, stage.case().case_id, "Ada")
    with pytest.raises(NotPossible, match="case release"):
        service.resume(stage.office, stage.only(ItemKind.HOLD).number, "Ada")


def test_a_track_that_begins_later_is_silent_too(stage: Stage) -> None:
    """The last reminder is on the line when the lawyer takes over: the step to Amazon is held with it."""
    stage.inquires()
    stage.passes(8 * DAY)
    stage.sends_out()
    stage.passes(8 * DAY)
    stage.approve()

    async def at_354() -> None:
        lawyer(stage)

    stage.server.at_354 = at_354
    stage.passes(11 * MINUTE)
    for _ in range(20):
        stage.passes(2 * DAY)
    assert {track.state for track in stage.case().tracks} == {State.HELD}
    assert stage.draft_steps() == []


def test_taken_back_it_is_held_and_goes_on_when_a_person_says_so(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    lawyer(stage)
    case = holding.take_back(stage.office, stage.case().case_id, "settled", "Ada")
    assert (case.lawyer, stage.hold()) == (False, Reason.HELD_BY_YOU)
    assert [event.why for event in stage.happened(e.LawyerDone)] == ["settled"]
    write_drafts(stage.office, stage.practice)
    assert stage.draft_steps() == []
    stage.resumes()
    assert stage.draft_steps() == ["inquiry"]
    with pytest.raises(NotPossible, match="nothing to take back"):
        holding.take_back(stage.office, stage.case().case_id, "again", "Ada")
