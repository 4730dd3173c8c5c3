"""Puts the ways of telling a person together from the settings of a home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from bot.edge.alerts import health
from bot.edge.alerts.announcer import Announcer, Haste, Health
from bot.edge.alerts.channels import Channel, CommandChannel, MailChannel
from bot.edge.ids import RandomIds
from bot.edge.secrets import SecretSource, Tell
from bot.ports import Sender
from bot.runner.inbox.freshness import all_fresh
from bot.runner.office import Office, OnStore
from bot.settings.values import Heartbeat, SecretFrom

if TYPE_CHECKING:
    from bot.daemon import Line
    from bot.wiring import House


@asynccontextmanager
async def open_alerts(
    house: House,
    announcer: Announcer,
    lines: Mapping[str, Line],
    on_store: OnStore,
    *,
    tell: Tell | None = None,
    haste: Haste | None = None,
) -> AsyncIterator[None]:
    """Bring what the announcer is told by every way of the settings, and beat, until the block ends."""
    state, clock, heartbeat = house.settings.state, house.office.clock, house.settings.alerts.heartbeat
    with suppress(OSError):
        health.forget(state)

    def note(channel: str, why: str | None) -> None:
        health.note(state, channel, why, clock.now())

    async def fresh() -> bool:
        return await on_store(all_fresh, house.office)

    channels = alert_channels(house, lambda name: lines[name].sender, on_store, tell)
    async with announcer.connected(channels, note, haste):
        beating = asyncio.create_task(_beating(heartbeat, fresh, note)) if heartbeat else None
        try:
            yield
        finally:
            if beating is not None:
                beating.cancel()


async def _beating(heartbeat: Heartbeat, fresh: Callable[[], Awaitable[bool]], note: Health) -> None:
    from bot.edge.alerts.heartbeat import keep_beating  # with it comes an HTTP client

    await keep_beating(heartbeat, fresh, note)


def alert_channels(
    house: House, sender: Callable[[str], Sender], on_store: OnStore, tell: Tell | None = None
) -> list[Channel]:
    """Every way of the settings but the heartbeat; `sender` gives the submission line of an account."""
    settings, clock, alerts = house.settings, house.office.clock, house.settings.alerts
    channels: list[Channel] = []
    if alerts.mail and settings.accounts:
        account = settings.account(alerts.mail.account or settings.accounts[0].name)
        to, domain = alerts.mail.to, account.address.rpartition("@")[2]

        async def refusal() -> str | None:
            return await on_store(_refusal, house.office, to)

        channels.append(
            MailChannel(
                sender=sender(account.name),
                mail_from=account.address,
                to=to,
                clock=clock,
                message_id=lambda: RandomIds().alert_message_id(domain),
                refusal=refusal,
                names=alerts.names,
            )
        )
    if alerts.command:
        channels.append(
            CommandChannel(command=alerts.command, folder=settings.home, clock=clock, names=alerts.names)
        )
    if alerts.webhook:
        from bot.edge.alerts.webhook import WebhookChannel  # with it comes an HTTP client

        secret = _secret(alerts.webhook.secret, tell)
        channels.append(
            WebhookChannel(webhook=alerts.webhook, secret=secret, clock=clock, names=alerts.names)
        )
    return channels


def _refusal(office: Office, to: str) -> str | None:
    """Why alerts may not go to an address: they pass no review, so no outside party may ever get one."""
    for practice in office.practices.values():
        if practice.lint.is_amazons(to):
            return f"alerts.mail.to ({to}) is an address of Amazon's; write one of your own"
        for case in office.store.cases_of_address(practice.account_id, to):
            return f"alerts.mail.to ({to}) is a party of case {case.case_id}; write an address of your own"
    return None


def _secret(source: SecretFrom | None, tell: Tell | None) -> Callable[[], str] | None:
    if source is None:
        return None
    return SecretSource.at(source, tell=tell)
