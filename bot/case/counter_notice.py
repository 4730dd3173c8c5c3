"""What follows a DMCA counter-notice: between which days the listing comes back (17 U.S.C. 512(g)(2)(C))."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.case.calendar import Calendar
from bot.case.playbook import Unit, Wait

#: The law of the United States counts there, whatever the seller's own calendar is; Amazon sits in Seattle.
_THERE = Calendar(name="dmca", time_zone="America/Los_Angeles", country="US")
_EARLIEST, _LATEST = Wait(unit=Unit.BUSINESS_DAYS, amount=10), Wait(unit=Unit.BUSINESS_DAYS, amount=14)


def put_back(filed_at: datetime) -> tuple[date, date]:
    """First and last day on which Amazon puts it back, unless the complainant goes to court before.

    `filed_at` is aware; the law counts from when the platform received it, which we take for the same.
    """
    zone = ZoneInfo(_THERE.time_zone)
    first, last = (_THERE.add(filed_at, wait).astimezone(zone).date() for wait in (_EARLIEST, _LATEST))
    return first, last
