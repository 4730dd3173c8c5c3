"""What is written down of each answer of the mail server: attempt, letter and track, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.model import State
from bot.case.reasons import REASON_TEXT, Reason
from bot.draft.model import LetterAttempt
from bot.draft.stops import StoppedAddress
from bot.mail.envelope import RecipientRole
from bot.ports import (
    AlertKind,
    Outcome,
    SubmissionAccepted,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUnknown,
)
from bot.review import ItemKind
from bot.runner.outbox.sending import LOGIN_RETRY
from tests.stories.mails import notice
from tests.stories.stage import MONDAY, PowerCut, Stage

MINUTE = timedelta(minutes=1)
ID = "17340981265"
OK = SubmissionAccepted(code=250, text="queued as 7")
LOST = SubmissionUnknown(text="the line was lost")
S = State


def leaves(stage: Stage, *answers: Outcome | PowerCut) -> None:
    """A letter is approved, its undo window passes, and the server answers so."""
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.server.answers = list(answers)
    stage.clock.moment += 11 * MINUTE
    stage.listen()
    stage.send()


@pytest.mark.parametrize(
    ("answer", "word", "code", "text", "letter", "track"),
    [
        (OK, "accepted", 250, "queued as 7", S.AWAITING, S.AWAITING),
        (LOST, "in-doubt", None, "the line was lost", S.IN_DOUBT, S.IN_DOUBT),
        (
            SubmissionDeferred(code=451, text="later", stage="rcpt"),
            "deferred", 451, "later", S.APPROVED, S.APPROVED,
        ),
        (
            SubmissionRefused(code=554, text="not you", stage="connect"),
            "deferred", 554, "not you", S.APPROVED, S.APPROVED,
        ),
        (
            SubmissionRefused(code=550, text="nobody", stage="rcpt"),
            "refused", 550, "nobody", S.HELD, S.HELD,
        ),
    ],
)  # fmt: skip
def test_an_answer_is_written_down(
    stage: Stage, answer: Outcome, word: str, code: int | None, text: str, letter: State, track: State
) -> None:
    leaves(stage, answer)
    (attempt,) = stage.letter().attempts
    assert attempt == LetterAttempt(
        started_at=stage.now, ended_at=stage.now, outcome=word, code=code, text=text
    )
    assert (stage.letter().state, stage.state()) == (letter, track)
    stage.balances()


@pytest.mark.parametrize("answer", [OK, LOST])
def test_a_rehearsal_reaches_nobody_and_is_a_draft_again(rehearsal: Stage, answer: Outcome) -> None:
    stage = rehearsal
    leaves(stage, answer)
    (attempt,) = stage.letter().attempts
    assert attempt.outcome == "rehearsed"
    assert (stage.letter().state, stage.letter().approval, stage.track().attempts) == (S.DRAFTED, None, ())
    assert [one.role for envelope, _ in stage.server.taken for one in envelope.recipients] == (
        [RecipientRole.REHEARSAL] if answer is OK else []
    )
    stage.balances()


def test_a_login_that_is_put_off_is_tried_again_in_half_an_hour_and_counts_as_no_try(stage: Stage) -> None:
    leaves(stage, SubmissionDeferred(code=454, text="password server is away", stage="auth"))
    assert (stage.track().retry_at, stage.track().tries) == (stage.now + LOGIN_RETRY, 0)


@pytest.mark.parametrize("stage_of_it", ["connect", "tls", "auth"])
def test_a_server_that_refuses_us_is_asked_again_in_half_an_hour_and_never_given_up(
    stage: Stage, stage_of_it: str
) -> None:
    leaves(stage, SubmissionRefused(code=535, text="not you", stage=stage_of_it))
    assert (stage.track().retry_at, stage.track().tries) == (stage.now + LOGIN_RETRY, 0)
    (told,) = [text for text in stage.told(AlertKind.NEW_ITEM) if "refused" in text]
    assert f"at {stage_of_it} with 535" in told


def test_patience_doubles_up_to_four_hours(stage: Stage) -> None:
    later = SubmissionDeferred(code=451, text="later", stage="rcpt")
    stage.changes(limits=replace(stage.practice.limits, deferred_tries=8))
    leaves(stage, later)
    waits = []
    while (retry_at := stage.track().retry_at) is not None and stage.state() is S.APPROVED:
        waits.append((retry_at - stage.now) // MINUTE)
        stage.clock.moment = retry_at
        stage.listen()
        stage.server.answers = [later]
        assert stage.send().attempted == 1
    assert waits == [5, 10, 20, 40, 80, 160, 240]
    assert stage.hold() is Reason.GAVE_UP


@pytest.mark.parametrize(
    ("recipient", "whose"),
    [
        ("notice-retraction@amazon.com", ", cc"),
        ("copies@brindlecove.example", ", own-copy"),
        ("x@third.example", ""),
        (None, ""),
    ],
)
def test_a_refusal_says_whose_copy_it_was(stage: Stage, recipient: str | None, whose: str) -> None:
    leaves(stage, SubmissionRefused(code=550, text="nobody", stage="rcpt", recipient=recipient))
    role = {", cc": RecipientRole.CC, ", own-copy": RecipientRole.OWN_COPY}.get(whose)
    assert stage.track().detail == "550 at rcpt" + (f", {role.value}" if role else "")


def test_what_is_taken_back_at_354_says_so(stage: Stage) -> None:
    async def stopped() -> None:
        stage.store.stop_address(StoppedAddress(address=stage.letter().to, at=stage.now, by="Ada"))

    stage.server.at_354 = stopped
    leaves(stage, OK)
    (attempt,) = stage.letter().attempts
    assert (attempt.outcome, attempt.ended_at, attempt.code, attempt.text) == (
        "withheld",
        stage.now,
        None,
        "",
    )
    assert (stage.letter().state, stage.letter().approval) == (S.DRAFTED, None)
    stage.balances()


def test_what_only_has_to_wait_at_354_stays_approved(stage: Stage) -> None:
    async def too_long() -> None:
        stage.clock.moment += 16 * MINUTE

    stage.server.at_354 = too_long
    leaves(stage, OK)
    (attempt,) = stage.letter().attempts
    assert (attempt.outcome, stage.letter().state) == ("withheld", S.APPROVED)
    assert stage.letter().approval is not None
    stage.listen()
    assert stage.send().attempted == 1
    assert [one.outcome for one in stage.letter().attempts] == ["withheld", "accepted"]


@pytest.mark.parametrize(
    ("cut", "word", "state"), [("mail", "interrupted", S.APPROVED), ("body", "in-doubt", S.IN_DOUBT)]
)
def test_what_we_died_in_is_written_down_at_the_next_start(
    stage: Stage, cut: str, word: str, state: State
) -> None:
    with pytest.raises(PowerCut):
        leaves(stage, PowerCut(cut))
    stage.clock.moment += MINUTE
    assert stage.restarts() == ((1, 0) if cut == "mail" else (0, 1))
    (attempt,) = stage.letter().attempts
    assert (attempt.outcome, attempt.ended_at) == (word, stage.now)
    assert (stage.letter().state, stage.state()) == (state, state)
    told = [text for text in stage.told(AlertKind.IN_DOUBT) if "on the line when we stopped" in text]
    assert len(told) == (cut == "body")
    stage.balances()
    assert stage.restarts() == (0, 0)


def test_a_letter_in_doubt_is_told_as_such(stage: Stage) -> None:
    leaves(stage, LOST)
    assert len(stage.told(AlertKind.IN_DOUBT)) == 1
    assert stage.only(ItemKind.IN_DOUBT).cases == (stage.case().case_id,)


def test_a_void_approval_is_told_with_its_reason(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.changes(safe_mode_to="ada@brindlecove.example")
    stage.clock.moment += 11 * MINUTE
    stage.listen()
    stage.send()
    assert any(REASON_TEXT[Reason.SAFE_MODE_SWITCHED] in text for text in stage.told(AlertKind.NEW_ITEM))
    assert (stage.letter().state, stage.letter().approval) == (S.DRAFTED, None)


def test_the_round_says_when_the_next_letter_may_leave(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    leaves_at = stage.approve().approval.leaves_at  # type: ignore[union-attr]
    turn = stage.send()
    assert (turn.attempted, turn.next_at) == (0, leaves_at)
    assert turn.waiting == ((stage.letter().letter_id, Reason.UNDO_WINDOW),)
    assert not turn.must_listen
    stage.clock.moment = leaves_at + 16 * MINUTE
    assert stage.send().must_listen
