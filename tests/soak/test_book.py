"""The book of the soak by itself, and its table on the page."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.soak.book import Book, after_business_days
from tests.soak.notices import pattern
from tests.soak.page import record_season
from tests.soak.script import PATTERNS, STEPS
from tests.soak.tally import Tally
from tests.soak.vitals import Vitals, growth, more, warm
from tests.torture.page import PAGE

NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)  #: a Tuesday
ONE = "19300000001"


def _book(letters: int = 1) -> Book:
    book = Book()
    book.complained(ONE, NOON)
    for number in range(letters):
        book.look([(ONE, STEPS[number][0], str(number))], NOON)
        book.accepted(ONE, NOON, to_amazon=False)
    return book


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (NOON, 3, datetime(2026, 2, 6, 12, 0, tzinfo=UTC)),
        (NOON, 5, datetime(2026, 2, 10, 12, 0, tzinfo=UTC)),
        # Good Friday and Easter Monday do not count.
        (datetime(2026, 4, 1, 9, 0, tzinfo=UTC), 3, datetime(2026, 4, 8, 9, 0, tzinfo=UTC)),
        # The clocks are put back on 15 February and forward on 22 March; the time of day stays.
        (datetime(2026, 2, 13, 9, 0, tzinfo=UTC), 1, datetime(2026, 2, 16, 10, 0, tzinfo=UTC)),
        (datetime(2026, 3, 20, 9, 0, tzinfo=UTC), 1, datetime(2026, 3, 23, 8, 0, tzinfo=UTC)),
    ],
)
def test_business_days(start: datetime, days: int, end: datetime) -> None:
    assert after_business_days(start, days) == end


def test_a_draft_at_its_moment_is_right() -> None:
    book = _book()
    book.look([], NOON + timedelta(days=2))
    book.look([(ONE, "reminder-1", "x")], NOON + timedelta(days=3))
    assert book.wrong == []


def test_a_draft_an_hour_before_is_early() -> None:
    book = _book()
    book.look([(ONE, "reminder-1", "x")], NOON + timedelta(days=2, hours=23))
    assert book.count["early"] == 1


def test_a_draft_that_is_not_there_is_missed_once() -> None:
    book = _book()
    for hours in (72, 73):
        book.look([], NOON + timedelta(hours=hours))
    assert book.count["missed"] == 1


def test_whoever_answered_gets_no_reminder() -> None:
    book = _book()
    book.stopped(ONE)
    book.look([], NOON + timedelta(days=9))
    assert book.wrong == []
    book.look([(ONE, "reminder-1", "x")], NOON + timedelta(days=9))
    assert book.count["early"] == 1


def test_who_is_away_is_reminded_later_and_amazon_is_not() -> None:
    book = _book()
    book.away(ONE, date(2026, 2, 12))
    due = book.entries[ONE].due
    assert due["reminder-1"] == datetime(2026, 2, 13, 12, 0, tzinfo=UTC)
    # Three, five and seven business days after the inquiry, one hour on for the clocks that were put back.
    assert due["escalation"] == datetime(2026, 2, 24, 13, 0, tzinfo=UTC)


def test_notices_are_of_many_languages_and_rights() -> None:
    patterns = [pattern(stem) for stem in PATTERNS]
    assert len({each.language for each in patterns}) == 11
    assert len({each.right for each in patterns}) == 7
    for each in patterns:
        raw = each.about("19300000001", "ip@owner1.example", NOON)
        assert each.complaint_id.encode() not in raw
        assert each.owner.encode() not in raw


def _life(memory: list[int], descriptors: int = 0) -> list[Vitals]:
    return [
        Vitals(
            at=NOON + timedelta(hours=6 * number), memory=each, worker_memory=1, worker_descriptors=4,
            descriptors=20 + number * descriptors, threads=9, wal=0, log=0,
        )
        for number, each in enumerate(memory)
    ]  # fmt: skip


def test_growth_is_added_up_over_lives_and_warming_up_is_none() -> None:
    warms_up = [50, 60, 70, 80, 90, 95, 98, 99]
    two_days = timedelta(days=2)
    assert growth(warm([_life(warms_up + [100] * 20)], two_days), lambda one: one.memory) == 0
    grows = warm([_life(warms_up + list(range(100, 120)))], two_days)
    assert growth(grows, lambda one: one.memory) > 0.1
    assert growth([*grows, *grows], lambda one: one.memory) == 2 * growth(grows, lambda one: one.memory)
    assert warm([_life(warms_up)], two_days) == []


def test_descriptors_are_compared_at_rest() -> None:
    assert more([_life([100] * 30)], lambda one: one.descriptors) == 0
    assert more([_life([100] * 30, descriptors=1)], lambda one: one.descriptors) > 3


def test_the_table_gets_into_its_place(tmp_path: Path) -> None:
    page = tmp_path / "reliability.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    record_season(Tally(days=90, mails=10_123, memory=0.031, faults=Counter(slow=7), seconds=1200), 7, page)
    text = page.read_text(encoding="utf-8")
    assert "`make soak`, seed 7, 20 minutes on" in text
    assert "| mails delivered | 10,123 |" in text
    assert (
        "| memory of the daemon: growth, each life from when it was warm, added up (below 10.0 %) | 3.1 % |"
        in text
    )
