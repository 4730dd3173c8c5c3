"""A copy with some fields changed is what `dataclasses.replace` gives."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest

from bot.frozen import copy_with, quick
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


@dataclass(frozen=True, slots=True)
class Slow:
    first: int
    second: str = "two"
    third: tuple[int, ...] = field(default=(), kw_only=True)


@quick
@dataclass(frozen=True, slots=True)
class Quick(Slow):
    fourth: int = 4
    known: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)


def test_what_is_made_quickly_is_what_a_dataclass_makes() -> None:
    value = Quick(1, third=(3,))
    assert (value.first, value.second, value.third, value.fourth) == (1, "two", (3,), 4)
    assert replace(value, second="zwei") == Quick(1, "zwei", third=(3,))
    assert pickle.loads(pickle.dumps(value)) == value
    value.known["one"] = 1
    assert Quick(1, third=(3,)) == value
    assert Quick(1).known == {}
    assert repr(value) == "Quick(first=1, second='two', third=(3,), fourth=4)"


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, "two", 4, ()), {}), ((1,), {"fifth": 5})])
def test_what_is_made_quickly_needs_its_fields(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"__init__\(\)"):
        Quick(*given, **named)


def test_what_is_made_quickly_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Quick(1).first = 2  # type: ignore[misc]


def test_what_is_made_quickly_checks_itself() -> None:
    with pytest.raises(AssertionError):
        quick(Checked)(2, 1)
