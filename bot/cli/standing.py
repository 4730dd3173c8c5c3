"""What `status` says, gathered from the state, the lock and what the daemon noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.case.items import ItemKind
from bot.case.model import Case, PartyRole, State
from bot.cli.notes import SILENT_AFTER, notes_of
from bot.cli.words import span
from bot.edge.alerts.health import failing
from bot.edge.backup.mark import read_mark
from bot.edge.glance import glance
from bot.edge.lock import holder
from bot.edge.places import DATABASE, LOCK
from bot.edge.pulse import AccountPulse, read_pulse
from bot.ports import MailboxRow, Store
from bot.review import Item
from bot.settings.values import Account, Settings

_MODES = {"idle": "the server (IDLE)", "poll": "the clock (every 5 min)"}
_ITEM_WORDS = {
    ItemKind.DRAFT: "drafts",
    ItemKind.HOLD: "held",
    ItemKind.IN_DOUBT: "in doubt",
    ItemKind.CLAIM: "claims",
    ItemKind.SUSPECT: "suspects",
    ItemKind.PARKED: "unreadable",
    ItemKind.ALARM: "to read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxAge:
    """When one watched mailbox was last read to its end."""

    account: str
    mailbox: str
    read_at: datetime | None
    fresh: bool  #: read within the last quarter of an hour
    mode: str  #: how news arrive while the daemon runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What waits for somebody."""

    what: Mapping[str, int] = field(default_factory=dict)  #: what it is → how many
    since: datetime | None = None
    until: datetime | None = None
    until_is: str = ""  #: what happens then


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All of it."""

    daemon: str | None  #: who holds the state; None: nobody
    problems: tuple[str, ...]  #: each makes the exit status 1
    notes: tuple[str, ...]
    mailboxes: tuple[MailboxAge, ...]
    you: Waits
    complainant: Waits
    amazon: Waits
    leaving: Waits


def standing_of(settings: Settings, store: Store, now: datetime) -> Standing:
    """Gather it. Raises StoreError."""
    daemon = holder(settings.state / LOCK)
    pulses = read_pulse(settings.state) if daemon else {}
    mailboxes = tuple(_mailboxes(settings, store.mailboxes(), pulses, now, running=daemon is not None))
    restored = read_mark(settings.state) is not None
    said = notes_of(settings, glance(settings.state / DATABASE), now, restored=restored)
    cases = store.cases(open_only=True)
    items = store.items()
    drafts = [item for item in items if item.kind is ItemKind.DRAFT]
    approved = {x.letter_id: x for x in store.letters(states=(State.APPROVED,))}
    leaving = [item for item in drafts if item.subject.partition(":")[2] in approved]
    yours = [item for item in items if item not in leaving]
    return Standing(
        daemon=daemon,
        problems=tuple(_problems(settings, daemon, mailboxes, pulses, items, now)),
        notes=tuple(note.text for note in said if note.name in ("restored", "safe-mode", "not-pinned")),
        mailboxes=mailboxes,
        you=_yours(yours, cases),
        complainant=_theirs(cases, PartyRole.COMPLAINANT, "complainants owe an answer"),
        amazon=_theirs(cases, PartyRole.AMAZON, "cases before Amazon"),
        leaving=Waits(
            what={"approved letters": len(leaving)} if leaving else {},
            until=min((x.approval.leaves_at for x in approved.values() if x.approval), default=None),
            until_is="the next leaves",
        ),
    )


def _mailboxes(
    settings: Settings,
    rows: Iterable[MailboxRow],
    pulses: Mapping[str, AccountPulse],
    now: datetime,
    *,
    running: bool,
) -> Iterator[MailboxAge]:
    known = {(row.account_id, row.mailbox): row.reconciled_at for row in rows}
    for account in settings.accounts:
        names = dict.fromkeys((*account.mailboxes, *(box for name, box in known if name == account.name)))
        pulse = pulses.get(account.name)
        for name in names:
            at = known.get((account.name, name))
            mode = _mode(pulse) if pulse else "starting" if running else "nobody"
            fresh = at is not None and now - at <= SILENT_AFTER
            yield MailboxAge(account=account.name, mailbox=name, read_at=at, fresh=fresh, mode=mode)


def _mode(pulse: AccountPulse) -> str:
    return "nothing now" if pulse.trouble else _MODES.get(pulse.mode, pulse.mode)


def _problems(
    settings: Settings,
    daemon: str | None,
    mailboxes: Iterable[MailboxAge],
    pulses: Mapping[str, AccountPulse],
    items: Iterable[Item],
    now: datetime,
) -> Iterator[str]:
    if not settings.accounts:
        yield "rejoinder.yaml names no account, so no mail is read."
        return
    if daemon is None:
        yield "The daemon does not run, so no mail is read and nothing is sent: `rejoinder run`."
    for account in settings.accounts:
        yield from _silence(account, [one for one in mailboxes if one.account == account.name], pulses, now)
    for one in failing(settings.state):
        yield f"You are not told by {one.channel}: {one.why}. `rejoinder alerts test` tries it now."
    doubtful = [item.number for item in items if item.kind is ItemKind.IN_DOUBT]
    if doubtful:
        yield f"Nobody knows whether a letter arrived: `rejoinder show {doubtful[0]}`."


def _silence(
    account: Account, mailboxes: Iterable[MailboxAge], pulses: Mapping[str, AccountPulse], now: datetime
) -> Iterator[str]:
    pulse = pulses.get(account.name)
    if pulse is not None and pulse.trouble:
        since = f" (for {span(now - pulse.since)})" if pulse.since else ""
        yield f"Account {account.name}: {pulse.trouble}{since}."
        return
    for one in mailboxes:
        if one.read_at is None:
            yield f"{one.mailbox} of account {account.name} has never been read."
        elif not one.fresh:
            yield f"{one.mailbox} of account {account.name} was last read {span(now - one.read_at)} ago."


def _yours(items: list[Item], cases: Iterable[Case]) -> Waits:
    if not items:
        return Waits()
    count = Counter(item.kind for item in items)
    what = {_ITEM_WORDS[kind]: count[kind] for kind in ItemKind if count[kind]}
    mine = {case_id for item in items for case_id in item.cases}
    safe = [case.last_safe for case in cases if case.case_id in mine and case.last_safe]
    return Waits(
        what=what,
        since=min(item.opened_at for item in items),
        until=min(safe, default=None),
        until_is="the nearest last safe date",
    )


def _theirs(cases: Iterable[Case], party: PartyRole, words: str) -> Waits:
    """Tracks on which a letter of ours was accepted and nothing came back yet."""
    waiting = [
        track
        for case in cases
        for track in case.tracks
        if track.party is party and track.state is State.AWAITING and track.attempts
    ]
    if not waiting:
        return Waits()
    due = [track.due_at for track in waiting if track.due_at]
    return Waits(what={words: len(waiting)}, until=min(due, default=None), until_is="our next step falls due")
