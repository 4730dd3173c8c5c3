"""A store that forgets when it is closed: for tests and rehearsals, with every rule of the real one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from bot.case.events import Event
from bot.case.model import Case, Party, State
from bot.draft.model import Letter, Need
from bot.draft.stops import StoppedAddress
from bot.edge.store import record as records
from bot.edge.store.check import Held, check_change, no_such_case, utc
from bot.edge.store.derive import (
    CHAIN_START,
    accepted_at,
    chain_hash,
    folded,
    linked_cases,
    wakes_at,
)
from bot.edge.store.memory_mail import MemoryMails
from bot.errors import NotPossible, StoreDamaged
from bot.ports import Change
from bot.review import Item, ItemClosing, ItemKind, NewItem


@dataclass(frozen=True, slots=True)
class _Line:
    document: str
    hash: str


class MemoryStore(MemoryMails):
    """`bot.ports.Store` in dictionaries. One thread at a time."""

    def __init__(self, *, tenant_id: int = 1) -> None:
        super().__init__(tenant_id)
        self._cases: dict[str, Case] = {}
        self._parties: dict[tuple[str, str], Party] = {}
        self._diaries: dict[str, tuple[_Line, ...]] = {}
        self._letters: dict[str, Letter] = {}
        self._letter_cases: dict[str, tuple[str, ...]] = {}
        self._message_ids: dict[tuple[str, str], str] = {}
        self._items: dict[int, Item] = {}
        self._open_items: dict[tuple[ItemKind, str], int] = {}
        self._stops: dict[str, StoppedAddress] = {}

    def one_view(self) -> AbstractContextManager[None]:
        """Nothing to hold: every method answers at once."""
        return nullcontext()

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """One thread at a time, so nobody writes in between; a block that raises leaves nothing behind."""
        before = {name: copy(value) for name, value in vars(self).items() if isinstance(value, dict | set)}
        try:
            yield
        except BaseException:
            vars(self).update(before)
            raise

    # Cases.
    def case(self, case_id: str) -> Case:
        """Exact, or by the beginning of its id."""
        if case_id in self._cases:
            return self._joined(self._cases[case_id])
        found = [one for one in sorted(self._cases) if case_id and one.upper().startswith(case_id.upper())]
        if len(found) != 1:
            raise no_such_case(case_id, tuple(found))
        return self._joined(self._cases[found[0]])

    def cases(self, account_id: str | None = None, *, open_only: bool = False) -> tuple[Case, ...]:
        """Newest first."""
        return self._newest(
            case
            for case in self._cases.values()
            if account_id in (None, case.account_id) and not (open_only and case.closed)
        )

    def cases_in_state(self, account_id: str, state: State) -> tuple[Case, ...]:
        """Oldest first."""
        found = self._newest(
            case
            for case in self._cases.values()
            if case.account_id == account_id and any(one.state is state for one in case.tracks)
        )
        return tuple(reversed(found))

    def cases_of_complaint(self, account_id: str, complaint_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Newest first."""
        return self._newest(
            case
            for case in self._cases.values()
            if case.account_id == account_id and case.facts.complaint_id in complaint_ids
        )

    def cases_of_address(self, account_id: str, address: str) -> tuple[Case, ...]:
        """Newest first."""
        wanted = folded(address)
        return self._newest(
            case
            for case in self._cases.values()
            if case.account_id == account_id
            and any(wanted == folded(a) for party in self._joined(case).parties for a in party.addresses)
        )

    def cases_of_mail(self, account_id: str, message_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Newest first."""
        letters = [self._message_ids.get((account_id, one)) for one in message_ids]
        found = {case_id for one in letters if one is not None for case_id in self._letter_cases[one]}
        return self._newest(self._cases[case_id] for case_id in found)

    def opened_since(self, account_id: str, at: datetime) -> int:
        """That moment included."""
        return sum(
            1 for case in self._cases.values() if case.account_id == account_id and case.opened_at >= at
        )

    def diary(self, case_id: str) -> tuple[Event, ...]:
        """Oldest first."""
        return tuple(records.event_loads(line.document) for line in self._diaries.get(case_id, ()))

    def verify_chain(self, case_id: str) -> int:
        """Number of diary lines. Raises StoreDamaged when one is not what was written."""
        if case_id not in self._cases:
            raise no_such_case(case_id, ())
        previous, lines = CHAIN_START, self._diaries.get(case_id, ())
        for sequence, line in enumerate(lines, 1):
            previous = chain_hash(previous, case_id, sequence, line.document)
            if previous != line.hash:
                raise StoreDamaged(f"line {sequence} of the diary of case {case_id} was changed")
        return len(lines)

    def due(self, now: datetime, limit: int = 100) -> tuple[Case, ...]:
        """Longest due first."""
        moments = [(moment, case_id) for case_id, case in self._cases.items() if (moment := wakes_at(case))]
        found = sorted((moment, case_id) for moment, case_id in moments if moment <= now)
        return tuple(self._joined(self._cases[case_id]) for _, case_id in found[:limit])

    def next_due(self, account_ids: tuple[str, ...] | None = None) -> datetime | None:
        """Over all accounts when none are named."""

        moments = (
            wakes_at(case)
            for case in self._cases.values()
            if account_ids is None or case.account_id in account_ids
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def _joined(self, case: Case) -> Case:
        parties = tuple(self._parties[case.account_id, party.party_id] for party in case.parties)
        return replace(case, parties=parties)

    def _newest(self, cases: Iterable[Case]) -> tuple[Case, ...]:
        ordered = sorted(cases, key=lambda case: (case.opened_at, case.case_id), reverse=True)
        return tuple(map(self._joined, ordered))

    # Letters.
    def letter(self, letter_id: str) -> Letter:
        """By its id."""
        if letter_id not in self._letters:
            raise NotPossible(f"there is no letter {letter_id}")
        return self._letters[letter_id]

    def letters(
        self,
        *,
        account_id: str | None = None,
        states: tuple[State, ...] = (),
        to: str | None = None,
        needs: Need | None = None,
    ) -> tuple[Letter, ...]:
        """Oldest first."""
        found = [
            letter
            for letter in self._letters.values()
            if account_id in (None, letter.account_id)
            and (not states or letter.state in states)
            and (to is None or folded(letter.to) == folded(to))
            and needs in (None, letter.needs)
        ]
        return tuple(sorted(found, key=lambda letter: (letter.drafted_at, letter.letter_id)))

    def letter_of_message_id(self, account_id: str, message_id: str) -> Letter | None:
        """Within the account."""
        letter_id = self._message_ids.get((account_id, message_id))
        return self._letters[letter_id] if letter_id is not None else None

    def new_addresses_since(self, account_id: str, at: datetime) -> int:
        """Addresses whose first accepted letter is not older."""
        first: dict[str, datetime] = {}
        for one in self._letters.values():
            end = accepted_at(one)
            if one.account_id == account_id and end is not None:
                first[folded(one.to)] = min(end, first.get(folded(one.to), end))
        return sum(end >= at for end in first.values())

    def accepted_since(self, account_id: str | None, at: datetime, *, to: str | None = None) -> int:
        """That moment included."""
        return sum(
            account_id in (None, one.account_id)
            and (to is None or folded(one.to) == folded(to))
            and (end := accepted_at(one)) is not None
            and end >= at
            for one in self._letters.values()
        )

    # The queue.
    def item(self, number: int) -> Item:
        """By its number."""
        if number not in self._items:
            raise NotPossible(f"there is no item {number}; `rejoinder queue` lists what waits")
        return self._items[number]

    def items(
        self, *, open_only: bool = True, account_id: str | None = None, kind: ItemKind | None = None
    ) -> tuple[Item, ...]:
        """By number."""
        return tuple(
            item
            for item in self._items.values()
            if account_id in (None, item.account_id)
            and kind in (None, item.kind)
            and not (open_only and item.closed_at is not None)
        )

    def open_item(self, kind: ItemKind, subject: str) -> Item | None:
        """At most one."""
        number = self._open_items.get((kind, subject))
        return self._items[number] if number is not None else None

    # Stops.
    def stopped_addresses(self) -> tuple[StoppedAddress, ...]:
        """By address."""
        return tuple(self._stops[address] for address in sorted(self._stops))

    def stop_address(self, stopped: StoppedAddress) -> None:
        """In place of one that is there."""
        self._stops[stopped.address] = replace(stopped, at=utc(stopped.at))

    def remove_stop(self, address: str) -> bool:
        """Exactly this one."""
        return self._stops.pop(address, None) is not None

    # Writing.
    def held_case(self, case_id: str) -> Held | None:
        """See `check.Known`."""
        case = self._cases.get(case_id)
        return Held(account_id=case.account_id, version=case.version) if case else None

    def held_letter(self, letter_id: str) -> Held | None:
        """See `check.Known`."""
        letter = self._letters.get(letter_id)
        return Held(account_id=letter.account_id, version=letter.version) if letter else None

    def letter_id_of(self, account_id: str, message_id: str) -> str | None:
        """See `check.Known`."""
        return self._message_ids.get((account_id, message_id))

    def record(self, change: Change, at: datetime) -> tuple[int, ...]:
        """Numbers of the items that are new; an item only updated is not among them."""
        at = utc(at)
        check_change(change, self, self.tenant_id)
        # Through JSON and back: what a database would refuse is refused here, before anything is written.
        cases = [records.loads(Case, records.dumps(case)) for case in change.cases]
        letters = [records.loads(Letter, records.dumps(letter)) for letter in change.letters]
        lines = [(case_id, records.event_dumps(event)) for case_id, event in change.diary]
        number, until = change.snooze_item or (0, None)
        until = utc(until) if until is not None else None

        for case in cases:
            self._write_case(case)
        for case_id, document in lines:
            self._write_line(case_id, document)
        for letter in letters:
            self._write_letter(letter)
        for result in change.mails:
            self._write_mail(result)
        for closing in change.close_items:
            self._close_item(closing, at)
        if number and self._items[number].closed_at is None:
            self._items[number] = replace(self._items[number], snoozed_until=until)
        for reworded, detail in change.reworded_items:
            self._items[reworded] = replace(self._items[reworded], detail=detail)
        opened = [self._open_item(new, at) for new in change.open_items]
        return tuple(number for number in opened if number is not None)

    def _write_case(self, case: Case) -> None:
        self._cases[case.case_id] = replace(case, version=case.version + 1)
        for party in case.parties:
            self._parties[case.account_id, party.party_id] = party

    def _write_line(self, case_id: str, document: str) -> None:
        lines = self._diaries.get(case_id, ())
        previous = lines[-1].hash if lines else CHAIN_START
        line = _Line(document, chain_hash(previous, case_id, len(lines) + 1, document))
        self._diaries[case_id] = (*lines, line)

    def _write_letter(self, letter: Letter) -> None:
        before = self._letters.get(letter.letter_id)
        if before is not None:
            self._message_ids.pop((before.account_id, before.message_id), None)
        self._message_ids[letter.account_id, letter.message_id] = letter.letter_id
        self._letters[letter.letter_id] = replace(letter, version=letter.version + 1)
        before_cases = self._letter_cases.get(letter.letter_id, ())
        self._letter_cases[letter.letter_id] = linked_cases(letter, before_cases)

    def _close_item(self, closing: ItemClosing, at: datetime) -> None:
        number = self._open_items.pop((closing.kind, closing.subject), None)
        if number is not None:
            self._items[number] = replace(
                self._items[number], closed_at=at, outcome=closing.outcome, snoozed_until=None
            )

    def _open_item(self, new: NewItem, at: datetime) -> int | None:
        number = self._open_items.get((new.kind, new.subject))
        if number is not None:
            item = self._items[number]
            cases = tuple(dict.fromkeys((*item.cases, *new.cases)))
            item = replace(item, reason=new.reason, detail=new.detail, cases=cases)
            self._items[number] = replace(item, sender=new.sender, title=new.title)
            return None
        number = len(self._items) + 1
        self._open_items[new.kind, new.subject] = number
        self._items[number] = Item(
            number=number,
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
        return number

    def compact(self) -> None:
        """Nothing is left of what was replaced."""

    def close(self) -> None:
        """Nothing to let go of."""
