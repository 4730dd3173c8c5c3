"""The mails of the store that forgets, and how far each mailbox was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.edge.store.check import advanced, check_keep, utc
from bot.errors import NotPossible
from bot.ports import Cursor, KeepMail, KeptMail, MailboxRow, MailResult, MailStatus, Renumbered


class MemoryMails:
    """The part of `MemoryStore` that knows no case; see `bot.ports.Store` for what the methods mean."""

    def __init__(self, tenant_id: int) -> None:
        self.tenant_id = tenant_id
        self._mailboxes: dict[tuple[str, str], MailboxRow] = {}
        self._mails: dict[int, KeptMail] = {}
        self._mail_keys: set[tuple[object, ...]] = set()

    def mailbox(self, account_id: str, mailbox: str) -> MailboxRow | None:
        """See `bot.ports.Store`; so do all that follow."""
        return self._mailboxes.get((account_id, mailbox))

    def mailboxes(self, account_id: str | None = None) -> tuple[MailboxRow, ...]:
        """By account and name."""
        keys = sorted(key for key in self._mailboxes if account_id in (None, key[0]))
        return tuple(self._mailboxes[key] for key in keys)

    def set_cursor(
        self, account_id: str, mailbox: str, cursor: Cursor, renumbered: Renumbered | None = None
    ) -> None:
        """The moment of the last reconcile stays."""
        held = self.mailbox(account_id, mailbox)
        self._mailboxes[account_id, mailbox] = MailboxRow(
            account_id=account_id,
            mailbox=mailbox,
            cursor=cursor,
            reconciled_at=held.reconciled_at if held else None,
            renumbered=renumbered or (held.renumbered if held else None),
        )

    def keep(self, mails: tuple[KeepMail, ...], cursor: Cursor | None, at: datetime) -> tuple[int, ...]:
        """The cursor never moves back."""
        at = utc(at)
        held = self.mailbox(mails[0].account_id, mails[0].mailbox) if mails else None
        check_keep(mails, cursor, held.cursor if held else None)
        moments = [utc(mail.internal_date) for mail in mails]
        fresh = tuple(
            mail_id
            for mail, moment in zip(mails, moments, strict=True)
            if (mail_id := self._keep_one(mail, moment, at)) is not None
        )
        if cursor is not None and mails:
            self.set_cursor(
                mails[0].account_id, mails[0].mailbox, advanced(held.cursor if held else None, cursor)
            )
        return fresh

    def _keep_one(self, mail: KeepMail, internal_date: datetime, at: datetime) -> int | None:
        place: tuple[object, ...] | None = (mail.account_id, mail.mailbox, mail.uidvalidity, mail.uid)
        if mail.mailbox == "":
            place = (mail.account_id, "", mail.sha256) if mail.sha256 is not None else None
        if place in self._mail_keys:
            return None
        if place is not None:
            self._mail_keys.add(place)
        mail_id = len(self._mails) + 1
        self._mails[mail_id] = KeptMail(
            mail_id=mail_id,
            tenant_id=self.tenant_id,
            account_id=mail.account_id,
            mailbox=mail.mailbox,
            uidvalidity=mail.uidvalidity,
            uid=mail.uid,
            sha256=mail.sha256,
            size=mail.size,
            internal_date=internal_date,
            kept_at=at,
            status=MailStatus.OVERSIZE if mail.sha256 is None else mail.status,
        )
        return mail_id

    def kept_uids(self, account_id: str, mailbox: str, uidvalidity: int) -> frozenset[int]:
        """Of one numbering."""
        of = (account_id, mailbox, uidvalidity)
        return frozenset(
            one.uid for one in self._mails.values() if (one.account_id, one.mailbox, one.uidvalidity) == of
        )

    def reconciled(self, account_id: str, mailbox: str, at: datetime) -> None:
        """Raises NotPossible before the first `set_cursor` or `keep`."""
        held = self.mailbox(account_id, mailbox)
        if held is None:
            raise NotPossible(f"the mailbox {mailbox!r} of {account_id} has no cursor yet")
        self._mailboxes[account_id, mailbox] = replace(held, reconciled_at=utc(at))

    def mail(self, mail_id: int) -> KeptMail:
        """By its number."""
        if mail_id not in self._mails:
            raise NotPossible(f"there is no mail {mail_id}")
        return self._mails[mail_id]

    def mails(
        self, account_id: str, *, status: MailStatus | None = None, limit: int = 1000
    ) -> tuple[KeptMail, ...]:
        """By number."""
        found = [m for m in self._mails.values() if m.account_id == account_id and status in (None, m.status)]
        return tuple(found[:limit])

    def seen_before(self, mail: KeptMail, message_id: str | None) -> KeptMail | None:
        """Earlier is what was read earlier: for a mail still unread, any that was read."""
        for other in self._mails.values():
            if other.account_id != mail.account_id or other.status is not MailStatus.READ:
                continue
            if other.mail_id == mail.mail_id:
                continue
            if mail.status is MailStatus.READ and other.mail_id > mail.mail_id:
                continue
            same_bytes = mail.sha256 is not None and other.sha256 == mail.sha256
            if same_bytes or (message_id is not None and other.message_id == message_id):
                return other
        return None

    def held_mail(self, mail_id: int) -> tuple[str, MailStatus] | None:
        """See `check.Known`."""
        mail = self._mails.get(mail_id)
        return (mail.account_id, mail.status) if mail else None

    def _write_mail(self, result: MailResult) -> None:
        held = self._mails[result.mail_id]
        self._mails[result.mail_id] = replace(
            held,
            sha256=None if result.status is MailStatus.ERASED else held.sha256,
            status=result.status,
            kind=result.kind,
            reason=result.reason,
            message_id=result.message_id,
            cases=tuple(dict.fromkeys(result.cases)),
        )
