"""The demo in a terminal: the queue, a prompt, and a few short commands."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Final, TextIO

from bot.demo.desk import Desk, Entry
from bot.demo.drive import Drive
from bot.demo.ledger import Ledger
from bot.demo.story import Story, Tone

HELP: Final = """\
  s             step on to the next thing that happens (Enter alone does it too)
  l             list what waits for you
  show 1        show item 1: the whole letter, or why it is held
  a 1           approve item 1; `a all` approves everything that waits
  x 1 reason    reject the draft 1: nothing is sent, the case is held
  ?             this help
  q             end the demo"""


#: The same by the names that the commands have outside of the sandbox.
_NAMED: Final = {"step": "s", "queue": "l", "list": "l", "approve": "a", "reject": "x", "help": "?"}


class Typing:
    """Lines typed on a terminal, without blocking the daemon that runs beside."""

    def __init__(self, source: TextIO) -> None:
        self._file = source.fileno()
        self._left = b""

    async def line(self) -> str | None:
        """The next line without its end, or None when the terminal is closed."""
        while b"\n" not in self._left:
            chunk = await self._readable()
            if not chunk:
                return None
            self._left += chunk
        line, _, self._left = self._left.partition(b"\n")
        return line.decode("utf-8", errors="replace").strip()

    async def _readable(self) -> bytes:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._file, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._file)
        try:
            return os.read(self._file, 4096)
        except OSError:  # the other side of the terminal went away
            return b""


class Console:
    """Asks a person until the story is over or they have had enough."""

    def __init__(self, drive: Drive, desk: Desk, story: Story, typed: TextIO) -> None:
        self._drive = drive
        self._desk = desk
        self._story = story
        self._typing = Typing(typed)
        self._ended = False
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "s": self._step,
            "l": self._list,
            "show": self._show,
            "a": self._approve,
            "x": self._reject,
            "?": self._help,
        }

    async def run(self, ledger: Ledger) -> int:
        """Until `q`, the end of the input, or the end of the story; the exit status."""
        self._story.say(HELP)
        self._story.say()
        await self._list("")
        while not self._ended:
            self._story.prompt("demo> ")
            line = await self._typing.line()
            if line is None or line in ("q", "quit", "exit"):
                break
            await self._answer(line)
        self._story.say()
        self._story.say(ledger.summary().json())
        return 0

    async def _answer(self, line: str) -> None:
        word, _, rest = line.removeprefix("rejoinder ").partition(" ")
        command = self._commands.get(_NAMED.get(word.lower(), word.lower() or "s"))
        if command is None:
            self._story.say(f"There is no command {word!r}; `?` lists them.", Tone.WARN)
            return
        await command(rest.strip())

    async def _step(self, rest: str) -> None:
        del rest
        told = self._story.told
        while self._story.told == told:
            if not await self._drive.step():
                self._ended = True
                self._story.say("Nothing more will happen by itself: the story is over.", Tone.BOLD)
                return

    async def _list(self, rest: str) -> None:
        del rest
        entries = await self._desk.look()
        if not entries:
            self._story.say("Nothing waits for you. `s` steps on to the next thing that happens.", Tone.QUIET)
        for entry in entries:
            mark = "*" if entry.answerable else " "
            self._story.say(f" {mark}{entry.item.number:3}  {entry.text}")

    async def _show(self, rest: str) -> None:
        entry = await self._entry(rest)
        if entry is None:
            return
        self._story.say(f"#{entry.item.number}  {entry.text}", Tone.BOLD)
        if entry.letter is not None:
            letter = entry.letter
            self._story.say(f"From: {letter.mail_from}\nTo:   {letter.to}\nCc:   {', '.join(letter.cc)}")
            self._story.say(f"Subject: {letter.subject}\n\n{letter.body}")

    async def _approve(self, rest: str) -> None:
        if rest == "all":
            chosen = [entry for entry in await self._desk.look() if entry.answerable]
            if not chosen:
                self._story.say("Nothing waits for a yes.", Tone.QUIET)
        else:
            entry = await self._entry(rest)
            chosen = [entry] if entry else []
        for each in chosen:
            await self._desk.approve(each)
        if chosen:
            await self._drive.answered()

    async def _reject(self, rest: str) -> None:
        number, _, why = rest.partition(" ")
        entry = await self._entry(number)
        if entry is not None:
            await self._desk.reject(entry.item.number, why.strip() or "no reason given")
            await self._drive.answered()

    async def _help(self, rest: str) -> None:
        del rest
        self._story.say(HELP)

    async def _entry(self, number: str) -> Entry | None:
        entries = await self._desk.look()
        for entry in entries:
            if number.isdecimal() and entry.item.number == int(number):
                return entry
        known = ", ".join(str(entry.item.number) for entry in entries) or "none"
        self._story.say(f"Which item? Open are: {known}.", Tone.WARN)
        return None
