"""The road between the daemon and its mailbox: passes IMAP on, and misbehaves when told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Line:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    idling: bool = False


@dataclass
class Road:
    """A proxy in a thread of its own; what it does wrong is set from any thread and holds from then on."""

    to: int  #: port of the server
    port: int = 0
    refuses: bool = False  #: answers every login with NO
    slow: bool = False  #: a few octets at a time
    opened: int = 0  #: lines ever
    _lines: set[_Line] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def drop(self, *, only_idling: bool = False) -> None:
        """Cut the lines there are."""

        async def cut() -> None:
            for line in [line for line in self._lines if line.idling or not only_idling]:
                line.client.transport.abort()
                line.server.transport.abort()

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(10)

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One line, until either side ends it."""
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.to)
        line = _Line(writer, to_server)
        self._lines.add(line)
        self.opened += 1
        ways = [
            asyncio.ensure_future(self._up(reader, line)),
            asyncio.ensure_future(self._down(from_server, line)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._lines.discard(line)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, to_server):
                end.close()

    async def _up(self, reader: asyncio.StreamReader, line: _Line) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(65536):
                verb = said.split(b" ", 2)[1:2]
                line.idling = bool(verb) and verb[0].strip().upper() == b"IDLE"
                if self.refuses and verb and verb[0].strip().upper() in (b"LOGIN", b"AUTHENTICATE"):
                    line.client.write(said.split(b" ")[0] + b" NO [AUTHENTICATIONFAILED] Not now.\r\n")
                    continue
                line.server.write(said)
                await line.server.drain()

    async def _down(self, reader: asyncio.StreamReader, line: _Line) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(65536):
                size = max(64, len(said) // 8) if self.slow else len(said)
                for start in range(0, len(said), size):
                    line.client.write(said[start : start + size])
                    await line.client.drain()
                    if self.slow:
                        await asyncio.sleep(0.002)


@contextmanager
def open_road(to: int) -> Iterator[Road]:
    """From a free port of loopback to the server at `to`."""
    road, started = Road(to), threading.Event()

    async def serve() -> None:
        listener = await asyncio.start_server(road.pass_on, "127.0.0.1", 0)
        road.port = listener.sockets[0].getsockname()[1]
        started.set()

    def work() -> None:
        asyncio.set_event_loop(road._loop)
        road._loop.run_until_complete(serve())
        road._loop.run_forever()

    thread = threading.Thread(target=work, daemon=True, name="road")
    thread.start()
    assert started.wait(10)
    try:
        yield road
    finally:
        road._loop.call_soon_threadsafe(road._loop.stop)
        thread.join(10)
