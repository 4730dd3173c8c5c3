"""A home with many approved letters, an SMTP server that says how far it got, and the kills."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path

from bot.case.model import State
from bot.edge.clock import SystemClock
from bot.edge.store import open_store
from bot.reading.prepare import prepare
from bot.reading.read import read
from bot.review import ItemKind
from bot.runner import service
from bot.runner.drafting import write_drafts
from bot.runner.intake import keep_file
from bot.runner.understanding import take
from bot.wiring import open_house, reading_plan
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.stories.mails import notice
from tests.stories.stage import write_home

ROOT = Path(__file__).parents[2]
UNDER_FIRE = Path(__file__).with_name("under_fire.py")
#: Steps of a transaction at which the server tells us; "dot" is before its answer, "answered" after it.
STEPS = ("connect", "ehlo", "mail", "rcpt", "data", "body", "dot", "answered")
#: Ours to settle still: nothing may be left here at the end.
UNSETTLED = (State.APPROVED, State.SENDING, State.BODY_GONE)


@dataclass
class Server:
    """Plain SMTP in threads. A letter counts as taken once its final dot was read, answered or not."""

    port: int = 0
    taken: list[str] = field(default_factory=list)  #: Message-IDs, in order
    plan: tuple[str, int] | None = None  #: step and how many times it must be reached before we fire
    fire: threading.Event = field(default_factory=threading.Event)
    _reached: Counter[str] = field(default_factory=Counter)

    def aim(self, plan: tuple[str, int] | None) -> None:
        """Fire when this step has been reached so many times from now on."""
        self._reached.clear()
        self.fire.clear()
        self.plan = plan

    def reached(self, step: str) -> None:
        """The transaction on the line got so far."""
        self._reached[step] += 1
        if self.plan is not None and self.plan[0] == step and self._reached[step] >= self.plan[1]:
            self.fire.set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.reached("connect")
            await _say(writer, "220 mx.brindlecove.example ESMTP")
            while line := await reader.readline():
                verb = line[:4].decode("ascii").upper()
                self.reached(verb.lower())
                if verb == "EHLO":
                    await _say(writer, "250-mx.brindlecove.example", "250 8BITMIME")
                elif verb == "DATA":
                    await self._take(reader, writer)
                elif verb == "QUIT":
                    break
                else:
                    await _say(writer, "250 ok")
        writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, "354 go on")
        raw = await reader.readuntil(b"\r\n")
        self.reached("body")
        while not raw.endswith(b"\r\n.\r\n"):
            raw += await reader.readuntil(b"\r\n")
        self.taken.append(str(BytesHeaderParser().parsebytes(raw)["Message-ID"]).strip())
        self.reached("dot")
        await asyncio.sleep(0)
        await _say(writer, "250 2.0.0 taken")
        self.reached("answered")


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
    await writer.drain()


@contextmanager
def running_server() -> Iterator[Server]:
    """On loopback, on a free port, in a thread of its own."""
    server, loop, started = Server(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listener = await asyncio.start_server(server.talk, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        started.set()

    def work() -> None:
        loop.create_task(serve())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of the approved letters."""

    approved: int
    kills: int
    duplicated: int  #: taken more than once
    lost: int  #: we say "accepted", or nothing at all, and the server never had it
    in_doubt: int
    in_doubt_unseen: int  #: in doubt and not in the queue
    unsettled: int


