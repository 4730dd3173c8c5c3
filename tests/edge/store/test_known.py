"""What a transaction knew is not asked again in the next one, unless anybody wrote in between."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from bot.case import events as e
from bot.case.model import Case, State
from bot.draft.model import LetterAttempt
from bot.draft.stops import StoppedAddress
from bot.edge.store import schema as tables_of
from bot.edge.store.sql import SqlStore
from bot.errors import LeaseLost
from bot.ports import Change, Cursor, MailResult, MailStatus
from bot.review import ItemClosing, ItemKind, NewItem
from tests.edge.store.test_transaction import record_and_fail
from tests.samples import (
    NOW,
    sample_approval,
    sample_case,
    sample_facts,
    sample_letter,
    sample_mail,
    sample_party,
    sample_track,
)

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
    known = ("letter", "case_file", "case_party", "stopped_address", "counter", "mail", "mailbox", "item")
    return {word for word in known if word in words}


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


def look(store: SqlStore) -> tuple[object, ...]:
    """What the last question before a letter leaves asks of mail and of the queue."""
    return (
        store.mailboxes("lamps"),
        store.mails("lamps", status=MailStatus.UNREAD, limit=1),
        store.mails("lamps", status=MailStatus.PARKED),
        store.items(account_id="lamps", kind=ItemKind.CLAIM),
    )


def looked(store: SqlStore, word: str = "looked") -> tuple[object, ...]:
    """In a transaction that also records what is none of that."""
    with store.one_transaction():
        answers = look(store)
        store.record(change_of(store, word), NOW)
    return answers


def test_mail_and_queue_are_not_asked_again(begun: SqlStore) -> None:
    begun.take_lease(NOW, alone=True)
    before = looked(begun)
    with asked(begun) as statements:
        assert looked(begun, "again") == before
    assert tables(statements) == set()


def a_mail(store: SqlStore) -> None:
    store.keep((sample_mail(),), None, NOW)


def a_mail_parked(store: SqlStore) -> None:
    (number,) = store.keep((sample_mail(),), None, NOW)
    store.record(Change(mails=(MailResult(mail_id=number, status=MailStatus.PARKED),)), NOW)


def a_cursor(store: SqlStore) -> None:
    store.set_cursor("lamps", "INBOX", Cursor(uidvalidity=1, last_uid=1))


def a_reconcile(store: SqlStore) -> None:
    a_cursor(store)
    store.reconciled("lamps", "INBOX", NOW)


def a_claim(store: SqlStore) -> None:
    new = NewItem(kind=ItemKind.CLAIM, subject="mail:1", account_id="lamps", cases=("K7QW2M",), reason="x")
    store.record(Change(open_items=(new,)), NOW)


def a_claim_reworded(store: SqlStore) -> None:
    a_claim(store)
    look(store)
    store.record(Change(reworded_items=((1, "other words"),)), NOW)


def a_claim_put_away(store: SqlStore) -> None:
    a_claim(store)
    look(store)
    store.record(Change(snooze_item=(1, NOW + timedelta(days=1))), NOW)


def a_claim_closed(store: SqlStore) -> None:
    a_claim(store)
    look(store)
    closing = ItemClosing(kind=ItemKind.CLAIM, subject="mail:1", outcome="judged")
    store.record(Change(close_items=(closing,)), NOW)


NEWS = (
    a_mail, a_mail_parked, a_cursor, a_reconcile, a_claim, a_claim_reworded, a_claim_put_away, a_claim_closed,
)  # fmt: skip


@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("writer", WRITERS[:3])
def test_news_of_mail_and_queue_count_at_once(
    begun: SqlStore, writer: Callable[..., None], news: Callable[[SqlStore], None]
) -> None:
    looked(begun)
    writer(begun, news)
    with begun.one_transaction():
        known = look(begun)
    assert known == look(begun)


@pytest.mark.parametrize("news", NEWS)
def test_news_within_the_transaction_count_too(begun: SqlStore, news: Callable[[SqlStore], None]) -> None:
    looked(begun)
    with begun.one_transaction():
        look(begun)
        news(begun)
        known = look(begun)
        begun.record(change_of(begun, "after the news"), NOW)
        assert look(begun) == known
    assert known == look(begun)
    with begun.one_transaction():
        assert look(begun) == known


def test_news_and_a_record_in_one_transaction_leave_nothing_old(begun: SqlStore) -> None:
    """What was asked before the news is not carried over by the record that follows them."""
    with begun.one_transaction():
        look(begun)
        a_reconcile(begun)
        begun.record(change_of(begun, "after"), NOW)
    with begun.one_transaction():
        known = look(begun)
    assert known == look(begun)


def test_a_daemon_that_was_overtaken_is_told_at_its_next_write(begun: SqlStore) -> None:
    begun.take_lease(NOW, alone=True)
    looked(begun)
    looked(begun, "known by now")
    by_another_process(begun, lambda other: other.take_lease(NOW, alone=True))
    with pytest.raises(LeaseLost):
        looked(begun, "too late")


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


def columns(store: SqlStore, table: Table) -> list[dict[str, object]]:
    with store.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table))]


LETTERS = (
    {"state": State.APPROVED, "approval": sample_approval()},
    {"to": "Someone.Else@muster.example"},
    {"facts_digest": ""},  # it is to be written again
    {"message_id": "<other@lamps.example>"},
    {"drafted_at": NOW - timedelta(days=1)},
    {"attempts": (LetterAttempt(started_at=NOW, ended_at=NOW, outcome="accepted", code=250),)},
)
CASES = (
    {"opened_at": NOW - timedelta(days=2)},
    {"deadline": NOW + timedelta(days=3)},
    {"last_safe": NOW + timedelta(days=2)},
    {"facts": sample_facts(complaint_id="1", sources=())},
    {"tracks": (sample_track(state=State.CLOSED),)},
    {"tracks": (sample_track(state=State.AWAITING, due_at=NOW, letter_id="L1", retry_at=NOW),)},
    {"tracks": (sample_track(), sample_track(track_id="2", state=State.HELD))},
    {"tracks": (sample_track(track_id="2"),)},
    {"tracks": ()},
)


@pytest.mark.parametrize("different", LETTERS, ids=lambda one: next(iter(one)))
def test_of_a_letter_that_was_read_every_column_that_differs_is_written(
    begun: SqlStore, different: dict[str, Any], tmp_path: Path
) -> None:
    changed = replace(begun.letter("L1"), **different)
    whole = the_same_without_reading(begun, tmp_path)
    whole.record(Change(letters=(changed,)), NOW)
    with begun.one_transaction():
        begun.letter("L1")
        begun.record(Change(letters=(changed,)), NOW)
    assert columns(begun, tables_of.letter) == columns(whole, tables_of.letter)
    whole.close()


@pytest.mark.parametrize("different", CASES, ids=lambda one: next(iter(one)))
def test_of_a_case_that_was_read_every_column_that_differs_is_written(
    begun: SqlStore, different: dict[str, Any], tmp_path: Path
) -> None:
    changed = replace(begun.case("K7QW2M"), **different)
    whole = the_same_without_reading(begun, tmp_path)
    whole.record(Change(cases=(changed,)), NOW)
    with begun.one_transaction():
        begun.case("K7QW2M")
        begun.record(Change(cases=(changed,)), NOW)
    for table in (tables_of.case_file, tables_of.track):
        assert columns(begun, table) == columns(whole, table)
    whole.close()


def the_same_without_reading(store: SqlStore, folder: Path) -> SqlStore:
    """A copy that has read nothing, so that it writes every column."""
    copy = folder / "copy.db"
    with sqlite3.connect(store.place) as here, sqlite3.connect(copy) as there:
        here.backup(there)
    return SqlStore(f"sqlite:///{copy}", check=False)


def test_a_column_that_says_nothing_new_is_not_written(begun: SqlStore) -> None:
    """Each one named costs the work on its index."""
    with asked(begun) as statements, begun.one_transaction():
        begun.letter("L1"), begun.case("K7QW2M")
        begun.record(change_of(begun, "new words"), NOW)
    (letter,) = [one for one in statements if one.startswith("UPDATE letter")]
    (case,) = [one for one in statements if one.startswith("UPDATE case_file")]
    assert "message_id=" not in letter
    assert "sources=" not in case
    assert "opened_at=" not in case
    assert not [one for one in statements if one.startswith("UPDATE track")]
