"""A mailbox that goes away and comes back: told once each, by mail, over real servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from bot.cli.alerting import open_alerts
from bot.daemon import Daemon, Pace
from bot.edge.alerts.announcer import Announcer, Haste
from bot.edge.clock import SystemClock
from bot.edge.places import made
from bot.edge.pulse import Pulse, read_pulse
from bot.edge.raw import MemoryRawStore
from bot.edge.store import MemoryStore
from bot.edge.store.writer import StoreThread
from bot.wiring import open_house, open_lines
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.stories.stage import write_home

pytestmark = pytest.mark.servers

DEADLINE = 40.0
SOON = timedelta(milliseconds=20)
PACE = Pace(reconcile=SOON, first_retry=SOON, longest_retry=SOON)


class Gate:
    """Stands before the IMAP server; shut, it drops every line and takes no new one."""

    def __init__(self, dovecot: Dovecot) -> None:
        self._dovecot = dovecot
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        """From now on, on the same port as before."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Nobody comes through any more."""
        assert self._server is not None
        self._server.close()
        for line in self._lines:
            line.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._dovecot.host, self._dovecot.tls_port)
        self._lines |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer))
        self._lines -= {writer, back}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while octets := await reader.read(65536):
            writer.write(octets)
            await writer.drain()
    writer.close()


class Turns:
    """Waits for turns of the intake."""

    def __init__(self) -> None:
        self._count = 0
        self._one = asyncio.Event()

    def __call__(self, account: str, loop: str) -> None:
        """A loop has turned."""
        if loop == "intake":
            self._count += 1
            self._one.set()

    async def more(self, count: int) -> None:
        """So many turns from now."""
        end = self._count + count
        while self._count < end:
            self._one.clear()
            await self._one.wait()


@asynccontextmanager
async def daemon(home: Path, turns: Turns) -> AsyncIterator[None]:
    """The daemon with its ways of telling, as `rejoinder run` puts them together."""
    announcer, thread, haste = Announcer(SystemClock()), StoreThread(), Haste(gather=0.0)
    with open_house(home, notifier=announcer, store=MemoryStore(), raw=MemoryRawStore()) as house:
        async with open_lines(house) as lines, open_alerts(house, announcer, lines, thread, haste=haste):
            made(house.settings.state)
            pulse = Pulse(house.settings.state, SystemClock())
            running = Daemon(house.office, lines, thread, PACE, on_turn=turns, pulse=pulse)
            task = asyncio.create_task(running.run())
            try:
                yield
            finally:
                running.stop()
                await asyncio.wait_for(task, DEADLINE)
        thread.close()


def test_intake_that_stops_and_recovers_is_told_once_each(
    tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer
) -> None:
    async def story() -> None:
        gate, turns = Gate(dovecot), Turns()
        await gate.open()
        (tmp_path / "secret").write_text("pw\n")
        (tmp_path / "secret").chmod(0o600)
        password = f"password: {{file: {tmp_path / 'secret'}}}"
        home = write_home(
            tmp_path / "home",
            imap_host="localhost",
            imap_port=gate.port,
            imap_security="tls",
            imap_more=f", user: {dovecot.new_user()}, ca_file: {dovecot.ca_file}, {password}",
            smtp_port=smtp_server.port,
            smtp_more=", auth: none",
        )
        with (home / "rejoinder.yaml").open("a") as file:
            file.write("alerts:\n  mail: { to: anna@private.example }\n  command: [sh, tell.sh]\n")
        (home / "tell.sh").write_text("cat >> told\n")
        async with daemon(home, turns):
            await turns.more(2)
            for _ in range(2):
                before = len(smtp_server.received)
                gate.shut()
                await asyncio.to_thread(smtp_server.wait_for, before + 1, DEADLINE)
                await turns.more(3)  # it fails again and again, and nobody is told again
                pulse = read_pulse(home / "state")["shop"]
                assert pulse.since is not None
                assert pulse.trouble is not None
                assert "cannot be reached" in pulse.trouble
                await gate.open()
                await asyncio.to_thread(smtp_server.wait_for, before + 2, DEADLINE)
                await turns.more(3)
                assert read_pulse(home / "state")["shop"].trouble is None
        gate.shut()
        subjects = [str(message_from_bytes(mail.data)["Subject"]) for mail in smtp_server.received]
        outage = ["Rejoinder: mail is not read any more", "Rejoinder: mail is read again"]
        assert subjects == outage * 2
        assert {mail.recipients for mail in smtp_server.received} == {("anna@private.example",)}
        assert b"Dovecot" not in smtp_server.received[0].data
        lines = (home / "told").read_text().splitlines()
        kinds = [alert["kind"] for line in lines for alert in json.loads(line)["alerts"]]
        assert kinds == ["intake-stopped", "intake-recovered"] * 2

    asyncio.run(asyncio.wait_for(story(), 100.0))
