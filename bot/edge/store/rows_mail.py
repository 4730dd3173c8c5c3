"""SQL about watched mailboxes and kept mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from bot.edge.store import statements as asked
from bot.edge.store.check import advanced, check_keep
from bot.edge.store.schema import counter, mail, mail_case, mailbox
from bot.errors import NotPossible
from bot.ports import Cursor, KeepMail, KeptMail, MailboxRow, MailResult, MailStatus, Renumbered

T = TypeVar("T")

#: How many values an IN (…) may have: well below every database's limit.
LENGTHS = (1, 4, 16, 64, 256)


@dataclass(frozen=True, slots=True)
class MailRows:
    """Mail within one transaction of one tenant."""

    connection: Connection
    tenant_id: int

    def mailboxes(self, account_id: str | None, name: str | None = None) -> tuple[MailboxRow, ...]:
        """By account and name."""
        wanted = {"of_tenant": self.tenant_id, "of_account": account_id}
        rows: Sequence[Any]
        if account_id is None:
            query = select(mailbox).where(mailbox.c.tenant_id == self.tenant_id)
            rows = self.connection.execute(query.order_by(mailbox.c.account_id, mailbox.c.name)).all()
        elif name is None:
            rows = asked.MAILBOXES_OF_ACCOUNT.all(self.connection, wanted)
        else:
            rows = asked.MAILBOX.all(self.connection, wanted | {"of_name": name})
        return tuple(
            MailboxRow(
                account_id=row.account_id,
                mailbox=row.name,
                cursor=Cursor(uidvalidity=row.uidvalidity, last_uid=row.last_uid),
                reconciled_at=row.reconciled_at,
                renumbered=_renumbered(row),
            )
            for row in rows
        )

    def mailbox(self, account_id: str, name: str) -> MailboxRow | None:
        """One of them."""
        return next(iter(self.mailboxes(account_id, name)), None)

    def set_cursor(
        self, account_id: str, name: str, cursor: Cursor, renumbered: Renumbered | None = None
    ) -> None:
        """The moment of the last reconcile stays."""
        moved: dict[str, Any] = {"uidvalidity": cursor.uidvalidity, "last_uid": cursor.last_uid}
        if renumbered is not None:
            moved |= {"old_below_uid": renumbered.below_uid, "old_before": renumbered.older_than}
        if not self._update_mailbox(account_id, name, moved):
            key = {"tenant_id": self.tenant_id, "account_id": account_id, "name": name}
            self.connection.execute(insert(mailbox).values(key | moved))

    def reconciled(self, account_id: str, name: str, at: datetime) -> None:
        """Raises NotPossible before the first cursor."""
        if not self._update_mailbox(account_id, name, {"reconciled_at": at}):
            raise NotPossible(f"the mailbox {name!r} of {account_id} has no cursor yet")

    def kept_uids(self, account_id: str, name: str, uidvalidity: int) -> frozenset[int]:
        """Of one numbering."""
        query = select(mail.c.uid).where(
            mail.c.tenant_id == self.tenant_id,
            mail.c.account_id == account_id,
            mail.c.mailbox == name,
            mail.c.uidvalidity == uidvalidity,
        )
        return frozenset(self.connection.execute(query).scalars())

    def _update_mailbox(self, account_id: str, name: str, values: dict[str, Any]) -> bool:
        where = and_(
            mailbox.c.tenant_id == self.tenant_id, mailbox.c.account_id == account_id, mailbox.c.name == name
        )
        return self.connection.execute(update(mailbox).where(where).values(values)).rowcount == 1

    def keep(self, mails: tuple[KeepMail, ...], cursor: Cursor | None, at: datetime) -> tuple[int, ...]:
        """The cursor never moves back."""
        if not mails:
            return ()
        held = self.mailbox(mails[0].account_id, mails[0].mailbox)
        check_keep(mails, cursor, held.cursor if held else None)
        fresh = self._fresh(mails)
        first = take_numbers(self.connection, self.tenant_id, "mail", len(fresh))
        if fresh:
            rows = [self._values(one, place, first + n, at) for n, (one, place) in enumerate(fresh)]
            self.connection.execute(insert(mail), rows)
        if cursor is not None:
            moved = advanced(held.cursor if held else None, cursor)
            self.set_cursor(mails[0].account_id, mails[0].mailbox, moved)
        return tuple(range(first, first + len(fresh)))

    def _fresh(self, mails: tuple[KeepMail, ...]) -> list[tuple[KeepMail, str | None]]:
        places = [(one.account_id, _place(one)) for one in mails]
        known: set[tuple[str, str | None]] = set()
        for chunk in chunks([place for _, place in places if place is not None]):
            query = select(mail.c.account_id, mail.c.place).where(
                mail.c.tenant_id == self.tenant_id,
                mail.c.account_id.in_({account_id for account_id, _ in places}),
                mail.c.place.in_(chunk),
            )
            known.update((row.account_id, row.place) for row in self.connection.execute(query))
        fresh = []
        for one, (account_id, place) in zip(mails, places, strict=True):
            if (account_id, place) in known:
                continue
            if place is not None:
                known.add((account_id, place))
            fresh.append((one, place))
        return fresh

    def _values(self, one: KeepMail, place: str | None, mail_id: int, at: datetime) -> dict[str, Any]:
        return {
            "tenant_id": self.tenant_id,
            "account_id": one.account_id,
            "mail_id": mail_id,
            "place": place,
            "mailbox": one.mailbox,
            "uidvalidity": one.uidvalidity,
            "uid": one.uid,
            "sha256": one.sha256,
            "size": one.size,
            "internal_date": one.internal_date,
            "kept_at": at,
            "status": (MailStatus.OVERSIZE if one.sha256 is None else one.status).value,
        }

    def mail(self, mail_id: int) -> KeptMail:
        """Raises NotPossible when there is none."""
        found = self._kept(select(mail).where(mail.c.mail_id == mail_id))
        if not found:
            raise NotPossible(f"there is no mail {mail_id}")
        return found[0]

    def held_mail(self, mail_id: int) -> tuple[str, MailStatus] | None:
        """Account and status of a mail, or None when there is none."""
        query = select(mail.c.account_id, mail.c.status).where(
            mail.c.tenant_id == self.tenant_id, mail.c.mail_id == mail_id
        )
        row = self.connection.execute(query).one_or_none()
        return (row.account_id, MailStatus(row.status)) if row else None

    def mails(self, account_id: str, status: MailStatus | None, limit: int) -> tuple[KeptMail, ...]:
        """By number."""
        if status is not None:
            wanted = {"of_tenant": self.tenant_id, "of_account": account_id, "of_status": status.value}
            return self._with_cases(asked.MAILS_IN_STATUS.all(self.connection, wanted | {"at_most": limit}))
        return self._kept(select(mail).where(mail.c.account_id == account_id).limit(limit))

    def seen_before(self, one: KeptMail, message_id: str | None) -> KeptMail | None:
        """The first mail read with the same bytes or Message-ID."""
        alike = []
        if one.sha256 is not None:
            alike.append(mail.c.sha256 == one.sha256)
        if message_id is not None:
            alike.append(mail.c.message_id == message_id)
        if not alike:
            return None
        earlier = (
            mail.c.mail_id < one.mail_id if one.status is MailStatus.READ else mail.c.mail_id != one.mail_id
        )
        query = select(mail).where(
            mail.c.account_id == one.account_id, mail.c.status == MailStatus.READ.value, earlier, or_(*alike)
        )
        return next(iter(self._kept(query.limit(1))), None)

    def _kept(self, query: Any) -> tuple[KeptMail, ...]:
        rows = self.connection.execute(
            query.where(mail.c.tenant_id == self.tenant_id).order_by(mail.c.mail_id)
        ).all()
        return self._with_cases(rows)

    def _with_cases(self, rows: Sequence[Row[Any]]) -> tuple[KeptMail, ...]:
        cases: dict[int, list[str]] = {}
        for chunk in chunks([row.mail_id for row in rows]):
            links = select(mail_case.c.mail_id, mail_case.c.case_id).where(
                mail_case.c.tenant_id == self.tenant_id, mail_case.c.mail_id.in_(chunk)
            )
            for link in self.connection.execute(links.order_by(mail_case.c.position)):
                cases.setdefault(link.mail_id, []).append(link.case_id)
        return tuple(_kept_mail(row, tuple(cases.get(row.mail_id, ()))) for row in rows)

    def write_result(self, result: MailResult) -> None:
        """What became of a mail; its links to cases are those of the result."""
        here = and_(mail.c.tenant_id == self.tenant_id, mail.c.mail_id == result.mail_id)
        self.connection.execute(
            update(mail)
            .where(here)
            .values(
                status=result.status.value,
                kind=result.kind,
                reason=result.reason,
                message_id=result.message_id,
                **({"sha256": None} if result.status is MailStatus.ERASED else {}),
            )
        )
        self.connection.execute(
            delete(mail_case).where(
                mail_case.c.tenant_id == self.tenant_id, mail_case.c.mail_id == result.mail_id
            )
        )
        held = self.held_mail(result.mail_id)
        account_id = held[0] if held else None
        links = [
            {
                "tenant_id": self.tenant_id,
                "account_id": account_id,
                "mail_id": result.mail_id,
                "position": position,
                "case_id": case_id,
            }
            for position, case_id in enumerate(dict.fromkeys(result.cases))
        ]
        if links:
            self.connection.execute(insert(mail_case), links)


def _place(one: KeepMail) -> str | None:
    if one.mailbox != "":
        return f"{one.uidvalidity}/{one.uid}/{one.mailbox}"
    return None if one.sha256 is None else f"sha256/{one.sha256}"


def _kept_mail(row: Row[Any], cases: tuple[str, ...]) -> KeptMail:
    return KeptMail(
        mail_id=row.mail_id,
        tenant_id=row.tenant_id,
        account_id=row.account_id,
        mailbox=row.mailbox,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        sha256=row.sha256,
        size=row.size,
        internal_date=row.internal_date,
        kept_at=row.kept_at,
        status=MailStatus(row.status),
        kind=row.kind,
        reason=row.reason,
        message_id=row.message_id,
        cases=cases,
    )


def take_numbers(connection: Connection, tenant_id: int, name: str, count: int) -> int:
    """The first of `count` numbers that were never used and never will be again."""
    here = and_(counter.c.tenant_id == tenant_id, counter.c.name == name)
    # The update comes first: it makes other writers wait, also in a database that has more than one.
    moved = connection.execute(update(counter).where(here).values(last=counter.c.last + count))
    if moved.rowcount == 0:
        connection.execute(insert(counter).values(tenant_id=tenant_id, name=name, last=count))
    last = connection.execute(select(func.max(counter.c.last)).where(here)).scalar_one()
    return int(last) - count + 1


def chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """In pieces of few lengths that fit one statement; the last one is filled up with its last value.

    A statement is another one for each length, the driver keeps the last 128, and one over all cases of a
    year is as large as the year was long.
    """
    for start in range(0, len(values), LENGTHS[-1]):
        piece = values[start : start + LENGTHS[-1]]
        room = next(length for length in LENGTHS if length >= len(piece)) - len(piece)
        yield [*piece, *[piece[-1]] * room]


def _renumbered(row: Row[Any]) -> Renumbered | None:
    if row.old_below_uid is None:
        return None
    return Renumbered(below_uid=row.old_below_uid, older_than=row.old_before)
