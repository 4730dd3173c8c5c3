"""What the road of a letter does in moments that hardly ever come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import Conflict, IllegalTransition
from bot.ports import Change, MailStatus, SubmissionDeferred
from bot.review import ItemKind
from bot.runner.changes import AGAIN, again_on_conflict
from bot.runner.desk import service
from bot.runner.outbox.gate import Verdict, ask
from bot.runner.outbox.recovery import recover
from bot.runner.outbox.sending import begin_body, claim
from tests.stories.mails import notice
from tests.stories.stage import BUSY, MONDAY, Stage

ID = "17340981265"
UNDO = timedelta(minutes=11)


@pytest.fixture
def approved(stage: Stage) -> Stage:
    """A letter is approved, its undo window is over, and the mailbox was read."""
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.clock.moment += UNDO
    stage.listen()
    return stage


def claimed(stage: Stage) -> str:
    letter_id = stage.letter().letter_id
    assert claim(stage.office, stage.practice, letter_id).verdict is Verdict.GO
    return letter_id


def test_a_body_that_was_recalled_in_that_moment_does_not_begin(
    approved: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = claimed(approved)

    def overtaken(change: Change, at: object) -> tuple[int, ...]:
        raise Conflict("another process wrote first; read again")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(approved.store, "record", overtaken)
        assert begin_body(approved.office, approved.practice, letter_id) is False
    assert approved.store.letter(letter_id).state is State.SENDING
    assert begin_body(approved.office, approved.practice, letter_id) is True


def test_a_table_that_says_no_in_that_moment_is_obeyed(
    approved: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = claimed(approved)

    def no(change: Change, at: object) -> tuple[int, ...]:
        raise IllegalTransition(State.SENDING, "BodyBegun")

    monkeypatch.setattr(approved.store, "record", no)
    assert begin_body(approved.office, approved.practice, letter_id) is False


def test_after_a_refused_sign_in_it_waits_so_long_that_no_account_is_locked(approved: Stage) -> None:
    approved.server.answers = [SubmissionDeferred(code=454, text="temporary failure", stage="auth")]
    approved.turn()
    retry_at = approved.track().retry_at
    assert retry_at is not None
    assert retry_at - approved.now == timedelta(minutes=30)
    assert approved.track().tries == 0  # the server refused us, not the letter


def test_an_address_denied_after_the_approval_is_not_written_to(approved: Stage) -> None:
    letter = approved.letter()
    approved.changes(lint=replace(approved.practice.lint, denied=("@" + letter.to.partition("@")[2],)))
    answer = ask(approved.office, approved.practice, letter, State.APPROVED, approved.now)
    assert (answer.verdict, answer.reason) == (Verdict.VOID, Reason.RECIPIENT_NOT_ALLOWED)


def test_an_unreadable_mail_of_which_only_the_size_is_known_keeps_letters_here(approved: Stage) -> None:
    kept = approved.store.mails("shop")[0]
    parked = replace(kept, status=MailStatus.PARKED, sha256=None)
    approved.store._mails[kept.mail_id] = parked  # type: ignore[attr-defined]
    answer = ask(approved.office, approved.practice, approved.letter(), State.APPROVED, approved.now)
    assert (answer.verdict, answer.reason) == (Verdict.WAIT, Reason.PARKED_MAIL_CITES_US)


def test_a_parked_mail_that_cites_nobody_of_ours_keeps_nothing(approved: Stage) -> None:
    kept = approved.store.mails("shop")[0]
    approved.store._mails[kept.mail_id] = replace(kept, status=MailStatus.PARKED)  # type: ignore[attr-defined]
    answer = ask(approved.office, approved.practice, approved.letter(), State.APPROVED, approved.now)
    assert answer.verdict is Verdict.GO


def test_a_letter_of_an_account_that_is_gone_from_the_settings_is_left_alone(approved: Stage) -> None:
    letter_id = claimed(approved)
    practice = approved.office.practices.pop("shop")
    assert recover(approved.office) == (0, 0)
    assert approved.store.letter(letter_id).state is State.SENDING
    approved.office.practices["shop"] = practice
    assert recover(approved.office) == (1, 0)


def test_an_outcome_that_never_settles_is_not_kept_quiet() -> None:
    tries: list[int] = []

    def overtaken() -> None:
        tries.append(1)
        raise Conflict("another process wrote first")

    with pytest.raises(Conflict):
        again_on_conflict(overtaken)
    assert len(tries) == AGAIN


def test_a_deferred_letter_can_be_recalled_while_it_waits(approved: Stage) -> None:
    approved.server.answers = [BUSY]
    approved.turn()
    service.recall(approved.office, approved.only(ItemKind.DRAFT).number, "Ada")
    assert approved.state() is State.DRAFTED
    assert approved.happened(e.Deferred)
    approved.passes(timedelta(days=1))
    assert approved.sent() == []
