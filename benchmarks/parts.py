"""`python -m benchmarks.parts`: where the time of a letter goes, from approved to accepted, part by part.

The letters of `outbox` once more, with the state in memory where the machine has such a folder, so that no
disk is in it. Parts lie within each other. For each the quickest sixth counts: the rest is the machine's.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import outbox
from benchmarks.outbox import LETTERS, ROUNDS
from bot.edge.raw import DiskRawStore
from bot.edge.smtp.sender import SmtpSender
from bot.edge.store import rows_case, rows_letter, sqlite
from bot.edge.store.sql import SqlStore
from bot.edge.store.writer import StoreThread
from bot.runner.outbox import sending
from tests.servers.smtp import running_smtp_sink

#: What each is, where it stands and its name.
_PARTS: tuple[tuple[str, Any, str], ...] = (
    ("after 354: asked again, BODY_GONE noted", sending, "begin_body"),
    ("the outcome, and the claim of the next letter", sending, "record_outcome"),
    ("  the claim alone", sending, "_claimed"),
    ("the gate", sending, "ask"),
    ("  the approved bytes, read and hashed", DiskRawStore, "get"),
    ("deciding", sending, "for_all_tracks"),
    ("a change written", SqlStore, "record"),
    ("  its case, tracks and diary", rows_case.CaseRows, "write"),
    ("  its letter", rows_letter.LetterRows, "write"),
    ("  the item of the queue closed", rows_letter.ItemRows, "close"),
    ("the case read", rows_case.CaseRows, "read"),
    ("the letter read", rows_letter.LetterRows, "letter"),
    ("a transaction begun", sqlite, "begin"),
)


def main() -> None:
    """Run them and print the table."""
    spent: dict[str, list[float]] = defaultdict(list)
    kept: dict[str, list[float]] = defaultdict(list)
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="rj-parts-", dir=memory if memory.is_dir() else None)
        disk, port = Path(stack.enter_context(folder)), stack.enter_context(running_smtp_sink())
        for words, owner, name in _PARTS:
            clocked = _clocked(getattr(owner, name), spent[words])
            stack.enter_context(mock.patch.object(owner, name, clocked))
        over_smtp = _awaited(SmtpSender.submit, spent["over SMTP, with what is asked after 354"])
        stack.enter_context(mock.patch.object(SmtpSender, "submit", over_smtp))
        # What is clocked before a round, while letters are approved, is none of the round's.
        stack.enter_context(mock.patch.object(outbox, "_send_ours", _only(outbox._send_ours, spent, kept)))
        asyncio.run(outbox.run_rounds(disk, port, StoreThread()))
    print(f"{'part':50} {'a letter':>8} {'µs each':>8} {'ms a letter':>12}")
    for words, seconds in sorted(kept.items(), key=lambda one: -_quick(one[1]) * len(one[1])):
        times = len(seconds) / (ROUNDS * LETTERS)
        print(f"{words:50} {times:8.1f} {_quick(seconds) * 1e6:8.0f} {times * _quick(seconds) * 1e3:12.3f}")


def _quick(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=6)[0]


def _clocked(call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            spent.append(time.perf_counter() - began)

    return run


def _awaited(call: Callable[..., Awaitable[Any]], spent: list[float]) -> Callable[..., Awaitable[Any]]:
    async def run(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return await call(*args, **kwargs)
        finally:
            spent.append(time.perf_counter() - began)

    return run


def _only(
    call: Callable[..., Awaitable[Any]], spent: dict[str, list[float]], kept: dict[str, list[float]]
) -> Callable[..., Awaitable[Any]]:
    """What is clocked while `call` runs is kept."""

    async def run(*args: Any) -> Any:
        for seconds in spent.values():
            seconds.clear()
        done = await call(*args)
        for words, seconds in spent.items():
            kept[words] += seconds
        return done

    return run


if __name__ == "__main__":
    main()
