"""Ranges of items and moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest

from bot.case.calendar import Calendar
from bot.cli.arguments import ItemNumber, moment_of, numbers_of, ranges

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday, 10:30 in Berlin
BERLIN = Calendar(name="de", time_zone="Europe/Berlin", country="DE")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("3",), [3]),
        (("3,5-7",), [3, 5, 6, 7]),
        (("3", "5-7", "6"), [3, 5, 6, 7]),
        (("7,3",), [7, 3]),
        (("4-4,",), [4]),
    ],
)
def test_numbers(words: tuple[str, ...], numbers: list[int]) -> None:
    assert numbers_of(words) == numbers


@pytest.mark.parametrize(
    "words", [("x",), ("7-3",), ("1-",), ("-2",), (",",), ("1-2-3",), ("1-999999",), ("all,3",)]
)
def test_no_numbers(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        numbers_of(words)


def test_a_range_is_refused_for_what_is_wrong_with_it() -> None:
    with pytest.raises(click.UsageError, match="smaller number first"):
        numbers_of(("7-5",))
    with pytest.raises(click.UsageError, match="more than 1000 items"):
        numbers_of(("1-9999",))


@pytest.mark.parametrize("word", ["abc", "0", "-1", "1.5", "1-3", "", "9999999999", "\u0663"])
def test_what_is_no_number_of_an_item_is_told_what_one_is(word: str) -> None:
    with pytest.raises(click.BadParameter, match="give one number, as in `rejoinder queue`"):
        ItemNumber().convert(word, None, None)


def test_the_number_of_an_item_as_it_is_shown() -> None:
    assert [ItemNumber().convert(word, None, None) for word in ("3", "#3", 3)] == [3, 3, 3]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-01", datetime(2026, 4, 1, 7, 0, tzinfo=UTC)),  # nine in the morning, summer time
        ("2026-03-05 14:00", datetime(2026, 3, 5, 13, 0, tzinfo=UTC)),
        ("2026-03-05T14:00:00+00:00", datetime(2026, 3, 5, 14, 0, tzinfo=UTC)),
        ("72h", datetime(2026, 3, 5, 9, 30, tzinfo=UTC)),
        ("3 days", datetime(2026, 3, 5, 9, 30, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 3, 3, 8, 0, tzinfo=UTC)),
        ("Tomorrow 14:30", datetime(2026, 3, 3, 13, 30, tzinfo=UTC)),
        ("monday", datetime(2026, 3, 9, 8, 0, tzinfo=UTC)),  # today is one: the next is meant
        ("friday at 7", datetime(2026, 3, 6, 6, 0, tzinfo=UTC)),
        ("sun 00:00", datetime(2026, 3, 7, 23, 0, tzinfo=UTC)),
        ("5 business  days", datetime(2026, 3, 9, 9, 30, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW, BERLIN) == moment


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-13-01",
        "2026-02-30",
        "yesterday",
        "5",
        "monday 25:00",
        "mond",
        "tomorrow 14:60",
        "-3 days",
        "99999999 days",
    ],
)
def test_no_moments(text: str) -> None:
    with pytest.raises(click.UsageError, match="no moment"):
        moment_of(text, NOW, BERLIN)


def test_ranges_read_back_as_the_same_numbers() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
    assert numbers_of((ranges([1, 2, 3, 7, 9, 10]),)) == [1, 2, 3, 7, 9, 10]
