"""The store thread: one call after the other, never on the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.edge.store import MemoryStore
from bot.edge.store.writer import StoreThread
from bot.errors import NotPossible
from bot.ports import Change
from tests.samples import NOW, sample_case


def test_calls_run_in_order_on_one_thread_beside_the_loop() -> None:
    async def run() -> None:
        thread = StoreThread()
        names: list[tuple[int, str]] = []

        def note(n: int, *, suffix: str) -> str:
            names.append((n, threading.current_thread().name))
            return f"{n}{suffix}"

        answers = await asyncio.gather(*(thread(note, n, suffix="!") for n in range(50)))
        assert answers == [f"{n}!" for n in range(50)]
        assert [n for n, _ in names] == list(range(50))
        assert len({name for _, name in names}) == 1
        assert names[0][1] != threading.current_thread().name
        thread.close()

    asyncio.run(run())


def test_answers_and_errors_of_the_store_come_through() -> None:
    async def run() -> None:
        thread, store = StoreThread(), MemoryStore()
        assert await thread(store.record, Change(cases=(sample_case(),)), NOW) == ()
        assert (await thread(store.case, "K7QW2M")).version == 1
        with pytest.raises(NotPossible):
            await thread(store.case, "X")
        thread.close()

    asyncio.run(run())


def test_a_cancelled_call_is_dropped_while_it_waits_and_finished_once_begun() -> None:
    async def run() -> None:
        thread = StoreThread()
        begun, go, done = threading.Event(), threading.Event(), []

        def slow() -> None:
            begun.set()
            assert go.wait(30)
            done.append("slow")

        first = asyncio.create_task(thread(slow))
        await asyncio.to_thread(begun.wait, 30)
        second = asyncio.create_task(thread(done.append, "second"))
        await asyncio.sleep(0)
        for task in (first, second):
            task.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert first.cancelled()
        assert second.cancelled()
        go.set()
        thread.close()
        assert done == ["slow"]

    asyncio.run(run())


def test_a_closed_thread_refuses() -> None:
    async def run() -> None:
        thread = StoreThread()
        thread.close()
        with pytest.raises(RuntimeError):
            await thread(print, "never")

    asyncio.run(run())
