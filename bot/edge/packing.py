"""What the reading worker answers, packed for its pipe: JSON, with classes by number instead of by name.

pickle asks every value for its state and every class for its name, on both sides, which takes three times as
long; and it runs what it reads. Of what comes out here nothing is ever run, whatever a mail made of the
process that read it.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

from bot.reading.model import Understood

_Way = Callable[[Any], Any]
#: Types of fields, as they are written, whose values JSON has as well: they are packed as they are.
_PLAIN = frozenset(("str", "str | None", "int", "float", "bool"))


def packed(kind: str, value: object) -> bytes:
    """An answer of the worker: `Understood`, or a text. Raises TypeError for what is part of neither."""
    return _to_json([kind, _pack(value)]).encode("ascii")


def unpacked(octets: bytes) -> tuple[str, Any]:
    """What `packed` made. Raises ValueError for anything else."""
    try:
        kind, value = json.loads(octets)
        return kind, _unpack(value)
    except (ValueError, TypeError, LookupError, RecursionError) as problem:
        raise ValueError("no answer of a reading worker") from problem


_to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _pack(value: Any) -> Any:
    way = _in.get(type(value))
    if way is None:
        raise TypeError(f"a {type(value).__name__} is no part of a reading")
    return way(value)


def _unpack(value: Any) -> Any:
    """A list is a value of a class: the number of the class, and what it is made of."""
    return _out[value[0]](value) if type(value) is list else value


def _same(value: Any) -> Any:
    return value


def _classes(hint: Any, found: dict[type, None]) -> None:
    """The classes that values of a type may be made of, always in the same order."""
    for inside in typing.get_args(hint):
        _classes(inside, found)
    if (
        isinstance(hint, type)
        and hint not in found
        and (dataclasses.is_dataclass(hint) or issubclass(hint, Enum))
    ):
        found[hint] = None
        for field in typing.get_type_hints(hint).values() if dataclasses.is_dataclass(hint) else ():
            _classes(field, found)


def _ways_of(cls: type, number: int) -> tuple[_Way, _Way]:
    """How a value of a class becomes a list, and how it is made of one again."""
    if issubclass(cls, Enum):
        return lambda member: [number, member.value], lambda inside: cls(inside[1])
    if issubclass(cls, date):
        return lambda day: [number, day.isoformat()], lambda inside: cls.fromisoformat(inside[1])
    # Written out, as dataclasses write an `__init__`: to go from field to field would take thrice as long.
    names = [(field.name, field.type in _PLAIN) for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    into = ", ".join(f"v.{name}" if plain else f"pack(v.{name})" for name, plain in names)
    out = ", ".join(
        f"{name}=v[{at}]" if plain else f"{name}=unpack(v[{at}])" for at, (name, plain) in enumerate(names, 1)
    )
    space = {"pack": _pack, "unpack": _unpack, "cls": cls}
    return eval(f"lambda v: [{number}, {into}]", space), eval(f"lambda v: cls({out})", space)  # noqa: S307


_in: dict[type, _Way] = dict.fromkeys((str, int, float, bool, type(None)), _same)
_out: list[_Way] = [lambda inside: tuple([_unpack(one) for one in inside[1:]])]
_in[tuple] = lambda values: [0, *[_pack(one) for one in values]]
_known: dict[type, None] = {date: None, datetime: None}
_classes(Understood, _known)
for _number, _cls in enumerate(_known, 1):
    _in[_cls], _way_out = _ways_of(_cls, _number)
    _out.append(_way_out)
