"""The daemon of the soak: `rejoinder run` as it is, but its clock is moved from outside, over two pipes.

    python -m tests.soak.life --home DIR --at MOMENT [--plant NAME]

Each line on standard input is an order; each is answered by one line on standard output once everything in
flight has arrived. `Steersman` is the other side.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import tenacity

from bot import daemon as daemon_room
from bot.daemon import Daemon, Pace
from bot.demo.clock import SandboxStuck, SteppingClock

ROOT = Path(__file__).resolve().parents[2]
#: Real seconds that one piece of work may take.
BUSY_AT_MOST = 60.0
#: A line that was lost is had again after a pause in real seconds, of which a simulated day has few.
SOON = 0.02
PACE = Pace(first_retry=timedelta(seconds=0.05), longest_retry=timedelta(seconds=10))


class Gone(Exception):
    """The daemon has ended."""


class Steersman:
    """Starts a daemon, moves its time, and ends it."""

    def __init__(self, home: Path, at: datetime, plant: str = "") -> None:
        command = [sys.executable, "-m", "tests.soak.life", "--home", str(home), "--at", at.isoformat()]
        environment = {
            "PYTHONPATH": str(ROOT),
            "PATH": os.defpath,
            "REJOINDER_TEST_PASSWORD": "unused",
            "LC_ALL": "C.UTF-8",
        }
        with (home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--plant", plant],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=environment,
            )  # fmt: skip
        self.earliest: datetime | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def order(self, **what: Any) -> None:
        """`to`: the moment to step to; `ring`: look now; `fsync`: so many calls fail. Raises Gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Gone from None
        ready, _, _ = select.select([self._process.stdout], [], [], 2 * BUSY_AT_MOST)
        assert ready, "the daemon does not answer; see its log"
        words = self._process.stdout.readline()
        if not words:
            raise Gone
        said = json.loads(words)
        assert "stuck" not in said, said["stuck"]
        self.earliest = datetime.fromisoformat(said["earliest"]) if said["earliest"] else None

    def ends(self, number: int | None = signal.SIGTERM) -> int:
        """Asked to end, or just waited for; its status."""
        if number is not None:
            self._process.send_signal(number)
        status = self._process.wait(BUSY_AT_MOST)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        return status


# ------------------------------------------------------------------------------------ inside the daemon


class _SimulatedSeconds:
    """Stands where a module asks the module `time` how long something took."""

    def __init__(self, clock: SteppingClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        """Simulated seconds."""
        return self._clock.now().timestamp()


def _steered(clock: SteppingClock, loops: list[int]) -> type[Daemon]:
    class Steered(Daemon):
        def __init__(self, office: Any, lines: Any, on_store: Any, **more: Any) -> None:
            super().__init__(office, lines, on_store, PACE, **more)
            loops[0] = 1 + 2 * len(lines)

        async def run(self) -> None:
            orders = asyncio.create_task(_follow(clock, self))
            try:
                await super().run()
            finally:
                orders.cancel()

    return Steered


async def _follow(clock: SteppingClock, daemon: Daemon) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while line := await reader.readline():
            _obey(json.loads(line), clock, daemon)
            print(json.dumps(await _settled(clock)), flush=True)
    finally:
        daemon.stop()  # whoever steered us has gone


def _obey(order: dict[str, Any], clock: SteppingClock, daemon: Daemon) -> None:
    if "fsync" in order:
        _fail_fsync(order["fsync"])
    if order.get("to"):
        clock.step(max(datetime.fromisoformat(order["to"]), clock.now()))
    if order.get("ring"):
        daemon.ring()


async def _settled(clock: SteppingClock) -> dict[str, str | None]:
    try:
        await clock.quiet(BUSY_AT_MOST)
    except SandboxStuck as stuck:
        return {"stuck": str(stuck)}
    earliest = clock.earliest()
    return {"earliest": earliest.isoformat() if earliest else None}


def _fail_fsync(times: int) -> None:
    """The disk refuses so many calls from now on."""
    honest, left = os.fsync, [times]

    def failing(descriptor: int) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError(5, "Input/output error")
        honest(descriptor)

    os.fsync = failing  # type: ignore[assignment]


def main() -> None:
    """Be the daemon."""
    options = argparse.ArgumentParser()
    options.add_argument("--home", type=Path, required=True)
    options.add_argument("--at", type=datetime.fromisoformat, required=True)
    options.add_argument("--plant", default="")
    wanted = options.parse_args()
    loops = [1]
    clock = SteppingClock(wanted.at, expected=lambda: loops[0])

    import bot.edge.clock

    bot.edge.clock.SystemClock = lambda *_: clock  # type: ignore[assignment,misc]
    import bot.edge.imap.source
    import bot.wiring

    vars(bot.wiring)["SystemClock"] = bot.edge.clock.SystemClock
    vars(bot.edge.imap.source)["time"] = _SimulatedSeconds(clock)
    retrying = vars(bot.edge.imap.source)["_retrying"]
    vars(bot.edge.imap.source)["_retrying"] = lambda: retrying().copy(wait=tenacity.wait_fixed(SOON))
    daemon_room.Daemon = _steered(clock, loops)  # type: ignore[misc]
    from tests.soak.planted import plant

    plant(wanted.plant, clock)
    from bot.__main__ import main as rejoinder

    sys.argv = ["rejoinder", "--home", str(wanted.home), "run"]
    rejoinder()


if __name__ == "__main__":
    main()
