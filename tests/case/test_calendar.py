"""Waits through weekends, holidays and daylight saving, one line per sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.case.calendar import Calendar
from bot.case.playbook import Wait

BERLIN = Calendar(name="de", time_zone="Europe/Berlin", country="DE")
MUNICH = Calendar(name="by", time_zone="Europe/Berlin", country="DE", subdivision="BY")
NEW_YORK = Calendar(name="us", time_zone="America/New_York", country="US")
LONDON = Calendar(name="gb", time_zone="Europe/London", country="GB", subdivision="ENG")
DUBAI = Calendar(name="ae", time_zone="Asia/Dubai", country="AE", weekend=frozenset({4, 5}))

#: calendar, start (with offset), wait, end in UTC, why
LEDGER = [
    (BERLIN, "2026-11-23T09:00+01:00", "3 business days", "2026-11-26T08:00", "Monday to Thursday"),
    (BERLIN, "2026-11-26T09:00+01:00", "3 business days", "2026-12-01T08:00", "over a weekend"),
    (BERLIN, "2026-11-28T09:00+01:00", "1 business day", "2026-11-30T08:00", "begun on Saturday"),
    (BERLIN, "2026-11-29T23:30+01:00", "1 business day", "2026-11-30T22:30", "begun on Sunday night"),
    (BERLIN, "2026-11-29T23:30+00:00", "1 business day", "2026-11-30T23:30", "already Monday in Berlin"),
    (BERLIN, "2026-12-23T10:00+01:00", "3 business days", "2026-12-29T09:00", "Christmas in Germany"),
    (LONDON, "2026-12-23T10:00+00:00", "3 business days", "2026-12-30T10:00", "Boxing Day on a Saturday"),
    (NEW_YORK, "2026-12-23T10:00-05:00", "3 business days", "2026-12-29T15:00", "Christmas Eve counts"),
    (NEW_YORK, "2026-07-02T10:00-04:00", "1 business day", "2026-07-06T14:00", "4 July observed on Friday"),
    (BERLIN, "2026-07-02T10:00+02:00", "1 business day", "2026-07-03T08:00", "but not in Germany"),
    (MUNICH, "2026-01-05T10:00+01:00", "1 business day", "2026-01-07T09:00", "Epiphany in Bavaria"),
    (BERLIN, "2026-01-05T10:00+01:00", "1 business day", "2026-01-06T09:00", "but not in all of Germany"),
    (DUBAI, "2026-11-19T10:00+04:00", "1 business day", "2026-11-22T06:00", "weekend on Friday, Saturday"),
    (BERLIN, "2026-03-27T09:00+01:00", "1 business day", "2026-03-30T07:00", "clocks go forward"),
    (BERLIN, "2026-10-23T09:00+02:00", "1 business day", "2026-10-26T08:00", "clocks go back"),
    (NEW_YORK, "2026-03-06T09:00-05:00", "3 days", "2026-03-09T13:00", "three days over the change"),
    (NEW_YORK, "2026-03-06T09:00-05:00", "72h", "2026-03-09T14:00", "72 hours are time elapsed"),
    (BERLIN, "2026-03-28T02:30+01:00", "1 day", "2026-03-29T01:30", "02:30 does not exist, reads as 03:30"),
    (BERLIN, "2026-10-24T02:30+02:00", "1 day", "2026-10-25T00:30", "02:30 comes twice, the first counts"),
    (
        LONDON,
        "2026-10-25T01:30+00:00",
        "371 days",
        "2027-10-31T00:30",
        "the second 01:30; a year on, the first",
    ),
    (BERLIN, "2028-02-28T12:00+01:00", "1 business day", "2028-02-29T11:00", "leap day"),
    (BERLIN, "2028-02-29T12:00+01:00", "1 day", "2028-03-01T11:00", "after the leap day"),
    (BERLIN, "2026-12-31T12:00+01:00", "1 business day", "2027-01-04T11:00", "over New Year"),
    (BERLIN, "2026-11-28T09:00+01:00", "0 business days", "2026-11-28T08:00", "nothing to wait for"),
    (BERLIN, "2026-11-28T09:00+01:00", "10 min", "2026-11-28T08:10", "minutes"),
]


@pytest.mark.parametrize(("calendar", "start", "wait", "end", "why"), LEDGER, ids=[row[4] for row in LEDGER])
def test_the_wait_is_over(calendar: Calendar, start: str, wait: str, end: str, why: str) -> None:
    over = calendar.add(datetime.fromisoformat(start), Wait.parse(wait))
    assert over == datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert over.tzinfo is UTC


BACKWARD = [
    (BERLIN, "2026-12-01T09:00+01:00", "3 business days", "2026-11-26T08:00", "over a weekend"),
    (BERLIN, "2026-12-29T10:00+01:00", "3 business days", "2026-12-23T09:00", "over Christmas"),
    (BERLIN, "2026-03-30T09:00+02:00", "1 day", "2026-03-29T07:00", "the day of the change"),
    (BERLIN, "2026-03-30T09:00+02:00", "2 days", "2026-03-28T08:00", "before the change"),
    (BERLIN, "2026-03-30T09:00+02:00", "12h", "2026-03-29T19:00", "hours elapsed"),
]


@pytest.mark.parametrize(("calendar", "end", "wait", "start", "why"), BACKWARD, ids=[r[4] for r in BACKWARD])
def test_the_wait_would_begin(calendar: Calendar, end: str, wait: str, start: str, why: str) -> None:
    begun = calendar.subtract(datetime.fromisoformat(end), Wait.parse(wait))
    assert begun == datetime.fromisoformat(start).replace(tzinfo=UTC)


def test_a_file_may_close_and_open_days() -> None:
    bridge = replace(BERLIN, closed=frozenset({date(2026, 5, 15)}), open=frozenset({date(2026, 12, 25)}))
    before_ascension = datetime(2026, 5, 13, 8, tzinfo=UTC)
    assert BERLIN.add(before_ascension, Wait.parse("1 business day")) == datetime(2026, 5, 15, 8, tzinfo=UTC)
    assert bridge.add(before_ascension, Wait.parse("1 business day")) == datetime(2026, 5, 18, 8, tzinfo=UTC)
    assert bridge.is_business_day(date(2026, 12, 25))


def test_a_calendar_without_business_days_says_so() -> None:
    never = replace(BERLIN, weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="no business day"):
        never.add(datetime(2026, 5, 13, tzinfo=UTC), Wait.parse("1 business day"))


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        BERLIN.add(datetime(2026, 5, 13), Wait.parse("1 day"))  # noqa: DTZ001


def test_the_description_names_the_version_of_the_holidays() -> None:
    text = MUNICH.describe()
    assert text.startswith("by: Europe/Berlin, DE-BY, holidays ")
    assert text[-1].isdigit()


def test_a_day_is_a_business_day_or_it_is_not() -> None:
    assert BERLIN.is_business_day(date(2026, 11, 27)) is True
    assert BERLIN.is_business_day(date(2026, 11, 28)) is False
    assert BERLIN.is_business_day(date(2026, 12, 25)) is False


def test_the_diary_says_which_subdivision_counted() -> None:
    assert MUNICH.describe().startswith("by: Europe/Berlin, DE-BY, holidays ")
    assert BERLIN.describe().startswith("de: Europe/Berlin, DE, holidays ")
