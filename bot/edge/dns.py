"""DKIM keys from name servers: remembered for a while, never waited for long (dnspython)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

#: Seconds for one question, with all its tries.
_PATIENCE = 3.0
#: Seconds for which an answer is remembered at most, and a missing one.
_REMEMBERED, _MISSING = 3600.0, 300.0
_MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class _Answer:
    record: bytes | None
    until: float  #: by the clock of the event loop


class DnsKeys:
    """A resolver for one event loop; nothing is asked before the first signed mail."""

    def __init__(
        self, *, nameservers: Sequence[str] = (), port: int = 53, patience: float = _PATIENCE
    ) -> None:
        """`nameservers` are addresses; without them those of this computer are asked."""
        self._nameservers = list(nameservers)
        self._port = port
        self._patience = patience
        self._resolver: Resolver | None = None
        self._known: dict[str, _Answer] = {}
        self._asking: dict[str, asyncio.Future[bytes | None]] = {}

    async def keys(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """TXT records by name, empty where there is none, without those that cannot be had in time.

        Never raises.
        """
        records = await asyncio.gather(*(self._key(name) for name in names))
        return {name: record for name, record in zip(names, records, strict=True) if record is not None}

    async def _key(self, name: str) -> bytes | None:
        now = asyncio.get_running_loop().time()
        known = self._known.get(name)
        if known is not None and now < known.until:
            return known.record
        if name in self._asking:  # the same key for the next mail of a batch
            return await asyncio.shield(self._asking[name])
        asking = self._asking[name] = asyncio.ensure_future(self._ask(name))
        try:
            record = await asking
        finally:
            del self._asking[name]
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[name] = _Answer(record, now + (_REMEMBERED if record else _MISSING))
        return record

    async def _ask(self, name: str) -> bytes | None:
        from dns.exception import DNSException
        from dns.name import EmptyLabel, LabelTooLong, NameTooLong
        from dns.resolver import NXDOMAIN, NoAnswer

        with contextlib.suppress(DNSException, OSError, ValueError):
            async with asyncio.timeout(self._patience + 1):
                try:
                    answer = await self._opened().resolve(name, "TXT", search=False)
                except (NXDOMAIN, NoAnswer, EmptyLabel, LabelTooLong, NameTooLong):
                    return b""
                return b"".join(next(iter(answer)).strings)
        return None

    def _opened(self) -> Resolver:
        if self._resolver is None:
            from dns.asyncresolver import Resolver

            self._resolver = Resolver(configure=not self._nameservers)
            if self._nameservers:
                self._resolver.nameservers = self._nameservers
                self._resolver.port = self._port
            self._resolver.lifetime = self._patience
        return self._resolver
