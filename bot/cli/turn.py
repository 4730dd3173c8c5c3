"""One turn of the wheel, and what it changed in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.case.model import State
from bot.cli.words import KIND_WORDS, absolute, reason_text, zone_of
from bot.daemon import Line
from bot.errors import MailboxError
from bot.evidence.timeline import timeline
from bot.ports import Store
from bot.review import Item
from bot.runner.inbox.intake import learn_mailboxes, reconcile_all, understand_all
from bot.runner.office import Office, OnStore
from bot.runner.outbox.filing import file_sent_copies
from bot.runner.outbox.recovery import recover
from bot.runner.outbox.sending import send_due
from bot.runner.steps.drafting import write_drafts
from bot.runner.steps.timing import pass_time
from bot.wiring import House


async def turn(
    office: Office, lines: Mapping[str, Line], on_store: OnStore, *, send: bool, say: Callable[[str], None]
) -> tuple[str, ...]:
    """Recover, take in, let time pass, draft and, with `send`, send what is due; gives the problems met.

    Without `send` no server is asked to change anything.
    """
    await on_store(recover, office)
    problems: list[str] = []
    for account, line in lines.items():
        say(f"reading the mailboxes of {account}")
        try:
            await _intake(office, account, line, on_store)
        except MailboxError as error:
            problems.append(f"account {account}: {error}")
    await on_store(pass_time, office)
    for account in lines:
        while await on_store(write_drafts, office, office.practices[account]):
            pass
    for account, line in lines.items() if send else ():
        say(f"sending what is due for {account}")
        done = await send_due(office, office.practices[account], line.sender, on_store)
        if done.attempted:
            try:
                await file_sent_copies(office, office.practices[account], line.source, on_store)
            except MailboxError as error:
                problems.append(f"account {account}: {error}")
    return tuple(problems)


async def _intake(office: Office, account: str, line: Line, on_store: OnStore) -> None:
    practice = await learn_mailboxes(office, account, line.source)
    await reconcile_all(office, practice, line.source, on_store, read_all=line.read_all)
    await understand_all(office, practice, line.reader, on_store)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a turn changed."""

    mails: tuple[str, ...]
    diary: Mapping[str, tuple[str, ...]]  #: case → lines
    items: tuple[str, ...]
    waiting: tuple[str, ...]  #: approved letters that did not leave
    problems: tuple[str, ...]
    json: dict[str, Any]

    @property
    def nothing(self) -> bool:
        """True when there is nothing to tell."""
        return not (self.mails or self.diary or self.items or self.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What there was before the turn, so that only what is new is told."""

    diary: Mapping[str, int]
    items: frozenset[int]
    mails: Mapping[str, int]  #: account → highest mail id

    @classmethod
    def of(cls, store: Store) -> Before:
        """Remember."""
        cases = store.cases()
        accounts = {case.account_id for case in cases} | {row.account_id for row in store.mailboxes()}
        return cls(
            diary={case.case_id: len(store.diary(case.case_id)) for case in cases},
            items=frozenset(item.number for item in store.items(open_only=False)),
            mails={account: _last_mail(store, account) for account in accounts},
        )

    def told(self, house: House, problems: Sequence[str]) -> Told:
        """What is new since."""
        store = house.office.store
        diary: dict[str, tuple[str, ...]] = {}
        for case in store.cases():
            events = store.diary(case.case_id)[self.diary.get(case.case_id, 0) :]
            if events:
                letters = store.letters(account_id=case.account_id)
                zone = zone_of(house.settings, case.account_id)
                diary[case.case_id] = tuple(line.text for line in timeline(case, events, letters, zone)[1:])
        items = [item for item in store.items() if item.number not in self.items]
        mails = [
            mail
            for account in house.settings.accounts
            for mail in store.mails(account.name, limit=1_000_000)
            if mail.mail_id > self.mails.get(account.name, 0)
        ]
        waiting = [
            f"{letter.step} to {letter.to}: approved, leaves at "
            f"{absolute(letter.approval.leaves_at, zone_of(house.settings, letter.account_id))} or later"
            for letter in store.letters(states=(State.APPROVED,))
            if letter.approval
        ]
        return Told(
            mails=tuple(
                f"number {m.mail_id}: {m.kind or m.status.value}" + (f", {m.reason}" if m.reason else "")
                for m in mails
            ),
            diary=diary,
            items=tuple(map(_item_words, items)),
            waiting=tuple(waiting),
            problems=tuple(problems),
            json={
                "mails": mails,
                "diary": diary,
                "items": items,
                "waiting": waiting,
                "problems": list(problems),
            },
        )


def _last_mail(store: Store, account: str) -> int:
    return max((mail.mail_id for mail in store.mails(account, limit=1_000_000)), default=0)


def _item_words(item: Item) -> str:
    why = f", {reason_text(item.reason)}" if item.reason else ""
    return f"item {item.number}: {KIND_WORDS[item.kind]}{why}"
