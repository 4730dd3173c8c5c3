"""Time passes, stands still, jumps: steps become proposals, deadlines are told once, nothing bursts."""

from __future__ import annotations

from datetime import timedelta

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import Conflict
from bot.ports import AlertKind, Change
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.steps.timing import next_due, pass_time
from tests.samples import sample_case, sample_track
from tests.stories.mails import notice, reply
from tests.stories.stage import MONDAY, Stage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ID = "17340981265"

LIMIT = b"If you do not answer within 90 days, we will ask you to remove the inventory.\n\n"


def limited(complaint_id: str = ID) -> bytes:
    """A notice that names the platform's limit."""
    plain = notice(complaint_id, MONDAY)
    mark = b"Seller Performance Team"
    return plain.replace(mark, LIMIT + mark, 1)


def test_waits_are_counted_from_acceptance_in_business_days(stage: Stage) -> None:
    stage.clock.moment += 4 * DAY  # a Friday
    stage.inquires()
    due_at = stage.track().due_at
    assert due_at is not None
    assert due_at.weekday() == 2  # three business days later is Wednesday
    assert stage.track().attempts[0].at == stage.now
    assert next_due(stage.office) == due_at


def test_a_minute_early_is_early(stage: Stage) -> None:
    stage.inquires()
    due_at = stage.track().due_at
    assert due_at is not None
    stage.passes(due_at - stage.now - MINUTE)
    assert stage.state() is State.AWAITING
    stage.passes(MINUTE)
    assert stage.draft().step == "reminder-1"


def test_three_weeks_of_standstill_make_one_proposal_each(stage: Stage) -> None:
    for number in range(4):
        stage.inquires(f"1734098126{number}", owner=f"ip{number}@ferrowick.example")
    sent = len(stage.sent())
    stage.passes(21 * DAY)
    assert stage.draft_steps() == ["reminder-1"] * 4
    assert len(stage.sent()) == sent
    stage.turn()
    assert stage.draft_steps() == ["reminder-1"] * 4
    first = stage.store.letters(states=(State.DRAFTED,))[0]
    item = stage.store.open_item(ItemKind.DRAFT, f"letter:{first.letter_id}")
    assert item is not None
    stage.sends_out(item.number)
    assert len(stage.sent()) == sent + 1
    case = stage.store.case(first.tracks[0].case_id)
    # The next step waits its full time from now: what was missed is not made up for.
    assert case.tracks[0].due_at == stage.practice.playbooks["inquiry"].falls_due("reminder-1", stage.now)


def test_a_letter_approved_before_a_standstill_is_looked_at_again(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.passes(21 * DAY)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.OUT_OF_DATE]
    assert stage.state() is State.DRAFTED


def test_mail_that_came_in_a_standstill_is_heard_before_time_is(stage: Stage) -> None:
    letter = stage.inquires()
    stage.inbox.put(reply(letter.message_id, stage.now + DAY, "Wait, please.\n"), stage.now + DAY)
    stage.passes(21 * DAY)
    assert stage.hold() is Reason.ANSWERED
    assert stage.items(ItemKind.DRAFT) == []


def test_a_clock_set_back_sends_nothing_twice_and_nothing_early(stage: Stage) -> None:
    stage.inquires()
    stage.clock.moment -= 6 * HOUR
    for _ in range(3):
        stage.turn()
    assert len(stage.sent()) == 1
    due_at = stage.track().due_at
    assert due_at is not None
    stage.passes(due_at - stage.now)
    assert stage.draft().step == "reminder-1"
    stage.sends_out()
    assert len(stage.sent()) == 2


def test_a_clock_that_jumped_ahead_and_back_leaves_only_a_proposal(stage: Stage) -> None:
    stage.inquires()
    stage.passes(365 * DAY)
    assert stage.draft_steps() == ["reminder-1"]
    stage.clock.moment -= 365 * DAY
    stage.turn()
    assert stage.draft_steps() == ["reminder-1"]
    assert len(stage.sent()) == 1


