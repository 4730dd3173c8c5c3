"""Frozen dataclasses to canonical JSON and back, derived from their type hints; every event, case and letter.

The hints decide, not the values: what does not fit its hint is refused when it is written, so nothing that
cannot be read back is ever stored. Canonical means sorted keys, no blanks, ASCII only: the same value always
gives the same bytes (they are hashed in the diary), and lone surrogates or NULs of hostile mail cannot upset
the database.

A field that is missing takes its default, so a newer version may add fields; an unknown field is an error.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import types
import typing
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from bot.case.events import EVENTS, Event
from bot.errors import StoreDamaged

T = TypeVar("T")

_NOTHING: Mapping[str, Callable[[Any], str]] = types.MappingProxyType({})
_EVENTS: dict[str, type[Event]] = {cls.__name__: cls for cls in EVENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codec:
    encode: Callable[[Any], str]  #: to canonical JSON
    decode: Callable[[Any], Any]


# ----------------------------------------------------------------------------------------------- in and out


def dumps(value: object, hint: Any = None) -> str:
    """Canonical JSON of a frozen dataclass, or of what `hint` says (`tuple[Source, ...]`).

    Raises TypeError when a value does not fit its type hint.
    """
    hint = hint or type(value)
    return _KEPT.text(hint, value) or _codec(hint).encode(value)


def writer(cls: type, instead: Mapping[str, Callable[[Any], str]]) -> Callable[[Any], str]:
    """As `dumps` for this class, but these fields are written so."""
    return _dataclass(cls, instead=instead).encode


def loads(hint: type[T], text: str) -> T:
    """What `dumps` wrote. Raises StoreDamaged when the text is not that."""
    kept = _KEPT.value(hint, text)
    if kept is None:
        kept = _decoded(hint, _parsed(text))
        _KEPT.add(hint, text, kept)
    return typing.cast(T, kept)


class _Kept:
    """The values used last, each with its text: a letter is asked for a dozen times on its way out.

    Frozen values may be shared, and the very value that was read has the text that it was read from. What
    was used longest ago makes room, one at a time: to fill up and begin anew would take the most memory
    that it ever can, again and again, and leave holes that the allocator cannot give back.
    """

    def __init__(self, most: int) -> None:
        self._most = most  #: octets, with `_EACH` for each
        self._octets = 0
        self._by_text: OrderedDict[tuple[Any, str], Any] = OrderedDict()
        self._by_value: dict[tuple[Any, int], tuple[Any, str]] = {}
        self._lock = threading.Lock()

    def value(self, hint: Any, text: str) -> Any | None:
        with self._lock:
            found = self._by_text.get((hint, text))
            if found is not None:
                self._by_text.move_to_end((hint, text))
            return found

    def text(self, hint: Any, value: object) -> str | None:
        # An identity is of one value as long as that value is kept, and here it is kept beside it.
        found = self._by_value.get((hint, id(value)))
        return found[1] if found is not None and found[0] is value else None

    def add(self, hint: Any, text: str, value: Any) -> None:
        with self._lock:
            if (hint, text) in self._by_text or len(text) + _EACH > self._most:
                return
            self._by_text[hint, text] = value
            self._by_value[hint, id(value)] = (value, text)
            self._octets += len(text) + _EACH
            while self._octets > self._most:
                (of, oldest), gone = self._by_text.popitem(last=False)
                self._by_value.pop((of, id(gone)), None)
                self._octets -= len(oldest) + _EACH


#: What it takes to keep a value, beside its text.
_EACH = 256
#: Texts are ASCII, and their values take some three times as much: five megabytes in all.
_KEPT = _Kept(1024 * 1024)


def event_dumps(event: Event) -> str:
    """Canonical JSON of an event: its fields and, as `event`, its class name."""
    name = type(event).__name__
    if _EVENTS.get(name) is not type(event):
        raise TypeError(f"{name} is not in bot.case.events.EVENTS, so the diary could not be read back")
    return _event_codec(name).encode(event)


def event_loads(text: str) -> Event:
    """The event that `event_dumps` wrote. Raises StoreDamaged."""
    document = _parsed(text)
    name = document.pop("event", None) if isinstance(document, dict) else None
    if not isinstance(name, str) or name not in _EVENTS:
        raise StoreDamaged(f"the diary holds {name!r}, which is no event that this version knows")
    return typing.cast(Event, _decoded(_EVENTS[name], document))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreDamaged(f"a stored document is not JSON: {error}") from error


def _decoded(hint: Any, document: Any) -> Any:
    try:
        return _codec(hint).decode(document)
    except (TypeError, ValueError) as error:
        raise StoreDamaged(f"a stored {getattr(hint, '__name__', hint)} cannot be read: {error}") from error


# -------------------------------------------------------------------------------------------- one per hint


def _codec(hint: Any) -> _Codec:
    return _built(hint)


@cache
def _built(hint: Any) -> _Codec:
    origin = typing.get_origin(hint)
    if origin is typing.Union or origin is types.UnionType:
        return _optional(hint)
    if origin is tuple:
        return _tuple(hint)
    if hint is datetime:
        return _Codec(encode=_instant_out, decode=_instant_in)
    if hint is date:
        return _Codec(
            encode=lambda value: _text(_exactly(date, value).isoformat()), decode=date.fromisoformat
        )
    if hint in _PLAIN:
        return _plain(hint, _PLAIN[hint])
    if isinstance(hint, type) and issubclass(hint, Enum):
        texts = {member: _text(member.value) for member in hint}
        return _Codec(encode=lambda value: texts[_exactly(hint, value)], decode=hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _dataclass(hint)
    raise TypeError(f"{hint!r} has no canonical form; extend bot/edge/store/record.py")


_text = json.encoder.encode_basestring_ascii
_PLAIN: dict[Any, Callable[[Any], str]] = {
    str: _text,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
}


def _plain(cls: type, to_json: Callable[[Any], str]) -> _Codec:
    def encode(value: Any) -> str:
        return to_json(value) if type(value) is cls else to_json(_exactly(cls, value))

    return _Codec(encode=encode, decode=lambda value: _exactly(cls, value))


def _exactly(cls: type, value: Any) -> Any:
    # `True` is an int and a datetime is a date to Python; neither would come back as what it was.
    if type(value) is not cls:
        raise TypeError(f"expected {cls.__name__}, got {value!r}")
    return value


def _instant_out(value: Any) -> str:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise TypeError(f"expected an aware datetime, got {value!r}")
    instant = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f'"{instant.isoformat(timespec="microseconds").removesuffix("+00:00")}Z"'


def _instant_in(value: Any) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.utcoffset() is None:
        raise ValueError(f"{value!r} names no time zone")
    return instant.astimezone(UTC)


def _optional(hint: Any) -> _Codec:
    inner = [arm for arm in typing.get_args(hint) if arm is not types.NoneType]
    if len(inner) != 1:
        raise TypeError(f"{hint!r} could not be told apart when read back; only `X | None` is possible")
    codec = _codec(inner[0])
    return _Codec(
        encode=lambda value: "null" if value is None else codec.encode(value),
        decode=lambda value: None if value is None else codec.decode(value),
    )


def _tuple(hint: Any) -> _Codec:
    arms = typing.get_args(hint)
    if len(arms) != 2 or arms[1] is not Ellipsis:
        raise TypeError(f"{hint!r} has no canonical form; use `tuple[X, ...]` or a dataclass")
    codec = _codec(arms[0])
    return _Codec(
        encode=lambda value: f"[{','.join([codec.encode(one) for one in _exactly(tuple, value)])}]",
        decode=lambda value: tuple(codec.decode(one) for one in _exactly(list, value)),
    )


@cache
def _event_codec(name: str) -> _Codec:
    return _dataclass(_EVENTS[name], named_as="event")


def _dataclass(
    cls: type, *, named_as: str | None = None, instead: Mapping[str, Callable[[Any], str]] = _NOTHING
) -> _Codec:
    """With `named_as`, the name of the class is written under that key; to be read without it."""
    hints = typing.get_type_hints(cls)
    fields = {field.name: _codec(hints[field.name]) for field in dataclasses.fields(cls)}
    members = [(f"{_text(name)}:", name, instead.get(name, codec.encode)) for name, codec in fields.items()]
    if named_as is not None:
        members.append((f"{_text(named_as)}:", "__class__", lambda itself: _text(itself.__name__)))
    members.sort()
    keys, names, encoders = zip(*members, strict=True)
    # What is written is mostly the same value but for a field or two: the texts of the last one are kept,
    # each beside the very object it says, which is frozen. One tuple, so that no thread sees half of it.
    last: tuple[tuple[Any, ...], list[str]] = (tuple(object() for _ in names), [""] * len(names))
    look = attrgetter(*names, "__class__")  # the last one so that it always is a tuple
    decoders = {name: codec.decode for name, codec in fields.items()}

    def encode(value: Any) -> str:
        nonlocal last
        _exactly(cls, value)
        values = look(value)
        before, texts = last
        try:
            written = [
                text if one is known else key + encode_one(one)
                for one, known, text, key, encode_one in zip(values, before, texts, keys, encoders)  # noqa: B905
            ]
        except TypeError:
            raise _misfit(value, names, encoders) from None
        last = values, written
        return f"{{{','.join(written)}}}"

    def decode(document: Any) -> Any:
        unknown = _exactly(dict, document).keys() - decoders.keys()
        if unknown:
            raise ValueError(f"{cls.__name__} has no field {', '.join(sorted(unknown))}")
        return cls(**{name: decoders[name](value) for name, value in document.items()})

    return _Codec(encode=encode, decode=decode)


def _misfit(value: object, names: Sequence[str], encoders: Sequence[Callable[[Any], str]]) -> TypeError:
    """Which field does not fit its hint."""
    for name, encode_one in zip(names, encoders, strict=True):
        try:
            encode_one(getattr(value, name))
        except TypeError as error:
            return TypeError(f"{type(value).__name__}.{name}: {error}")
    raise AssertionError("a field did not fit its hint, and now all do")
