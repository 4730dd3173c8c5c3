"""A daemon whose state another one took over writes nothing; a second one is refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.draft.stops import StoppedAddress
from bot.edge.lock import StateLock
from bot.edge.store import open_store
from bot.edge.store.lease import DEAD_AFTER
from bot.edge.store.sql import SqlStore
from bot.errors import LeaseLost, StoreInUse
from bot.ports import Change, Cursor, KeepMail
from tests.samples import NOW, sample_case

MAIL = KeepMail(
    account_id="shop", mailbox="INBOX", uidvalidity=1, uid=1, sha256="a" * 64, size=1, internal_date=NOW
)
STOP = StoppedAddress(address="a@b.example", at=NOW, by="anna", why="asked")


def in_one_transaction(store: SqlStore) -> None:
    with store.one_transaction():
        store.record(Change(cases=(sample_case(),)), NOW)


#: Every method of the store that writes.
WRITES: dict[str, Callable[[SqlStore], object]] = {
    "set_cursor": lambda store: store.set_cursor("shop", "INBOX", Cursor(uidvalidity=1, last_uid=0)),
    "keep": lambda store: store.keep((MAIL,), None, NOW),
    "reconciled": lambda store: store.reconciled("shop", "INBOX", NOW),
    "stop_address": lambda store: store.stop_address(STOP),
    "remove_stop": lambda store: store.remove_stop("a@b.example"),
    "record": lambda store: store.record(Change(cases=(sample_case(),)), NOW),
    "one_transaction": in_one_transaction,
    "renew_lease": lambda store: store.renew_lease(NOW),
}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[SqlStore, SqlStore]]:
    one, other = (open_store(tmp_path / "rejoinder.db") for _ in range(2))
    one.set_cursor("shop", "INBOX", Cursor(uidvalidity=1, last_uid=0))
    yield one, other
    one.close()
    other.close()


@pytest.mark.parametrize("name", WRITES)
def test_every_write_of_a_daemon_that_was_overtaken_is_refused(
    two: tuple[SqlStore, SqlStore], name: str
) -> None:
    first, second = two
    number = first.take_lease(NOW, alone=True)
    assert second.take_lease(NOW, alone=True) == number + 1
    with pytest.raises(LeaseLost, match="taken this state over"):
        WRITES[name](first)
    assert first.cases() == ()
    assert first.mails("shop") == ()
    assert first.stopped_addresses() == ()
    WRITES[name](second)


def test_a_command_writes_beside_the_daemon(two: tuple[SqlStore, SqlStore]) -> None:
    daemon, command = two
    daemon.take_lease(NOW, alone=True)
    command.record(Change(cases=(sample_case(),)), NOW)
    (case,) = daemon.cases()
    daemon.record(Change(cases=(replace(case, deadline_neared=True),)), NOW)


def test_a_second_daemon_is_refused_while_the_first_lives(two: tuple[SqlStore, SqlStore]) -> None:
    first, second = two
    first.take_lease(NOW, alone=False)
    first.renew_lease(NOW + timedelta(minutes=1))
    with pytest.raises(StoreInUse, match=r"sign of life 30 seconds ago.*start again in 3 minutes"):
        second.take_lease(NOW + timedelta(seconds=90), alone=False)
    first.renew_lease(NOW + timedelta(minutes=2))  # it is still the daemon
    second.take_lease(NOW + timedelta(minutes=2) + DEAD_AFTER, alone=False)
    with pytest.raises(LeaseLost):
        first.renew_lease(NOW + timedelta(minutes=6))


def test_a_daemon_that_ended_keeps_nobody_waiting(two: tuple[SqlStore, SqlStore]) -> None:
    first, second = two
    first.take_lease(NOW, alone=False)
    first.let_lease_go()
    second.take_lease(NOW, alone=False)
    first.let_lease_go()  # whoever was overtaken takes nothing away
    second.renew_lease(NOW)


def test_a_clock_that_was_ahead_locks_nobody_out(two: tuple[SqlStore, SqlStore]) -> None:
    first, second = two
    first.take_lease(NOW + timedelta(days=1), alone=False)
    second.take_lease(NOW, alone=False)


def test_the_lock_knows_whether_the_one_before_was_on_this_machine(tmp_path: Path) -> None:
    lock = StateLock(tmp_path / "lock")
    with lock:
        assert not lock.sole  # nobody was here: the file may have been taken away
        killed = (tmp_path / "lock").read_text()
    (tmp_path / "lock").write_text(killed)
    with lock:
        assert lock.sole
    (tmp_path / "lock").write_text("pid 7 on elsewhere\n")
    with lock:
        assert not lock.sole
