"""An SMTP server that logs every mail it took and says how far each transaction got, so that we can aim."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser

#: Steps of a transaction at which the server tells us; "dot" is before its answer, "answered" after it.
STEPS = ("connect", "ehlo", "mail", "rcpt", "data", "body", "dot", "answered")


@dataclass
class PostOffice:
    """Plain SMTP in a thread. A letter counts as taken once its final dot was read, answered or not."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)  #: Message-ID and bytes, in order
    plan: tuple[str, int] | None = None  #: step and how many times it must be reached before we fire
    fire: threading.Event = field(default_factory=threading.Event)
    #: Asked with the bytes after each final dot: what to answer; "" takes the mail and hangs up.
    verdict: Callable[[bytes], str] = lambda _: "250 2.0.0 taken"
    #: Asked at each command with its verb: what to answer instead of the usual; "" hangs up.
    obstacle: Callable[[str], str | None] = lambda _: None
    _reached: Counter[str] = field(default_factory=Counter)
    _lines: int = 0
    _in_text: int = 0
    _change: threading.Condition = field(default_factory=threading.Condition)

    def aim(self, plan: tuple[str, int] | None) -> None:
        """Fire when this step has been reached so many times from now on."""
        self._reached.clear()
        self.fire.clear()
        self.plan = plan

    def log(self) -> list[str]:
        """Message-IDs of all that was taken."""
        return [message_id for message_id, _ in self.taken]

    def until_quiet(self) -> None:
        """What was put on the line so far is read by then: no transaction is in the middle of its text."""
        with self._change:
            assert self._change.wait_for(lambda: self._in_text == 0, 10)

    def until_all_have_hung_up(self) -> None:
        """What a client that died had put on the line is read by then."""
        with self._change:
            assert self._change.wait_for(lambda: self._lines == 0, 10)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        self._count(1)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            writer.close()
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._change:
            self._lines += change
            self._change.notify_all()

    def _step(self, name: str) -> None:
        self._reached[name] += 1
        if self.plan is not None and self.plan[0] == name and self._reached[name] >= self.plan[1]:
            self.fire.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._step("connect")
        await _say(writer, "220 mx.brindlecove.example ESMTP")
        while line := await reader.readline():
            verb = line[:4].decode("ascii").strip().upper()
            self._step(verb.lower())
            if (said := self.obstacle(verb)) is not None:
                await _say(writer, *filter(None, [said]))
                if said[:3] in ("", "421"):
                    break
            elif verb == "EHLO":
                await _say(writer, "250-mx.brindlecove.example", "250 8BITMIME")
            elif verb == "DATA":
                await self._take(reader, writer)
            elif verb == "QUIT":
                await _say(writer, "221 bye")
                break
            else:
                await _say(writer, "250 ok")

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._change:
            self._in_text += 1
        try:
            await self._take_text(reader, writer)
        finally:
            with self._change:
                self._in_text -= 1
                self._change.notify_all()

    async def _take_text(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, "354 go on")
        raw = await reader.readuntil(b"\r\n")
        self._step("body")
        while not raw.endswith(b"\r\n.\r\n"):
            raw += await reader.readuntil(b"\r\n")
        raw = b"".join(
            line.removeprefix(b".") for line in raw.removesuffix(b".\r\n").splitlines(keepends=True)
        )
        answer = self.verdict(raw)
        if answer[:1] in ("", "2"):
            self.taken.append((str(BytesHeaderParser().parsebytes(raw)["Message-ID"]).strip(), raw))
        self._step("dot")
        await asyncio.sleep(0)
        if not answer:
            raise ConnectionAbortedError
        await _say(writer, answer)
        self._step("answered")


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
    await writer.drain()


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    """On loopback, on a free port, in a thread of its own."""
    office, loop, started = PostOffice(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listener = await asyncio.start_server(office.talk, "127.0.0.1", 0, limit=1_000_000)
        office.port = listener.sockets[0].getsockname()[1]
        started.set()

    def work() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
