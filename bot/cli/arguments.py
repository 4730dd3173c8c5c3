"""What people type after a command: numbers of items in ranges, and moments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

import click

from bot.case.calendar import Calendar
from bot.case.playbook import Wait

_RANGE = re.compile(r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?")
#: Nobody means more items than this; a slip of the finger might.
_LONGEST_RANGE = 1000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
        if last < first or last - first >= _LONGEST_RANGE:
            raise click.UsageError(f'"{word}" is no range: give the smaller number first, such as 5-7.')
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
    """`2026-03-01`, `2026-03-01 14:00`, `3 days`, `5 business days`, `72h`; aware, UTC. Raises UsageError.

    A date is read in the time zone of the account and means nine in the morning, when work begins.
    """
    text = " ".join(text.split())
    try:
        if _DATE.match(text):
            local = datetime.fromisoformat(text)
            if _DATE.fullmatch(text):
                local = datetime.combine(local.date(), time(9))
            if local.tzinfo is None:
                local = local.replace(tzinfo=ZoneInfo(calendar.time_zone))
            return local.astimezone(ZoneInfo("UTC"))
        return calendar.add(now, Wait.parse(text))
    except (ValueError, OverflowError):
        raise click.UsageError(
            f'"{text}" is no moment: write 2026-03-01, "2026-03-01 14:00", "3 days", '
            '"5 business days" or 72h.'
        ) from None
