"""SQL about cases, their parties, their tracks and their diary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from bot.case.events import Event
from bot.case.model import Case, Facts, Party, Source, Track
from bot.edge.store import record as records
from bot.edge.store import statements as asked
from bot.edge.store.check import Held, no_such_case
from bot.edge.store.derive import CHAIN_START, chain_hash, changed, folded, wakes_at
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
from bot.frozen import copy_with

_SOURCES = tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """Whose case it is, how far it and its diary have come, and how many tracks it has."""

    held: Held
    tracks: int
    diary_length: int
    diary_head: str
    parties: tuple[Party, ...] | None = None  #: None when they were not read


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Cases within one transaction of one tenant."""

    connection: Connection
    tenant_id: int

    def read(self, case_id: str) -> tuple[Case, CaseHead]:
        """By its id or an unambiguous beginning of it. Raises NotPossible."""
        row = asked.CASE.first(self.connection, self._of(case_id))
        if row is not None:
            case = _case(row, self._parties(case_id))
            return case, _head(row, len(case.tracks), case.parties)
        if not case_id:
            raise no_such_case(case_id, ())
        query = select(case_file.c.case_id).where(
            case_file.c.tenant_id == self.tenant_id,
            func.upper(case_file.c.case_id).startswith(case_id.upper(), autoescape=True),
        )
        ids = tuple(self.connection.execute(query.order_by(case_file.c.case_id).limit(6)).scalars())
        if len(ids) != 1:
            raise no_such_case(case_id, ids)
        return self.read(ids[0])

    def head(self, case_id: str) -> CaseHead | None:
        """What must be known of a case before it is written."""
        row = asked.CASE_HEAD.first(self.connection, self._of(case_id))
        return None if row is None else _head(row, row.tracks)

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
    def write(
        self, case: Case, head: CaseHead | None, happened: Sequence[Event], held: Case | None = None
    ) -> CaseHead:
        """The case with its parties, its tracks and new lines of its diary, one version on. Raises Conflict.

        `head` is what is held of the case, None for a new one; the answer is what is held from now on.
        `held` is the case itself as this transaction read it, if it did.
        """
        people = self._write_parties(case, head.parties if head else None)
        lines = _lines_after(case.case_id, head, happened)
        length, last = _end_of_diary(head, lines)
        values = {
            "version": case.version + 1,
            "document": _bare(case),
            "diary_length": length,
            "diary_head": last,
            **changed(_columns, case, held),
        }
        if held is None or case.facts.sources != held.facts.sources:
            values["sources"] = records.dumps(case.facts.sources, _SOURCES)
        key = self._key(case.account_id, case.case_id)
        if case.version == 0:
            self.connection.execute(insert(case_file).values(key | values))
        else:
            here = self._of(case.case_id) | {"of_version": case.version}
            if asked.UPDATE_CASE.write(self.connection, here | values) != 1:
                raise Conflict(f"case {case.case_id} has changed; nothing was written, read it again")
        if people != [one.party_id for one in case.parties]:
            self._write_case_parties(case, key)
        self._write_tracks(case, key, head.tracks if head else 0, held)
        if lines:
            asked.INSERT_LINES.write(self.connection, *(key | line for line in lines))
        return CaseHead(
            held=Held(account_id=case.account_id, version=case.version + 1),
            tracks=len(case.tracks),
            diary_length=length,
            diary_head=last,
            parties=case.parties,
        )

    def _write_parties(self, case: Case, held: tuple[Party, ...] | None) -> list[str]:
        """Write those that changed; ids of those that the case had, which are `held` where that is known."""
        if held is None:
            held = self._parties(case.case_id) if case.version else ()
        before = {one.party_id: one for one in held}
        for one in case.parties:
            if before.get(one.party_id) != one:
                self._write_party(case.account_id, one)
        return list(before)

    def _parties(self, case_id: str) -> tuple[Party, ...]:
        rows = asked.PARTIES_OF_CASE.all(self.connection, self._of(case_id))
        return tuple(records.loads(Party, row.document) for row in rows)

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

    def _write_case_parties(self, case: Case, key: dict[str, Any]) -> None:
        self.connection.execute(
            delete(case_party).where(
                case_party.c.tenant_id == self.tenant_id, case_party.c.case_id == case.case_id
            )
        )
        if case.parties:
            self.connection.execute(
                insert(case_party),
                [key | {"position": n, "party_id": one.party_id} for n, one in enumerate(case.parties)],
            )

    def _write_tracks(self, case: Case, key: dict[str, Any], count: int, held: Case | None) -> None:
        """`count` is how many the case had, `held` the case with them, where that is known."""
        here = self._of(case.case_id)
        before = {one.track_id: one for one in held.tracks} if held else {}
        rows = [
            {"of_track": one.track_id} | columns
            for one in case.tracks
            if (columns := changed(_track_columns, one, before.get(one.track_id)))
        ]
        if count and count == len(case.tracks):
            moved = [here | row for row in rows]
            if asked.UPDATE_TRACK.write(self.connection, *moved) == len(moved):
                return
        asked.DELETE_TRACKS.write(self.connection, here)
        if case.tracks:
            asked.INSERT_TRACKS.write(
                self.connection,
                *(key | {"track_id": one.track_id} | _track_columns(one) for one in case.tracks),
            )

    def _key(self, account_id: str, case_id: str) -> dict[str, Any]:
        return {"tenant_id": self.tenant_id, "account_id": account_id, "case_id": case_id}

    def _of(self, case_id: str) -> dict[str, Any]:
        return {"of_tenant": self.tenant_id, "of_case": case_id}

    # The diary.
    def diary(self, case_id: str) -> tuple[Event, ...]:
        """Oldest first."""
        return tuple(records.event_loads(row.document) for row in self._lines(case_id))

    def write_lines(self, case_id: str, head: CaseHead, happened: Sequence[Event]) -> None:
        """Add diary lines to a case that is not written itself."""
        lines = _lines_after(case_id, head, happened)
        key = self._key(head.held.account_id, case_id)
        asked.INSERT_LINES.write(self.connection, *(key | line for line in lines))
        length, last = _end_of_diary(head, lines)
        moved = {"diary_length": length, "diary_head": last}
        asked.UPDATE_DIARY_HEAD.write(self.connection, self._of(case_id) | moved)

    def verify_chain(self, case_id: str) -> int:
        """Number of diary lines. Raises StoreDamaged when one was changed, added or taken away."""
        head = self.head(case_id)
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


