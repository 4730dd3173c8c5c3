"""What lay in the mailboxes before we came: fetched and listed for `import` and `adopt`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli.progress import Progress
from bot.errors import RejoinderError

if TYPE_CHECKING:
    from bot.runner.desk.looking_back import Past
    from bot.runner.desk.offers import Offer
    from bot.runner.inbox.importing import Imported
    from bot.wiring import House

#: How far back `adopt` looks by itself.
USUAL = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one account holds."""

    account: str
    imported: Imported | None  #: None when the server was not asked, or did not answer
    offers: tuple[Offer, ...]
    problem: str | None = None


async def directly(work: Callable[..., Any], /, *args: object) -> Any:
    """A command has the store to itself."""
    return work(*args)


def accounts_of(house: House, account: str | None) -> list[str]:
    """The account named, or all. Raises UsageError."""
    names = [known.name for known in house.settings.accounts]
    if account is not None and account not in names:
        raise click.UsageError(f"There is no account {account}; there are: {', '.join(names) or 'none yet'}.")
    if not names:
        raise click.UsageError(
            "rejoinder.yaml names no account yet; `rejoinder init DIR` makes a home with one."
        )
    return [account] if account is not None else names


def since_of(house: House, account: str, text: str | None, now: datetime) -> datetime:
    """`2026-01-01` or `120 days`; 90 days when nothing is said. Raises UsageError."""
    if text is None:
        return now - USUAL
    from zoneinfo import ZoneInfo

    from bot.case.playbook import Wait

    words = " ".join(text.split())
    try:
        day = datetime.fromisoformat(words)
    except ValueError:
        try:
            calendar = house.loaded.calendar(house.settings.account(account))
            return calendar.subtract(now, Wait.parse(words))
        except (ValueError, OverflowError):
            raise click.UsageError(f'"{text}" is no day: write 2026-01-31, or "120 days".') from None
    if day.tzinfo is None:
        day = day.replace(tzinfo=ZoneInfo(house.settings.account(account).time_zone))
    if day > now:
        raise click.UsageError(f'"{text}" is still to come.')
    return day


def look(house: House, accounts: Sequence[str], since: str | None, *, offline: bool) -> list[Looked]:
    """Fetch what is older, account by account, and say which notices there are.

    One account that fails never hides another.
    """
    return asyncio.run(_look(house, accounts, since, offline=offline))


async def _look(house: House, accounts: Sequence[str], since: str | None, *, offline: bool) -> list[Looked]:
    from bot.runner.desk.offers import offers
    from bot.runner.inbox.importing import import_since, read_imported
    from bot.runner.inbox.intake import learn_mailboxes
    from bot.wiring import open_lines

    office, found = house.office, []
    async with open_lines(house) as lines:
        for account in accounts:
            line, imported, problem = lines[account], None, None
            moment = since_of(house, account, since, office.clock.now())
            if not offline:
                try:
                    practice = await learn_mailboxes(office, account, line.source)
                    with Progress(f"fetching older mail of {account}") as progress:
                        imported = await import_since(
                            office, practice, line.source, directly, moment, progress, read_all=line.read_all
                        )
                except RejoinderError as error:
                    problem = f"account {account}: {str(error).rstrip('.')}"
            practice = office.practices[account]
            with Progress(f"reading the mail of {account}") as progress:
                await read_imported(office, practice, line.reader, directly, progress)
                told = await offers(office, practice, line.reader, directly, moment, progress)
            found.append(Looked(account=account, imported=imported, offers=told, problem=problem))
    return found


def look_back_at(
    house: House, account: str, wanted: Sequence[tuple[Offer, tuple[str, ...] | None]]
) -> list[Past]:
    """What Sent and the mailboxes show about each of these notices. Raises RejoinderError."""
    return asyncio.run(_look_back(house, account, wanted))


async def _look_back(
    house: House, account: str, wanted: Sequence[tuple[Offer, tuple[str, ...] | None]]
) -> list[Past]:
    from bot.runner.desk.looking_back import look_back
    from bot.runner.inbox.intake import learn_mailboxes
    from bot.wiring import open_lines

    pasts = []
    async with open_lines(house) as lines:
        line = lines[account]
        practice = await learn_mailboxes(house.office, account, line.source)
        with Progress("looking into Sent", len(wanted)) as progress:
            for offer, addresses in wanted:
                pasts.append(
                    await look_back(
                        house.office, practice, line.source, line.reader, directly, offer, addresses
                    )
                )
                progress.step()
    return pasts
