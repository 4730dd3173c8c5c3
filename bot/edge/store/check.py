"""What must hold before a change is written: the same questions, in the same words, for every store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.case.model import Case
from bot.draft.model import Letter
from bot.errors import Conflict, NotPossible, StoreError
from bot.ports import Change, Cursor, KeepMail, MailStatus
from bot.review import Item, ItemKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whose row it is, and how far it has come."""

    account_id: str
    version: int


class Known(Protocol):
    """What a store must be able to say about itself while a change is checked."""

    def held_case(self, case_id: str) -> Held | None:
        """Account and version of a case."""
        ...

    def held_letter(self, letter_id: str) -> Held | None:
        """Account and version of a letter."""
        ...

    def letter_id_of(self, account_id: str, message_id: str) -> str | None:
        """The letter that carries this Message-ID."""
        ...

    def held_mail(self, mail_id: int) -> tuple[str, MailStatus] | None:
        """Account and status of a kept mail."""
        ...

    def open_item(self, kind: ItemKind, subject: str) -> Item | None:
        """The open item of this kind and subject."""
        ...

    def item(self, number: int) -> Item:
        """Raises NotPossible when there is none."""
        ...


def check_change(change: Change, known: Known, tenant_id: int) -> None:
    """Raises Conflict, NotPossible or StoreError when the change may not be written; writes nothing."""
    _once((case.case_id for case in change.cases), "case")
    _once((letter.letter_id for letter in change.letters), "letter")
    for case in change.cases:
        _check_row("case", case.case_id, case, known.held_case(case.case_id), tenant_id)
    for letter in change.letters:
        _check_row("letter", letter.letter_id, letter, known.held_letter(letter.letter_id), tenant_id)
    _check_message_ids(change, known)
    _check_links(change, known)
    _check_items(change, known)


def check_keep(mails: tuple[KeepMail, ...], cursor: Cursor | None, held: Cursor | None) -> None:
    """Raises StoreError for mails of several mailboxes, Conflict when UIDVALIDITY is not the one held."""
    if cursor is None or not mails:
        return
    if len({(mail.account_id, mail.mailbox) for mail in mails}) > 1:
        raise StoreError("mails kept together with a cursor must all come from one mailbox")
    if held is not None and held.uidvalidity != cursor.uidvalidity:
        raise Conflict(
            f"the mailbox {mails[0].mailbox!r} has begun anew (UIDVALIDITY {held.uidvalidity}, not "
            f"{cursor.uidvalidity}); nothing was written, read its state again"
        )


def advanced(held: Cursor | None, cursor: Cursor) -> Cursor:
    """A cursor only ever moves forward."""
    if held is None or held.uidvalidity != cursor.uidvalidity:
        return cursor
    return Cursor(uidvalidity=cursor.uidvalidity, last_uid=max(held.last_uid, cursor.last_uid))


def _once(ids: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise StoreError(f"{what} {one} is twice in one change; merge the two first")
        seen.add(one)


def _check_row(what: str, row_id: str, row: Case | Letter, held: Held | None, tenant_id: int) -> None:
    if row.tenant_id != tenant_id:
        raise StoreError(f"{what} {row_id} belongs to tenant {row.tenant_id}, this store to {tenant_id}")
    version = held.version if held else 0
    if row.version != version:
        raise Conflict(
            f"{what} {row_id} has changed (version {version}, not {row.version}); nothing was written, "
            "read it again"
        )
    if held is not None and held.account_id != row.account_id:
        raise StoreError(f"{what} {row_id} cannot move from account {held.account_id} to {row.account_id}")


def _check_message_ids(change: Change, known: Known) -> None:
    carried: dict[tuple[str, str], str] = {}
    for letter in change.letters:
        key = (letter.account_id, letter.message_id)
        carrier = carried.setdefault(key, known.letter_id_of(*key) or letter.letter_id)
        if carrier != letter.letter_id:
            raise StoreError(
                f"letters {carrier} and {letter.letter_id} carry the same Message-ID {letter.message_id}; "
                "every letter needs its own"
            )


def _check_links(change: Change, known: Known) -> None:
    new = {case.case_id: case.account_id for case in change.cases}
    for what, account_id, case_id in _links(change, known):
        owner = new.get(case_id)
        if owner is None and (held := known.held_case(case_id)) is not None:
            owner = held.account_id
        if owner is None:
            raise NotPossible(f"{what} names case {case_id}, which does not exist")
        if account_id not in (None, owner):
            raise StoreError(f"{what} of account {account_id} names case {case_id} of account {owner}")


def _links(change: Change, known: Known) -> Iterator[tuple[str, str | None, str]]:
    """(what, its account if it has one, case id) for everything in the change that names a case."""
    for letter in change.letters:
        for ref in letter.tracks:
            yield f"letter {letter.letter_id}", letter.account_id, ref.case_id
    for result in change.mails:
        held = known.held_mail(result.mail_id)
        if held is None:
            raise NotPossible(f"there is no mail {result.mail_id}")
        account_id, status = held
        if result.was not in (None, status):
            raise Conflict(f"mail {result.mail_id} was taken by another process; nothing was written")
        for case_id in result.cases:
            yield f"mail {result.mail_id}", account_id, case_id
    for item in change.open_items:
        for case_id in item.cases:
            yield f"the item {item.subject}", item.account_id, case_id
    for case_id, event in change.diary:
        yield f"the diary line {type(event).__name__}", None, case_id


def _check_items(change: Change, known: Known) -> None:
    for new in change.open_items:
        held = known.open_item(new.kind, new.subject)
        if held is not None and held.account_id != new.account_id:
            raise StoreError(f"item {held.number} belongs to account {held.account_id}, not {new.account_id}")
    if change.snooze_item is not None:
        number, _ = change.snooze_item
        if known.item(number).closed_at is not None:
            raise NotPossible(f"item {number} is closed already and cannot be snoozed")


def no_such_case(wanted: str, found: tuple[str, ...]) -> NotPossible:
    """The error for an id that fits no case, or several."""
    if not found:
        return NotPossible(f"there is no case {wanted}; `rejoinder case list` shows which there are")
    return NotPossible(f"{wanted} could be {', '.join(found[:5])}; write more of the id")


def utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises StoreError for a naive one."""
    if moment.utcoffset() is None:
        raise StoreError(f"{moment} names no time zone; instants are aware and in UTC")
    return moment.astimezone(UTC)
