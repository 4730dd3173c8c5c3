"""Several reading workers as one: the first for the mail of every day, the others while very many wait."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence

from bot.edge.worker import ReaderProcess
from bot.errors import ReaderBroken
from bot.reading.model import Understood

#: From so many mails at once on, another worker is worth the second that it needs to start, and its memory.
MANY = 50
#: So many of its mails a worker is asked for at the same time; it is handed as many ahead.
_HANDS = 16


class Readers:
    """Reads mails in one or more children, each with limits of its own; used from one event loop.

    While fewer than `MANY` mails come at once only the first works. With more, the others are started, take
    part as soon as they are ready, and end when few mails come again.
    """

    def __init__(self, make: Callable[[], ReaderProcess], *, most: int | None = None) -> None:
        """`make` builds a worker, not started; `most` of them, by default one for each of two processors."""
        count = min(2, os.cpu_count() or 1) if most is None else most
        self._first, *self._others = (make() for _ in range(count))

    def start(self) -> None:
        """Begin to start the first, without waiting for it."""
        self._first.start()

    def start_all(self) -> None:
        """Begin to start every one: very many mails are to come."""
        for reader in self.every:
            reader.start()

    @property
    def every(self) -> tuple[ReaderProcess, ...]:
        """All of them, the first one first."""
        return (self._first, *self._others)

    @property
    def working(self) -> tuple[ReaderProcess, ...]:
        """Those that can be handed mails now; the first always counts, because it starts by itself."""
        return (self._first, *(reader for reader in self._others if reader.ready))

    async def read_many(self, raws: Sequence[bytes]) -> list[Understood]:
        """All of them, in their order. Raises ReaderBroken."""
        if len(raws) < MANY:
            await self._end_others()
            return await self._first.read_many(raws)
        self.start_all()
        understood: dict[int, Understood] = {}
        numbered = enumerate(raws)  # whoever has a hand free takes the next one
        hands = [
            asyncio.create_task(self._read_on(reader, numbered, understood))
            for reader in self.working
            for _ in range(_HANDS)
        ]
        try:
            await asyncio.gather(*hands)
        finally:
            for hand in hands:
                hand.cancel()
        return [understood[place] for place in range(len(raws))]

    def use(self, context: object) -> None:
        """Read every mail not yet handed over with another context (new rules)."""
        for reader in self.every:
            reader.use(context)

    async def close(self) -> None:
        """End every child; mails still waiting are cancelled."""
        for reader in self.every:
            await reader.close()

    async def _end_others(self) -> None:
        for reader in self._others:
            await reader.close()

    async def _read_on(
        self, reader: ReaderProcess, numbered: Iterator[tuple[int, bytes]], understood: dict[int, Understood]
    ) -> None:
        for place, raw in numbered:
            try:
                understood[place] = await reader.read(raw)
            except ReaderBroken:
                if reader is self._first:
                    raise
                understood[place] = await self._first.read(raw)
                return
