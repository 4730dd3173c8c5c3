"""Every bomb is read or parked within the limits by the real worker, and the event loop never notices."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.edge.worker import ReaderProcess
from bot.reading.model import Doubt, Notice, Other, Reply, Suspect, Understood, Unreadable
from bot.reading.prepare import ReadingPlan
from tests.hostile.bombs import BOMBS, MB, NOTICE, TOP
from tests.shipped import documents

#: Seconds a mail may take, and octets of memory that its reader may fill.
SECONDS, MEMORY = 10.0, 512 * MB
#: Seconds for which the event loop may stand still.
LAG = 0.1
#: Of a mail of 25 MB the worker may hold so much at its worst moment.
LARGEST_MAIL_MEMORY = 250 * MB
WARM = b"From: a@one.example\r\n\r\nwarm\r\n"


@contextlib.asynccontextmanager
async def _reader(**options: float) -> AsyncIterator[ReaderProcess]:
    plan = ReadingPlan(
        documents=documents(),
        own_addresses=frozenset({"shop@brindlecove.example"}),
        pinned_authserv="mx.brindlecove.example",
    )
    reader = ReaderProcess(plan, prepare="bot.reading.prepare.prepare", **options)  # type: ignore[arg-type]
    try:
        yield reader
    finally:
        await reader.close()


class Pulse:
    """Measures how late the event loop comes back to something that is due."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def run(self) -> None:
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, time.perf_counter() - due)


def _peak(reader: ReaderProcess) -> int:
    """Octets of memory that the child filled at its worst moment (VmHWM of proc(5))."""
    child = reader._child
    assert child is not None
    status = Path(f"/proc/{child.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one bomb came to."""

    said: Understood
    seconds: float
    lag: float
    peak: int


async def _cost(reader: ReaderProcess, raw: bytes) -> Cost:
    pulse = Pulse()
    beating = asyncio.create_task(pulse.run())
    began = time.perf_counter()
    said = await reader.read(raw)
    seconds = time.perf_counter() - began
    beating.cancel()
    return Cost(said=said, seconds=seconds, lag=pulse.worst, peak=_peak(reader))


def test_no_bomb_costs_more_than_it_may() -> None:
    """All of them through one worker, as in the daemon; who else uses this computer may cost a second try."""

    async def go() -> dict[str, Cost]:
        costs: dict[str, Cost] = {}
        async with _reader() as reader:
            await reader.read(WARM)
            for name, make in BOMBS.items():
                raw = make().encode("utf-8")
                for _ in range(3):
                    costs[name] = await _cost(reader, raw)
                    if costs[name].lag < LAG:
                        break
        return costs

    costs = asyncio.run(go())
    assert len(costs) == len(BOMBS) >= 40
    for name, cost in costs.items():
        assert cost.seconds < SECONDS + 1, name
        assert cost.lag < LAG, name
        assert cost.peak < MEMORY, name
        # No mail of another kind than it says opens a case, and none is taken for a retraction or an answer.
        assert isinstance(cost.said.reading, Notice | Other | Suspect | Unreadable | Reply), name
    parked = {name for name, cost in costs.items() if isinstance(cost.said.reading, Unreadable)}
    assert parked >= {"100,000 parts", "3,000 nested mails", "3,000 nested lists", "lines like boundaries",
                      "50,000 fields", "a header without end"}  # fmt: skip
    malformed = {name for name, cost in costs.items() if _doubt(cost.said) is Doubt.MALFORMED}
    assert malformed >= {"a boundary of nothing", "hyphens", "base64 that is none"}
    read = {name for name, cost in costs.items() if cost.said.complaint_ids == ("17340981265",)}
    assert read >= {"24 MB of notices", "a 17 MB attachment", "many pictures", "20,000 nested divs"}


def _doubt(understood: Understood) -> Doubt | None:
    return understood.reading.doubt if isinstance(understood.reading, Suspect) else None


def _heavy(kind: str) -> bytes:
    """A genuine notice of nearly 25 MB."""
    top = TOP.replace("Content-Type", "X")
    notice = "We received a report from a rights owner.\r\n" + NOTICE
    if kind == "text":
        return (top + "\r\n" + notice + "lorem ipsum dolor\r\n" * (24 * MB // 19)).encode()
    body = base64.encodebytes(bytes(range(256)) * (24 * MB * 76 // 78 * 57 // 76 // 256)).decode()
    return (
        f"{top}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n{notice}\r\n--x\r\n"
        f"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}--x--\r\n"
    ).encode()


@pytest.mark.parametrize("kind", ["picture", "text"])
def test_a_mail_of_25_mb_is_read_in_little_memory(kind: str) -> None:
    raw = _heavy(kind)
    assert 23 * MB < len(raw) <= 25 * MB

    async def go() -> tuple[Understood, int, int]:
        async with _reader() as reader:
            await reader.read(WARM)
            before = _peak(reader)
            return await reader.read(raw), before, _peak(reader)

    understood, before, peak = asyncio.run(go())
    assert understood.complaint_ids == ("17340981265",)
    assert peak < LARGEST_MAIL_MEMORY, (before // MB, peak // MB)
    assert peak - before > len(raw)  # it was really there


def test_the_pulse_feels_a_loop_that_stands_still() -> None:
    """The planted fault: without a worker, reading stops the loop for longer than it may."""

    async def go() -> float:
        pulse = Pulse()
        beating = asyncio.create_task(pulse.run())
        await asyncio.sleep(0.02)
        time.sleep(2 * LAG)  # noqa: ASYNC251 -- what a mail read on the loop would do
        await asyncio.sleep(0.02)
        beating.cancel()
        return pulse.worst

    assert asyncio.run(go()) > LAG
