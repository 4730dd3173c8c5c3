"""When a wait is over: business days, public holidays and daylight saving, counted in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import holidays.version

from bot.case.playbook import Unit, Wait

#: Nobody closes for longer than this; more closed days in a row are a mistake in a calendar file.
_LONGEST_CLOSURE = 366


@lru_cache(maxsize=32)
def _public_holidays(country: str, subdivision: str | None) -> holidays.HolidayBase:
    # Years are filled in as they are asked for; the first look at a country costs some 0.1 s.
    return holidays.country_holidays(country, subdiv=subdivision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days count, and where midnight is.

    A business day is one that is neither on a weekend nor a public holiday of the country (and subdivision)
    nor in `closed`; a date in `open` counts in any case.
    """

    name: str
    time_zone: str  #: IANA name, "Europe/Berlin"
    country: str  #: ISO 3166-1 alpha-2, "DE"
    subdivision: str | None = None  #: as `holidays` names it, "BY"
    weekend: frozenset[int] = frozenset({5, 6})  #: Monday is 0
    closed: frozenset[date] = frozenset()  #: further days without work
    open: frozenset[date] = frozenset()  #: days that count although they look free

    def is_business_day(self, day: date) -> bool:
        """True when work is done on this local date."""
        if day in self.open:
            return True
        if day.weekday() in self.weekend or day in self.closed:
            return False
        return day not in _public_holidays(self.country, self.subdivision)

    def add(self, start: datetime, wait: Wait) -> datetime:
        """The moment at which a wait that began at `start` (aware) is over, in UTC.

        Minutes and hours are time elapsed. Days and business days are counted after the local date of
        `start` and end at the same local time; zero of them end at once.
        """
        return self._shift(start, wait, 1)

    def subtract(self, end: datetime, wait: Wait) -> datetime:
        """The moment from which a wait would be over at `end` (aware), in UTC; the mirror of `add`."""
        return self._shift(end, wait, -1)

    def describe(self) -> str:
        """What counted, for the diary: `de: Europe/Berlin, DE, holidays 0.109`."""
        place = self.country if self.subdivision is None else f"{self.country}-{self.subdivision}"
        return f"{self.name}: {self.time_zone}, {place}, holidays {holidays.version.__version__}"

    def _shift(self, moment: datetime, wait: Wait, sign: int) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be counted from")
        if wait.unit is Unit.MINUTES:
            return moment.astimezone(UTC) + sign * timedelta(minutes=wait.amount)
        if wait.unit is Unit.HOURS:
            return moment.astimezone(UTC) + sign * timedelta(hours=wait.amount)
        local = moment.astimezone(ZoneInfo(self.time_zone))
        if wait.amount == 0:
            return moment.astimezone(UTC)
        if wait.unit is Unit.DAYS:
            day = local.date() + sign * timedelta(days=wait.amount)
        else:
            days = self._business_days(local.date(), sign)
            day = [next(days) for _ in range(wait.amount)][-1]
        # The wall clock is kept, so the offset is looked up anew: a time that daylight saving skips reads
        # as the same time before the change, one that comes twice as the first of the two (PEP 495).
        return local.replace(year=day.year, month=day.month, day=day.day, fold=0).astimezone(UTC)

    def _business_days(self, day: date, sign: int) -> Iterator[date]:
        """Business days after (sign 1) or before (sign -1) a date, nearest first."""
        free = 0
        while free < _LONGEST_CLOSURE:
            day += timedelta(days=sign)
            if self.is_business_day(day):
                free = 0
                yield day
            else:
                free += 1
        raise ValueError(f"calendar {self.name} has no business day in the year around {day.isoformat()}")