class Range:
    """One home, one Dovecot user, one SMTP server, many kills."""

    def __init__(self, folder: Path, dovecot: Dovecot, server: Server, *, letters: int, seed: int) -> None:
        self.server, self.letters, self.chance = server, letters, random.Random(seed)
        secret = folder / "secret"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o600)
        more = f", user: {dovecot.new_user()}, ca_file: {dovecot.ca_file}, password: {{file: {secret}}}"
        self.home = write_home(
            folder / "home", imap_host="localhost", imap_port=dovecot.tls_port, imap_security="tls",
            imap_more=more, smtp_port=server.port, smtp_more=", auth: none",
        )  # fmt: skip
        settings = self.home / "rejoinder.yaml"
        text = settings.read_text().replace("undo_window: 10 min", "undo_window: 0 min")
        text += "limits: {letters_per_day: 1000}\nstop_switch: {cases_per_minute: 1000}\n"
        settings.write_text(text)
        self._approve_all()

    def _approve_all(self) -> None:
        clock = SystemClock()
        with open_house(self.home, clock=clock) as house:
            practice = house.office.practices["shop"]
            context = prepare(reading_plan(house.loaded, house.settings.account("shop")))
            for n in range(self.letters):
                raw = notice(str(18000000000 + n), clock.now(), owner=f"ip@owner{n}.example")
                mail = keep_file(house.office, practice, raw, clock.now())
                assert mail is not None
                take(house.office, practice, mail, read(raw, context))
            write_drafts(house.office, practice)
            for item in house.office.store.items(kind=ItemKind.DRAFT):
                service.approve(house.office, item.number, "Ada")

    def _start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(UNDER_FIRE), *options, "--home", str(self.home), "run"]
        with (self.home / "log").open("ab") as log:
            environment = {"PYTHONPATH": str(ROOT), "REJOINDER_TEST_PASSWORD": "unused", "LC_ALL": "C.UTF-8"}
            return subprocess.Popen(command, stderr=log, stdout=log, env=environment)

    def kill_often(self, kills: int, *options: str) -> int:
        """Start the daemon and kill it at a step and a moment of chance, again and again; how many kills."""
        done = 0
        while done < kills and self.states() & set(UNSETTLED):
            step = self.chance.choice(STEPS)
            again = step not in ("connect", "ehlo")  # those come once, the line is kept
            self.server.aim((step, self.chance.choice((1, 1, 2)) if again else 1))
            process = self._start(*options)
            try:
                self.server.fire.wait(15)
                # A moment more or less: not a wait for something, but the chance that the test is about.
                threading.Event().wait(self.chance.choice((0.0, 0.0, 0.002, 0.01, 0.03)))
            finally:
                process.kill()
                process.wait()
            done += 1
        return done

    def finish(self, *options: str) -> None:
        """Let the daemon go on undisturbed until every letter is settled."""
        self.server.aim(None)
        process = self._start(*options)
        try:
            deadline = threading.Event()
            for _ in range(600):
                if not self.states() & set(UNSETTLED) or process.poll() is not None:
                    break
                deadline.wait(0.1)
        finally:
            process.terminate()
            process.wait(30)

    def states(self) -> set[State]:
        """What states letters are in."""
        store = open_store(self.home / "state" / "rejoinder.db", check=False)
        try:
            return {letter.state for letter in store.letters()}
        finally:
            store.close()

    def tally(self, kills: int) -> Tally:
        """Compare what we say with what the server has."""
        store = open_store(self.home / "state" / "rejoinder.db")
        try:
            letters = store.letters()
            queue = {item.subject for item in store.items(kind=ItemKind.IN_DOUBT)}
        finally:
            store.close()
        taken = Counter(self.server.taken)
        doubtful = [letter for letter in letters if letter.state is State.IN_DOUBT]
        return Tally(
            approved=len(letters),
            kills=kills,
            duplicated=sum(count > 1 for count in taken.values()),
            lost=sum(x.state is State.AWAITING and not taken[x.message_id] for x in letters),
            in_doubt=len(doubtful),
            in_doubt_unseen=sum(f"letter:{letter.letter_id}" not in queue for letter in doubtful),
            unsettled=sum(letter.state not in (State.AWAITING, State.IN_DOUBT) for letter in letters),
        )

    def complaints(self) -> list[str]:
        """What the daemon logged as a failure of its own."""
        return re.findall(r"Traceback.*|.*mistake of ours.*", (self.home / "log").read_text())
