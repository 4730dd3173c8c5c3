"""One thread for the store, so that the event loop never waits for the disk and writes keep their order."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class StoreThread:
    """`await store_thread(store.record, change, now)`: calls run one after the other, in the order made.

    A call whose awaiting task is cancelled is not begun if it still waits its turn; once begun it runs to its
    end, and with it its transaction, because a thread cannot be stopped.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def __call__(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer of `call`, or what it raises. Raises RuntimeError once closed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, functools.partial(call, *args, **kwargs))

    def close(self) -> None:
        """Wait until everything asked for is done, then end the thread."""
        self._pool.shutdown(wait=True)
