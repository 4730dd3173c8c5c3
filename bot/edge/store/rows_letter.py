"""SQL about letters and about the queue of review items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select

from bot.draft.model import Letter
from bot.edge.store import record as records
from bot.edge.store import statements as asked
from bot.edge.store.check import Held
from bot.edge.store.derive import accepted_at, changed, folded, leaves_at, linked_cases
from bot.edge.store.rows_mail import take_numbers
from bot.edge.store.schema import item, letter, letter_case
from bot.errors import Conflict, NotPossible
from bot.frozen import copy_with
from bot.review import Item, ItemClosing, ItemKind, NewItem


@dataclass(frozen=True, slots=True)
class LetterRows:
    """Letters within one transaction of one tenant."""

    connection: Connection
    tenant_id: int

    def letter(self, letter_id: str) -> Letter:
        """Raises NotPossible when there is none."""
        row = asked.LETTER.first(self.connection, self._of(letter_id))
        if row is None:
            raise NotPossible(f"there is no letter {letter_id}")
        return _letter(row)

    def held(self, letter_id: str) -> tuple[Held, str] | None:
        """Account and version, and its Message-ID."""
        row = asked.LETTER_HEAD.first(self.connection, self._of(letter_id))
        return (Held(account_id=row.account_id, version=row.version), row.message_id) if row else None

    def accepted_since(self, account_id: str | None, at: datetime, to: str | None) -> int:
        """How many, counted by the database: in a busy day there are many, and each is large."""
        if account_id is None:
            everywhere = {"of_tenant": self.tenant_id, "since": at}
            return int(asked.ACCEPTED_IN_ALL_SINCE.value(self.connection, everywhere))
        wanted = {"of_tenant": self.tenant_id, "of_account": account_id, "since": at}
        if to is None:
            return int(asked.ACCEPTED_SINCE.value(self.connection, wanted))
        wanted["of_address"] = folded(to)
        return int(asked.ACCEPTED_BY_SINCE.value(self.connection, wanted))

    def new_addresses_since(self, account_id: str, at: datetime) -> int:
        """How many, counted by the database."""
        wanted = {"of_tenant": self.tenant_id, "of_account": account_id, "since": at}
        return int(asked.NEW_ADDRESSES_SINCE.value(self.connection, wanted))

    def where(self, *conditions: ColumnElement[bool]) -> tuple[Letter, ...]:
        """Letters that meet all conditions, oldest first."""
        query = select(letter.c.document, letter.c.version).where(
            letter.c.tenant_id == self.tenant_id, *conditions
        )
        return tuple(
            map(_letter, self.connection.execute(query.order_by(letter.c.drafted_at, letter.c.letter_id)))
        )

    def id_of(self, account_id: str, message_id: str) -> str | None:
        """Id of the letter that carries this Message-ID."""
        wanted = {"of_tenant": self.tenant_id, "of_account": account_id, "of_message_id": message_id}
        found: str | None = asked.LETTER_OF_MESSAGE_ID.value(self.connection, wanted)
        return found

    def write(self, one: Letter, held: Letter | None = None) -> None:
        """The letter and its links to cases, one version on. Raises Conflict.

        `held` is what this transaction read of the letter, if it did.
        """
        document = records.dumps(one)  # first: it refuses what does not fit its hint
        values = {"document": document, "version": one.version + 1, **changed(_columns, one, held)}
        key = {"tenant_id": self.tenant_id, "account_id": one.account_id, "letter_id": one.letter_id}
        if one.version == 0:
            self.connection.execute(insert(letter).values(key | values))
        else:
            here = self._of(one.letter_id) | {"of_version": one.version}
            if asked.UPDATE_LETTER.write(self.connection, here | values) != 1:
                raise Conflict(f"letter {one.letter_id} has changed; nothing was written, read it again")
        if held is None or [ref.case_id for ref in held.tracks] != [ref.case_id for ref in one.tracks]:
            self._write_links(one, key)

    def _write_links(self, one: Letter, key: dict[str, Any]) -> None:
        found = asked.CASES_OF_LETTER.all(self.connection, self._of(one.letter_id)) if one.version else []
        before = tuple(row.case_id for row in found)
        cases = linked_cases(one, before)
        if cases == before:
            return
        here = (letter_case.c.tenant_id == self.tenant_id, letter_case.c.letter_id == one.letter_id)
        self.connection.execute(delete(letter_case).where(*here))
        if cases:
            self.connection.execute(
                insert(letter_case),
                [key | {"position": n, "case_id": case_id} for n, case_id in enumerate(cases)],
            )

    def _of(self, letter_id: str) -> dict[str, Any]:
        return {"of_tenant": self.tenant_id, "of_letter": letter_id}


@dataclass(frozen=True, slots=True)
class ItemRows:
    """The queue within one transaction of one tenant."""

    connection: Connection
    tenant_id: int

    def item(self, number: int) -> Item:
        """Raises NotPossible when there is none."""
        found = self.where(item.c.number == number)
        if not found:
            raise NotPossible(f"there is no item {number}; `rejoinder queue` lists what waits")
        return found[0]

    def where(self, *conditions: ColumnElement[bool]) -> tuple[Item, ...]:
        """Items that meet all conditions, by number."""
        query = select(item.c.document).where(item.c.tenant_id == self.tenant_id, *conditions)
        rows = self.connection.execute(query.order_by(item.c.number)).scalars()
        return tuple(records.loads(Item, document) for document in rows)

    def open_item(self, kind: ItemKind, subject: str) -> Item | None:
        """The open one of this kind and subject."""
        wanted = {"of_tenant": self.tenant_id, "of_kind": kind.value, "of_subject": subject}
        document = asked.OPEN_ITEM.value(self.connection, wanted)
        return records.loads(Item, document) if document is not None else None

    def open_of_kind(self, account_id: str, kind: ItemKind) -> tuple[Item, ...]:
        """The open ones of one account and kind, by number."""
        wanted = {"of_tenant": self.tenant_id, "of_account": account_id, "of_kind": kind.value}
        rows = asked.OPEN_ITEMS_OF_KIND.all(self.connection, wanted)
        return tuple(records.loads(Item, row.document) for row in rows)

    def open(self, new: NewItem, at: datetime) -> int | None:
        """Number of the new item; None when one was open and is now up to date."""
        held = self.open_item(new.kind, new.subject)
        if held is not None:
            cases = tuple(dict.fromkeys((*held.cases, *new.cases)))
            held = replace(held, reason=new.reason, detail=new.detail, cases=cases)
            self._update(replace(held, sender=new.sender, title=new.title))
            return None
        one = Item(
            number=take_numbers(self.connection, self.tenant_id, "item", 1),
            kind=new.kind,
            subject=new.subject,
            account_id=new.account_id,
            cases=tuple(dict.fromkeys(new.cases)),
            reason=new.reason,
            detail=new.detail,
            opened_at=at,
            sender=new.sender,
            title=new.title,
        )
        key = {"tenant_id": self.tenant_id, "account_id": one.account_id, "kind": one.kind.value}
        self.connection.execute(insert(item).values(key | {"number": one.number} | _values(one)))
        return one.number

    def close(self, closing: ItemClosing, at: datetime) -> None:
        """Close it if it is open."""
        held = self.open_item(closing.kind, closing.subject)
        if held is not None:
            self._update(replace(held, closed_at=at, outcome=closing.outcome, snoozed_until=None))

    def snooze(self, number: int, until: datetime | None) -> None:
        """Put it away until then; None brings it back. Closed items stay as they are."""
        held = self.item(number)
        if held.closed_at is None:
            self._update(replace(held, snoozed_until=until))

    def reword(self, number: int, detail: str) -> None:
        """Another detail, also of a closed one."""
        self._update(replace(self.item(number), detail=detail))

    def _update(self, one: Item) -> None:
        here = {"of_tenant": self.tenant_id, "of_number": one.number}
        asked.UPDATE_ITEM.write(self.connection, here | _values(one))


def _columns(one: Letter) -> dict[str, Any]:
    """What letters are looked for by."""
    return {
        "state": one.state.value,
        "message_id": one.message_id,
        "to": folded(one.to),
        "needs": one.needs.value if one.needs else None,
        "drafted_at": one.drafted_at,
        "leaves_at": leaves_at(one),
        "accepted_at": accepted_at(one),
    }


def _values(one: Item) -> dict[str, Any]:
    return {
        "open_subject": one.subject if one.closed_at is None else None,
        "snoozed_until": one.snoozed_until,
        "document": records.dumps(one),
    }


def _letter(row: Row[str, int]) -> Letter:
    return copy_with(records.loads(Letter, row.document), version=row.version)
