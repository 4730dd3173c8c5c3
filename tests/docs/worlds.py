"""The small worlds in which the commands of the pages are typed: what is there, and what happens meanwhile.

Every world begins as docs/sample on an invented day, as the screens do. Its servers are those of the sandbox.
"""

from __future__ import annotations

import os
import pickle
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from bot.case.items import ItemKind
from bot.cli.root import rejoinder
from bot.demo.servers import PASSWORD, USER, SandboxServers
from bot.edge.breaker import FileBreaker
from bot.ports import Change, MailResult, MailStatus
from bot.reading.model import Understood
from bot.reading.prepare import ReadingPlan, prepare
from bot.reading.read import ReadingContext, read
from bot.runner.inbox.intake import given_row
from bot.wiring import open_house
from docs.screens import MEANWHILE, Stage
from tests.cli.conftest import notice
from tests.docs.typed import ROOT

#: What stands before `rejoinder` where another user types it, or the program of another place.
_PREFIX = re.compile(r"^(?:runuser -u \w+ -- )?(?:/opt/rejoinder/bin/)?(?=rejoinder )")
_LATER = re.compile(r" *(?:\|\| .*| \d?>>? *\S+)$")

Hook = Callable[["World"], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """How one page is played."""

    begins: Hook | None = None  #: what is there before its first line
    start: datetime | None = None  #: the day, where the page names one
    #: what happens before a line; a line given back is typed instead, with the reader's own numbers and names
    before: Mapping[str, Hook] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: typed at a terminal when asked
    pasted: Mapping[str, str] = field(default_factory=dict)  #: standard input, without a terminal
    meant: Mapping[str, str] = field(default_factory=dict)  #: what the reader puts for a word in capitals


@cache
def _prepared(plan: bytes) -> ReadingContext:
    context: ReadingPlan = pickle.loads(plan)
    return prepare(context)


class ReaderHere:
    """The real reader, without its process, which would be started for each command anew."""

    def __init__(self, plan: ReadingPlan, _settings: object = None) -> None:
        self._context = _prepared(pickle.dumps(plan))

    def start(self) -> None:
        """Nothing is to be started."""

    async def read(self, raw: bytes) -> Understood:
        """A mail as it is understood."""
        return read(raw, self._context)

    async def read_many(self, raws: Iterable[bytes]) -> list[Understood]:
        """Each mail as it is understood."""
        return [read(raw, self._context) for raw in raws]

    async def close(self) -> None:
        """Nothing is to be ended."""


class World(Stage):
    """One page being played, in a folder that stands for the whole machine."""

    def __init__(self, folder: Path, play: Play, stack: ExitStack) -> None:
        super().__init__(folder)
        self.folder, self.play, self._stack = folder, play, stack
        self.now = play.start or self.now
        self.case_ids: list[str] = []  #: the next ones, then invented ones
        self.servers: SandboxServers | None = None
        self._typed: set[str] = set()

    @contextmanager
    def playing(self) -> Iterator[None]:
        """As `Stage`, with the reader's own home folder and a password that the servers take."""
        environment = {"HOME": str(self.folder), "EDITOR": "true"}
        with (
            super().playing(),
            mock.patch.dict(os.environ, environment),
            mock.patch("bot.wiring.open_reader", ReaderHere),
        ):
            os.environ["MARWEN_PASSWORD"] = PASSWORD
            from bot import wiring

            ids = wiring.RandomIds()
            invented = ids.case_id.side_effect  # type: ignore[attr-defined]  # a mock of the stage
            ids.case_id.side_effect = lambda: self.case_ids.pop(0) if self.case_ids else invented()  # type: ignore[attr-defined]
            yield

    def follow(self, line: str) -> None:
        """Type one line of the page. Raises AssertionError when it does not end well."""
        self._typed.add(line)
        hook = self.play.before.get(line)
        told = (hook(self) if hook else None) or line
        text = _LATER.sub("", _PREFIX.sub("", told))
        words = [self._here(word) for word in shlex.split(text.replace("$(date +%F)", f"{self.now:%F}"))]
        match words:
            case ["cd", where]:
                os.chdir(self.folder if where == "try" else where)
                os.chdir("try" if where == "try" else ".")
            case ["cp", "-r", what, where]:
                shutil.copytree(ROOT / what, where, dirs_exist_ok=True)
            case ["make", *_]:
                self._program(["make", "-n", *words[1:]])  # what it would run; .ci/run runs it
            case [".venv/bin/pytest", *options]:
                self._program([sys.executable, "-m", "pytest", "--collect-only", "-q", *options])
            case ["rejoinder", "run", *_]:
                self._daemon()
            case ["rejoinder", *typed]:
                self._rejoinder(line, typed, may_fail="||" in line)
            case _:
                raise AssertionError(f"nobody knows how to type {line}")

    def unused(self) -> list[str]:
        """Lines that something was prepared for, and that nobody typed."""
        prepared = {*self.play.before, *self.play.answers, *self.play.pasted}
        return sorted(prepared - self._typed)

    def _here(self, word: str) -> str:
        """Placeholders are the reader's own, and the whole machine is the folder of this world."""
        word = self.play.meant.get(word, word)
        if word.startswith("~"):
            return str(Path(word).expanduser())
        if word.startswith("/") and not word.startswith(str(self.folder)):
            place = self.folder / word[1:]
            place.parent.mkdir(parents=True, exist_ok=True)
            return str(place)
        return word

    def _rejoinder(self, line: str, typed: list[str], *, may_fail: bool) -> None:
        paths = [str(p) for word in typed for p in (sorted(Path().glob(word)) if "*" in word else [word])]
        answers, pasted = self.play.answers.get(line), self.play.pasted.get(line)
        given = "".join(f"{one}\n" for one in answers) if answers else pasted
        with mock.patch("bot.cli.session.at_terminal", return_value=answers is not None):
            done = CliRunner().invoke(rejoinder, paths, prog_name="rejoinder", input=given)
        wanted = (0, 1) if may_fail else (0,)
        trace = done.exception if not isinstance(done.exception, SystemExit) else ""
        assert done.exit_code in wanted, f"{line}\n{done.output}{trace!r}"
        self.now += timedelta(minutes=1)

    def _program(self, words: list[str]) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, env=environment)
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])

    def _daemon(self) -> None:
        """`rejoinder run` on a copy of the home, until it watches; its clock is today's, not the story's."""
        copy = shutil.copytree(Path.cwd(), self.folder / "watched", symlinks=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_HOME": str(copy)}
        daemon = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], env=environment, stderr=subprocess.PIPE, text=True
        )
        assert daemon.stderr is not None
        said = []
        for line in daemon.stderr:
            said.append(line)
            if '"started"' in line:
                daemon.terminate()
        assert daemon.wait(timeout=60) == 0, said
        daemon.stderr.close()

    def with_servers(self) -> None:
        """From now on the account lies on servers that answer."""
        if self.servers is None:
            self.servers = self._stack.enter_context(SandboxServers(lambda: self.now))
        file = Path("rejoinder.yaml")
        text = file.read_text(encoding="utf-8")
        for kind, port in (("imap", self.servers.imap_port), ("smtp", self.servers.smtp_port)):
            server = f"{kind}: {{ host: 127.0.0.1, port: {port}, security: none, user: {USER} }}"
            text = re.sub(rf"{kind}: \{{.*\}}", server, text)
        file.write_text(text, encoding="utf-8")

    def delivered(self, complaint: str, *, days_ago: int, **said: str) -> None:
        """A notice lies in the mailbox since then."""
        self.with_servers()
        assert self.servers is not None
        at, now = self.now - timedelta(days=days_ago), self.now
        self.now = at
        raw = notice(complaint, authserv="mx.marwen.example", **said)
        self.now = now
        with self.servers.mailbox() as inbox:
            inbox.deliver(raw, at)

    def queued(self) -> None:
        """The queue of the front page: 4 and 3 are drafts, 1 has no address, 2 is a suspect."""
        self.ingested("01-*", "03-*", "08-*", "24-*")
        self.mailbox_read()

    def ingested(self, *names: str) -> None:
        """Mails of tests/corpus are taken from files."""
        found = [str(path) for one in names for path in sorted(Path("../tests/corpus").glob(f"{one}.eml"))]
        self._rejoinder("", ["ingest", *found], may_fail=False)

    def parked(self) -> int:
        """The number of a mail that could not be read."""
        with self._time(), open_house(self.home) as house:
            office = house.office
            row = given_row(office, office.practices["marwen"], b"From: a\n\n\0 cites <rj.x>", self.now)
            (number,) = office.store.keep((row,), None, self.now)
            result = MailResult(
                mail_id=number,
                status=MailStatus.PARKED,
                kind="Unreadable",
                reason="too deep",
                message_id=None,
            )
            office.store.record(Change(mails=(result,)), self.now)
            return number

    def vouched(self, complaint: str, address: str) -> int:
        """A notice that nothing proves was taken on by a person; the number of its letter."""
        Path("forwarded.eml").write_bytes(notice(complaint, authserv="mx.stranger.example"))
        self._rejoinder("", ["ingest", "forwarded.eml"], may_fail=False)
        with self._time(), open_house(self.home) as house:
            mail = max(one.mail_id for one in house.office.store.mails("marwen"))
        seen = ["--complaint-id", complaint, "--seen-in", "Account Health", "--address", address]
        self._rejoinder("", ["adopt", str(mail), *seen, "--offline"], may_fail=False)
        return self.newest_item()

    def nobody_named(self, complaint: str) -> int:
        """The item of a case whose notice names nobody."""
        (sample,) = Path("../tests/corpus").glob("08-*.eml")
        raw = sample.read_bytes().replace(b"17822290018", complaint.encode())
        raw = re.sub(rb"(?m)^(Message-ID: <)", rb"\g<1>" + complaint.encode(), raw)
        raw = re.sub(rb"\bB0[A-Z0-9]{6}([A-Z0-9]{2})\b", b"B0" + complaint[-6:].encode() + rb"\1", raw)
        Path(f"{complaint}.eml").write_bytes(raw)
        self._rejoinder("", ["ingest", f"{complaint}.eml"], may_fail=False)
        return self.newest_item(ItemKind.HOLD)

    def change(self, old: str, new: str) -> None:
        """Another line in rejoinder.yaml."""
        file = Path("rejoinder.yaml")
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new), encoding="utf-8")

    def item_in_doubt(self) -> int:
        """Number of the letter of which nobody knows whether it arrived."""
        with self._time(), open_house(self.home) as house:
            return next(x.number for x in house.office.store.items() if x.kind is ItemKind.IN_DOUBT)

    def newest_item(self, *kinds: ItemKind) -> int:
        """Number of what came into the queue last, of these kinds."""
        with self._time(), open_house(self.home) as house:
            return max(x.number for x in house.office.store.items() if not kinds or x.kind in kinds)

    def any_case(self) -> str:
        """Id of an open case."""
        with self._time(), open_house(self.home) as house:
            return house.office.store.cases(open_only=True)[0].case_id

    def trips(self) -> None:
        """Something made the circuit breaker let nothing leave."""
        FileBreaker(self.home / "state").trip(
            "more letters left within a day than the limits allow", self.now
        )


@contextmanager
def world(folder: Path, play: Play) -> Iterator[World]:
    """A page's world, with servers that are stopped at its end."""
    with ExitStack() as stack:
        one = World(folder, play, stack)
        with one.playing():
            if play.begins is not None:
                play.begins(one)
            yield one


def meanwhile(one: World, name: str) -> None:
    """What the screens of a page let happen between two commands."""
    MEANWHILE[name](one)
