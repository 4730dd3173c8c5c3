"""`ingest`, `once` and `run`: mail comes in, a rehearsal changes nothing, the daemon stops when told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli.run import Stop
from bot.edge.lock import StateLock
from bot.edge.places import DATABASE, LOCK, RAW
from bot.edge.rehearsal import OverlayRawStore, copy_database
from bot.edge.store import open_store
from bot.errors import StoreDamaged
from tests.cli.conftest import ROOT, Typed, write_home

Mails = Callable[..., str]


def test_ingest_says_what_came_of_each(typed: Typed, mails: Mails) -> None:
    done = typed("ingest", mails(), mails("17340981266", authserv="mx.other.example"), "/none.eml", "--json")
    assert done.status == 1
    first, second, third = done.json["files"]
    assert first["result"].startswith("opened case ")
    assert first["proof"] == "aligned"
    assert "suspect, so no case was opened" in second["result"]
    assert third["error"] == "No such file or directory"
    assert sorted(item["kind"] for item in done.json["items"]) == ["draft", "suspect"]


def test_the_same_bytes_are_kept_once(drafted: Typed, mails: Mails) -> None:
    done = drafted("ingest", mails(), "--json")
    assert done.json["files"][0]["result"] == "already kept, nothing to do"
    assert done.json["items"] == []


def test_ingest_from_standard_input(typed: Typed, mails: Mails) -> None:
    raw = Path(mails()).read_bytes()
    assert "opened case" in typed("ingest", "-", typed=raw).out
    assert typed("ingest", "-", typed=b"").status == 1


def test_without_a_pinned_authserv_no_notice_opens_a_case(tmp_path: Path, mails: Mails) -> None:
    typed = Typed(write_home(tmp_path / "unpinned", pinned=False))
    done = typed("ingest", mails())
    assert "set `authserv_id`" in " ".join(done.out.split())
    assert typed("case", "list", "--json").json["cases"] == []


def test_ingest_asks_for_the_account_when_there_are_none(tmp_path: Path, mails: Mails) -> None:
    home = tmp_path / "bare"
    home.mkdir()
    (home / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    done = Typed(home)("ingest", mails())
    assert done.status == 2
    assert "no account yet" in done.err
    assert Typed(home)("ingest", "--account", "x", mails()).status == 2
    assert "names no account" in Typed(home)("queue").out
    assert Typed(home)("run").status == 1


def test_the_daemon_holds_little_memory_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settled before it can fail at anything, and so before there is a thread."""
    asked: list[bool] = []
    monkeypatch.setattr("bot.edge.allocator.hold_little", lambda: asked.append(True))
    assert Typed(tmp_path / "nowhere")("run").status == 2
    assert asked == [True]


def contents(folder: Path) -> dict[str, str]:
    """Every file but SQLite's shared memory, which any reader touches."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith(("-shm", "-wal"))
    }


def test_a_rehearsal_tells_what_would_happen_and_changes_nothing(typed: Typed, mails: Mails) -> None:
    typed("ingest", mails())
    before = contents(typed.home)
    queue = typed("queue", "--json").json
    done = typed("once", "--json")
    assert done.status == 1  # the server of this home does not answer
    assert done.json["rehearsal"] is True
    assert "cannot be reached" in done.json["problems"][0]
    assert contents(typed.home) == before
    assert typed("queue", "--json").json["items"] == queue["items"]
    said = " ".join(typed("once").out.split())
    assert "Not everything could be asked" in said
    assert "Nothing would happen" not in said  # nobody knows


def test_a_rehearsal_writes_the_drafts_that_are_due(drafted: Typed) -> None:
    drafted("reject", "1", "--reason", "not like this")
    number = str(drafted("queue", "--json").json["items"][0]["number"])
    drafted("resume", number)
    assert drafted("queue", "--json").json["items"] == []
    done = drafted("once")
    text = " ".join(done.out.split())
    assert "Rehearsal on a copy: nothing was changed" in text
    assert "drafted: inquiry to ip@brindlecove.example" in text
    assert drafted("queue", "--json").json["items"] == []
    assert "Rehearsal" not in drafted("once", "--send").out
    assert drafted("queue", "--json").json["items"][0]["state"] == "drafted"


def test_once_does_not_send_beside_a_daemon(drafted: Typed) -> None:
    with StateLock(drafted.home / "state" / LOCK):
        done = drafted("once", "--send")
        assert done.status == 1
        assert "in use" in done.err
        assert "Rehearsal" in drafted("once").out
        assert "in use" in drafted("run").err


def test_a_copy_of_the_state_reads_through_and_writes_beside(drafted: Typed, tmp_path: Path) -> None:
    state = drafted.home / "state"
    copy_database(state / DATABASE, tmp_path / "copy.db")
    store = open_store(tmp_path / "copy.db")
    (mail,) = store.mails("shop")
    store.close()
    assert mail.sha256 is not None
    raw = OverlayRawStore(tmp_path / "raw", state / RAW)
    assert b"17340981265" in raw.get(mail.sha256)
    fresh = raw.put(b"Subject: new\r\n\r\n")
    assert raw.get(fresh) == b"Subject: new\r\n\r\n"
    with pytest.raises(StoreDamaged):
        OverlayRawStore(tmp_path / "other", state / RAW).get(fresh)


@contextmanager
def daemon(home: Path) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_HOME": str(home)}
    child = subprocess.Popen([sys.executable, "-m", "bot", "run"], stderr=subprocess.PIPE, text=True, env=env)
    try:
        yield child
    finally:
        child.kill()
        child.wait(timeout=30)
        assert child.stderr is not None
        child.stderr.close()


def said(child: subprocess.Popen[str], event: str) -> dict[str, object]:
    """The first line of the log with this event."""
    assert child.stderr is not None
    while select.select([child.stderr], [], [], 60)[0] and (line := child.stderr.readline()):
        told: dict[str, object] = json.loads(line)
        if told["event"] == event:
            return told
    raise AssertionError(f"the daemon never said {event}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_the_daemon_says_what_it_does_and_stops_when_told(home: Path, number: signal.Signals) -> None:
    with daemon(home) as child:
        assert said(child, "started")["accounts"] == 1
        assert "cannot be reached" in str(said(child, "intake failed")["error"])
        child.send_signal(number)
        assert said(child, "stopped")["at_once"] is False
        assert child.wait(timeout=30) == 0
    with StateLock(home / "state" / LOCK):
        pass  # and let go of the state


def test_a_second_signal_ends_at_once() -> None:
    """The first one only asks; the second does not wait for the letter on the line."""

    class Slow:
        asked = 0

        def stop(self) -> None:
            self.asked += 1

    async def play() -> tuple[int, bool, bool]:
        daemon, on_the_line = Slow(), asyncio.Event()
        running = asyncio.create_task(on_the_line.wait())
        stop = Stop(daemon, running)
        stop()
        await asyncio.sleep(0)
        after_one = running.done()
        stop()
        with pytest.raises(asyncio.CancelledError):
            await running
        return daemon.asked, after_one, stop.forced

    assert asyncio.run(play()) == (1, False, True)
