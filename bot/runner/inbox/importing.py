"""Keeps older mail without acting on it: what lay in the watched mailboxes before we came.

Only mail below the cursor is taken, so what a daemon has still to read is never hidden from it. The rows are
`IMPORTED` from the first: nobody understands them as news. A person takes on what matters (`adopting`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import Conflict, MailboxUnreachable, NotPossible
from bot.ports import Change, Cursor, Fetched, KeptMail, MailResult, MailSource, MailStatus, Reader
from bot.reading.model import Understood, Unreadable
from bot.runner.inbox.intake import BATCH, batches, kept_rows, read_together
from bot.runner.office import Office, OnStore, Practice

#: So many in one transaction: smaller ones would show progress sooner, but each costs an fsync.
_BATCH = BATCH // 5
#: How long before the moment asked for a server's calendar may have begun the day.
_DAY = timedelta(days=1)

Progress = Callable[[int, int], None]  #: done, of so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one import came to."""

    found: int  #: mails of that time in the watched mailboxes
    kept: int  #: of these, not kept before
    too_large: int


async def import_since(
    office: Office,
    practice: Practice,
    source: MailSource,
    on_store: OnStore,
    since: datetime,
    progress: Progress,
    *,
    read_all: bool = False,
) -> Imported:
    """Keep every mail of the watched mailboxes that arrived since then, and do nothing about it.

    A mailbox that was never read begins here: what arrives from now on is news. Raises MailboxError, and
    NotPossible when the account takes everything as news anyway.
    """
    places: list[tuple[str, Cursor, list[int]]] = []
    found = 0
    for mailbox in practice.watched:
        cursor = await begin_watch(office, practice, source, mailbox, on_store, read_all=read_all)
        there = await source.search(mailbox, cursor.uidvalidity, (since - _DAY).date())
        older = [uid for uid in there if uid <= cursor.last_uid]
        known = await on_store(office.store.kept_uids, practice.account_id, mailbox, cursor.uidvalidity)
        found += len(older)
        places.append((mailbox, cursor, [uid for uid in older if uid not in known]))
    total = sum(len(uids) for _, _, uids in places)
    kept = too_large = 0
    progress(0, total)
    for mailbox, cursor, uids in places:
        async for batch in batches(source.fetch(mailbox, cursor.uidvalidity, uids), _BATCH):
            kept += len(await on_store(keep_as_imported, office, practice, batch))
            too_large += sum(mail.raw is None for mail in batch)
            progress(kept, total)
    return Imported(found=found, kept=kept, too_large=too_large)


async def begin_watch(
    office: Office,
    practice: Practice,
    source: MailSource,
    mailbox: str,
    on_store: OnStore,
    *,
    read_all: bool = False,
) -> Cursor:
    """The cursor of a mailbox, set to its end when it was never read. Raises MailboxError, NotPossible."""
    state = await source.state(mailbox)
    row = await on_store(office.store.mailbox, practice.account_id, mailbox)
    if row is None and read_all:
        raise NotPossible(
            f"account {practice.account_id} has first_run: read_all, so `rejoinder run` takes all that lies "
            f"in {mailbox} as news; write first_run: observe to choose yourself"
        )
    if row is None:
        cursor = Cursor(uidvalidity=state.uidvalidity, last_uid=state.uidnext - 1)
        await on_store(office.store.set_cursor, practice.account_id, mailbox, cursor)
        return cursor
    if row.cursor.uidvalidity != state.uidvalidity:
        raise MailboxUnreachable(
            f"the server has numbered {mailbox} anew; let `rejoinder run` read it once, then try again"
        )
    return row.cursor


def keep_as_imported(office: Office, practice: Practice, batch: Sequence[Fetched]) -> tuple[int, ...]:
    """Bytes first, durably; then the rows, which move no cursor."""
    rows = kept_rows(office, practice, batch, MailStatus.IMPORTED)
    return office.store.keep(rows, None, office.clock.now())


async def read_imported(
    office: Office, practice: Practice, reader: Reader, on_store: OnStore, progress: Progress
) -> int:
    """Say of every imported mail what it is, and nothing more; how many were read."""
    unread = await on_store(_not_yet_read, office, practice)
    progress(0, len(unread))
    done = 0
    while some := read_together(unread[done:]):
        readings = await read_kept(office, reader, on_store, some)
        await on_store(_note_kinds, office, some, readings)
        done += len(some)
        progress(done, len(unread))
    return done


async def read_kept(
    office: Office, reader: Reader, on_store: OnStore, mails: Sequence[KeptMail]
) -> list[Understood]:
    """What kept mails say, in order; with the rules and the pinned authserv-id of today."""
    raws = await on_store(lambda: [office.raw.get(mail.sha256) for mail in mails if mail.sha256])
    return await reader.read_many(raws)


def _not_yet_read(office: Office, practice: Practice) -> list[KeptMail]:
    mails = office.store.mails(practice.account_id, status=MailStatus.IMPORTED, limit=10_000_000)
    return [mail for mail in mails if mail.kind is None and mail.sha256]


def _note_kinds(office: Office, mails: Sequence[KeptMail], readings: Sequence[Understood]) -> None:
    results = [
        MailResult(
            mail_id=mail.mail_id,
            was=MailStatus.IMPORTED,
            status=MailStatus.IMPORTED,
            kind=type(read.reading).__name__,
            reason=read.reading.reason if isinstance(read.reading, Unreadable) else None,
            message_id=read.head.message_id if read.head else None,
        )
        for mail, read in zip(mails, readings, strict=True)
    ]
    try:
        office.store.record(Change(mails=tuple(results)), office.clock.now())
    except Conflict:
        return  # another import does the same in this moment; they are read again next time
