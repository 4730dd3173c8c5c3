"""Reading mail in a process that can be killed: a mail that hangs, swells or crashes costs itself only.

One child runs `read(raw, context)`; requests are pipelined, so that a batch costs hardly more than reading
in process. The child is started anew (not forked) and shares nothing with us but two pipes. When it dies or
takes too long, the mail at the head of the line is to blame: it becomes `Unreadable` with the reason, the
others behind it are handed to the next child. Nothing is ever tried twice by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.edge.packing import unpacked
from bot.errors import ReaderBroken
from bot.mail.signatures import Keys, key_names
from bot.reading.model import Understood, Unreadable

_CHILD = Path(__file__).with_name("reader_child.py")
_LARGEST_ANSWER = 64_000_000  #: octets; what we make of one mail is never larger
_AHEAD = 4_000_000  #: octets handed over before the first answer
_AHEAD_MAILS = 16


class KeyResolver(Protocol):
    """Asks name servers for DKIM keys (RFC 6376 §3.6.2)."""

    async def keys(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """TXT records by name, empty where there is none, without those that cannot be had; never raises."""
        ...


class _Died(Exception):
    """The child ended, or must be ended, while it read; `str()` is the reason for the mail at the head."""


class _Nonsense(ConnectionError):
    """The child answers with what its own code never does: a mail took it over, or its memory is broken."""


@dataclass(slots=True)
class _Waiting:
    raw: bytes
    keys: Keys | None  #: DKIM keys for it, when somebody asks for them
    answer: asyncio.Future[Understood]


class ReaderProcess:
    """Reads mails one after the other in a child; used from one event loop."""

    def __init__(
        self,
        context: object,
        *,
        function: str = "bot.reading.read.read",
        prepare: str | None = None,
        seconds: float = 10.0,
        memory: int = 512 * 1024 * 1024,
        start_seconds: float = 60.0,
        resolver: KeyResolver | None = None,
        key_domains: Iterable[str] = (),
    ) -> None:
        """Nothing is started before the first mail, or `start`.

        With a `resolver`, the keys of signatures of `key_domains` are asked for and handed to the child.

        `function`: dotted name of `read(raw, context)`. `prepare`: dotted name of a function that the child
        calls once on `context` (which must pickle) to make what `function` is given. `seconds` are for each
        mail, `memory` is the child's address space in octets.
        """
        self._function = function
        self._prepare = prepare
        self._seconds = seconds
        self._memory = memory
        self._start_seconds = start_seconds
        self._resolver = resolver
        self._key_domains = tuple(key_domains)
        self._context = pickle.dumps(context)
        self._stale = False
        self._waiting: deque[_Waiting] = deque()
        self._sent: deque[_Waiting] = deque()
        self._news = asyncio.Event()
        self._child: Process | None = None
        self._ready = False
        self._server: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to start the child, without waiting for it: it needs a second, and the first mail none.

        When it cannot start, the first mail tries again and is told why.
        """
        if self._server is None or self._server.done():
            self._server = asyncio.create_task(self._serve(early=True), name="reader")

    @property
    def ready(self) -> bool:
        """Whether its child was up: a mail need not wait for the first start."""
        return self._ready

    async def read(self, raw: bytes) -> Understood:
        """What the mail says; `Unreadable` with a reason when it cannot be read. Raises ReaderBroken."""
        keys = await self._keys(raw)
        if self._server is None or self._server.done():
            self._server = asyncio.create_task(self._serve(), name="reader")
        waiting = _Waiting(raw, keys, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._news.set()
        return await waiting.answer

    async def _keys(self, raw: bytes) -> Keys | None:
        """What the name servers say; a key that cannot be had is no reason to wait or to disbelieve."""
        if self._resolver is None:
            return None
        names = key_names(raw, self._key_domains)
        had = await self._resolver.keys(names) if names else {}
        return {name: had.get(name) for name in names}

    async def read_many(self, raws: Iterable[bytes]) -> list[Understood]:
        """All of them, pipelined, in their order. Raises ReaderBroken."""
        return list(await asyncio.gather(*(self.read(raw) for raw in raws)))

    def use(self, context: object) -> None:
        """Read every mail not yet handed over with another context (new rules)."""
        self._context = pickle.dumps(context)
        self._stale = True

    async def close(self) -> None:
        """End the child; mails still waiting are cancelled. It may be started again."""
        self._ready = False
        if self._server is not None:
            self._server.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._server
        for waiting in (*self._sent, *self._waiting):
            waiting.answer.cancel()
        self._sent.clear()
        self._waiting.clear()
        await self._end_child()

    # ------------------------------------------------------------------------------------- the loop

    async def _serve(self, *, early: bool = False) -> None:
        if early:
            try:
                await self._living_child()
            except ReaderBroken:
                await self._end_child()
        while True:
            await self._something_waits()
            try:
                child = await self._living_child()
            except ReaderBroken as error:
                await self._end_child()
                self._refuse_all(error)
                continue
            self._hand_over(child)
            if not self._sent:  # all were cancelled meanwhile
                continue
            try:
                understood = await self._next_answer(child)
            except _Died as died:
                await self._end_child()
                understood = _unreadable(str(died))
            head = self._sent.popleft()
            if self._child is None:  # those behind it were not read
                self._waiting.extendleft(reversed(self._sent))
                self._sent.clear()
            if not head.answer.done():
                head.answer.set_result(understood)

    async def _something_waits(self) -> None:
        while not self._sent and not self._waiting:
            self._news.clear()
            await self._news.wait()

    async def _living_child(self) -> Process:
        child = self._child
        if child is not None and not self._sent and (self._stale or _is_gone(child)):
            await self._end_child()
            child = None
        if child is None:
            self._stale = False
            child = self._child = await self._start_child()
        return child

    def _hand_over(self, child: Process) -> None:
        """Give the child what waits, as far as the pipe may be filled; the event loop does the writing."""
        ahead = sum(len(sent.raw) for sent in self._sent)
        while self._waiting and not self._stale:
            if self._sent and (len(self._sent) >= _AHEAD_MAILS or ahead + len(self._waiting[0].raw) > _AHEAD):
                return
            waiting = self._waiting.popleft()
            if waiting.answer.done():
                continue
            ahead += len(waiting.raw)
            self._sent.append(waiting)
            _write(child, (waiting.raw, dict(waiting.keys)) if waiting.keys is not None else waiting.raw)

    async def _next_answer(self, child: Process) -> Understood:
        try:
            async with asyncio.timeout(self._seconds):
                kind, value = await _receive(child)
        except TimeoutError:
            raise _Died(f"reading it took longer than {self._seconds:g} seconds") from None
        except _Nonsense:
            raise _Died("the reader answered with something that is no reading") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _Died(f"the reader {await _how_it_ended(child)}") from None
        if kind == "understood" and isinstance(value, Understood):
            return value
        if kind == "exhausted":
            raise _Died(f"reading it needs more than {self._memory // 1_048_576} MB of memory")
        if kind == "unreadable":
            return _unreadable(str(value))
        return _unreadable(f"the reader failed on it ({value if kind == 'failed' else kind})")

    def _refuse_all(self, error: ReaderBroken) -> None:
        for waiting in (*self._sent, *self._waiting):
            if not waiting.answer.done():
                waiting.answer.set_exception(error)
        self._sent.clear()
        self._waiting.clear()

    # ------------------------------------------------------------------------------------ the child

    async def _start_child(self) -> Process:
        # Exec, not fork: nothing of our threads, locks and passwords gets into the child.
        child = self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_CHILD),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        hello = {
            "path": sys.path,
            "function": self._function,
            "prepare": self._prepare,
            "context": self._context,
            "seconds": self._seconds,
            "memory": self._memory,
        }
        _write(child, hello)
        try:
            async with asyncio.timeout(self._start_seconds):
                kind, value = await _receive(child)
        except TimeoutError:
            raise ReaderBroken(
                f"The reading worker did not start in {self._start_seconds:g} seconds."
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise ReaderBroken(f"The reading worker {await _how_it_ended(child)} while it started.") from None
        if kind != "ready":
            raise ReaderBroken(f"The reading worker cannot start: {value}")
        self._ready = True
        return child

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        if child.stdin is not None:
            child.stdin.close()
        await child.wait()


def _unreadable(reason: str) -> Understood:
    return Understood(head=None, verdict=None, reading=Unreadable(reason=reason), correspondent=None)


def _is_gone(child: Process) -> bool:
    return child.returncode is not None or child.stdout is None or child.stdout.at_eof()


def _write(child: Process, value: object) -> None:
    if child.stdin is None or child.stdin.is_closing():
        return  # its death is seen when the answer does not come
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    child.stdin.write(struct.pack(">I", len(body)) + body)


async def _receive(child: Process) -> tuple[str, Any]:
    if child.stdout is None:
        raise ConnectionError
    size = struct.unpack(">I", await child.stdout.readexactly(4))[0]
    if size > _LARGEST_ANSWER:
        raise ConnectionError
    octets = await child.stdout.readexactly(size)
    try:
        return unpacked(octets)
    except ValueError:
        raise _Nonsense from None


async def _how_it_ended(child: Process) -> str:
    """After its pipe closed: by which signal, or with which status."""
    try:
        async with asyncio.timeout(1):
            code = await child.wait()
    except TimeoutError:
        return "stopped answering"
    return f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
