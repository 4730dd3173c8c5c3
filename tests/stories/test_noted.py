"""A person reports what happened outside: what it concerns is held, clocks and alarms run on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.ports import AlertKind
from bot.runner.noting import Noted, note
from bot.runner.service import close_case
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
