"""A first start on years of mail, weeks without the daemon, clocks that jump: no burst, nothing missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.edge.home import Loaded
from bot.ports import AlertKind
from bot.reading.read import ReadingContext
from bot.review import ItemKind
from bot.runner.office import Limits
from bot.runner.steps.timing import next_due
from tests.stories.mails import notice
from tests.stories.stage import MONDAY, Stage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")


# ------------------------------------------------------------------------------------------- first start


def years_of_mail(stage: Stage, mails: int, every: int) -> None:
    """An inbox of old mail, of which each so-manieth is a notice."""
    for number in range(mails):
        at = MONDAY - (mails - number) * HOUR
        raw = (
            notice(str(17000000000 + number), at, owner=f"ip@owner{number}.example")
            if number % every == 0
            else f"From: x@else.example\r\nMessage-ID: <{number}@else.example>\r\n\r\nHello.\r\n".encode()
        )
        stage.inbox.put(raw, at)


@pytest.fixture
def observing(stage: Stage) -> Stage:
    """The default of `first_run`: what lies there is only observed."""
    stage.line = replace(stage.line, read_all=False)
    return stage


def nothing_came_of_it(stage: Stage) -> None:
    assert stage.store.cases() == ()
    assert stage.store.letters() == ()
    assert stage.items() == []
    assert stage.server.bodies == []


def test_a_first_start_on_5000_old_mails_with_300_notices(observing: Stage) -> None:
    stage = observing
    years_of_mail(stage, 5000, 16)
    for _ in range(3):
        stage.passes(DAY)
    nothing_came_of_it(stage)
    assert stage.store.mails("shop") == ()
    stage.arrives(notice("17340981265", stage.now))
    assert len(stage.store.cases()) == len(stage.store.letters()) == 1


def test_old_mails_that_a_renumbered_mailbox_shows_again(observing: Stage) -> None:
    """The server moved house a week after the first start, and every old mail is above the cursor."""
    stage = observing
    years_of_mail(stage, 320, 16)
    stage.passes(7 * DAY)
    stage.inbox.uidvalidity += 1
    stage.inbox.renumber()
    for _ in range(2):
        stage.passes(DAY)
    assert len(stage.store.mails("shop", limit=1000)) == 320  # kept, and read
    nothing_came_of_it(stage)


# -------------------------------------------------------------------------------------------- long stops


def test_three_weeks_off_make_proposals_and_what_leaves_is_capped(stage: Stage) -> None:
    stage.changes(limits=Limits(letters_per_day=4, new_addresses_per_day=100))
    for number in range(10):
        owner = f"ip@owner{number}.example"
        stage.arrives(notice(f"173409812{number:02}", stage.now, owner=owner))
        stage.approve()
        stage.passes(11 * MINUTE)
        stage.clock.moment += 7 * HOUR  # below four a day
    sent = len(stage.sent())
    assert sent == 10
    stage.passes(21 * DAY)
    assert len(stage.sent()) == sent  # nothing by itself
    assert stage.draft_steps() == ["reminder-1"] * 10
    for item in stage.items(ItemKind.DRAFT):
        stage.approve(item.number)  # a person who approves all of it at once
    for day in range(1, 4):
        for _ in range(24):
            stage.passes(HOUR)
        assert len(stage.sent()) - sent <= 4 * day
    assert len(stage.sent()) == sent + 10
    steps = [len(stage.happened(e.FellDue, f"173409812{number:02}")) for number in range(10)]
    assert set(steps) <= {1, 2}


# ------------------------------------------------------------------------------------------------ clocks


def test_a_clock_a_day_ahead_and_back(stage: Stage) -> None:
    """It jumps while a letter awaits; every wait is stored as a moment, so nothing comes twice."""
    stage.inquires()
    due_at = stage.track().due_at
    assert due_at is not None
    for jump in (DAY, -DAY, -DAY, DAY):
        stage.passes(jump)
        assert stage.draft_steps() == []
        assert stage.track().due_at == due_at
    stage.passes(due_at - stage.now)
    assert stage.draft_steps() == ["reminder-1"]
    stage.passes(-DAY)
    stage.passes(DAY)
    assert stage.draft_steps() == ["reminder-1"]
    assert len(stage.sent()) == 1


def test_an_approval_under_a_clock_a_day_ahead_waits_for_that_day(stage: Stage) -> None:
    stage.clock.moment += DAY
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    stage.clock.moment -= DAY
    for _ in range(5):
        stage.passes(HOUR)
    assert stage.server.bodies == []
    stage.passes(DAY)
    assert len(stage.sent()) == 1


BEGINNINGS = {
    "summer-time-begins": datetime(2026, 3, 26, 15, 30, tzinfo=UTC),
    "summer-time-ends": datetime(2026, 10, 22, 15, 30, tzinfo=UTC),
    "in-the-hour-that-is-skipped": datetime(2026, 3, 27, 1, 30, tzinfo=UTC),
    "in-the-hour-that-comes-twice": datetime(2026, 10, 23, 0, 30, tzinfo=UTC),
    "leap-day": datetime(2028, 2, 28, 15, 30, tzinfo=UTC),
    "on-the-leap-day": datetime(2028, 2, 29, 15, 30, tzinfo=UTC),
    "turn-of-the-year": datetime(2026, 12, 30, 15, 30, tzinfo=UTC),
}
LIMIT = b"If you do not answer within 7 days, we will ask you to remove the inventory.\n\n"


@pytest.mark.parametrize("begins", BEGINNINGS.values(), ids=BEGINNINGS)
def test_hour_by_hour_each_step_and_each_deadline_comes_once_and_in_its_hour(
    loaded: Loaded, reading: ReadingContext, begins: datetime
) -> None:
    stage = Stage(loaded, reading)
    stage.clock.moment = begins
    mark = b"Seller Performance Team"
    stage.arrives(notice("17340981265", begins).replace(mark, LIMIT + mark, 1))
    stage.sends_out()
    sent_at, due_at, case = stage.now, stage.track().due_at, stage.case()
    assert due_at is not None
    assert case.last_safe is not None
    assert case.deadline is not None
    # The same time of the day by the seller's clock, whatever the clocks did in between.
    assert due_at.astimezone(LONDON).time() == sent_at.astimezone(LONDON).time()
    assert case.deadline.astimezone(LONDON).time() == begins.astimezone(LONDON).time()
    seen: dict[str, list[datetime]] = {"draft": [], "neared": [], "passed": []}
    for _ in range(12 * 24):
        stage.passes(HOUR)
        now = {
            "draft": len(stage.store.letters(states=(State.DRAFTED,))),
            "neared": len(stage.told(AlertKind.DEADLINE_NEAR)),
            "passed": len(stage.told(AlertKind.DEADLINE_PASSED)),
        }
        for name, count in now.items():
            assert count <= 1
            seen[name] += [stage.now] if count and not seen[name] else []
    for name, moment in (("draft", due_at), ("neared", case.last_safe), ("passed", case.deadline)):
        (came,) = seen[name]
        assert moment <= came < moment + HOUR, name
    assert len(stage.sent()) == 1
    assert next_due(stage.office) is None  # all of it was told
    stage.balances()
