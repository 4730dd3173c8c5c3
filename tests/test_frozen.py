"""A copy with some fields changed is what `dataclasses.replace` gives."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import pytest

from bot.frozen import copy_with
from tests.samples import sample_case, sample_letter, sample_track


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (sample_letter(), {"version": 7}),
        (sample_letter(), {"to": "other@muster.example", "cc": ()}),
        (sample_case(), {"tracks": ()}),
        (sample_track(), {"state": sample_track().state, "tries": 3}),
        (sample_track(), {}),
    ],
)
def test_it_is_what_replace_gives(value: Any, fields: dict[str, Any]) -> None:
    before = replace(value)
    copy = copy_with(value, **fields)
    assert copy == replace(value, **fields)
    assert type(copy) is type(value)
    assert value == before
    assert hash(copy) == hash(replace(value, **fields))


def test_the_copy_is_frozen_too() -> None:
    copy = copy_with(sample_track(), tries=1)
    with pytest.raises(FrozenInstanceError):
        copy.tries = 2  # type: ignore[misc]


def test_a_field_that_there_is_not() -> None:
    with pytest.raises(KeyError, match="colour"):
        copy_with(sample_track(), colour="red")


@dataclass(frozen=True, slots=True)
class Checked:
    first: int
    second: int

    def __post_init__(self) -> None:
        assert self.first < self.second


def test_what_checks_itself_is_not_copied_past_its_check() -> None:
    with pytest.raises(AssertionError):
        copy_with(Checked(1, 2), first=3)
