"""SQL about cases, their parties, their tracks and their diary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, func, insert, select, update

from bot.case.events import Event
from bot.case.model import Case, Party, Source
from bot.edge.store import record as records
from bot.edge.store.check import Held, no_such_case
from bot.edge.store.derive import CHAIN_START, chain_hash, folded, wakes_at
from bot.edge.store.rows_mail import chunks
from bot.edge.store.schema import (
    case_file,
    case_party,
    diary,
    letter,
    letter_case,
    party,
    party_address,
    track,
)
from bot.errors import Conflict, StoreDamaged

_SOURCES = tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Cases within one transaction of one tenant."""

    connection: Connection
    tenant_id: int

    def case(self, case_id: str) -> Case:
        """By its id or an unambiguous beginning of it. Raises NotPossible."""
        found = self.where(case_file.c.case_id == case_id)
        if found:
            return found[0]
        if not case_id:
            raise no_such_case(case_id, ())
        query = select(case_file.c.case_id).where(
            case_file.c.tenant_id == self.tenant_id,
            func.upper(case_file.c.case_id).startswith(case_id.upper(), autoescape=True),
        )
        ids = tuple(self.connection.execute(query.order_by(case_file.c.case_id).limit(6)).scalars())
        if len(ids) != 1:
            raise no_such_case(case_id, ids)
        return self.where(case_file.c.case_id == ids[0])[0]

    def held(self, case_id: str) -> Held | None:
        """Account and version."""
        query = select(case_file.c.account_id, case_file.c.version).where(self._here(case_id))
        row = self.connection.execute(query).one_or_none()
        return Held(account_id=row.account_id, version=row.version) if row else None

    def where(self, *conditions: ColumnElement[bool]) -> tuple[Case, ...]:
        """Cases that meet all conditions, newest first."""
        # Sorted here: asked to sort, SQLite walks every case by date rather than use the narrow index.
        cases = self._joined(select(case_file).where(case_file.c.tenant_id == self.tenant_id, *conditions))
        return tuple(sorted(cases, key=lambda case: (case.opened_at, case.case_id), reverse=True))

    def of_address(self, account_id: str, address: str) -> tuple[Case, ...]:
        """Cases with a party of this address."""
        ids = (
            select(case_party.c.case_id)
            .join(
                party_address,
                and_(
                    party_address.c.tenant_id == case_party.c.tenant_id,
                    party_address.c.account_id == case_party.c.account_id,
                    party_address.c.party_id == case_party.c.party_id,
                ),
            )
            .where(
                party_address.c.tenant_id == self.tenant_id,
                party_address.c.account_id == account_id,
                party_address.c.folded == folded(address),
            )
        )
        return self.where(case_file.c.account_id == account_id, case_file.c.case_id.in_(ids))

    def in_state(self, account_id: str, state: str) -> tuple[Case, ...]:
        """Cases with a track in this state, oldest first."""
        ids = select(track.c.case_id).where(
            track.c.tenant_id == self.tenant_id, track.c.account_id == account_id, track.c.state == state
        )
        return tuple(reversed(self.where(case_file.c.case_id.in_(ids))))

    def of_message_ids(self, account_id: str, message_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Cases linked to letters with one of these Message-IDs."""
        ids: set[str] = set()
        for chunk in chunks(message_ids):
            query = (
                select(letter_case.c.case_id)
                .join(
                    letter,
                    and_(
                        letter.c.tenant_id == letter_case.c.tenant_id,
                        letter.c.letter_id == letter_case.c.letter_id,
                    ),
                )
                .where(
                    letter.c.tenant_id == self.tenant_id,
                    letter.c.account_id == account_id,
                    letter.c.message_id.in_(chunk),
                )
            )
            ids.update(self.connection.execute(query).scalars())
        return self.where(case_file.c.account_id == account_id, case_file.c.case_id.in_(sorted(ids)))

    def opened_since(self, account_id: str, at: datetime) -> int:
        """How many."""
        query = select(func.count()).where(
            case_file.c.tenant_id == self.tenant_id,
            case_file.c.account_id == account_id,
            case_file.c.opened_at >= at,
        )
        return int(self.connection.execute(query).scalar_one())

    def due(self, now: datetime, limit: int) -> tuple[Case, ...]:
        """Longest due first."""
        query = select(case_file).where(case_file.c.tenant_id == self.tenant_id, case_file.c.wakes_at <= now)
        return self._joined(query.order_by(case_file.c.wakes_at, case_file.c.case_id).limit(limit))

    def wakes_at(self, account_id: str | None) -> datetime | None:
        """The earliest moment at which a case wants to act."""
        query = select(case_file.c.wakes_at).where(
            case_file.c.tenant_id == self.tenant_id, case_file.c.wakes_at.is_not(None)
        )
        if account_id is not None:
            query = query.where(case_file.c.account_id == account_id)
        return self.connection.execute(query.order_by(case_file.c.wakes_at).limit(1)).scalar()

    def _joined(self, query: Any) -> tuple[Case, ...]:
        rows = self.connection.execute(query).all()
        parties: dict[str, list[Party]] = {}
        for chunk in chunks([row.case_id for row in rows]):
            named = (
                select(case_party.c.case_id, party.c.document)
                .join(
                    party,
                    and_(
                        party.c.tenant_id == case_party.c.tenant_id,
                        party.c.account_id == case_party.c.account_id,
                        party.c.party_id == case_party.c.party_id,
                    ),
                )
                .where(case_party.c.tenant_id == self.tenant_id, case_party.c.case_id.in_(chunk))
                .order_by(case_party.c.position)
            )
            for row in self.connection.execute(named):
                parties.setdefault(row.case_id, []).append(records.loads(Party, row.document))
        return tuple(_case(row, tuple(parties.get(row.case_id, ()))) for row in rows)

    # Writing.
    def write(self, case: Case) -> None:
        """The case with its parties and tracks, one version on. Raises Conflict."""
        for one in case.parties:
            self._write_party(case.account_id, one)
        bare = replace(case, parties=(), facts=replace(case.facts, sources=()))
        values = {
            "version": case.version + 1,
            "opened_at": case.opened_at,
            "closed": case.closed,
            "complaint_id": case.facts.complaint_id,
            "next_due": case.next_due,
            "last_safe": case.last_safe,
            "deadline": case.deadline,
            "wakes_at": wakes_at(case),
            "document": records.dumps(bare),
            "sources": records.dumps(case.facts.sources, _SOURCES),
        }
        if case.version == 0:
            head = {"diary_length": 0, "diary_head": CHAIN_START}
            key = self._key(case.account_id, case.case_id)
            self.connection.execute(insert(case_file).values(key | values | head))
        else:
            here = and_(self._here(case.case_id), case_file.c.version == case.version)
            if self.connection.execute(update(case_file).where(here).values(values)).rowcount != 1:
                raise Conflict(f"case {case.case_id} has changed; nothing was written, read it again")
        self._write_lists(case)

    def _write_party(self, account_id: str, one: Party) -> None:
        key = {"tenant_id": self.tenant_id, "account_id": account_id, "party_id": one.party_id}
        document = records.dumps(one)
        here = [party.c[name] == value for name, value in key.items()]
        held = self.connection.execute(select(party.c.document).where(*here)).scalar()
        if held == document:
            return
        if held is None:
            self.connection.execute(insert(party).values(key | {"document": document}))
        else:
            self.connection.execute(update(party).where(*here).values(document=document))
        self.connection.execute(
            delete(party_address).where(*(party_address.c[name] == value for name, value in key.items()))
        )
        if one.addresses:
            self.connection.execute(
                insert(party_address),
                [
                    key | {"position": position, "folded": folded(address)}
                    for position, address in enumerate(one.addresses)
                ],
            )

    def _write_lists(self, case: Case) -> None:
        key = self._key(case.account_id, case.case_id)
        self._write_case_parties(case, key)
        self._forget(track, case)
        if case.tracks:
            self.connection.execute(
                insert(track),
                [
                    key
                    | {
                        "track_id": one.track_id,
                        "state": one.state.value,
                        "letter_id": one.letter_id,
                        "due_at": one.due_at,
                        "retry_at": one.retry_at,
                    }
                    for one in case.tracks
                ],
            )

    def _write_case_parties(self, case: Case, key: dict[str, Any]) -> None:
        """Who belongs to the case; that changes seldom, while the case changes with every state."""
        query = select(case_party.c.party_id).where(
            case_party.c.tenant_id == self.tenant_id, case_party.c.case_id == case.case_id
        )
        before = self.connection.execute(query.order_by(case_party.c.position)).scalars().all()
        if list(before) == [one.party_id for one in case.parties]:
            return
        self._forget(case_party, case)
        if case.parties:
            self.connection.execute(
                insert(case_party),
                [key | {"position": n, "party_id": one.party_id} for n, one in enumerate(case.parties)],
            )

    def _forget(self, table: Table, case: Case) -> None:
        self.connection.execute(
            delete(table).where(table.c.tenant_id == self.tenant_id, table.c.case_id == case.case_id)
        )

    def _key(self, account_id: str, case_id: str) -> dict[str, Any]:
        return {"tenant_id": self.tenant_id, "account_id": account_id, "case_id": case_id}

    def _here(self, case_id: str) -> ColumnElement[bool]:
        return and_(case_file.c.tenant_id == self.tenant_id, case_file.c.case_id == case_id)

    # The diary.
    def diary(self, case_id: str) -> tuple[Event, ...]:
        """Oldest first."""
        return tuple(records.event_loads(row.document) for row in self._lines(case_id))

    def write_lines(self, lines: list[tuple[str, Event]]) -> None:
        """Add diary lines, each numbered and hashed within its case."""
        for case_id in dict.fromkeys(case_id for case_id, _ in lines):
            self._write_lines(case_id, [event for owner, event in lines if owner == case_id])

    def _write_lines(self, case_id: str, events: list[Event]) -> None:
        head = self.connection.execute(
            select(case_file.c.account_id, case_file.c.diary_length, case_file.c.diary_head).where(
                self._here(case_id)
            )
        ).one()
        key = self._key(head.account_id, case_id)
        sequence, last, rows = head.diary_length, head.diary_head, []
        for event in events:
            document = records.event_dumps(event)
            sequence += 1
            last = chain_hash(last, case_id, sequence, document)
            line = {"sequence": sequence, "at": event.at, "event": type(event).__name__}
            rows.append(key | line | {"document": document, "hash": last})
        self.connection.execute(insert(diary), rows)
        self.connection.execute(
            update(case_file).where(self._here(case_id)).values(diary_length=sequence, diary_head=last)
        )

    def verify_chain(self, case_id: str) -> int:
        """Number of diary lines. Raises StoreDamaged when one was changed, added or taken away."""
        head = self.connection.execute(select(case_file).where(self._here(case_id))).one_or_none()
        if head is None:
            raise no_such_case(case_id, ())
        last, length = CHAIN_START, 0
        for length, row in enumerate(self._lines(case_id), 1):
            last = chain_hash(last, case_id, length, row.document)
            if row.sequence != length or row.hash != last:
                raise StoreDamaged(f"line {length} of the diary of case {case_id} is not what was written")
        if (length, last) != (head.diary_length, head.diary_head):
            raise StoreDamaged(
                f"the diary of case {case_id} has {length} lines, but {head.diary_length} were written"
            )
        return length

    def _lines(self, case_id: str) -> list[Row[Any]]:
        query = select(diary).where(diary.c.tenant_id == self.tenant_id, diary.c.case_id == case_id)
        return list(self.connection.execute(query.order_by(diary.c.sequence)))


def _case(row: Row[Any], parties: tuple[Party, ...]) -> Case:
    case = records.loads(Case, row.document)
    facts = replace(case.facts, sources=records.loads(_SOURCES, row.sources))
    return replace(case, facts=facts, parties=parties, version=row.version)
