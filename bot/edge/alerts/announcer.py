"""Brings a person what they are to be told: gathered for a minute, tried again, never in the way.

`Announcer.tell` only writes down; a courier for each way does the rest on the event loop. What is not told
yet is remembered in memory only: the queue and the log have it anyway.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from bot.edge.alerts.channels import Channel
from bot.edge.alerts.wording import Alert
from bot.edge.notify import LogNotifier
from bot.errors import AlertNotTold
from bot.ports import AlertKind, Clock

log = structlog.get_logger()

#: Told with how a way fares: its name, and why it fails (None: it works).
Health = Callable[[str, str | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Haste:
    """How long a courier waits, in seconds."""

    gather: float = 60.0  #: from the first alert until all that came meanwhile leave together
    pauses: tuple[float, ...] = (15.0, 60.0, 120.0, 300.0, 600.0)  #: between two tries; then it is given up
    farewell: float = 5.0  #: for what is still to be told when the daemon ends


class Announcer:
    """Fulfils `Notifier`: a line in the log at once, and every courier that is connected gets a copy."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._log = LogNotifier()
        self._couriers: tuple[Courier, ...] = ()

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """Write it down; from any thread, without waiting for anything."""
        self._log.tell(kind, account_id, text, item=item, detail=detail)
        if self._couriers:
            alert = make_alert(self._clock, kind, account_id, text, item=item, detail=detail)
            for courier in self._couriers:
                courier.add(alert)

    @asynccontextmanager
    async def connected(
        self, channels: Sequence[Channel], health: Health, haste: Haste | None = None
    ) -> AsyncIterator[None]:
        """Bring alerts by these ways until the block ends; what is left then gets one more try."""
        haste = haste or Haste()
        couriers = tuple(Courier(channel, health, haste) for channel in channels)
        errands = [asyncio.create_task(courier.run()) for courier in couriers]
        self._couriers = couriers
        try:
            yield
        finally:
            self._couriers = ()
            for courier in couriers:
                courier.leave()
            with suppress(TimeoutError):
                async with asyncio.timeout(haste.farewell):
                    await asyncio.gather(*errands, return_exceptions=True)
            for courier in couriers:
                courier.close()


def make_alert(
    clock: Clock, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
) -> Alert:
    """An alert of this moment with an id of its own."""
    return Alert(
        alert_id=secrets.token_hex(8),
        at=clock.now(),
        kind=kind,
        account=account_id,
        text=text,
        item=item,
        detail=detail,
    )


class Courier:
    """One way, one batch at a time."""

    MOST = 500  #: alerts that wait; beyond, the oldest are forgotten

    def __init__(self, channel: Channel, health: Health, haste: Haste) -> None:
        self._channel = channel
        self._health = health
        self._haste = haste
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: deque[Alert] = deque(maxlen=self.MOST)
        self._news = asyncio.Event()
        self._leaving = asyncio.Event()

    def add(self, alert: Alert) -> None:
        """From any thread; never waits. The same said twice running is told once."""
        with self._lock:
            if self._waiting and _said(self._waiting[-1]) == _said(alert):
                return
            self._waiting.append(alert)
        with suppress(RuntimeError):  # the loop is closed: the log has it
            self._loop.call_soon_threadsafe(self._news.set)

    def leave(self) -> None:
        """One more try with what waits, then end."""
        self._leaving.set()
        self._news.set()

    def close(self) -> None:
        """Say in the log what was not told."""
        with self._lock:
            left = len(self._waiting)
        if left:
            log.warning("alerts not told at the end", channel=self._channel.name, count=left)

    async def run(self) -> None:
        """Until `leave`; raises nothing."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._pause(self._haste.gather)
            await self._bring()
            if self._leaving.is_set():
                return

    async def _bring(self) -> None:
        """Try until it is told or given up; what comes meanwhile goes along with the next try."""
        for pause in (*self._haste.pauses, None):
            batch = self._batch()
            if not batch:
                return
            given_up = await self._try(batch)
            if given_up is None:
                return
            if given_up or pause is None:
                self._forget(batch)
                log.error("alerts given up", channel=self._channel.name, count=len(batch))
                return
            if self._leaving.is_set():
                return
            await self._pause(pause)

    async def _try(self, batch: Sequence[Alert]) -> bool | None:
        """None: told. Else whether trying again is of no use."""
        name = self._channel.name
        try:
            ended = await self._channel.tell(batch)
        except AlertNotTold as error:
            permanent, why = error.permanent, str(error)
        except Exception as error:  # whatever a way does, it must not end the daemon
            permanent, why = False, f"a mistake of ours ({type(error).__name__})"
        else:
            self._forget(batch)
            log.info("alerts told", channel=name, count=len(batch), ended=ended)
            self._say(None)
            return None
        log.warning("alert not told", channel=name, error=why)
        self._say(why)
        return permanent

    def _say(self, why: str | None) -> None:
        try:
            self._health(self._channel.name, why)
        except OSError as error:
            log.warning("health of alerts not noted", error=str(error))

    def _batch(self) -> tuple[Alert, ...]:
        with self._lock:
            return tuple(self._waiting)

    def _forget(self, batch: Sequence[Alert]) -> None:
        done = {alert.alert_id for alert in batch}
        with self._lock:
            left = [alert for alert in self._waiting if alert.alert_id not in done]
            self._waiting.clear()
            self._waiting.extend(left)
        if left:
            self._news.set()

    async def _pause(self, seconds: float) -> None:
        """So long, or until told to leave."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leaving.wait()


def _said(alert: Alert) -> tuple[object, ...]:
    return alert.kind, alert.account, alert.text, alert.item, alert.detail
