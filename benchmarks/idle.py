"""From new mail in the mailbox to its draft in the queue, over IDLE, with the real daemon.

Notices are put one after the other into a Dovecot mailbox that the daemon watches (TLS off, SQLite with
synchronous=FULL, the reading worker in its own process). The time runs from just before APPEND is sent until
the item is committed. A second, bare IDLE line to the same mailbox shows how long Dovecot itself takes.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from benchmarks.ground import ACCOUNT, Result, folder_on_disk, make_home
from bot.daemon import Daemon
from bot.edge.store.writer import StoreThread
from bot.ports import AlertKind
from bot.review import ItemKind
from bot.wiring import open_house, open_lines
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.stories.mails import notice

NOTICES = 80
#: Seconds until a benchmark that got stuck says so.
PATIENCE = 30.0


@dataclass
class DraftBell:
    """The notifier: it is told of a draft right after the commit that shows it to a person."""

    rung_at: float = 0.0
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def tell(
        self,
        kind: AlertKind,  # noqa: ARG002
        account_id: str,  # noqa: ARG002
        text: str,  # noqa: ARG002
        *,
        item: int | None = None,
        detail: str = "",  # noqa: ARG002
    ) -> None:
        """From the store thread; here every item is a draft, as is checked at the end."""
        if item is not None:
            self.rung_at = time.perf_counter()
            self.loop.call_soon_threadsafe(self.rung.set)


def measure() -> list[Result]:
    """One result: the 95th percentile in seconds, the very first mail apart."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with running_dovecot() as dovecot, folder_on_disk() as disk:
        user = dovecot.new_user()
        with _bare_line(dovecot, user) as told:
            seconds, server = asyncio.run(_notices(disk, dovecot, user, told))
    first, rest = seconds[0], seconds[1:]
    p50, p95 = _percentile(rest, 50), _percentile(rest, 95)
    server50, server95 = _percentile(server, 50), _percentile(server, 95)
    sentence = (
        f"new mail is a draft after {p50:.2f} s (median), {p95:.2f} s (p95 of {len(rest)}), the first after "
        f"{first:.2f} s; of that Dovecot takes {server50:.2f} s (p95 {server95:.2f}) to tell a bare IDLE line"
    )
    facts = {
        "notices": len(seconds),
        "p50": round(p50, 4),
        "first": round(first, 4),
        "slowest": round(max(rest), 4),
        "server_p50": round(server50, 4),
        "server_p95": round(server95, 4),
    }
    return [Result(name="idle", sentence=sentence, value=p95, aim=1.0, more_is_better=False, facts=facts)]


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


async def _notices(disk: Path, dovecot: Dovecot, user: str, told: Told) -> tuple[list[float], list[float]]:
    """Seconds of each notice: until its draft, and until the bare line was told."""
    bell, thread = DraftBell(), StoreThread()
    ours: list[float] = []
    server: list[float] = []
    with open_house(make_home(disk, dovecot, user), notifier=bell) as house:
        async with open_lines(house) as lines:
            listening = asyncio.Event()

            def turned(_account: str, loop: str) -> None:
                if loop == "intake":
                    listening.set()

            daemon = Daemon(house.office, lines, thread, on_turn=turned)
            running = asyncio.create_task(daemon.run())
            await asyncio.wait_for(listening.wait(), PATIENCE)
            await asyncio.sleep(
                4
            )  # its IDLE line opens, and the reading worker starts, beside the first look
            with dovecot.session(user) as session:
                for number in range(NOTICES):
                    raw = notice(
                        str(17_000_000_000 + number),
                        house.office.clock.now(),
                        owner=f"ip@owner{number}.example",
                    )
                    bell.rung.clear()
                    told.event.clear()
                    began = time.perf_counter()
                    await asyncio.to_thread(session.append, "INBOX", "", "", raw)
                    await asyncio.wait_for(bell.rung.wait(), PATIENCE)
                    ours.append(bell.rung_at - began)
                    await asyncio.to_thread(told.event.wait, PATIENCE)
                    server.append(told.at - began)
            daemon.stop()
            await asyncio.wait_for(running, PATIENCE)
        kinds = [item.kind for item in house.office.store.items(account_id=ACCOUNT)]
        assert kinds == [ItemKind.DRAFT] * NOTICES, kinds
    thread.close()
    return ours, server


@dataclass
class Told:
    """When the server last spoke on the bare line."""

    at: float = 0.0
    event: threading.Event = field(default_factory=threading.Event)


@contextmanager
def _bare_line(dovecot: Dovecot, user: str) -> Iterator[Told]:
    """IDLE on the INBOX by hand, with nothing between the socket and the clock."""
    told = Told()
    with socket.create_connection((dovecot.host, dovecot.port), timeout=PATIENCE) as line:
        lines = line.makefile("rb")
        for tag, command in (("a", f"LOGIN {user} {PASSWORD}"), ("b", "SELECT INBOX")):
            line.sendall(f"{tag} {command}\r\n".encode("ascii"))
            while not lines.readline().startswith(f"{tag} OK".encode("ascii")):
                pass
        line.sendall(b"c IDLE\r\n")
        line.settimeout(None)

        def listen() -> None:
            while spoken := lines.readline():
                if spoken.rstrip().endswith(b"EXISTS"):
                    told.at = time.perf_counter()
                    told.event.set()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            yield told
        finally:
            line.shutdown(socket.SHUT_RDWR)
            listener.join()
