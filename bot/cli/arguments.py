"""What people type after a command: numbers of items in ranges, and moments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.case.calendar import Calendar
from bot.case.playbook import Wait

_RANGE = re.compile(r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?")
#: Nobody means more items than this; a slip of the finger might.
_LONGEST_RANGE = 1000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = re.compile(r"(?P<day>tomorrow|[a-z]{3,9})(?: (?:at )?(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2}))?)?")
#: When work begins: what a day without an hour means.
_MORNING = time(9)


class ItemNumber(click.ParamType[int]):
    """The number of one item, as in the queue."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Fails with what to type instead."""
        text = str(value).removeprefix("#")
        if not re.fullmatch("[1-9][0-9]{0,8}", text, re.ASCII):
            self.fail(f'"{value}" is no item: give one number, as in `rejoinder queue`.', param, ctx)
        return int(text)


def numbers_of(words: tuple[str, ...]) -> list[int]:
    """`3,5-7` and `3 5 6 7` alike: each number once, in the order typed. Raises UsageError."""
    numbers: dict[int, None] = {}
    for word in (piece for text in words for piece in text.split(",") if piece):
        match = _RANGE.fullmatch(word)
        if match is None:
            raise click.UsageError(
                f'"{word}" is no item: give numbers as in `rejoinder queue`, such as 3,5-7.'
            )
        first = int(match["first"])
        last = int(match["last"] or first)
        if last < first:
            raise click.UsageError(f'"{word}" is no range: give the smaller number first, such as 5-7.')
        if last - first >= _LONGEST_RANGE:
            raise click.UsageError(f'"{word}" names more than {_LONGEST_RANGE} items: give a smaller range.')
        numbers.update(dict.fromkeys(range(first, last + 1)))
    if not numbers:
        raise click.UsageError("Give at least one number, as in `rejoinder queue`.")
    return list(numbers)


def ranges(numbers: Sequence[int]) -> str:
    """`1-4,7`: ascending numbers the way `numbers_of` reads them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def moment_of(text: str, now: datetime, calendar: Calendar) -> datetime:
    """What a person writes for a moment to come; aware, UTC. Raises UsageError.

    `tomorrow`, `monday`, `friday 14:00`, `2026-03-01`, `2026-03-01 14:00`, `3 days`, `5 business days`,
    `72h`. A day is read in the time zone of the account and means nine in the morning; a weekday is the next
    one after today.
    """
    text = " ".join(text.split())
    try:
        local = _named_day(text.lower(), now, calendar) or _date(text)
        if local is None:
            return calendar.add(now, Wait.parse(text))
        if local.tzinfo is None:
            local = local.replace(tzinfo=ZoneInfo(calendar.time_zone))
        return local.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise click.UsageError(
            f'"{text}" is no moment: write tomorrow, monday, "friday 14:00", 2026-03-01, '
            '"2026-03-01 14:00", "3 days", "5 business days" or 72h.'
        ) from None


def _date(text: str) -> datetime | None:
    if not _DATE.match(text):
        return None
    local = datetime.fromisoformat(text)
    return datetime.combine(local.date(), _MORNING) if _DATE.fullmatch(text) else local


def _named_day(text: str, now: datetime, calendar: Calendar) -> datetime | None:
    """`tomorrow`, or a weekday in full or by its first three letters, with or without an hour."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    today = now.astimezone(ZoneInfo(calendar.time_zone)).date()
    if match["day"] == "tomorrow":
        ahead = 1
    else:
        known = [n for n, name in enumerate(_WEEKDAYS) if match["day"] in (name, name[:3])]
        if not known:
            return None
        ahead = (known[0] - today.weekday() - 1) % 7 + 1
    at = time(int(match["hour"]), int(match["minute"] or 0)) if match["hour"] else _MORNING
    return datetime.combine(today + timedelta(days=ahead), at)
