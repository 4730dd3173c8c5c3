"""What the worker answers comes out of the pipe as it went in."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.edge.packing import packed, unpacked
from bot.mail.message import Span
from bot.notice.facts import Found
from bot.reading.model import Understood
from bot.reading.read import ReadingContext, read

CORPUS = sorted(Path(__file__).parents[1].joinpath("corpus").glob("*.eml"))


def test_every_reading_of_the_corpus(of_file: ReadingContext) -> None:
    for path in CORPUS:
        understood = read(path.read_bytes(), of_file)
        assert unpacked(packed("understood", understood)) == ("understood", understood), path.name


def _places() -> st.SearchStrategy[Span]:
    text = st.text(st.characters(exclude_categories=()), min_size=1, max_size=9)
    return text.map(lambda text: Span(part="1", start=3, end=3 + len(text), text=text))


_ROOTS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=()), max_size=9),  # hostile mail holds what it likes
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    Span: _places(),
    Found: st.builds(Found, value=st.just("value"), span=_places(), confidence=st.floats(0.1, 1)),
}


def _of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type, built field by field from the hints of its class."""
    if hint in _ROOTS:
        return _ROOTS[hint]
    if isinstance(hint, types.UnionType):
        return st.one_of(*map(_of, get_args(hint)))
    if args := get_args(hint):  # tuple[X, ...]
        return st.lists(_of(args[0]), max_size=2).map(tuple)
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert is_dataclass(hint)
    hints = get_type_hints(hint)
    return st.builds(hint, **{field.name: _of(hints[field.name]) for field in fields(hint)})


@given(_of(Understood))
@settings(max_examples=150, deadline=None)
def test_every_reading_that_there_may_be(understood: Understood) -> None:
    kind, again = unpacked(packed("understood", understood))
    assert (kind, again) == ("understood", understood)
    assert repr(again) == repr(understood)


def test_a_text() -> None:
    assert unpacked(packed("unreadable", "it has no header")) == ("unreadable", "it has no header")


@pytest.mark.parametrize("value", [object(), b"bytes", {"a": 1}, lambda: None, (1, [2])])
def test_what_is_part_of_no_reading_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="is no part of a reading"):
        packed("understood", value)
