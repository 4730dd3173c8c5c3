"""`rejoinder alerts`: whether a person can be told, tried out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common
from bot.errors import AlertNotTold, NotPossible

if TYPE_CHECKING:
    from bot.ports import Sender
    from bot.wiring import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How one way ended."""

    channel: str
    ok: bool
    text: str


@click.group(short_help="Whether you can be told.", epilog="Example: rejoinder alerts test")
@common
def alerts() -> None:
    """How you are told of what waits for you; docs/alerts.md says how to set it up."""


@alerts.command(
    "test", short_help="Send one alert by every way.", epilog="Example: rejoinder alerts test --json"
)
@common
@click.pass_obj
def send_one(session: Session) -> None:
    """Send one alert by every way of rejoinder.yaml, and one heartbeat, and say how each ended.

    Nothing is tried twice. Exit status 1 when a way failed.
    """
    with session.house() as house:
        told = house.settings.alerts
        if not (told.mail or told.command or told.webhook or told.heartbeat):
            raise NotPossible(
                "rejoinder.yaml sets no way to tell you; add alerts: with mail, command, webhook or heartbeat"
            )
        if told.mail and not house.settings.accounts:
            raise NotPossible("alerts.mail goes out by way of an account, and rejoinder.yaml names none yet")
        ended = asyncio.run(_try_all(house))
    if session.json:
        print_json({"channels": ended})
    else:
        for one in ended:
            how = Bit("ok      ", "good") if one.ok else Bit("FAILED  ", "bad")
            session.screen.line(Bit(f"{one.channel:<11}", "quiet"), how, one.text)
    if not all(one.ok for one in ended):
        raise click.exceptions.Exit(1)


async def _try_all(house: House) -> list[Tried]:
    from bot.cli.alerting import alert_channels
    from bot.edge.alerts.announcer import make_alert
    from bot.edge.alerts.heartbeat import NAME, beat
    from bot.edge.smtp.sender import SmtpSender
    from bot.ports import AlertKind
    from bot.wiring import smtp_settings

    senders: list[SmtpSender] = []

    def sender(account: str) -> Sender:
        senders.append(SmtpSender(smtp_settings(house.settings.account(account))))
        return senders[-1]

    async def at_once(work: Callable[..., Any], /, *args: object) -> Any:
        return work(*args)

    text = "this is a test: alerts reach you by this way"
    alert = make_alert(house.office.clock, AlertKind.TEST, "", text)
    try:
        channels = alert_channels(house, sender, at_once)
        ended = [await _try(house, channel.name, channel.tell([alert])) for channel in channels]
        if heartbeat := house.settings.alerts.heartbeat:
            ended.append(await _try(house, NAME, beat(heartbeat)))
    finally:
        for line in senders:
            await line.close()
    return ended


async def _try(house: House, name: str, telling: Awaitable[str]) -> Tried:
    from bot.edge.alerts import health

    try:
        text = await telling
    except AlertNotTold as error:
        return Tried(channel=name, ok=False, text=str(error))
    with suppress(OSError):  # the queue need not complain of it any longer
        health.note(house.settings.state, name, None, house.office.clock.now())
    return Tried(channel=name, ok=True, text=text)
