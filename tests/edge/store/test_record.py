"""Every event, case and letter comes back from JSON as it was, and what does not fit is refused."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.case.events import EVENTS, Answered, Event, FellDue, Opened
from bot.case.model import Case
from bot.draft.model import Letter
from bot.edge.store import record
from bot.errors import StoreDamaged
from bot.review import Item
from tests.samples import NOW, sample_case

# Any offset a mail may carry; what comes back is the same instant in UTC.
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    datetime: st.datetimes(
        min_value=NOW.replace(year=1971, tzinfo=None),
        max_value=NOW.replace(year=2900, tzinfo=None),
        timezones=zones,
    ),
    date: st.dates(),
    # Hostile mail holds lone surrogates and NULs.
    str: st.text(st.characters(exclude_categories=()), max_size=12),
    int: st.integers(),
    bool: st.booleans(),
    type(None): st.none(),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value that fits a type hint."""
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=3).map(tuple)
    if get_args(hint):
        return st.one_of([values_of(arm) for arm in get_args(hint)])
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    return st.builds(hint, **{name: values_of(inner) for name, inner in get_type_hints(hint).items()})


few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("cls", EVENTS, ids=lambda cls: cls.__name__)
@few
@given(data=st.data())
def test_every_event_comes_back(cls: type[Event], data: st.DataObject) -> None:
    event = data.draw(values_of(cls))
    text = record.event_dumps(event)
    assert text.isascii()
    assert record.event_loads(text) == event
    assert record.event_dumps(record.event_loads(text)) == text


@pytest.mark.parametrize("cls", [Case, Letter, Item], ids=lambda cls: cls.__name__)
@few
@given(data=st.data())
def test_every_value_comes_back(cls: type, data: st.DataObject) -> None:
    value = data.draw(values_of(cls))
    text = record.dumps(value)
    assert text.isascii()
    assert record.loads(cls, text) == value
    assert record.dumps(record.loads(cls, text)) == text


def test_instants_come_back_in_utc_to_the_microsecond() -> None:
    east = timezone(timedelta(hours=9))
    event = FellDue(at=datetime(2026, 3, 2, 18, 0, 0, 1, tzinfo=east))
    at = record.event_loads(record.event_dumps(event)).at
    assert at == datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC)
    assert at.tzinfo is UTC


def test_equal_values_have_equal_text() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    assert record.event_dumps(FellDue(at=east)) == record.event_dumps(FellDue(at=NOW))


