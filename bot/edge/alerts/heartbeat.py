"""A sign of life to a monitor outside, which calls a person when it stops: also when the machine sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.edge.alerts.announcer import Health
from bot.edge.alerts.web import TIME_LIMIT, request
from bot.errors import AlertNotTold
from bot.settings.values import Heartbeat

log = structlog.get_logger()

NAME = "heartbeat"
#: Seconds after which a daemon that had nothing to report looks again.
LOOK_AGAIN = 30.0


async def beat(heartbeat: Heartbeat) -> str:
    """One GET; how it ended. Raises AlertNotTold."""
    try:
        async with asyncio.timeout(TIME_LIMIT + 2):
            status = await asyncio.to_thread(request, heartbeat.address, "GET")
    except TimeoutError:
        raise AlertNotTold(f"{heartbeat.address.host} did not answer in time") from None
    return f"{heartbeat.address.host} answered {status}"


async def keep_beating(
    heartbeat: Heartbeat,
    fresh: Callable[[], Awaitable[bool]],
    health: Health,
    *,
    look_again: float = LOOK_AGAIN,
) -> None:
    """Until cancelled: one beat every so often while `fresh` says yes, silence while it says no."""
    every = heartbeat.every.total_seconds()
    while True:
        pause = min(every, look_again)
        try:
            if await fresh():
                await beat(heartbeat)
                pause = every
                health(NAME, None)
        except AlertNotTold as error:
            log.warning("heartbeat not sent", error=str(error))
            _note(health, str(error))
        except Exception as error:  # silence outside says enough; the daemon goes on
            log.warning("heartbeat not sent", error=type(error).__name__)
        await asyncio.sleep(pause)


def _note(health: Health, why: str) -> None:
    try:
        health(NAME, why)
    except OSError as error:
        log.warning("health of alerts not noted", error=str(error))
