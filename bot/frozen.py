"""Frozen values made, and copied with fields changed, quickly: a mail makes a hundred, a letter thirty."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """The same frozen dataclass with slots, made in two thirds of the time: put it above `@dataclass`.

    `frozen` has each field set by its name, which is looked up among those of all classes above for each
    field of each value; here each slot sets itself.
    """
    positional: list[str] = []
    named: list[str] = []
    steps: list[str] = []
    space: dict[str, Any] = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        name, default, made_by = field.name, field.default, field.default_factory
        space[f"put_{name}"] = getattr(cls, name).__set__
        if not field.init:
            space[f"make_{name}"] = made_by
            steps.append(f"put_{name}(self, make_{name}())")
            continue
        assert made_by is dataclasses.MISSING  # nothing here needs it
        space[f"default_{name}"] = default
        given = name if default is dataclasses.MISSING else f"{name}=default_{name}"
        (named if field.kw_only else positional).append(given)
        steps.append(f"put_{name}(self, {name})")
    if hasattr(cls, "__post_init__"):
        steps.append("self.__post_init__()")
    parameters = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    exec(f"def __init__({parameters}): {'; '.join(steps)}", space)  # noqa: S102 -- as dataclasses does it
    made = space["__init__"]
    made.__qualname__, made.__annotations__ = cls.__init__.__qualname__, cls.__init__.__annotations__
    cls.__init__ = made  # type: ignore[method-assign]
    return cls


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
