"""`rejoinder demo`: the real daemon in the sandbox world, with a reviewer who is you or a machine."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO, TypeVar

import structlog

from bot.daemon import Daemon
from bot.demo.clock import SteppingClock
from bot.demo.console import Console
from bot.demo.desk import Desk
from bot.demo.drive import Drive
from bot.demo.home import REVIEWER, write_home
from bot.demo.ledger import Ledger
from bot.demo.script import END, SELLER, START, cast, opening
from bot.demo.servers import SandboxServers
from bot.demo.story import Story, Tone
from bot.demo.world import World
from bot.edge import log as logs
from bot.ports import AlertKind
from bot.wiring import open_house, open_lines

T = TypeVar("T")

_INTRO = (
    "This is a sandbox. A mail server and a seller were made up on this computer; nothing leaves it.\n"
    "Over some four weeks of sandbox time Amazon sends notices, Rejoinder drafts letters, and the "
    "complainants answer, stay silent, are away, or do not exist. Time only moves when there is nothing "
    "left to do."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """Everything that runs while the demo does."""

    drive: Drive
    desk: Desk
    clock: SteppingClock
    ledger: Ledger
    story: Story


class StoryNotifier:
    """`bot.ports.Notifier`: what a person must know at once becomes a line of the story."""

    def __init__(self, story: Story, clock: SteppingClock) -> None:
        self._story = story
        self._clock = clock

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """What can be seen in the queue is told by the desk, which knows the numbers."""
        del account_id, item
        if kind not in (AlertKind.NEW_ITEM, AlertKind.REPLY, AlertKind.BOUNCE):
            told = f"{detail}: {text}" if detail else text
            self._story.tell(self._clock.now(), "Rejoinder", told, Tone.WARN)


async def run_demo(*, auto: bool, keep_home: Path | None, out: TextIO, typed: TextIO | None = None) -> int:
    """Play the whole story; the exit status.

    With `auto` a machine approves everything and the last line is the summary as JSON. Without, `typed` is
    the terminal to read from. `keep_home` is a folder to leave behind for looking into.
    """
    if not auto and (typed is None or not typed.isatty()):
        out.write(
            "The demo asks you what to approve, and here is nobody to ask: use `rejoinder demo --auto`.\n"
        )
        return 2
    async with open_sandbox(keep_home, out) as sandbox:
        sandbox.story.say(_INTRO, Tone.QUIET)
        sandbox.story.say()
        await sandbox.drive.settle()
        if auto:
            return await _play(sandbox)
        assert typed is not None
        return await Console(sandbox.drive, sandbox.desk, sandbox.story, typed).run(sandbox.ledger)


async def _play(sandbox: Sandbox) -> int:
    while await sandbox.drive.step(await sandbox.drive.approve_all()):
        pass
    summary = sandbox.ledger.summary()
    wrong = sandbox.ledger.complaints()
    sandbox.story.say()
    for sentence in wrong:
        sandbox.story.say(sentence, Tone.WARN)
    sandbox.story.say(summary.json())
    return 1 if wrong else 0


@asynccontextmanager
async def open_sandbox(keep_home: Path | None, out: TextIO) -> AsyncIterator[Sandbox]:
    """Servers, home, daemon and world; everything is stopped at the end, also after an error."""
    with ExitStack() as stack:
        made = keep_home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rejoinder-demo-")))
        loops = 0
        clock = SteppingClock(START, expected=lambda: loops)
        story, ledger = Story(out), Ledger()
        servers = stack.enter_context(SandboxServers(clock.now))
        write_home(made, SELLER, imap_port=servers.imap_port, smtp_port=servers.smtp_port)
        stack.enter_context(_log_to(made / "demo.log"))
        house = stack.enter_context(open_house(made, clock=clock, notifier=StoryNotifier(story, clock)))
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=1, thread_name_prefix="store"))
        world = World(servers, SELLER, cast(), opening(), story=story, ledger=ledger)
        stack.callback(world.close)
        on_store = _on_store(pool)
        desk = Desk(house.office, on_store, by=REVIEWER, story=story, ledger=ledger)
        async with open_lines(house) as lines:
            loops = 1 + 2 * len(lines)
            daemon = Daemon(house.office, lines, on_store)
            drive = Drive(clock, world, house.office, on_store, desk=desk, end=END, ring=daemon.ring)
            async with _running(daemon):
                yield Sandbox(drive=drive, desk=desk, clock=clock, ledger=ledger, story=story)


@asynccontextmanager
async def _running(daemon: Daemon) -> AsyncIterator[None]:
    """The daemon runs beside the body; when it fails, the body is cancelled and the failure raised."""
    try:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(daemon.run())
            yield
            daemon.stop()
            await running
    except BaseExceptionGroup as group_of_one:
        raise _innermost(group_of_one) from None


def _innermost(error: BaseException) -> BaseException:
    """The error itself, out of the groups that task groups wrap around a single one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _on_store(pool: ThreadPoolExecutor) -> Callable[..., asyncio.Future[T]]:
    def run(work: Callable[..., T], /, *given: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(pool, partial(work, *given))

    return run


@contextmanager
def _log_to(file: Path) -> Iterator[None]:
    """The daemon's log goes to a file: it would stand between the lines of the story."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config(), sys.excepthook, threading.excepthook)
    raises = logging.raiseExceptions
    root.handlers[:] = []
    logs.set_up(to=file)
    # What stops the demo itself is told on the terminal, not in a file that is about to be deleted.
    sys.excepthook, threading.excepthook = before[3], before[4]
    try:
        yield
    finally:
        for ours in root.handlers:
            ours.close()
        root.handlers[:], level, config, _, _ = before
        root.setLevel(level)
        structlog.configure(**config)
        logging.raiseExceptions = raises
