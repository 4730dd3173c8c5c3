"""The store over SQLAlchemy Core: each method is one short transaction, and nothing of it escapes.

Reading and writing transactions are told apart; what SQLite does with that stands in a module of its own.
Every write first asks `check`, so both stores refuse the same things.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, inspect, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.case.events import Event
from bot.case.model import Case, State
from bot.draft.model import Letter, Need
from bot.draft.stops import StoppedAddress
from bot.edge.store import lease, migrate, sqlite
from bot.edge.store.check import check_change, utc
from bot.edge.store.derive import folded
from bot.edge.store.rows import Known, Rows
from bot.edge.store.schema import (
    SCHEMA_VERSION,
    case_file,
    item,
    letter,
    metadata,
    schema_version,
)
from bot.errors import Conflict, LeaseLost, SchemaTooNew, StoreError
from bot.ports import Change, Cursor, KeepMail, KeptMail, MailboxRow, MailStatus, Renumbered
from bot.review import Item, ItemKind


class SqlStore:
    """`bot.ports.Store` in a database. See there for what the methods mean; `open_store` makes one."""

    def __init__(self, url: URL | str, *, tenant_id: int = 1, check: bool = True) -> None:
        """Open, create when empty, and with `check` make sure that the file is sound.

        Raises SchemaTooNew, StoreDamaged, StoreFull or StoreError.
        """
        self.url = make_url(url)
        self.tenant_id = tenant_id
        self.place = self.url.database or self.url.render_as_string(hide_password=True)
        self._view = _View()
        self._lease: int | None = None  #: our number, while we are the daemon
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        if self._is_sqlite:
            sqlite.make_room(self.url)
        self.engine = create_engine(self.url)
        self._driver: Any = self.engine.dialect.loaded_dbapi  # its errors come bare from a prepared statement
        if self._is_sqlite:
            sqlite.prepare(self.engine)
        try:
            if self._is_sqlite and check:
                with self._reading() as rows:
                    sqlite.check(rows.connection, self.place)
            self._open_schema()
        except BaseException:
            self.engine.dispose()
            raise

    def _open_schema(self) -> None:
        with self._reading() as rows:
            tables = set(inspect(rows.connection).get_table_names())
            version = self._version(rows.connection) if schema_version.name in tables else None
        if version == SCHEMA_VERSION:
            return
        if version is not None:
            self._upgrade(version)
            return
        if tables:
            raise StoreError(f"{self.place} is a database of another program; name a path of its own")
        with self._writing() as rows:
            connection = rows.connection
            metadata.create_all(connection)
            # Another process may have been first while we waited for the lock.
            if connection.execute(select(schema_version.c.version)).first() is None:
                connection.execute(insert(schema_version).values(version=SCHEMA_VERSION))

    def _version(self, connection: Connection) -> int:
        version: int = connection.execute(select(schema_version.c.version)).scalar_one()
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(
                f"{self.place} was written by a newer Rejoinder (schema {version}, this one knows "
                f"{SCHEMA_VERSION}); install that version again, or go back to a backup from before it"
            )
        return version

    def _upgrade(self, version: int) -> None:
        """From an older schema to ours; on a file only alone, and with a copy of it put beside it first."""
        steps = migrate.steps_from(version, migrate.MIGRATIONS, SCHEMA_VERSION)
        file = Path(self.place) if self._is_sqlite else None
        lock = migrate.refuse_while_used(file) if file else None
        try:
            if file:
                migrate.copy_beside(file, version)
            with self._writing() as rows:
                if self._version(rows.connection) != version:
                    raise Conflict(f"another process is upgrading {self.place}; try again")
                for step in steps:
                    step(rows.connection)
                rows.connection.execute(update(schema_version).values(version=SCHEMA_VERSION))
        finally:
            if lock:
                lock.release()

    @contextmanager
    def one_view(self) -> Iterator[None]:
        """One transaction for all that this thread reads in the block."""
        if self._view.rows is not None:
            yield
            return
        with self._transaction(writes=False) as rows:
            self._view.rows = rows
            try:
                yield
            finally:
                self._view.rows = None

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """All that this thread reads and records in the block."""
        if self._view.rows is not None:
            raise StoreError("a transaction that writes cannot begin within a view")
        with self._transaction(writes=True) as rows:
            self._view.rows, self._view.writes = rows, True
            try:
                yield
            finally:
                self._view.rows, self._view.writes = None, False

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Rows]:
        try:
            with self.engine.connect() as connection:
                with connection.begin():
                    if self._is_sqlite:
                        sqlite.begin(connection, writes=writes)
                    # Where the database stands, if it can tell: what was known there is known now.
                    as_of = sqlite.standing(connection) if writes and self._is_sqlite else None
                    known = sqlite.left(connection, as_of, Known) if as_of else None
                    rows = Rows(connection, self.tenant_id, known, as_of)
                    if writes and self._lease is not None and rows.known.lease != self._lease:
                        lease.hold(connection, self.tenant_id, self._lease)
                        rows.known.lease = self._lease
                    yield rows
                    keeps = rows.undisturbed()
                if keeps:
                    sqlite.leave(connection, rows.as_of, rows.known)
        except IntegrityError as error:
            raise self._overtaken(error.orig) from error
        except DBAPIError as error:
            raise sqlite.explain(error.orig, self.place) from error
        except self._driver.IntegrityError as error:
            raise self._overtaken(error) from error
        except self._driver.Error as error:
            raise sqlite.explain(error, self.place) from error

    def take_lease(self, now: datetime, *, alone: bool) -> int:
        """From now on every write asks whether we are still the daemon; the number that says so.

        Raises StoreInUse when another one lives; see `lease.take` for `alone`.
        """
        with self._transaction(writes=True) as rows:
            number = lease.take(rows.connection, self.tenant_id, now, alone=alone)
        self._lease = number
        return number

    def renew_lease(self, now: datetime) -> None:
        """A sign of life. Raises LeaseLost."""
        with self._transaction(writes=True) as rows:
            lease.renew(rows.connection, self.tenant_id, now)

    def let_lease_go(self) -> None:
        """The daemon ends; without effect when it was taken over."""
        try:
            with self._transaction(writes=True) as rows:
                lease.let_go(rows.connection, self.tenant_id)
        except LeaseLost:
            pass
        self._lease = None

    def _overtaken(self, error: BaseException | None) -> Conflict:
        return Conflict(
            f"another process wrote to {self.place} first ({error}); nothing was written, read again"
        )

    def _reading(self) -> AbstractContextManager[Rows]:
        if self._view.rows is not None:
            return nullcontext(self._view.rows)
        return self._transaction(writes=False)

    def _writing(self) -> AbstractContextManager[Rows]:
        if self._view.rows is not None and self._view.writes:
            return nullcontext(self._view.rows)
        return self._transaction(writes=True)

    # Mail.
    def mailbox(self, account_id: str, mailbox: str) -> MailboxRow | None:
        """See `bot.ports.Store`; so do all that follow."""
        with self._reading() as rows:
            return rows.mails.mailbox(account_id, mailbox)

    def mailboxes(self, account_id: str | None = None) -> tuple[MailboxRow, ...]:
        """By account and name."""
        with self._reading() as rows:
            return rows.remembered(
                ("mail", "mailboxes", account_id), lambda: rows.mails.mailboxes(account_id)
            )

    def set_cursor(
        self, account_id: str, mailbox: str, cursor: Cursor, renumbered: Renumbered | None = None
    ) -> None:
        """The moment of the last reconcile stays."""
        with self._writing() as rows:
            rows.mails.set_cursor(account_id, mailbox, cursor, renumbered)

    def keep(self, mails: tuple[KeepMail, ...], cursor: Cursor | None, at: datetime) -> tuple[int, ...]:
        """The cursor never moves back."""
        at = utc(at)
        mails = tuple(replace(one, internal_date=utc(one.internal_date)) for one in mails)
        with self._writing() as rows:
            return rows.mails.keep(mails, cursor, at)

    def reconciled(self, account_id: str, mailbox: str, at: datetime) -> None:
        """Raises NotPossible before the first `set_cursor` or `keep`."""
        at = utc(at)
        with self._writing() as rows:
            rows.mails.reconciled(account_id, mailbox, at)

    def mail(self, mail_id: int) -> KeptMail:
        """By its number."""
        with self._reading() as rows:
            return rows.mails.mail(mail_id)

    def mails(
        self, account_id: str, *, status: MailStatus | None = None, limit: int = 1000
    ) -> tuple[KeptMail, ...]:
        """By number."""
        with self._reading() as rows:
            if status not in (MailStatus.UNREAD, MailStatus.PARKED):  # there are few of these at a time
                return rows.mails.mails(account_id, status, limit)
            return rows.remembered(
                ("mail", account_id, status, limit), lambda: rows.mails.mails(account_id, status, limit)
            )

    def kept_uids(self, account_id: str, mailbox: str, uidvalidity: int) -> frozenset[int]:
        """Of one numbering."""
        with self._reading() as rows:
            return rows.mails.kept_uids(account_id, mailbox, uidvalidity)

    def seen_before(self, mail: KeptMail, message_id: str | None) -> KeptMail | None:
        """Earlier is what was read earlier: for a mail still unread, any that was read."""
        with self._reading() as rows:
            return rows.mails.seen_before(mail, message_id)

    # Cases.
    def case(self, case_id: str) -> Case:
        """Exact, or by the beginning of its id."""
        with self._reading() as rows:
            return rows.case(case_id)

    def cases(self, account_id: str | None = None, *, open_only: bool = False) -> tuple[Case, ...]:
        """Newest first."""
        conditions = [] if account_id is None else [case_file.c.account_id == account_id]
        if open_only:
            conditions.append(case_file.c.closed.is_(False))
        with self._reading() as rows:
            return rows.cases.where(*conditions)

    def cases_in_state(self, account_id: str, state: State) -> tuple[Case, ...]:
        """Oldest first."""
        with self._reading() as rows:
            return rows.cases.in_state(account_id, state.value)

    def cases_of_complaint(self, account_id: str, complaint_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Newest first."""
        with self._reading() as rows:
            return rows.cases.where(
                case_file.c.account_id == account_id, case_file.c.complaint_id.in_(complaint_ids)
            )

    def cases_of_address(self, account_id: str, address: str) -> tuple[Case, ...]:
        """Newest first."""
        with self._reading() as rows:
            return rows.cases.of_address(account_id, address)

    def cases_of_mail(self, account_id: str, message_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Newest first."""
        with self._reading() as rows:
            return rows.cases.of_message_ids(account_id, message_ids)

    def opened_since(self, account_id: str, at: datetime) -> int:
        """That moment included."""
        with self._reading() as rows:
            return rows.cases.opened_since(account_id, utc(at))

    def diary(self, case_id: str) -> tuple[Event, ...]:
        """Oldest first."""
        with self._reading() as rows:
            return rows.cases.diary(case_id)

    def verify_chain(self, case_id: str) -> int:
        """Number of diary lines. Raises StoreDamaged when one was changed, added or taken away."""
        with self._reading() as rows:
            return rows.cases.verify_chain(case_id)

    def due(self, now: datetime, limit: int = 100) -> tuple[Case, ...]:
        """Longest due first."""
        with self._reading() as rows:
            return rows.cases.due(utc(now), limit)

    def next_due(self, account_ids: tuple[str, ...] | None = None) -> datetime | None:
        """Over all accounts when none are named."""
        with self._reading() as rows:
            moments = [
                rows.cases.wakes_at(account_id)
                for account_id in ((None,) if account_ids is None else account_ids)
            ]
        return min((moment for moment in moments if moment is not None), default=None)

    # Letters.
    def letter(self, letter_id: str) -> Letter:
        """By its id."""
        with self._reading() as rows:
            return rows.letter(letter_id)

    def letters(
        self,
        *,
        account_id: str | None = None,
        states: tuple[State, ...] = (),
        to: str | None = None,
        needs: Need | None = None,
    ) -> tuple[Letter, ...]:
        """Oldest first."""
        conditions = [] if account_id is None else [letter.c.account_id == account_id]
        if states:
            conditions.append(letter.c.state.in_([state.value for state in states]))
        if to is not None:
            conditions.append(letter.c.to == folded(to))
        if needs is not None:
            conditions.append(letter.c.needs == needs.value)
        with self._reading() as rows:
            return rows.letters.where(*conditions)

    def letter_of_message_id(self, account_id: str, message_id: str) -> Letter | None:
        """Within the account."""
        with self._reading() as rows:
            found = rows.letters.where(letter.c.account_id == account_id, letter.c.message_id == message_id)
            return found[0] if found else None

    def accepted_since(self, account_id: str | None, at: datetime, *, to: str | None = None) -> int:
        """That moment included."""
        with self._reading() as rows:
            return rows.letters.accepted_since(account_id, utc(at), to)

    def new_addresses_since(self, account_id: str, at: datetime) -> int:
        """Addresses whose first accepted letter is not older."""
        with self._reading() as rows:
            return rows.letters.new_addresses_since(account_id, utc(at))

    # The queue.
    def item(self, number: int) -> Item:
        """By its number."""
        with self._reading() as rows:
            return rows.items.item(number)

    def items(
        self, *, open_only: bool = True, account_id: str | None = None, kind: ItemKind | None = None
    ) -> tuple[Item, ...]:
        """By number."""
        if open_only and account_id is not None and kind is not None:
            with self._reading() as rows:
                return rows.remembered((kind, account_id), lambda: rows.items.open_of_kind(account_id, kind))
        conditions = [] if account_id is None else [item.c.account_id == account_id]
        if open_only:
            conditions.append(item.c.open_subject.is_not(None))
        if kind is not None:
            conditions.append(item.c.kind == kind.value)
        with self._reading() as rows:
            return rows.items.where(*conditions)

    def open_item(self, kind: ItemKind, subject: str) -> Item | None:
        """At most one."""
        with self._reading() as rows:
            return rows.items.open_item(kind, subject)

    # Stops.
    def stopped_addresses(self) -> tuple[StoppedAddress, ...]:
        """By address."""
        with self._reading() as rows:
            return rows.every_stop()

    def stop_address(self, stopped: StoppedAddress) -> None:
        """Durable when this returns."""
        stopped = replace(stopped, at=utc(stopped.at))
        with self._writing() as rows:
            rows.put_stop(stopped)

    def remove_stop(self, address: str) -> bool:
        """Exactly this one."""
        with self._writing() as rows:
            return rows.remove_stop(address)

    # Writing.
    def record(self, change: Change, at: datetime) -> tuple[int, ...]:
        """Numbers of the items that are new; an item only updated is not among them."""
        at = utc(at)
        with self._writing() as rows:
            undisturbed = rows.undisturbed()
            check_change(change, rows, self.tenant_id)
            happened: dict[str, list[Event]] = {}
            for case_id, event in change.diary:
                happened.setdefault(case_id, []).append(event)
            heads = {
                case.case_id: rows.cases.write(
                    case,
                    rows.head(case.case_id),
                    happened.pop(case.case_id, []),
                    rows.seen_case(case.case_id),
                )
                for case in change.cases
            }
            for case_id, events in happened.items():
                if (head := rows.head(case_id)) is not None:  # it was checked
                    rows.cases.write_lines(case_id, head, events)
            for one in change.letters:
                rows.letters.write(one, rows.seen_letter(one.letter_id))
            for result in change.mails:
                rows.mails.write_result(result)
            for closing in change.close_items:
                rows.items.close(closing, at)
            if change.snooze_item is not None:
                number, until = change.snooze_item
                rows.items.snooze(number, until if until is None else utc(until))
            for number, detail in change.reworded_items:
                rows.items.reword(number, detail)
            opened = [rows.items.open(new, at) for new in change.open_items]
            rows.wrote(change, heads, undisturbed=undisturbed)
        return tuple(number for number in opened if number is not None)

    def compact(self) -> None:
        """Write the database anew, so that no free page and no log holds what was replaced."""
        if self._is_sqlite:
            try:
                sqlite.compact(self.engine)
            except DBAPIError as error:
                raise sqlite.explain(error.orig, self.place) from error

    def close(self) -> None:
        """Close every connection; SQLite then folds its log back into the file."""
        self.engine.dispose()


class _View(threading.local):
    """The transaction that this thread is in, while it is within `one_view` or `one_transaction`."""

    rows: Rows | None = None
    writes: bool = False
