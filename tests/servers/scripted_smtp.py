"""A submission server that misbehaves at one chosen stage, for the ledger of faults."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Act = Callable[["Conversation"], Awaitable[None]]


@dataclass(slots=True)
class Conversation:
    """One connection: what was heard, and the means to misbehave."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    over: bool = False
    said: bytes = b""

    async def say(self, data: bytes) -> None:
        self.said = data
        self.writer.write(data)
        await self.writer.drain()

    def hang_up(self) -> None:
        self.over = True
        self.writer.close()

    def reset(self) -> None:
        """RST instead of FIN."""
        self.over = True
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def drop(on: Conversation) -> None:
    """line dropped"""
    on.hang_up()


async def reset(on: Conversation) -> None:
    """line reset"""
    on.reset()


async def hang(on: Conversation) -> None:
    """silence"""
    await on.reader.read()  # until the client gives up
    on.hang_up()


def _told(act: Act, words: str) -> Act:
    """What the act does, for a ledger."""
    act.__doc__ = words.replace("\r\n", " / ").strip(" /")
    return act


def say(text: str) -> Act:
    async def act(on: Conversation) -> None:
        await on.say(text.encode("latin-1") + b"\r\n")

    return _told(act, f"“{text}”")


def say_and(text: str, then: Act) -> Act:
    async def act(on: Conversation) -> None:
        await on.say(text.encode("latin-1") + b"\r\n")
        await then(on)

    return _told(act, f"“{text}”, then {then.__doc__}")


def half(text: str) -> Act:
    """An answer without its end, then the line is dropped."""

    async def act(on: Conversation) -> None:
        await on.say(text.encode())
        on.hang_up()

    return _told(act, f"half of an answer: “{text}”")


def slowly(text: str) -> Act:
    """One byte a millisecond."""

    async def act(on: Conversation) -> None:
        for byte in text.encode() + b"\r\n":
            await on.say(bytes([byte]))
            await asyncio.sleep(0.001)
        on.said = text.encode()

    return _told(act, "one byte at a time")


def secure(text: str, context: ssl.SSLContext) -> Act:
    """Say it in plain text, then do the server's side of the handshake."""

    async def act(on: Conversation) -> None:
        await on.say(text.encode("latin-1") + b"\r\n")
        await on.writer.start_tls(context)

    return act


USUAL = {
    "greeting": "220 mx.brindlecove.example ESMTP",
    "ehlo": "250-mx.brindlecove.example\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
    "auth": "235 2.7.0 welcome",
    "starttls": "220 go ahead",
    "mail": "250 2.1.0 sender ok",
    "rcpt": "250 2.1.5 recipient ok",
    "data": "354 end with a dot",
    "dot": "250 2.0.0 queued",
    "rset": "250 2.0.0 forgotten",
    "quit": "221 2.0.0 bye",
}


@dataclass(slots=True)
class Scripted:
    """The server; `acts` replaces the usual answer at a stage, each list used up from its front."""

    acts: dict[str, list[Act]] = field(default_factory=dict)
    port: int = 0
    heard: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    ended: int = 0  #: connections that are over
    half_body: Act | None = None  #: done after the first line of the body
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, heard: Callable[[], bool], seconds: float = 5.0) -> None:
        """Return once `heard()` is true; it is asked again whenever a command or a body came."""
        async with asyncio.timeout(seconds):
            while not heard():
                self._news.clear()
                await self._news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        on = Conversation(reader, writer)
        self.connections += 1
        try:
            await self._act(on, "greeting")
            while not on.over and (line := await reader.readline()):
                command = line.decode("utf-8", "replace").rstrip("\r\n")
                self.heard.append(command)
                self._news.set()
                await self._act(on, command.split(" ")[0].lower())
                if command == "DATA" and on.said.startswith(b"354") and not on.over:
                    await self._body(on)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self.ended += 1
            self._news.set()

    async def _body(self, on: Conversation) -> None:
        body = bytearray()
        while not body.endswith(b"\r\n.\r\n"):
            line = await on.reader.readline()
            if not line:
                on.over = True
                return
            body += line
            if self.half_body is not None:
                await self.half_body(on)
                return
        self.bodies.append(bytes(body))
        self._news.set()
        await self._act(on, "dot")

    async def _act(self, on: Conversation, stage: str) -> None:
        queue = self.acts.get(stage)
        act = queue.pop(0) if queue else say(USUAL.get(stage, "500 5.5.2 what?"))
        await act(on)
        if stage == "quit":
            on.hang_up()


@asynccontextmanager
async def scripted(acts: dict[str, list[Act]] | None = None) -> AsyncIterator[Scripted]:
    """The server on a free port of loopback."""
    script = Scripted(acts or {})
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        await server.wait_closed()
