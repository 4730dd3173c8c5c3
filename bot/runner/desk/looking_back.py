"""What was done about an older notice, as the mailboxes show it: mail from Sent, and what came since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.mail.address import same_address
from bot.mail.message import Head
from bot.ports import KeptMail, MailSource, MailStatus, Reader
from bot.reading.model import CourtOrEvaluation, Notice, OwnCopy, Suspect, Understood
from bot.runner.desk.offers import Offer
from bot.runner.inbox.by_hand import HandWritten, addressees, hand_written
from bot.runner.inbox.importing import begin_watch, keep_as_imported, read_kept
from bot.runner.office import Office, OnStore, Practice

#: What may stand in a search: an attacker's words must not become a command, and `{` begins a literal.
_PLAIN = re.compile(r"[A-Za-z0-9.!#$&'+/=?^_`|~@-]{3,200}")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the mailboxes show about one notice, oldest first."""

    wrote: tuple[HandWritten, ...] = ()  #: by hand, to somebody who complains
    mailed_amazon: tuple[HandWritten, ...] = ()  #: by hand, to Amazon about the complaint
    came: tuple[tuple[KeptMail, Understood], ...] = ()  #: what arrived about it since, besides notices


async def look_back(
    office: Office,
    practice: Practice,
    source: MailSource,
    reader: Reader,
    on_store: OnStore,
    offer: Offer,
    addresses: Sequence[str] | None = None,
) -> Past:
    """Search Sent and the watched mailboxes from the notice on. Raises MailboxError.

    By the addresses of whoever complains (`addresses`, else those of a proven notice) and by complaint ID.
    """
    theirs = tuple(offer.addresses if addresses is None and offer.proven else addresses or ())
    about = tuple(one for one in (*theirs, *offer.complaint_ids) if _PLAIN.fullmatch(one))
    if not about:
        return Past()
    sent = (
        await _found(office, practice, source, reader, on_store, offer, practice.sent, about)
        if practice.sent
        else []
    )
    came: list[tuple[KeptMail, Understood]] = []
    for mailbox in practice.watched:
        came += await _found(office, practice, source, reader, on_store, offer, mailbox, about)
    return Past(
        wrote=_wrote(offer, theirs, sent),
        mailed_amazon=_mailed_amazon(practice, offer, sent),
        came=tuple(sorted((one for one in came if _news(offer, *one)), key=lambda one: one[0].internal_date)),
    )


async def _found(
    office: Office,
    practice: Practice,
    source: MailSource,
    reader: Reader,
    on_store: OnStore,
    offer: Offer,
    mailbox: str,
    about: tuple[str, ...],
) -> list[tuple[KeptMail, Understood]]:
    """Mails of a mailbox that name one of these, kept without acting on them, and what they say."""
    cursor = await begin_watch(office, practice, source, mailbox, on_store)
    hits = await source.search(mailbox, cursor.uidvalidity, (offer.came_at - _DAY).date(), about=about)
    # What is newer than the cursor is news, which the daemon reads and acts on.
    uids = [uid for uid in hits if uid <= cursor.last_uid]
    known = await on_store(office.store.kept_uids, practice.account_id, mailbox, cursor.uidvalidity)
    new = [
        mail async for mail in source.fetch(mailbox, cursor.uidvalidity, [u for u in uids if u not in known])
    ]
    if new:
        await on_store(keep_as_imported, office, practice, new)
    wanted = set(uids)
    rows = [
        mail
        for mail in await on_store(_all_mails, office, practice)
        if (mail.mailbox, mail.uidvalidity) == (mailbox, cursor.uidvalidity)
        and mail.uid in wanted
        and mail.sha256
        and mail.internal_date >= offer.came_at
    ]
    return list(zip(rows, await read_kept(office, reader, on_store, rows), strict=True))


def _all_mails(office: Office, practice: Practice) -> tuple[KeptMail, ...]:
    return office.store.mails(practice.account_id, limit=10_000_000)


def _wrote(
    offer: Offer, theirs: Sequence[str], sent: Sequence[tuple[KeptMail, Understood]]
) -> tuple[HandWritten, ...]:
    """Mail to one of them that is not about other complaints alone."""
    found = []
    for mail, understood, head in _by_a_person(sent):
        named = set(understood.complaint_ids)
        if named and offer.complaint_ids and not named & set(offer.complaint_ids):
            continue
        to = next((a for a in addressees(head) if any(same_address(a, one) for one in theirs)), None)
        if to is not None:
            found.append(hand_written(head, mail, to))
    return tuple(sorted(found, key=lambda one: one.sent_at))


def _mailed_amazon(
    practice: Practice, offer: Offer, sent: Sequence[tuple[KeptMail, Understood]]
) -> tuple[HandWritten, ...]:
    found = []
    for mail, understood, head in _by_a_person(sent):
        if not set(understood.complaint_ids) & set(offer.complaint_ids):
            continue
        to = next((one.addr_spec for one in head.to if practice.lint.is_amazons(one.addr_spec)), None)
        if to is not None:
            found.append(hand_written(head, mail, to))
    return tuple(sorted(found, key=lambda one: one.sent_at))


def _by_a_person(
    sent: Sequence[tuple[KeptMail, Understood]],
) -> Iterator[tuple[KeptMail, Understood, Head]]:
    """What is neither a machine's nor a letter that left from here."""
    for mail, understood in sent:
        head = understood.head
        if head is not None and not head.automatic and not isinstance(understood.reading, OwnCopy):
            yield mail, understood, head


def _news(offer: Offer, mail: KeptMail, understood: Understood) -> bool:
    """Not yet acted on, later than the notice, and no notice itself."""
    if mail.mail_id == offer.mail.mail_id or mail.status is not MailStatus.IMPORTED:
        return False
    return not isinstance(understood.reading, Notice | CourtOrEvaluation | Suspect | OwnCopy)
