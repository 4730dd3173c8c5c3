"""Two cases that are one complaint: merged and taken apart, without losing a letter, a date or an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import Case, State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.ports import AlertKind
from bot.review import ItemKind
from bot.runner.desk import holding, merging, service
from bot.runner.steps.drafting import write_drafts
from tests.stories.mails import OWNER, notice, reply
from tests.stories.stage import LINE_LOST, Stage

DAY = timedelta(days=1)
OLD, NEW = "17340981265", "17340981266"


def case(stage: Stage, complaint_id: str) -> Case:
    return stage.case(complaint_id)


def two(stage: Stage) -> None:
    """An inquiry that left, and some days later the same complaint again, under another number."""
    stage.inquires(OLD)
    stage.passes(2 * DAY)
    stage.arrives(notice(NEW, stage.now, asin="B0ZG04SJF3"))


def merge(stage: Stage) -> None:
    merging.merge(stage.office, case(stage, NEW).case_id, case(stage, OLD).case_id, "Ada")
    stage.balances()


def unmerge(stage: Stage) -> None:
    merging.unmerge(stage.office, case(stage, NEW).case_id, "Ada")
    stage.balances()


def test_the_one_put_away_is_closed_findable_and_its_draft_withdrawn(stage: Stage) -> None:
    two(stage)
    assert stage.draft_steps() == ["inquiry"]
    merge(stage)
    away = case(stage, NEW)
    assert (away.closed, away.merged_into) == (True, case(stage, OLD).case_id)
    assert stage.draft_steps() == []
    assert [one.case_id for one in case(stage, OLD).merged] == [away.case_id]
    stage.passes(8 * DAY)
    assert stage.draft_steps() == ["reminder-1"], "the one that goes on walks its own ladder"


def test_taken_apart_both_are_what_they_were(stage: Stage) -> None:
    two(stage)
    before = case(stage, OLD)
    merge(stage)
    unmerge(stage)
    after = case(stage, OLD)
    assert (after.deadline, after.last_safe, after.merged, after.own_clocks) == (
        before.deadline, before.last_safe, (), None,
    )  # fmt: skip
    assert stage.hold(NEW) is Reason.REOPENED
    service.resume(stage.office, stage.only(ItemKind.HOLD).number, "Ada")
    write_drafts(stage.office, stage.practice)
    assert stage.draft_steps() == ["inquiry"]
    with pytest.raises(NotPossible, match="merged into no other"):
        unmerge(stage)


def test_what_was_closed_before_stays_closed_when_taken_apart(stage: Stage) -> None:
    two(stage)
    service.close_case(stage.office, case(stage, NEW).case_id, "done", "Ada")
    merge(stage)
    with pytest.raises(NotPossible, match="unmerge"):
        service.reopen_case(stage.office, case(stage, NEW).case_id, "Ada")
    unmerge(stage)
    assert case(stage, NEW).closed


def test_an_answer_to_a_letter_of_the_one_put_away_holds_the_one_that_goes_on(stage: Stage) -> None:
    """Merged the other way round: the letter left in the case that is put away."""
    two(stage)
    sent = stage.store.letter(case(stage, OLD).attempts[0].letter_id)
    merging.merge(stage.office, case(stage, OLD).case_id, case(stage, NEW).case_id, "Ada")
    stage.approve()
    stage.arrives(reply(sent.message_id, stage.now, "We withdraw nothing."))
    assert stage.hold(NEW) is Reason.ANSWERED
    stage.passes(timedelta(minutes=11))
    assert len(stage.server.bodies) == 1, "the approved letter of the other does not leave"
    assert stage.items(ItemKind.ALARM) == []


def test_a_further_notice_about_either_holds_the_one_that_goes_on(stage: Stage) -> None:
    two(stage)
    merge(stage)
    stage.arrives(notice(NEW, stage.now, token="again"))
    assert stage.hold(OLD) is Reason.NOTICE_AGAIN
    assert stage.items(ItemKind.ALARM) == []


def test_a_mail_that_only_claims_to_belong_blocks_the_one_that_goes_on(stage: Stage) -> None:
    two(stage)
    merging.merge(stage.office, case(stage, OLD).case_id, case(stage, NEW).case_id, "Ada")
    stage.approve()
    stage.arrives(reply(None, stage.now, f"About complaint {OLD}: no.", sender="lawyer@else.example"))
    (claim,) = stage.items(ItemKind.CLAIM)
    assert claim.cases == (case(stage, NEW).case_id,)
    turn = stage.passes(timedelta(minutes=11))
    assert [reason for _, reason in turn.waiting] == [Reason.CLAIM_OPEN]
    service.approve(stage.office, claim.number, "Ada")
    assert stage.hold(NEW) is Reason.ANSWERED


def test_a_claim_that_was_open_when_merged_blocks_as_well(stage: Stage) -> None:
    two(stage)
    stage.arrives(reply(None, stage.now, f"About complaint {NEW}: no.", sender="lawyer@else.example"))
    merge(stage)
    (claim,) = stage.items(ItemKind.CLAIM)
    assert set(claim.cases) == {case(stage, OLD).case_id, case(stage, NEW).case_id}


def test_letters_of_both_count_for_the_limit(stage: Stage) -> None:
    stage.inquires(OLD)
    for _ in range(2):
        stage.passes(8 * DAY)
        stage.sends_out()
    stage.arrives(notice(NEW, stage.now, asin="B0ZG04SJF3"))
    merging.merge(stage.office, case(stage, OLD).case_id, case(stage, NEW).case_id, "Ada")
    holding.hold(stage.office, case(stage, NEW).case_id, "look", "Ada")
    service.resume(stage.office, stage.only(ItemKind.HOLD).number, "Ada")
    write_drafts(stage.office, stage.practice)
    assert stage.hold(NEW) is Reason.LETTER_LIMIT
    assert sum(OWNER in str(mail["To"]) for mail in stage.sent()) == 3


def test_the_earlier_dates_of_both_count_and_are_told(stage: Stage) -> None:
    stage.arrives(notice(OLD, stage.now))
    first = case(stage, OLD).last_safe
    stage.passes(5 * DAY)
    stage.arrives(notice(NEW, stage.now, asin="B0ZG04SJF4"))
    later = case(stage, NEW).last_safe
    assert first is not None
    assert later is not None
    assert first < later
    merging.merge(stage.office, case(stage, OLD).case_id, case(stage, NEW).case_id, "Ada")
    assert case(stage, NEW).last_safe == first
    stage.passes(first - stage.now + timedelta(minutes=1))
    assert len(stage.told(AlertKind.LAST_SAFE) + stage.told(AlertKind.DEADLINE_NEAR)) == 1
    merging.unmerge(stage.office, case(stage, OLD).case_id, "Ada")
    assert case(stage, NEW).last_safe == later
    assert not case(stage, NEW).deadline_neared, "its own date has not come yet"


def test_what_cannot_be_merged_is_said(stage: Stage) -> None:
    two(stage)
    old, new = case(stage, OLD).case_id, case(stage, NEW).case_id
    with pytest.raises(NotPossible, match="name two cases"):
        merging.merge(stage.office, old, old, "Ada")
    merge(stage)
    for words, ids in (("unmerge", (new, old)), ("the other way round", (old, new))):
        with pytest.raises(NotPossible, match=f"{words}|is merged into"):
            merging.merge(stage.office, *ids, "Ada")
    unmerge(stage)
    assert [type(event) for event in stage.happened(e.Merged, NEW)] == [e.Merged]


def test_a_letter_in_doubt_is_settled_first(stage: Stage) -> None:
    stage.arrives(notice(OLD, stage.now))
    stage.arrives(notice(NEW, stage.now, asin="B0ZG04SJF4", owner="other@owner.example"))
    stage.server.answers = [LINE_LOST]
    numbers = [item.number for item in stage.items(ItemKind.DRAFT)]
    stage.sends_out(numbers[0])
    doubtful = next(c for c in stage.store.cases() if c.tracks[0].state is State.IN_DOUBT)
    other = next(c for c in stage.store.cases() if c.case_id != doubtful.case_id)
    with pytest.raises(NotPossible, match="settle it first"):
        merging.merge(stage.office, doubtful.case_id, other.case_id, "Ada")