def deadlines(stage: Stage) -> tuple[int, int]:
    """How often a person was told that a deadline is near, and that it is over."""
    return len(stage.told(AlertKind.DEADLINE_NEAR)), len(stage.told(AlertKind.DEADLINE_PASSED))


def test_deadlines_are_told_once_each_and_the_platform_does_not_pause(stage: Stage) -> None:
    stage.arrives(limited())
    case = stage.case()
    assert case.deadline is not None
    assert case.last_safe is not None
    assert case.deadline - MONDAY == 90 * DAY - HOUR  # nine in London, and summer time has begun by then
    assert case.last_safe < case.deadline
    assert not case.last_safe_is_ours
    number = stage.only(ItemKind.DRAFT).number
    service.reject(stage.office, number, "not now", "Ada")  # held, and still the clock runs

    stage.passes(case.last_safe - stage.now - MINUTE)
    assert deadlines(stage) == (0, 0)
    stage.passes(MINUTE)
    assert deadlines(stage) == (1, 0)
    stage.passes(HOUR)
    assert deadlines(stage) == (1, 0)
    stage.passes(case.deadline - stage.now)
    stage.passes(DAY)
    stage.passes(DAY)
    assert deadlines(stage) == (1, 1)
    assert [len(stage.happened(kind)) for kind in (e.DeadlineNeared, e.DeadlinePassed)] == [1, 1]
    assert stage.state() is State.HELD  # it moves nothing


def test_a_notice_without_a_limit_gets_a_date_of_ours_that_says_so(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    case = stage.case()
    assert case.deadline is None
    assert case.last_safe is not None
    assert case.last_safe_is_ours
    stage.passes(case.last_safe - stage.now)
    stage.passes(DAY)
    (told,) = stage.told(AlertKind.LAST_SAFE)
    assert "our own date" in told
    assert deadlines(stage) == (0, 0)


def test_a_standstill_past_both_deadlines_tells_both_at_once(stage: Stage) -> None:
    stage.arrives(limited())
    stage.passes(120 * DAY)
    assert deadlines(stage) == (1, 1)


def test_a_closed_case_has_no_deadline_to_tell(stage: Stage) -> None:
    stage.arrives(limited())
    service.close_case(stage.office, stage.case().case_id, "settled", "Ada")
    stage.passes(120 * DAY)
    assert deadlines(stage) == (0, 0)
    assert next_due(stage.office) is None


def test_a_person_may_wait_longer_and_then_the_step_falls_due(stage: Stage) -> None:
    letter = stage.inquires()
    stage.arrives(reply(letter.message_id, stage.now, "Give us a week.\n"))
    service.keep_waiting(stage.office, stage.only(ItemKind.HOLD).number, stage.now + 7 * DAY, "Ada")
    stage.passes(7 * DAY - MINUTE)
    assert stage.state() is State.AWAITING
    stage.passes(MINUTE)
    assert stage.draft().step == "reminder-1"


def test_time_lets_a_person_at_work_go_first(stage: Stage) -> None:
    stage.inquires()
    stage.clock.moment += 10 * DAY
    honest = stage.store.record

    def busy(*_: object) -> tuple[int, ...]:
        raise Conflict("somebody wrote in this moment")

    stage.store.record = busy  # type: ignore[method-assign]
    assert pass_time(stage.office) == 0
    stage.store.record = honest  # type: ignore[method-assign]
    assert pass_time(stage.office) == 1  # still due


def test_cases_of_an_account_taken_out_of_the_settings_stand_in_nobodys_way(stage: Stage) -> None:
    stage.inquires()
    long_due = sample_track(state=State.AWAITING, due_at=MONDAY - 300 * DAY)
    left = tuple(
        sample_case(case_id=f"GONE{number:03}", account_id="gone", tracks=(long_due,))
        for number in range(120)
    )
    stage.store.record(Change(cases=left), stage.now)
    stage.clock.moment += 3 * DAY
    assert pass_time(stage.office) == 1
    assert stage.store.case(left[0].case_id).tracks[0].state is State.AWAITING  # it rests
    assert stage.store.cases_in_state("shop", State.READY)
