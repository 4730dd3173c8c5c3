"""A person stops an address: nobody writes there, whatever stage a letter has reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.draft.stops import StoppedAddress
from bot.errors import NotPossible
from bot.runner.desk.stopping import allow, folded_stop, stop
from tests.stories.mails import notice
from tests.stories.stage import Stage

MINUTE = timedelta(minutes=1)


def whispered(stage: Stage, address: str) -> None:
    """The stop alone, as another process writes it: nothing is withdrawn yet."""
    stage.store.stop_address(StoppedAddress(address=folded_stop(address), at=stage.now, by="Ada"))


def test_a_waiting_draft_is_withdrawn_and_its_case_held(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    to = stage.draft().to
    done = stop(stage.office, to.upper(), "they asked us to", "Ada")
    assert done.cases == (stage.case().case_id,)
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.RECIPIENT_NOT_ALLOWED)
    assert stage.letter().state is State.HELD
    stage.balances()


def test_an_approved_letter_never_leaves(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    letter = stage.approve()
    stop(stage.office, letter.to, "", "Ada")
    assert stage.hold() is Reason.RECIPIENT_NOT_ALLOWED
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    stage.balances()


def test_the_gate_reads_the_stop_from_the_store_at_the_claim(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    letter = stage.approve()
    whispered(stage, letter.to)
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.RECIPIENT_NOT_ALLOWED]
    with pytest.raises(NotPossible, match="may not be written to"):
        stage.approve()
    stage.turn()
    assert stage.hold() is Reason.RECIPIENT_NOT_ALLOWED
    stage.balances()


def test_a_stop_set_while_the_letter_is_on_the_line_withholds_its_body(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    letter = stage.approve()

    async def at_354() -> None:
        assert stage.state() is State.SENDING
        whispered(stage, letter.to)

    stage.server.at_354 = at_354
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert stage.state() is State.DRAFTED


def test_no_letter_is_drafted_to_a_stopped_domain_in_any_later_case(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    domain = stage.draft().to.rpartition("@")[2]
    stop(stage.office, f"@{domain}", "", "Ada")
    stage.arrives(notice("17340981266", stage.now))
    assert stage.hold("17340981266") is Reason.RECIPIENT_NOT_ALLOWED
    assert stage.draft_steps() == []
    stage.balances()


def test_after_the_stop_is_taken_back_a_person_lets_the_case_go_on(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    to = stage.draft().to
    stop(stage.office, to, "", "Ada")
    stage.resumes()
    assert stage.hold() is Reason.RECIPIENT_NOT_ALLOWED, "going on does not get round a stop"
    assert allow(stage.office, to) == to.casefold()
    assert stage.hold() is Reason.RECIPIENT_NOT_ALLOWED
    stage.resumes()
    stage.sends_out()
    assert len(stage.sent()) == 1


def test_the_diary_names_no_address(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    to = stage.draft().to
    stop(stage.office, to, f"{to} is angry", "Ada")
    assert to not in repr(stage.store.diary(stage.case().case_id))


@pytest.mark.parametrize("text", ["", "@", "nobody", "@localhost", "a@b@", "a b@c.example"])
def test_what_is_no_address_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(NotPossible, match="no address"):
        stop(stage.office, text, "", "Ada")


def test_taking_back_what_was_never_set_is_said(stage: Stage) -> None:
    with pytest.raises(NotPossible, match="no stop is set"):
        allow(stage.office, "ip@elsewhere.example")
