"""Keeps every mail of the watched mailboxes: bytes on disk first, then the row and the cursor together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.case.items import ItemKind, NewItem, mail_subject
from bot.errors import MailboxMissing, MailboxUnreachable
from bot.ports import (
    AlertKind,
    Change,
    Cursor,
    Fetched,
    KeepMail,
    KeptMail,
    MailboxState,
    MailSource,
    MailStatus,
    Reader,
    Renumbered,
)
from bot.reading.model import Understood, Unreadable
from bot.runner.inbox.understanding import Taken, take
from bot.runner.office import Office, OnStore, Practice
from bot.runner.telling import tell_items

#: How many mails, and how many octets of them, are kept in one transaction. Fewer would make each folder of
#: the raw store durable more often: with 100, that was one fsync more for nearly every mail.
BATCH = 500
BATCH_OCTETS = 16 * 1024 * 1024
#: UIDVALIDITY is a number of 32 bits (RFC 9051 §2.3.1.1).
_ALL_NUMBERS = 1 << 32
#: How far a server's clock (INTERNALDATE) may be off ours.
CLOCK_SKEW = timedelta(hours=1)
#: How many mails are handed to the reader at once, and about how many octets of them.
READ_AT_ONCE = 200
READ_OCTETS = 32 * 1024 * 1024


async def learn_mailboxes(office: Office, account_id: str, source: MailSource) -> Practice:
    """Ask the server, once, which mailboxes are to be watched; Junk and Sent by their special use."""
    practice = office.practices[account_id]
    if not practice.watched:
        junk = await source.special_use(r"\Junk") if practice.watch_junk else None
        names = dict.fromkeys((*practice.mailboxes, *((junk,) if junk else ())))
        practice = replace(practice, watched=tuple(names))
    if practice.sent is None:
        practice = replace(practice, sent=await _sent_mailbox(practice, source))
    # Asked for again: safe mode may have been switched while the server answered.
    now = office.practices[account_id]
    if (now.watched, now.sent) != (practice.watched, practice.sent):  # else it stays the same, also to `is`
        now = office.practices[account_id] = replace(now, watched=practice.watched, sent=practice.sent)
    return now


async def _sent_mailbox(practice: Practice, source: MailSource) -> str:
    """Where mail lies that a person sent; "" when the server has no such mailbox."""
    if practice.sent_mailbox is not None:
        return practice.sent_mailbox
    name = await source.special_use(r"\Sent") or "Sent"
    try:
        await source.state(name)
    except MailboxMissing:
        return ""
    return name


async def reconcile_all(
    office: Office, practice: Practice, source: MailSource, on_store: OnStore, *, read_all: bool
) -> int:
    """`reconcile` for every watched mailbox, and Sent, whose past nobody acts on; how many mails were new."""
    kept = 0
    for mailbox in practice.listened_to:
        everything = read_all and mailbox != practice.sent
        kept += await reconcile(office, practice, source, mailbox, on_store, read_all=everything)
    return kept


async def reconcile(
    office: Office,
    practice: Practice,
    source: MailSource,
    mailbox: str,
    on_store: OnStore,
    *,
    read_all: bool = False,
) -> int:
    """Keep everything above the cursor; how many mails were new.

    The first time, the mailbox is only observed: the cursor is set to what is there and nothing is kept,
    unless `read_all`. A changed UIDVALIDITY, or a UIDNEXT that went back, sets the cursor to the beginning:
    mail kept before is recognised by its bytes when it is understood, and older mail that we never kept was
    there before we watched: nothing is acted on twice, and nothing old is acted on at all.
    """
    asked_at = office.clock.now()
    state = await source.state(mailbox)
    row = await on_store(office.store.mailbox, practice.account_id, mailbox)
    if row is None:
        first = 0 if read_all else state.uidnext - 1
        cursor = Cursor(uidvalidity=state.uidvalidity, last_uid=first)
        await on_store(office.store.set_cursor, practice.account_id, mailbox, cursor)
    elif (numbering := _numbering(row.cursor, state)) != row.cursor.uidvalidity:
        cursor = Cursor(uidvalidity=numbering, last_uid=0)
        known_until = (row.reconciled_at or asked_at) - CLOCK_SKEW
        old = Renumbered(below_uid=state.uidnext, older_than=known_until)
        await on_store(office.store.set_cursor, practice.account_id, mailbox, cursor, old)
        text = f"the server renumbered {mailbox}; its mail is read again and recognised"
        office.notifier.tell(AlertKind.RENUMBERED, practice.account_id, text)
    else:
        cursor = row.cursor
    kept = await _keep_after(office, practice, source, state, cursor, on_store)
    await on_store(office.store.reconciled, practice.account_id, mailbox, asked_at)
    return kept


def _numbering(cursor: Cursor, state: MailboxState) -> int:
    """Under what we note the UIDs of now: UIDVALIDITY, and above its 32 bits how often UIDNEXT went back.

    Some servers give a UID again under the same UIDVALIDITY, which they must not (RFC 9051 §2.3.1.1). By its
    number alone the new mail would pass for one that is kept already.
    """
    if cursor.uidvalidity % _ALL_NUMBERS != state.uidvalidity:
        return state.uidvalidity
    went_back = state.uidnext <= cursor.last_uid and not state.reckoned
    return cursor.uidvalidity + _ALL_NUMBERS * went_back


async def _keep_after(
    office: Office,
    practice: Practice,
    source: MailSource,
    state: MailboxState,
    cursor: Cursor,
    on_store: OnStore,
) -> int:
    if cursor.last_uid + 1 >= state.uidnext:
        return 0
    kept = 0
    async for batch in batches(source.fetch_after(state.mailbox, state.uidvalidity, cursor.last_uid)):
        if batch[0].uidvalidity != state.uidvalidity:
            raise MailboxUnreachable(f"{state.mailbox} was renumbered while it was read; reading it again")
        batch = [replace(mail, uidvalidity=cursor.uidvalidity) for mail in batch]
        kept += await on_store(_keep, office, practice, batch, office.clock.now())
    return kept


async def batches(mails: AsyncIterator[Fetched], most: int = BATCH) -> AsyncIterator[list[Fetched]]:
    """As many as are kept in one transaction: `most` mails, or `BATCH_OCTETS` of them."""
    batch: list[Fetched] = []
    octets = 0
    async for mail in mails:
        batch.append(mail)
        octets += len(mail.raw or b"")
        if len(batch) >= most or octets >= BATCH_OCTETS:
            yield batch
            batch, octets = [], 0
    if batch:
        yield batch


def _keep(office: Office, practice: Practice, batch: Sequence[Fetched], at: datetime) -> int:
    """Bytes first, durably; then the rows and the cursor in one transaction."""
    rows = kept_rows(office, practice, batch)
    cursor = Cursor(uidvalidity=batch[-1].uidvalidity, last_uid=batch[-1].uid)
    new = office.store.keep(rows, cursor, at)
    if any(mail.raw is None for mail in batch):
        _tell_of_oversize(office, new, at)
    return len(new)


def kept_rows(
    office: Office, practice: Practice, batch: Sequence[Fetched], status: MailStatus = MailStatus.UNREAD
) -> tuple[KeepMail, ...]:
    """Rows of mails whose bytes are durable when this returns."""
    present = {mail.uid: mail.raw for mail in batch if mail.raw is not None}
    hashes = dict(zip(present, office.raw.put_many(list(present.values())), strict=True))
    return tuple(
        KeepMail(
            account_id=practice.account_id,
            mailbox=mail.mailbox,
            uidvalidity=mail.uidvalidity,
            uid=mail.uid,
            sha256=hashes.get(mail.uid),
            size=mail.size,
            internal_date=mail.internal_date,
            status=status,
        )
        for mail in batch
    )


def _tell_of_oversize(office: Office, mail_ids: Sequence[int], at: datetime) -> None:
    """A mail too large to be kept is an item: a person looks at it in the mail program."""
    for mail in map(office.store.mail, mail_ids):
        if mail.status is not MailStatus.OVERSIZE:
            continue
        item = NewItem(
            kind=ItemKind.ALARM,
            subject=mail_subject(mail.mail_id),
            account_id=mail.account_id,
            reason="oversize",
            detail=f"{mail.size} octets in {mail.mailbox}",
        )
        change = Change(open_items=(item,))
        tell_items(office, change, office.store.record(change, at))


async def understand_all(
    office: Office,
    practice: Practice,
    reader: Reader,
    on_store: OnStore,
    on_taken: Callable[[Taken], None] = lambda _: None,
) -> None:
    """Read every mail that is kept and not yet understood, oldest first; `on_taken` hears of each.

    Nothing of a mail stays when it is recorded: there may be a year of them.
    """
    while unread := await on_store(_unread, office, practice):
        mails = read_together(unread)
        raws = await on_store(_raws, office, mails)
        readings = await reader.read_many([raw for raw in raws if raw is not None])
        answers = iter(readings)
        for mail, raw in zip(mails, raws, strict=True):
            understood = next(answers) if raw is not None else _lost()
            on_taken(await on_store(take, office, practice, mail, understood))


def read_together(mails: Sequence[KeptMail]) -> Sequence[KeptMail]:
    """So many of these mails, from the first on, as are handed to the reader at once; at least one."""
    octets = 0
    for count, mail in enumerate(mails[:READ_AT_ONCE]):
        octets += mail.size
        if count and octets > READ_OCTETS:
            return mails[:count]
    return mails[:READ_AT_ONCE]


def _unread(office: Office, practice: Practice) -> tuple[KeptMail, ...]:
    return office.store.mails(practice.account_id, status=MailStatus.UNREAD, limit=READ_AT_ONCE)


def _raws(office: Office, mails: Sequence[KeptMail]) -> list[bytes | None]:
    return [office.raw.get(mail.sha256) if mail.sha256 else None for mail in mails]


def _lost() -> Understood:
    reading = Unreadable(reason="its bytes are not in our store")
    return Understood(head=None, verdict=None, reading=reading, correspondent=None)


def keep_file(office: Office, practice: Practice, raw: bytes, received_at: datetime) -> KeptMail | None:
    """Keep a mail that a person gives as a file; None when the very same bytes are kept already."""
    row = given_row(office, practice, raw, received_at)
    new = office.store.keep((row,), None, office.clock.now())
    return office.store.mail(new[0]) if new else None


def given_row(
    office: Office, practice: Practice, raw: bytes, at: datetime, status: MailStatus = MailStatus.UNREAD
) -> KeepMail:
    """Row of what a person gave, which lies in no mailbox; its bytes are durable when this returns."""
    return KeepMail(
        account_id=practice.account_id,
        mailbox="",
        uidvalidity=0,
        uid=0,
        sha256=office.raw.put(raw),
        size=len(raw),
        internal_date=at,
        status=status,
    )
