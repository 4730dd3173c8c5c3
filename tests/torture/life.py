"""Lives of the daemon, each a process of its own: `rejoinder run` in a new interpreter or a warmed-up one.

Run as a program, this waits for a line on standard input, then forks a process that does what `rejoinder run`
does: it opens the state and the lines to the servers, and turns until it is killed. What such a process does
not do again is to import the program and to parse the rules, which would be four fifths of its time. It reads
mail in its own process. `Cradle` starts and kills either kind.

    python -m tests.torture.life --home DIR [--fault NAME]
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import bot.edge.files
import bot.wiring
from bot.edge.home import Loaded
from bot.edge.places import DATABASE
from bot.edge.store import open_store
from bot.reading.model import Understood
from bot.reading.prepare import prepare
from bot.reading.read import ReadingContext, read
from tests.stories.mails import bounce, notice, own_copy, reply
from tests.stories.stage import Stage
from tests.torture.faults import plant

ROOT = Path(__file__).resolve().parents[2]
#: What `rejoinder run` imports when it comes to it. One that is missing here only makes each life slower.
_IMPORTED_BY_RUN = (
    "bot.__main__",
    "bot.cli.alerting",
    "bot.cli.reloading",
    "bot.cli.root",
    "bot.cli.run",
    "bot.edge.alerts.announcer",
    "bot.edge.cores",
    "bot.edge.imap.idle",
    "bot.edge.imap.source",
    "bot.edge.lock",
    "bot.edge.log",
    "bot.edge.pulse",
    "bot.edge.runtime",
    "bot.edge.smtp.sender",
    "bot.edge.store.writer",
)


class Cradle:
    """Starts lives on one home, one at a time, and kills them with SIGKILL."""

    def __init__(self, home: Path, fault: str = "") -> None:
        self._home = home
        self._options = ["--fault", fault] if fault else []
        self._log = (home / "log").open("ab")
        self._cold: subprocess.Popen[bytes] | None = None
        self._warm = 0  #: process id of the life that was forked, 0 when none lives
        self._parent = self._program("tests.torture.life", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._hear()  # it is ready

    def _program(self, module: str, *more: str, **pipes: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, "--home", str(self._home), *self._options, *more]
        environment = {
            "PYTHONPATH": str(ROOT),
            "PATH": os.defpath,
            "REJOINDER_TEST_PASSWORD": "unused",
            "LC_ALL": "C.UTF-8",
            # Our server's authority stands in the settings; the system's many would be read at each login.
            "SSL_CERT_FILE": os.devnull,
            "SSL_CERT_DIR": os.devnull,
        }
        return subprocess.Popen(command, stderr=self._log, cwd=ROOT, env=environment, **pipes)

    def _hear(self) -> str:
        assert self._parent.stdout is not None
        words = self._parent.stdout.readline().decode().split()
        assert words, f"the warmed-up process ended; see {self._home / 'log'}"
        return words[-1]

    def born(self, *, cold: bool) -> None:
        """A life begins."""
        if cold:
            self._cold = self._program("tests.torture.life", "--cold", stdout=self._log)
            return
        assert self._parent.stdin is not None
        self._parent.stdin.write(b"\n")
        self._parent.stdin.flush()
        self._warm = int(self._hear())

    def dies(self, number: int = signal.SIGKILL) -> int:
        """It is killed, or asked to end; its status once it is gone."""
        if self._cold is not None:
            self._cold.send_signal(number)
            status = self._cold.wait(60)
            self._cold = None
            return status
        with suppress(ProcessLookupError):
            os.kill(self._warm, number)
        self._warm = 0
        return int(self._hear())

    def __enter__(self) -> Cradle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cold is not None or self._warm:
            self.dies()
        for stream in (self._parent.stdin, self._parent.stdout):
            assert stream is not None
            stream.close()
        self._parent.wait(30)
        self._log.close()


class ReaderHere:
    """Reads in this very process; a mail that kills its reader is another test's subject."""

    def __init__(self, context: ReadingContext) -> None:
        self._context = context

    def start(self) -> None:
        """Nothing to start."""

    async def read_many(self, raws: list[bytes]) -> list[Understood]:
        """Each mail as it is understood."""
        return [read(raw, self._context) for raw in raws]

    async def close(self) -> None:
        """Nothing to end."""


def _warm_up(home: Path) -> None:
    """Import, read and compile everything that every life needs, and let it be found again."""
    for name in _IMPORTED_BY_RUN:
        importlib.import_module(name)
    loaded = bot.wiring.load_home(home)
    context = prepare(bot.wiring.reading_plan(loaded, loaded.settings.accounts[0]))
    _rehearse(loaded, context)
    bot.wiring.load_home = lambda *_, **__: loaded
    bot.edge.files.load_settings = lambda *_, **__: loaded.settings
    bot.wiring.open_reader = lambda *_: ReaderHere(context)  # type: ignore[assignment,return-value]


def _rehearse(loaded: Loaded, context: ReadingContext) -> None:
    """One complaint from notice to answer, and one that bounces, in a state of its own that is thrown away.

    Templates and statements are compiled, and tables loaded, in the process that all lives are copies of.
    """
    # What is printed on the way must not be taken for an answer to the cradle.
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        store = open_store(Path(folder) / DATABASE)
        stage = Stage(loaded, context, store)
        for complaint in ("18000000001", "18000000002"):
            stage.arrives(notice(complaint, stage.now, owner=f"ip@owner{complaint}.example"))
            stage.sends_out()
        (first, raw), (second, _) = ((mail["Message-ID"], bytes(mail)) for mail in stage.sent())
        stage.arrives(own_copy(raw, stage.now), reply(first, stage.now, "We will look into it.\n"))
        stage.arrives(bounce(second, "ip@owner18000000002.example", stage.now))
        stage.restarts()
        stage.turn()
        store.close()


def _bear_lives(requests: IO[bytes]) -> None:
    gc.freeze()  # so that a life does not copy every page by looking for garbage in it
    print("ready", flush=True)
    while requests.readline():
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            return
        print(child, flush=True)
        print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    sys.exit(0)


def main() -> None:
    """Be the daemon, or be where it comes from."""
    options = argparse.ArgumentParser()
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--fault", default="")
    options.add_argument("--cold", action="store_true")
    wanted = options.parse_args()
    plant(wanted.fault)
    if not wanted.cold:
        _warm_up(wanted.home)
        _bear_lives(sys.stdin.buffer)
    from bot.__main__ import main as rejoinder

    sys.argv = ["rejoinder", "--home", str(wanted.home), "run"]
    rejoinder()


if __name__ == "__main__":
    main()
