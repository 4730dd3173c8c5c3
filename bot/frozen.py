"""Copies of frozen values with some fields changed: `dataclasses.replace` for where a letter needs thirty."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def copy_with(value: T, **fields: Any) -> T:
    """As `dataclasses.replace`, in half its time, for a frozen dataclass with slots and no `__post_init__`.

    Raises KeyError for a field that there is not.
    """
    cls: type = type(value)
    look, place, puts = _shape(cls)
    values = list(look(value))
    for name, one in fields.items():
        values[place[name]] = one
    new: T = object.__new__(cls)
    for put, one in zip(puts, values):  # noqa: B905 -- one for each field, both of them
        put(new, one)
    return new


@cache
def _shape(cls: type) -> tuple[Callable[[Any], Any], dict[str, int], tuple[Callable[[Any, Any], None], ...]]:
    """How all fields are looked at, where each stands among them, and how each is set (past `frozen`)."""
    assert not hasattr(cls, "__post_init__")
    names = [field.name for field in dataclasses.fields(cls)]
    assert len(names) > 1  # of a single one `attrgetter` gives no tuple
    puts = tuple(getattr(cls, name).__set__ for name in names)
    return attrgetter(*names), {name: place for place, name in enumerate(names)}, puts
