"""Letters leave one after the other: an acceptance and the next claim are one transaction, or neither is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.case.model import State
from bot.draft.model import Letter
from bot.draft.stops import StoppedAddress
from bot.errors import NotPossible, StoreDamaged
from bot.ports import Outcome
from bot.runner.desk import service
from bot.runner.outbox import sending
from bot.runner.outbox.sending import send_due
from tests.stories.mails import notice
from tests.stories.stage import BUSY, LINE_LOST, NO_SUCH_USER, PowerCut, Stage, directly

IDS = ("17340981261", "17340981262", "17340981263")


@pytest.fixture
def three(stage: Stage) -> Stage:
    """Three letters to three owners; their undo windows are over and the mailbox was just read."""
    for number, complaint_id in enumerate(IDS):
        stage.arrives(notice(complaint_id, stage.now, owner=f"ip@owner{number}.example"))
        stage.approve()
        stage.clock.moment += timedelta(seconds=1)
    stage.clock.moment += timedelta(minutes=11)
    stage.listen()
    return stage


def states(stage: Stage) -> list[State]:
    return [letter.state for letter in letters(stage)]


def letters(stage: Stage) -> list[Letter]:
    return sorted(stage.store.letters(), key=lambda letter: letter.drafted_at)


def counted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every transaction from now on."""
    begun: list[str] = []
    honest = stage.store.one_transaction

    def counting() -> object:
        begun.append("transaction")
        return honest()

    monkeypatch.setattr(stage.store, "one_transaction", counting)
    return begun


def test_two_transactions_a_letter_and_one_more(three: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = counted(three, monkeypatch)
    assert three.send().attempted == 3
    assert states(three) == [State.AWAITING] * 3
    assert len(begun) == 1 + 2 * 3


def test_only_the_next_one_is_claimed(three: Stage) -> None:
    seen: list[list[State]] = []

    async def look() -> None:
        seen.append(states(three))
        three.server.at_354 = look

    three.server.at_354 = look
    three.send()
    done, now, later = State.AWAITING, State.SENDING, State.APPROVED
    assert seen == [[now, later, later], [done, now, later], [done, done, now]]


def test_the_others_can_be_recalled_while_one_leaves(three: Stage) -> None:
    async def recall() -> None:
        number = next(item.number for item in three.items() if letters(three)[1].letter_id in item.subject)
        service.recall(three.office, number, "Ada")

    three.server.after_the_body = recall
    assert three.send().attempted == 2
    assert states(three) == [State.AWAITING, State.DRAFTED, State.AWAITING]


def test_told_to_stop_while_one_leaves_the_next_is_not_claimed(three: Stage) -> None:
    turn = asyncio.run(
        send_due(three.office, three.practice, three.server, directly, go_on=lambda: not three.server.bodies)
    )
    assert turn.attempted == 1
    assert states(three) == [State.AWAITING, State.APPROVED, State.APPROVED]


#: The first two are said before the body, so there is no note that it begins.
@pytest.mark.parametrize(
    ("answer", "transactions"),
    [(BUSY, 7), (NO_SUCH_USER, 7), (LINE_LOST, 8)],
    ids=["busy", "refused", "lost"],
)
def test_what_is_no_acceptance_is_written_by_itself(
    three: Stage, answer: Outcome, transactions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.server.answers = [answer]
    begun = counted(three, monkeypatch)
    assert three.send().attempted == 3
    assert states(three)[1:] == [State.AWAITING] * 2
    assert states(three)[0] in (State.APPROVED, State.HELD, State.IN_DOUBT)
    assert len(begun) == transactions


def test_what_was_written_and_cannot_be_told_is_not_written_again(
    three: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise StoreDamaged("the disk is gone")

    monkeypatch.setattr(sending, "tell_items", failing)
    with pytest.raises(StoreDamaged, match="the disk is gone"):
        three.send()
    assert states(three) == [State.AWAITING, State.SENDING, State.APPROVED]
    assert len(three.server.bodies) == 1


def test_a_stop_set_while_one_leaves_voids_the_next(three: Stage) -> None:
    """The gate is asked of the next one after the outcome, and its no is written as ever."""

    async def stop() -> None:
        stopped = StoppedAddress(address=letters(three)[1].to, at=three.now, by="Ada")
        three.store.stop_address(stopped)

    three.server.after_the_body = stop
    assert three.send().attempted == 2
    assert states(three) == [State.AWAITING, State.DRAFTED, State.AWAITING]


@pytest.mark.parametrize("kind", [StoreDamaged, NotPossible, RuntimeError])
def test_trouble_with_the_next_letter_does_not_cost_the_outcome(
    three: Stage, monkeypatch: pytest.MonkeyPatch, kind: Callable[[str], Exception]
) -> None:
    (first, second, _) = letters(three)
    honest = three.store.letter

    def damaged(letter_id: str) -> Letter:
        if letter_id == second.letter_id:
            raise kind("this one cannot be read")
        return honest(letter_id)

    monkeypatch.setattr(three.store, "letter", damaged)
    with pytest.raises(Exception, match="cannot be read"):
        three.send()
    monkeypatch.undo()
    assert states(three) == [State.AWAITING, State.APPROVED, State.APPROVED]
    assert three.store.letter(first.letter_id).attempts[-1].outcome == "accepted"


def test_a_claim_that_fails_half_way_is_no_claim(three: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was done of the next claim goes with it; the outcome is written again, by itself."""
    (_, second, _) = letters(three)
    honest, failed = sending._written, []

    def once(*args: object) -> object:
        checked = honest(*args)  # type: ignore[arg-type]
        if checked.letter.letter_id == second.letter_id and not failed:
            failed.append(states(three))
            raise StoreDamaged("in this moment")
        return checked

    monkeypatch.setattr(sending, "_written", once)
    assert three.send().attempted == 3
    assert failed == [[State.AWAITING, State.SENDING, State.APPROVED]]
    assert states(three) == [State.AWAITING] * 3
    assert len(three.server.bodies) == 3
    assert [len(letter.attempts) for letter in letters(three)] == [1, 1, 1]


def test_a_death_after_the_claim_that_went_along_is_an_interrupted_attempt(three: Stage) -> None:
    """The first was accepted and stays so; of the second no byte left, so it is tried again."""

    async def dies() -> None:
        three.server.at_354 = power_cut

    async def power_cut() -> None:
        raise PowerCut

    three.server.at_354 = dies
    with pytest.raises(PowerCut):
        three.send()
    assert states(three) == [State.AWAITING, State.SENDING, State.APPROVED]
    assert three.restarts() == (1, 0)
    assert states(three) == [State.AWAITING, State.APPROVED, State.APPROVED]
    three.turn()
    assert states(three) == [State.AWAITING] * 3
    assert len(three.server.bodies) == 3
