"""A closed case is opened again: held, for a person to say how to go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.runner.desk.service import close_case, reopen_case
from tests.stories.mails import notice
from tests.stories.stage import Stage


def test_a_closed_case_is_held_and_goes_on_when_a_person_says_so(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    case_id = stage.case().case_id
    close_case(stage.office, case_id, "listing is back", "Ada")
    assert stage.case().closed
    reopen_case(stage.office, case_id, "Ada")
    assert not stage.case().closed
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.REOPENED)
    stage.balances()
    stage.passes(timedelta(days=3))
    assert stage.server.bodies == [], "nothing goes on by itself"
    stage.resumes()
    stage.sends_out()
    assert len(stage.sent()) == 1
    stage.balances()


def test_an_open_case_cannot_be_opened_again(stage: Stage) -> None:
    stage.inquires()
    with pytest.raises(NotPossible, match="is not closed"):
        reopen_case(stage.office, stage.case().case_id, "Ada")
