"""What a transaction knew is not asked again in the next one, unless anybody wrote in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import Case
from bot.draft.stops import StoppedAddress
from bot.edge.store.sql import SqlStore
from bot.ports import Change, Cursor
from tests.edge.store.test_transaction import record_and_fail
from tests.samples import NOW, sample_case, sample_letter, sample_party

STOP = StoppedAddress(address="a@b.example", at=NOW, by="anna", why="asked")
OTHER = "K2222A"


@pytest.fixture
def begun(sqlite_store: SqlStore) -> SqlStore:
    cases = (sample_case(), sample_case(case_id=OTHER))
    sqlite_store.record(Change(cases=cases, letters=(sample_letter(),)), NOW)
    return sqlite_store


def change_of(store: SqlStore, word: str) -> Change:
    case = replace(store.case("K7QW2M"), rules_hash=word)
    letter = replace(store.letter("L1"), subject=word)
    return Change(cases=(case,), letters=(letter,), diary=(("K7QW2M", e.FellDue(at=NOW, track="1")),))


def ours(store: SqlStore, word: str = "ours") -> None:
    """A transaction of ours that reads and records."""
    with store.one_transaction():
        store.stopped_addresses()
        store.record(change_of(store, word), NOW)


def by_another_process(store: SqlStore, write: Callable[[SqlStore], object]) -> None:
    other = SqlStore(store.url, check=False)
    write(other)
    other.close()


def by_another_thread(store: SqlStore, write: Callable[[SqlStore], object]) -> None:
    thread = threading.Thread(target=write, args=(store,))
    thread.start()
    thread.join()


def by_ourselves(store: SqlStore, write: Callable[[SqlStore], object]) -> None:
    write(store)


def on_our_connection(store: SqlStore, write: Callable[[SqlStore], object]) -> None:
    """Past every method of the store, as nobody should."""
    del write
    with store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE letter SET version = 7 WHERE letter_id = 'L1'")


@contextmanager
def asked(store: SqlStore) -> Iterator[list[str]]:
    """The statements that the block sends to the database."""
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
    assert driver is not None
    statements: list[str] = []
    driver.set_trace_callback(statements.append)
    yield statements
    driver.set_trace_callback(None)


def tables(statements: list[str]) -> set[str]:
    """Those that were read."""
    words = " ".join(one for one in statements if one.startswith("SELECT")).split()
    return {word for word in ("letter", "case_file", "case_party", "stopped_address") if word in words}


def test_what_was_read_and_written_is_not_asked_again(begun: SqlStore) -> None:
    ours(begun)
    with asked(begun) as statements:
        ours(begun, "again")
        with begun.one_transaction():
            assert begun.letter("L1").subject == begun.case("K7QW2M").rules_hash == "again"
            assert begun.stopped_addresses() == ()
    assert tables(statements) == set()
    assert begun.verify_chain("K7QW2M") == 2


def test_it_is_what_the_database_holds(begun: SqlStore) -> None:
    ours(begun)
    with begun.one_transaction():
        known = begun.letter("L1"), begun.case("K7QW2M")
    assert known == (begun.letter("L1"), begun.case("K7QW2M"))


WRITERS = (by_another_process, by_another_thread, by_ourselves, on_our_connection)


@pytest.mark.parametrize("writer", WRITERS)
def test_it_is_asked_again_when_anybody_wrote(begun: SqlStore, writer: Callable[..., None]) -> None:
    ours(begun)
    writer(begun, lambda store: store.record(change_of(store, "theirs"), NOW))
    with begun.one_transaction():
        known = begun.letter("L1"), begun.case("K7QW2M")
    assert known == (begun.letter("L1"), begun.case("K7QW2M"))
    assert known[0].version > 2


@pytest.mark.parametrize("writer", WRITERS[:3])
def test_a_stop_counts_at_once(begun: SqlStore, writer: Callable[..., None]) -> None:
    ours(begun)
    writer(begun, lambda store: store.stop_address(STOP))
    with begun.one_transaction():
        assert begun.stopped_addresses() == (STOP,)
    writer(begun, lambda store: store.remove_stop(STOP.address))
    with begun.one_transaction():
        assert begun.stopped_addresses() == ()
        begun.stop_address(STOP)
        assert begun.stopped_addresses() == (STOP,)


def test_any_write_at_all_counts(begun: SqlStore) -> None:
    ours(begun)
    begun.set_cursor("lamps", "INBOX", Cursor(uidvalidity=1, last_uid=1))
    with asked(begun) as statements:
        ours(begun, "again")
    assert tables(statements) >= {"letter", "case_file", "stopped_address"}


def test_a_transaction_that_failed_leaves_nothing(begun: SqlStore) -> None:
    ours(begun)
    with pytest.raises(KeyError, match="gate"):
        record_and_fail(begun)
    with begun.one_transaction():
        assert begun.letter("L1").subject == begun.case("K7QW2M").rules_hash == "ours"


def test_a_case_that_was_only_read_is_asked_again_after_a_record(begun: SqlStore) -> None:
    """Its party may be one that stands in the case that was written."""
    renamed = sample_party(name="Renamed")

    def both(store: SqlStore) -> tuple[Case, Case]:
        return store.case("K7QW2M"), store.case(OTHER)

    with begun.one_transaction():
        first, second = both(begun)
        assert first.parties == second.parties
        begun.record(Change(cases=(replace(first, parties=(renamed,)), second)), NOW)
    with begun.one_transaction():
        known = both(begun)
    assert known == both(begun)


def test_a_case_found_by_the_beginning_of_its_id_is_looked_for_again(begun: SqlStore) -> None:
    with begun.one_transaction():
        assert begun.case("K7").case_id == "K7QW2M"
        begun.record(Change(cases=(replace(begun.case("K7"), deadline=NOW + timedelta(days=1)),)), NOW)
    with begun.one_transaction():
        assert begun.case("K7").deadline == NOW + timedelta(days=1)
