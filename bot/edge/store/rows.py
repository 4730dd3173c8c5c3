"""All tables within one transaction, and what it already read, so that nothing is asked twice."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.case.model import Case
from bot.draft.model import Letter
from bot.draft.stops import StoppedAddress
from bot.edge.store.check import Held
from bot.edge.store.rows_case import CaseHead, CaseRows
from bot.edge.store.rows_letter import ItemRows, LetterRows
from bot.edge.store.rows_mail import MailRows
from bot.edge.store.rows_stop import StopRows


class Rows:
    """Of one tenant; also answers what `check` asks."""

    def __init__(self, connection: Connection, tenant_id: int) -> None:
        self.connection = connection
        self.mails = MailRows(connection, tenant_id)
        self.cases = CaseRows(connection, tenant_id)
        self.letters = LetterRows(connection, tenant_id)
        self.items = ItemRows(connection, tenant_id)
        self.stops = StopRows(connection, tenant_id)
        self.forget()
        self.held_mail = self.mails.held_mail
        self.open_item = self.items.open_item
        self.item = self.items.item

    def forget(self) -> None:
        """Something was written: read everything again."""
        self._cases: dict[str, Case] = {}
        self._heads: dict[str, CaseHead | None] = {}
        self._letters: dict[str, Letter] = {}
        self._carried: dict[tuple[str, str], str] = {}
        self._stops: tuple[StoppedAddress, ...] | None = None

    def case(self, case_id: str) -> Case:
        """By its id or an unambiguous beginning of it. Raises NotPossible."""
        found = self._cases.get(case_id)
        if found is None:
            found, head = self.cases.read(case_id)
            self._cases[case_id] = found
            self._heads[found.case_id] = head
        return found

    def letter(self, letter_id: str) -> Letter:
        """Raises NotPossible when there is none."""
        found = self._letters.get(letter_id)
        if found is None:
            found = self._letters[letter_id] = self.letters.letter(letter_id)
        return found

    def seen_letter(self, letter_id: str) -> Letter | None:
        """The letter as it is held, if this transaction read it."""
        return self._letters.get(letter_id)

    def every_stop(self) -> tuple[StoppedAddress, ...]:
        """By address."""
        if self._stops is None:
            self._stops = self.stops.every()
        return self._stops

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
        seen = self._letters.get(letter_id)
        if seen is not None:
            held, message_id = Held(account_id=seen.account_id, version=seen.version), seen.message_id
        else:
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
