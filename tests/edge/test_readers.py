"""Several workers as one: who reads what, in which order it comes back, and what a hostile mail costs."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.edge.readers import MANY, Readers
from bot.edge.worker import ReaderProcess
from bot.errors import ReaderBroken
from bot.reading.model import Other, Understood, Unreadable


@pytest.fixture(autouse=True)
def _hostile_module_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@asynccontextmanager
async def _readers(**options: Any) -> AsyncIterator[Readers]:
    settings = {"function": "hostile_reader.read", "seconds": 5.0, **options}
    readers = Readers(lambda: ReaderProcess("rules", **settings), most=2)
    try:
        yield readers
    finally:
        await readers.close()


async def _both_ready(readers: Readers) -> None:
    readers.start_all()
    deadline = time.monotonic() + 30
    while len(readers.working) < 2 or not readers.working[0].ready:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _texts(understood: list[Understood]) -> list[str]:
    return [
        one.reading.language if isinstance(one.reading, Other) else one.reading.reason
        for one in understood
        if isinstance(one.reading, Other | Unreadable)
    ]


def _numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def test_many_mails_come_back_in_their_order_whoever_read_them() -> None:
    async def go() -> tuple[list[str], set[str]]:
        async with _readers() as readers:
            await _both_ready(readers)
            said = _texts(await readers.read_many(_numbered(5 * MANY)))
            return said, set(_texts(await readers.read_many([b"pid"] * (5 * MANY))))

    said, processes = asyncio.run(go())
    assert said == [f"rules:{number}" for number in range(5 * MANY)]
    assert len(processes) == 2


def test_few_mails_are_read_by_the_first_alone_and_the_others_end() -> None:
    async def go() -> None:
        async with _readers() as readers:
            await _both_ready(readers)
            await readers.read_many(_numbered(MANY - 1))
            assert [reader.ready for reader in (readers._first, *readers._others)] == [True, False]
            assert all(reader._child is None for reader in readers._others)
            await _both_ready(readers)  # and they come back

    asyncio.run(go())


def test_nobody_waits_for_another_worker_to_start() -> None:
    async def go() -> set[str]:
        async with _readers() as readers:
            await readers.read_many([b"one"])
            return set(_texts(await readers.read_many([b"pid"] * MANY)))

    assert len(asyncio.run(go())) == 1


def test_a_hostile_mail_keeps_none_but_its_own_worker() -> None:
    """The others are read meanwhile, but for the few that were handed over behind it."""

    async def go() -> list[str]:
        async with _readers(seconds=3.0) as readers:
            await _both_ready(readers)
            return _texts(await readers.read_many([b"hang", *([b"pid"] * 20 * MANY)]))

    said = asyncio.run(go())
    assert said[0] == "reading it took longer than 3 seconds"
    (_, by_the_other), *_ = Counter(said[1:]).most_common()
    assert by_the_other >= 20 * MANY - 15


def test_where_another_worker_breaks_the_first_reads_its_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> list[str]:
        async with _readers() as readers:
            await _both_ready(readers)

            async def broken(raw: bytes) -> Understood:
                raise ReaderBroken("The reading worker did not start.")

            monkeypatch.setattr(readers._others[0], "read", broken)
            return _texts(await readers.read_many(_numbered(2 * MANY)))

    assert asyncio.run(go()) == [f"rules:{number}" for number in range(2 * MANY)]


def test_where_no_worker_can_start_it_is_said() -> None:
    async def go() -> None:
        async with _readers(function="hostile_reader.nowhere") as readers:
            with pytest.raises(ReaderBroken, match="cannot start"):
                await readers.read_many(_numbered(2 * MANY))

    asyncio.run(go())


def test_new_rules_serve_the_next_mails_of_every_worker() -> None:
    async def go() -> list[str]:
        async with _readers() as readers:
            await _both_ready(readers)
            readers.use("new rules")
            return _texts(await readers.read_many(_numbered(2 * MANY)))

    assert asyncio.run(go()) == [f"new rules:{number}" for number in range(2 * MANY)]
