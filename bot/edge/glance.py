"""The queue at a glance: one reading of the SQLite file for a list, without building cases and letters.

A person types `rejoinder queue` all day and must not wait for SQLAlchemy and a thousand whole cases. What is
read here is only shown; every answer goes through the store, which reads again and decides.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import SchemaTooNew, StoreError

#: The schema that the queries here are written for (`bot.edge.store.schema.SCHEMA_VERSION`).
KNOWN_SCHEMA = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ITEMS = "SELECT document FROM item WHERE tenant_id = ? AND open_subject IS NOT NULL ORDER BY number"
_OPEN_CASES = (
    "SELECT c.case_id, c.closed, c.complaint_id, c.last_safe, c.deadline, c.document FROM case_file c "
    "WHERE c.tenant_id = ? AND c.case_id IN (SELECT value FROM json_each(?))"
)
_PARTIES = (
    "SELECT l.case_id, p.document FROM case_party l JOIN party p ON p.tenant_id = l.tenant_id "
    "AND p.account_id = l.account_id AND p.party_id = l.party_id "
    "WHERE l.tenant_id = ? AND l.case_id IN (SELECT value FROM json_each(?)) ORDER BY l.position"
)
_LETTERS = (
    "SELECT letter_id, state, leaves_at, json_extract(document, '$.step'), json_extract(document, '$.to'), "
    "json_extract(document, '$.revision'), json_extract(document, '$.edited_by') "
    "FROM letter WHERE tenant_id = ? AND letter_id IN (SELECT value FROM json_each(?))"
)
_MAILBOXES = "SELECT account_id, name, reconciled_at FROM mailbox WHERE tenant_id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class GlanceItem:
    """An open item; the words are those of `bot.review.Item`."""

    number: int
    kind: str
    subject: str
    account_id: str
    cases: tuple[str, ...]
    reason: str
    opened_at: datetime
    snoozed_until: datetime | None
    sender: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlanceCase:
    """What a list shows of a case."""

    case_id: str
    closed: bool
    complaint_id: str | None
    asins: tuple[str, ...]
    last_safe: datetime | None
    deadline: datetime | None
    tracks: Mapping[str, tuple[str, str]]  #: track id → role of its party, step
    parties: Mapping[str, str]  #: role → address, else organisation, else name


@dataclass(frozen=True, slots=True, kw_only=True)
class GlanceLetter:
    """What a list shows of a letter."""

    letter_id: str
    state: str
    step: str
    to: str
    leaves_at: datetime | None  #: end of the undo window of an approved letter
    revision: int
    written_again: bool  #: as `bot.draft.model.Letter.written_again`


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Everything the queue shows, at one moment."""

    items: tuple[GlanceItem, ...] = ()
    cases: Mapping[str, GlanceCase]
    letters: Mapping[str, GlanceLetter]
    reconciled: Mapping[tuple[str, str], datetime | None]  #: (account, mailbox) → last read


def glance(database: Path, *, tenant_id: int = 1) -> Glance:
    """Read it in one transaction; empty when there is no database yet. Raises StoreError and its kin."""
    if not database.is_file() or not database.stat().st_size:
        return Glance(cases={}, letters={}, reconciled={})
    with _reading(database) as connection:
        items = tuple(_item(row[0]) for row in connection.execute(_ITEMS, (tenant_id,)))
        cases = json.dumps(sorted({case_id for item in items for case_id in item.cases}))
        letters = json.dumps([x.subject[7:] for x in items if x.subject.startswith("letter:")])
        parties: dict[str, dict[str, str]] = {}
        for case_id, document in connection.execute(_PARTIES, (tenant_id, cases)):
            party = json.loads(document)
            who = next(iter(party["addresses"]), None) or party["organisation"] or party["name"] or ""
            parties.setdefault(case_id, {}).setdefault(party["role"], who)
        found = (
            _case(row, parties.get(row[0], {})) for row in connection.execute(_OPEN_CASES, (tenant_id, cases))
        )
        return Glance(
            items=items,
            cases={case.case_id: case for case in found},
            letters={row[0]: _letter(row) for row in connection.execute(_LETTERS, (tenant_id, letters))},
            reconciled={
                (account, name): _instant(at)
                for account, name, at in connection.execute(_MAILBOXES, (tenant_id,))
            },
        )


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(database, timeout=5.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            (version,) = connection.execute("SELECT version FROM schema_version").fetchone()
            if version < KNOWN_SCHEMA:
                raise StoreError(
                    f"{database} has the older schema {version}; `rejoinder case list` brings it up to date, "
                    "after putting a copy of it beside it"
                )
            if version > KNOWN_SCHEMA:
                raise SchemaTooNew(
                    f"{database} has schema {version} and this Rejoinder knows {KNOWN_SCHEMA}; "
                    "install the version that wrote it"
                )
            yield connection
    except (sqlite3.Error, TypeError, ValueError, KeyError) as error:
        raise _explained(error, database) from error


def _explained(error: Exception, database: Path) -> StoreError:
    from bot.edge.store.sqlite import explain

    return explain(error, str(database))


def _item(document: str) -> GlanceItem:
    item = json.loads(document)
    return GlanceItem(
        number=item["number"],
        kind=item["kind"],
        subject=item["subject"],
        account_id=item["account_id"],
        cases=tuple(item["cases"]),
        reason=item["reason"],
        opened_at=datetime.fromisoformat(item["opened_at"]),
        snoozed_until=datetime.fromisoformat(item["snoozed_until"]) if item["snoozed_until"] else None,
        sender=item.get("sender", ""),  # of an earlier version: not kept
        title=item.get("title", ""),
    )


def _case(row: tuple[Any, ...], parties: Mapping[str, str]) -> GlanceCase:
    case_id, closed, complaint_id, last_safe, deadline, document = row
    case = json.loads(document)
    return GlanceCase(
        case_id=case_id,
        closed=bool(closed),
        complaint_id=complaint_id,
        asins=tuple(listing["asin"] for listing in case["facts"]["listings"]),
        last_safe=_instant(last_safe),
        deadline=_instant(deadline),
        tracks={track["track_id"]: (track["party"], track["step"]) for track in case["tracks"]},
        parties=parties,
    )


def _letter(row: tuple[Any, ...]) -> GlanceLetter:
    letter_id, state, leaves_at, step, to, revision, edited_by = row
    return GlanceLetter(
        letter_id=letter_id,
        state=state,
        step=step,
        to=to,
        leaves_at=_instant(leaves_at),
        revision=revision,
        written_again=revision > 1 and edited_by is None,
    )


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
