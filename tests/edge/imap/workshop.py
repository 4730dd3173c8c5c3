"""Makes sources for one test and closes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.edge.imap.idle import IdlePoller
from bot.edge.imap.settings import ImapSettings
from bot.edge.imap.source import ImapSource
from bot.ports import Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Makes sources for one test."""

    pool: ThreadPoolExecutor
    poller: IdlePoller

    @asynccontextmanager
    async def source(
        self, settings: ImapSettings, *, steady_after: float = 60.0
    ) -> AsyncIterator[ImapSource]:
        source = ImapSource(settings, self.pool, self.poller, steady_after=steady_after)
        try:
            yield source
        finally:
            await source.close()


async def everything(source: ImapSource, mailbox: str = "INBOX", last_uid: int = 0) -> list[Fetched]:
    """All mail above `last_uid`."""
    state = await source.state(mailbox)
    return [message async for message in source.fetch_after(mailbox, state.uidvalidity, last_uid)]
