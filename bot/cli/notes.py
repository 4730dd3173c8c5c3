"""What a person must know before trusting the queue: safe mode, unproven mail, a mailbox that is not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cli.words import span
from bot.edge.alerts.health import failing
from bot.edge.breaker import FileBreaker
from bot.edge.glance import Glance
from bot.edge.rulewatch import refusal_of
from bot.settings.values import Account, Settings

#: The daemon reads every five minutes; after three misses something is wrong.
SILENT_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sentence above the queue."""

    #: restored safe-mode rules-refused circuit-open not-pinned never-read not-read no-accounts alerts-failing
    name: str
    account: str | None
    text: str


def notes_of(settings: Settings, seen: Glance, now: datetime, *, restored: bool = False) -> tuple[Note, ...]:
    """Every sentence that is due."""
    return tuple(_notes(settings, seen, now, restored))


def _notes(settings: Settings, seen: Glance, now: datetime, restored: bool) -> Iterator[Note]:
    if restored:
        yield Note(
            name="restored",
            account=None,
            text="TEST: this is a copy restored from a backup, so safe mode is on whatever the settings say "
            "and its old approvals are void; `rejoinder restored` says what to check before it writes to "
            "others.",
        )
    if not settings.accounts:
        yield Note(
            name="no-accounts",
            account=None,
            text="rejoinder.yaml names no account yet, so there is no mail to read; the comments in it show "
            "how, and `rejoinder demo` plays a whole case without one.",
        )
        return
    if settings.safe_mode and not restored:
        whom = sorted({settings.rehearsal_address(account) for account in settings.accounts})
        yield Note(
            name="safe-mode",
            account=None,
            text=f"TEST: safe mode is on. Whatever you approve goes to {', '.join(whom)} only. "
            "When you trust it: `rejoinder safe-mode off`.",
        )
    if (tripped := FileBreaker(settings.state).why()) is not None:
        yield Note(
            name="circuit-open",
            account=None,
            text=f"Nothing leaves (for {span(now - tripped.at)}): {tripped.why}. When you have looked into "
            "it: `rejoinder go-on`.",
        )
    if (refused := refusal_of(settings.state)) is not None:
        yield Note(
            name="rules-refused",
            account=None,
            text=f"Your rules hold {_mistakes(refused.mistakes)} (for {span(now - refused.at)}), so the "
            f"daemon goes on by the old ones. {refused.first}. `rejoinder rules check` says more.",
        )
    for one in failing(settings.state):
        yield Note(
            name="alerts-failing",
            account=None,
            text=f"You are not told by {one.channel}: {one.why} (for {span(now - one.since)}). "
            "`rejoinder alerts test` tries it now.",
        )
    for account in settings.accounts:
        if account.authserv_id is None:
            yield Note(
                name="not-pinned",
                account=account.name,
                text=f"Account {account.name} cannot tell Amazon's mail from a fake yet, so no notice opens "
                "a case: `rejoinder doctor` prints the line to paste into rejoinder.yaml.",
            )
        yield from _silence(account, seen, now)


def _mistakes(count: int) -> str:
    return f"{count} mistakes" if count > 1 else "a mistake"


def _silence(account: Account, seen: Glance, now: datetime) -> Iterator[Note]:
    read = {name: seen.reconciled.get((account.name, name)) for name in account.mailboxes}
    never = sorted(name for name, at in read.items() if at is None)
    if never:
        which = ", ".join(never)
        yield Note(
            name="never-read",
            account=account.name,
            text=f"{which} of account {account.name} has never been read. Start `rejoinder run` and leave it "
            "running.",
        )
    known = [at for at in read.values() if at is not None]
    if known and now - min(known) > SILENT_AFTER:
        ago = span(now - min(known))
        yield Note(
            name="not-read",
            account=account.name,
            text=f"The mailbox of account {account.name} was last read {ago} ago. `rejoinder run` is not "
            "running, or it cannot sign in; its log says which.",
        )
