"""All tables within one transaction, and what is known of them already, so that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from bot.case.model import Case
from bot.draft.model import Letter
from bot.draft.stops import StoppedAddress
from bot.edge.store import sqlite
from bot.edge.store.check import Held
from bot.edge.store.rows_case import CaseHead, CaseRows
from bot.edge.store.rows_letter import ItemRows, LetterRows
from bot.edge.store.rows_mail import MailRows
from bot.edge.store.rows_stop import StopRows
from bot.frozen import copy_with
from bot.ports import Change
from bot.review import ItemKind

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Known:
    """What the database holds at one moment, as far as it was read or written."""

    cases: dict[str, Case] = field(default_factory=dict)
    heads: dict[str, CaseHead | None] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    stops: tuple[StoppedAddress, ...] | None = None  #: None when they were not read
    lease: int | None = None  #: the number of the daemon, once it was compared
    #: what was answered about mail ("mail") and about open items (their kind), by what was asked
    answers: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def answers_after(self, change: Change) -> dict[tuple[object, ...], Any]:
        """Those that `change` cannot make different."""
        other: set[object] = {item.kind for item in change.open_items}
        other.update(closing.kind for closing in change.close_items)
        if change.snooze_item is not None or change.reworded_items:
            other.update(ItemKind)
        if change.mails:
            other.add("mail")
        return {asked: answer for asked, answer in self.answers.items() if asked[0] not in other}


class Rows:
    """Of one tenant; also answers what `check` asks.

    `known` must hold now: it is what an earlier transaction left, and nobody has written since. `as_of` is
    where the database stands, if it can tell; only then is an answer remembered.
    """

    def __init__(
        self,
        connection: Connection,
        tenant_id: int,
        known: Known | None = None,
        as_of: tuple[int, int] | None = None,
    ) -> None:
        self.connection = connection
        self.mails = MailRows(connection, tenant_id)
        self.cases = CaseRows(connection, tenant_id)
        self.letters = LetterRows(connection, tenant_id)
        self.items = ItemRows(connection, tenant_id)
        self.stops = StopRows(connection, tenant_id)
        self.known = known or Known()
        self.as_of = as_of  #: where the database stood when `known` last held, if it can tell
        self._carried: dict[tuple[str, str], str] = {}
        self.held_mail = self.mails.held_mail
        self.open_item = self.items.open_item
        self.item = self.items.item

    def undisturbed(self) -> bool:
        """Whether nothing was written here but what `wrote` was told of; False when nobody can tell."""
        return self.as_of is not None and sqlite.changes(self.connection) == self.as_of[1]

    def remembered(self, asked: tuple[object, ...], ask: Callable[[], T]) -> T:
        """The answer of `ask`; it is not asked again while it can only be the same. See `Known.answers`."""
        if not self.undisturbed():
            return ask()
        if asked not in self.known.answers:
            self.known.answers[asked] = ask()
        return cast(T, self.known.answers[asked])

    def wrote(self, change: Change, heads: Mapping[str, CaseHead], *, undisturbed: bool) -> None:
        """`change` is written: it is known, with the heads of its cases, and all else must be read again.

        `undisturbed`: nothing was written before it that we were not told of.
        """
        before = self.known
        answers = before.answers_after(change) if undisturbed else {}
        self.known = Known(stops=before.stops, lease=before.lease, answers=answers)
        if self.as_of is not None:
            self.as_of = self.as_of[0], sqlite.changes(self.connection)
        self._carried = {}
        for letter in change.letters:
            self.known.letters[letter.letter_id] = copy_with(letter, version=letter.version + 1)
        for case in change.cases:
            head = before.heads[case.case_id]
            if head is None or head.parties != case.parties:
                return  # a party may stand in several of these cases, and the last one written counts
        for case in change.cases:
            self.known.cases[case.case_id] = copy_with(case, version=case.version + 1)
            self.known.heads[case.case_id] = heads[case.case_id]

    def case(self, case_id: str) -> Case:
        """By its id or an unambiguous beginning of it. Raises NotPossible."""
        found = self.known.cases.get(case_id)
        if found is None:
            found, head = self.cases.read(case_id)
            self.known.cases[found.case_id] = found
            self.known.heads[found.case_id] = head
        return found

    def letter(self, letter_id: str) -> Letter:
        """Raises NotPossible when there is none."""
        found = self.known.letters.get(letter_id)
        if found is None:
            found = self.known.letters[letter_id] = self.letters.letter(letter_id)
        return found

    def seen_letter(self, letter_id: str) -> Letter | None:
        """The letter as it is held, if that is known."""
        return self.known.letters.get(letter_id)

    def seen_case(self, case_id: str) -> Case | None:
        """The case as it is held, if that is known."""
        return self.known.cases.get(case_id)

    def every_stop(self) -> tuple[StoppedAddress, ...]:
        """By address."""
        if self.known.stops is None:
            self.known.stops = self.stops.every()
        return self.known.stops

    def put_stop(self, stopped: StoppedAddress) -> None:
        """In place of one that is there."""
        self.known.stops = None
        self.stops.put(stopped)

    def remove_stop(self, address: str) -> bool:
        """Whether there was one."""
        self.known.stops = None
        return self.stops.remove(address)

    def head(self, case_id: str) -> CaseHead | None:
        """What is held of a case before this transaction writes anything."""
        if case_id not in self.known.heads:
            self.known.heads[case_id] = self.cases.head(case_id)
        return self.known.heads[case_id]

    def held_case(self, case_id: str) -> Held | None:
        """See `check.Known`."""
        head = self.head(case_id)
        return head.held if head else None

    def held_letter(self, letter_id: str) -> Held | None:
        """See `check.Known`."""
        seen = self.known.letters.get(letter_id)
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