#: Parties stand in a table of their own, and quoted words in a column of their own.
_bare = records.writer(
    Case, {"parties": lambda _: "[]", "facts": records.writer(Facts, {"sources": lambda _: "[]"})}
)


def _columns(case: Case) -> dict[str, Any]:
    """What cases are looked for by."""
    return {
        "opened_at": case.opened_at,
        "closed": case.closed,
        "complaint_id": case.facts.complaint_id,
        "next_due": case.next_due,
        "last_safe": case.last_safe,
        "deadline": case.deadline,
        "wakes_at": wakes_at(case),
    }


def _track_columns(one: Track) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "letter_id": one.letter_id,
        "due_at": one.due_at,
        "retry_at": one.retry_at,
    }


def _head(row: Any, tracks: int, parties: tuple[Party, ...] | None = None) -> CaseHead:
    return CaseHead(
        held=Held(account_id=row.account_id, version=row.version),
        tracks=tracks,
        diary_length=row.diary_length,
        diary_head=row.diary_head,
        parties=parties,
    )


def _case(row: Row[Any], parties: tuple[Party, ...]) -> Case:
    case = records.loads(Case, row.document)
    sources = records.loads(_SOURCES, row.sources)
    facts = replace(case.facts, sources=sources) if sources else case.facts
    return copy_with(case, facts=facts, parties=parties, version=row.version)


def _lines_after(case_id: str, head: CaseHead | None, happened: Sequence[Event]) -> list[dict[str, Any]]:
    """Rows for new lines of a diary, each numbered and hashed onto the one before."""
    sequence, last = _end_of_diary(head, ())
    lines: list[dict[str, Any]] = []
    for event in happened:
        document = records.event_dumps(event)
        sequence += 1
        last = chain_hash(last, case_id, sequence, document)
        line = {"sequence": sequence, "at": event.at, "event": type(event).__name__}
        lines.append(line | {"document": document, "hash": last})
    return lines


def _end_of_diary(head: CaseHead | None, lines: Sequence[dict[str, Any]]) -> tuple[int, str]:
    """Its length and the hash of its last line, once `lines` are written."""
    if lines:
        return lines[-1]["sequence"], lines[-1]["hash"]
    return (head.diary_length, head.diary_head) if head else (0, CHAIN_START)
