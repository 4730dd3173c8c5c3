"""All tables within one transaction, and what it already found out about the rows it will write."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.case.model import Case
from bot.edge.store.check import Held
from bot.edge.store.rows_case import CaseHead, CaseRows
from bot.edge.store.rows_letter import ItemRows, LetterRows
from bot.edge.store.rows_mail import MailRows
from bot.edge.store.rows_stop import StopRows


class Rows:
    """Of one tenant; also answers what `check` asks."""

    def __init__(self, connection: Connection, tenant_id: int) -> None:
        self.connection = connection
        self.seen: dict[str, Case] = {}  #: read in this transaction, by the id asked for
        self.mails = MailRows(connection, tenant_id)
        self.cases = CaseRows(connection, tenant_id)
        self.letters = LetterRows(connection, tenant_id)
        self.items = ItemRows(connection, tenant_id)
        self.stops = StopRows(connection, tenant_id)
        self._heads: dict[str, CaseHead | None] = {}
        self._carried: dict[tuple[str, str], str] = {}
        self.held_mail = self.mails.held_mail
        self.open_item = self.items.open_item
        self.item = self.items.item

    def head(self, case_id: str) -> CaseHead | None:
        """What this transaction found of a case before it wrote anything."""
        if case_id not in self._heads:
            self._heads[case_id] = self.cases.head(case_id)
        return self._heads[case_id]

    def held_case(self, case_id: str) -> Held | None:
        """See `check.Known`."""
        head = self.head(case_id)
        return head.held if head else None

    def held_letter(self, letter_id: str) -> Held | None:
        """See `check.Known`."""
        found = self.letters.held(letter_id)
        if found is None:
            return None
        held, message_id = found
        self._carried[held.account_id, message_id] = letter_id
        return held

    def letter_id_of(self, account_id: str, message_id: str) -> str | None:
        """See `check.Known`; mostly the letter itself, which was just looked at."""
        known = self._carried.get((account_id, message_id))
        return known or self.letters.id_of(account_id, message_id)