def test_a_naive_datetime_is_refused_when_written() -> None:
    with pytest.raises(TypeError, match=r"FellDue\.at: expected an aware datetime"):
        record.event_dumps(FellDue(at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize("mail", ["1", True, 1.0, None])
def test_a_value_that_does_not_fit_its_hint_is_refused_when_written(mail: object) -> None:
    with pytest.raises(TypeError, match=r"Opened\.mail: expected int"):
        record.event_dumps(Opened(at=NOW, mail=mail))  # type: ignore[arg-type]


def test_a_list_for_a_tuple_is_refused_when_written() -> None:
    with pytest.raises(TypeError, match=r"Case\.tracks: expected tuple"):
        record.dumps(replace(sample_case(), tracks=list(sample_case().tracks)))


def test_an_event_outside_the_list_is_refused_when_written() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Rumoured(Event):
        pass

    with pytest.raises(TypeError, match="Rumoured is not in"):
        record.event_dumps(Rumoured(at=NOW))


def test_an_unknown_field_is_refused_when_read() -> None:
    document = json.loads(record.event_dumps(Answered(at=NOW)))
    with pytest.raises(StoreDamaged, match="Answered has no field mood"):
        record.event_loads(json.dumps(document | {"mood": "angry"}))


def test_an_unknown_event_is_refused_when_read() -> None:
    with pytest.raises(StoreDamaged, match="'Rumoured', which is no event"):
        record.event_loads('{"event": "Rumoured", "at": "2026-03-02T09:00:00.000000Z"}')


def test_a_missing_field_takes_its_default_and_is_refused_without_one() -> None:
    assert record.event_loads('{"event": "FellDue", "at": "2026-03-02T09:00:00Z"}') == FellDue(at=NOW)
    with pytest.raises(StoreDamaged, match="missing 1 required keyword-only argument: 'mail'"):
        record.event_loads('{"event": "Opened", "at": "2026-03-02T09:00:00Z"}')


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"event": 3}'])
def test_what_is_no_document_is_damage(text: str) -> None:
    with pytest.raises(StoreDamaged):
        record.event_loads(text)


@pytest.mark.parametrize("hint", [int | str, dict[str, int], tuple[int, str], float, object])
def test_a_hint_without_a_canonical_form_is_refused(hint: object) -> None:
    with pytest.raises(TypeError, match=r"canonical form|told apart"):
        record.dumps(None, hint)


def kept_by(texts: list[str], most: int) -> list[str]:
    """Which of these are still there, after one after the other was added and the first one asked for."""
    kept = record._Kept(most)
    for text in texts:
        kept.add(str, text, object())
        kept.value(str, texts[0])
    return [text for text in texts if kept.value(str, text) is not None]


def test_what_was_used_longest_ago_makes_room_one_at_a_time() -> None:
    texts = [f"{n:100}" for n in range(6)]
    assert kept_by(texts, 4 * (100 + record._EACH)) == [texts[0], *texts[3:]]


def test_room_is_counted_in_octets() -> None:
    """Not in documents: one letter may be as large as a hundred parties."""
    small, large = [f"{n:100}" for n in range(4)], "x" * 4000
    assert kept_by([*small, large], 4500) == [large]
    assert kept_by([*small, large], 3000) == small


def test_what_made_room_is_let_go() -> None:
    """By its text and by its value: else the second would hold it for good."""
    kept = record._Kept(10 * (100 + record._EACH))
    values = [object() for _ in range(100)]
    before = sys.getrefcount(values[0])
    for number, value in enumerate(values):
        kept.add(str, f"{number:100}", value)
        kept.add(str, f"{number:100}", value)  # as two threads do that read the same row
    after = sys.getrefcount(values[0])
    assert after == before
    assert kept.text(str, values[0]) is None
    assert kept.text(str, values[-1]) == f"{99:100}"
    assert sum(kept.value(str, f"{number:100}") is not None for number in range(100)) == 10


def test_what_was_written_before_says_nothing_about_what_is_written_now() -> None:
    """Texts of the last value are used again only for the very same objects."""
    first, second = sample_case(), sample_case(case_id="OTHER", lawyer=True, deadline=NOW)
    alone = [json.dumps(json.loads(record.dumps(one)), sort_keys=True) for one in (first, second)]
    for one in (first, second, first, replace(first, lawyer=True), second, replace(first, lawyer=False)):
        assert record.loads(Case, record.dumps(one)) == one
    assert [json.dumps(json.loads(record.dumps(one)), sort_keys=True) for one in (first, second)] == alone


def test_a_value_that_equals_the_last_one_is_still_held_against_its_hint() -> None:
    """1 == True, and a case of version True would come back as what it was not."""
    record.dumps(sample_case(version=1))
    with pytest.raises(TypeError, match=r"Case\.version: expected int, got True"):
        record.dumps(sample_case(version=True))
    assert '"version":1}' in record.dumps(sample_case(version=1))


def test_two_threads_do_not_mix_their_values() -> None:
    cases = [sample_case(case_id=f"K{number}", rules_hash=str(number)) for number in range(4)]
    wrong: list[str] = []

    def write(case: Case) -> None:
        expected = json.dumps(case.case_id)
        for _ in range(300):
            text = record.dumps(replace(case, rules_hash=case.rules_hash * 2))
            if f'"case_id":{expected}' not in text or f'"rules_hash":"{case.rules_hash * 2}"' not in text:
                wrong.append(text)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=write, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert wrong == []


def test_a_field_may_be_written_otherwise() -> None:
    write = record.writer(Case, {"parties": lambda _: "[]"})
    case = sample_case()
    assert write(case) == record.dumps(replace(case, parties=()))
