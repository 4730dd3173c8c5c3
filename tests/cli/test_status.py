"""`rejoinder status`: exit status 0 only when it runs, reads and tells."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.session import now
from bot.edge.clock import SystemClock
from bot.edge.lock import StateLock
from bot.edge.places import LOCK
from bot.edge.pulse import FILE, Pulse, read_pulse
from bot.edge.store import open_store
from bot.ports import Cursor
from tests.cli.conftest import Typed


def read_lately(typed: Typed, ago: timedelta = timedelta(0)) -> None:
    """As if the daemon had read every mailbox."""
    store = open_store(typed.home / "state" / "rejoinder.db")
    for mailbox in ("INBOX", "Junk"):
        store.set_cursor("shop", mailbox, Cursor(uidvalidity=1, last_uid=1))
        store.reconciled("shop", mailbox, now() - ago)
    store.close()


def test_without_a_daemon_something_is_wrong(drafted: Typed) -> None:
    done = drafted("status")
    assert done.status == 1
    words = " ".join(done.out.split())
    assert "The daemon does not run" in words
    assert "INBOX of account shop has never been read" in words
    assert "for you 1 draft; the oldest" in words
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_it_runs_and_reads_so_all_is_well(drafted: Typed) -> None:
    read_lately(drafted)
    state = drafted.home / "state"
    with StateLock(state / LOCK):
        Pulse(state, SystemClock()).mode("shop", "idle")
        done = drafted("status")
        told = drafted("status", "--json").json
    assert (done.status, "All is well." in done.out) == (0, True)
    assert "the server (IDLE)" in done.out
    assert told["well"] is True
    assert told["daemon"].startswith("pid ")
    assert told["you"]["what"] == {"drafts": 1}
    assert {box["mailbox"]: box["fresh"] for box in told["mailboxes"]} == {"INBOX": True, "Junk": True}


def test_a_mailbox_that_is_not_read_any_more_is_wrong_and_says_why(drafted: Typed) -> None:
    read_lately(drafted, timedelta(hours=3))
    state = drafted.home / "state"
    with StateLock(state / LOCK):
        assert "was last read 3 hours ago" in drafted("status").out
        Pulse(state, SystemClock()).trouble("shop", "the login is refused, so look after the password")
        done = drafted("status")
    assert done.status == 1
    assert "Account shop: the login is refused" in done.out


def test_who_owes_what_is_counted_by_whom_it_waits_for(drafted: Typed) -> None:
    drafted("approve", "1")
    told = drafted("status", "--json").json
    assert told["you"]["what"] == {}
    assert told["leaving"]["what"] == {"approved letters": 1}
    assert "the next leaves in 9:" in " ".join(drafted("status").out.split())


def test_what_a_daemon_noted_that_no_longer_runs_says_nothing(drafted: Typed) -> None:
    state = drafted.home / "state"
    Pulse(state, SystemClock()).mode("shop", "idle")
    assert {box["mode"] for box in drafted("status", "--json").json["mailboxes"]} == {"nobody"}
    (state / FILE).write_text("{")
    assert read_pulse(state) == {}
