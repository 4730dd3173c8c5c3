"""The store as the runner knows it: mails, cases, letters and the queue, and how they are asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.case.events import Event
from bot.case.model import Case, State
from bot.draft.model import Letter, Need
from bot.draft.stops import StopBook
from bot.review import Item, ItemClosing, ItemKind, NewItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far one mailbox has been kept (RFC 9051 §2.3.1.1)."""

    uidvalidity: int
    last_uid: int


class MailStatus(StrEnum):
    """How far a kept mail has come."""

    UNREAD = "unread"  #: kept, not yet understood
    READ = "read"
    PARKED = "parked"  #: cannot be understood; can be retried
    OVERSIZE = "oversize"  #: only its size is known
    IMPORTED = "imported"  #: older than our watch: read, and nothing follows until a person adopts it
    ERASED = "erased"  #: removed because somebody asked for it; neither bytes nor hash are left


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMail:
    """A message about to be kept."""

    account_id: str
    mailbox: str  #: "" for a file given by a person
    uidvalidity: int
    uid: int
    sha256: str | None  #: None when oversize
    size: int
    internal_date: datetime
    status: MailStatus = MailStatus.UNREAD  #: OVERSIZE, whatever stands here, when there are no bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A message on disk, and what became of it."""

    mail_id: int
    tenant_id: int
    account_id: str
    mailbox: str
    uidvalidity: int
    uid: int
    sha256: str | None
    size: int
    internal_date: datetime
    kept_at: datetime
    status: MailStatus
    kind: str | None = None  #: class name of the Reading
    reason: str | None = None  #: why it is parked, or why nothing came of it
    message_id: str | None = None
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailResult:
    """What became of a kept mail.

    `was`, when given, is the status it must still have: two processes that understand one mail at the same
    moment end in Conflict, and only one of them acts.
    """

    mail_id: int
    status: MailStatus
    was: MailStatus | None = None
    kind: str | None = None
    reason: str | None = None
    message_id: str | None = None
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Renumbered:
    """The server gave every mail a new UID: what lay there before is not new mail."""

    below_uid: int  #: UIDs below this one were there when we noticed
    older_than: datetime  #: what is older and was never kept was there before we watched; it opens nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRow:
    """Cursor and health of one watched mailbox."""

    account_id: str
    mailbox: str
    cursor: Cursor
    reconciled_at: datetime | None  #: the last time everything up to the server's newest UID was kept
    renumbered: Renumbered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Everything that one decision writes, in one transaction.

    Cases and letters carry the version that was read; the store writes version + 1, and raises Conflict
    and writes nothing when any of them has moved on. Version 0 means new. `diary` lines are numbered by the
    store, per case, in the order given.
    """

    cases: tuple[Case, ...] = ()
    diary: tuple[tuple[str, Event], ...] = ()  #: (case id, event)
    letters: tuple[Letter, ...] = ()
    mails: tuple[MailResult, ...] = ()
    open_items: tuple[NewItem, ...] = ()  #: one already open for the same kind and subject is updated
    close_items: tuple[ItemClosing, ...] = ()
    snooze_item: tuple[int, datetime | None] | None = None
    reworded_items: tuple[tuple[int, str], ...] = ()  #: (number, detail), also of closed ones


@runtime_checkable
class Leased(Protocol):
    """A store that several daemons could reach: only the one that came last may write."""

    def take_lease(self, now: datetime, *, alone: bool) -> int:
        """From now on every write asks whether we still are the daemon; our number.

        `alone`: it is sure that no other one lives. Raises StoreInUse when one does.
        """
        ...

    def renew_lease(self, now: datetime) -> None:
        """A sign of life. Raises LeaseLost when another daemon took over."""
        ...

    def let_lease_go(self) -> None:
        """We end; the next one need not wait."""
        ...


class Store(StopBook, Protocol):
    """What we remember. Synchronous: one method is one transaction, frozen values in and out.

    Instants are aware UTC on this side of the port. All rows carry tenant and account. Everything may raise
    StoreError and its kin.
    """

    def one_view(self) -> AbstractContextManager[None]:
        """What this thread reads within the block is of one moment, and cheap to ask again.

        For reading only: what `record` writes within the block is not seen in it.
        """
        ...

    def one_transaction(self) -> AbstractContextManager[None]:
        """What this thread reads within the block and what it records there are one transaction.

        Nobody else writes in between. It is durable when the block ends; when the block raises, nothing of
        it was written. Not within `one_view`.
        """
        ...

    # Mail.
    def mailbox(self, account_id: str, mailbox: str) -> MailboxRow | None:
        """The row of one watched mailbox, or None before its first reconcile."""
        ...

    def mailboxes(self, account_id: str | None = None) -> tuple[MailboxRow, ...]:
        """Every watched mailbox that was ever reconciled."""
        ...

    def set_cursor(
        self, account_id: str, mailbox: str, cursor: Cursor, renumbered: Renumbered | None = None
    ) -> None:
        """Begin here: for the baseline, and when UIDVALIDITY changed; `renumbered` stays unless given."""
        ...

    def keep(self, mails: tuple[KeepMail, ...], cursor: Cursor | None, at: datetime) -> tuple[int, ...]:
        """Add rows and move the cursor of their mailbox in one transaction; ids of the rows that are new.

        Unique by account + mailbox + UIDVALIDITY + UID: a row already there is left as it is. For
        mailbox "" (files given by a person) unique by account + sha256.
        """
        ...

    def kept_uids(self, account_id: str, mailbox: str, uidvalidity: int) -> frozenset[int]:
        """UIDs of every mail that was ever kept from this mailbox."""
        ...

    def reconciled(self, account_id: str, mailbox: str, at: datetime) -> None:
        """Note that everything in the mailbox up to this moment is kept."""
        ...

    def mail(self, mail_id: int) -> KeptMail:
        """Raises NotPossible when there is none."""
        ...

    def mails(
        self, account_id: str, *, status: MailStatus | None = None, limit: int = 1000
    ) -> tuple[KeptMail, ...]:
        """Mails of an account by id, ascending."""
        ...

    def seen_before(self, mail: KeptMail, message_id: str | None) -> KeptMail | None:
        """An earlier, already read mail of the account with the same bytes or the same Message-ID."""
        ...

    # Cases.
    def case(self, case_id: str) -> Case:
        """Raises NotPossible when there is none; an unambiguous beginning of an id is enough."""
        ...

    def cases(self, account_id: str | None = None, *, open_only: bool = False) -> tuple[Case, ...]:
        """Cases, newest first."""
        ...

    def cases_in_state(self, account_id: str, state: State) -> tuple[Case, ...]:
        """Cases of the account with at least one track in this state, oldest first."""
        ...

    def cases_of_complaint(self, account_id: str, complaint_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Cases of these complaint IDs."""
        ...

    def cases_of_address(self, account_id: str, address: str) -> tuple[Case, ...]:
        """Cases with a party of this address, newest first."""
        ...

    def cases_of_mail(self, account_id: str, message_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Cases for which a letter with one of these Message-IDs was written."""
        ...

    def opened_since(self, account_id: str, at: datetime) -> int:
        """How many cases were opened since then: for the stop switch."""
        ...

    def diary(self, case_id: str) -> tuple[Event, ...]:
        """What happened in the case, oldest first."""
        ...

    def due(self, now: datetime, limit: int = 100) -> tuple[Case, ...]:
        """Cases with a track that awaits and whose `next_due`, last-safe date or deadline has come."""
        ...

    def next_due(self, account_ids: tuple[str, ...] | None = None) -> datetime | None:
        """The earliest moment at which a case wants to act by itself; what `due` will then give.

        The minimum over `Case.next_due` and the last-safe dates and deadlines, not yet told, of open cases.
        """
        ...

    # Letters.
    def letter(self, letter_id: str) -> Letter:
        """Raises NotPossible when there is none."""
        ...

    def letters(
        self,
        *,
        account_id: str | None = None,
        states: tuple[State, ...] = (),
        to: str | None = None,
        needs: Need | None = None,
    ) -> tuple[Letter, ...]:
        """Letters that meet every condition given, oldest first; `to` is compared whatever its case."""
        ...

    def letter_of_message_id(self, account_id: str, message_id: str) -> Letter | None:
        """The letter that carries this Message-ID."""
        ...

    def accepted_since(self, account_id: str | None, at: datetime, *, to: str | None = None) -> int:
        """Letters last accepted since then; `to`, of one account only, is compared whatever its case."""
        ...

    def new_addresses_since(self, account_id: str, at: datetime) -> int:
        """To how many addresses the first letter of the account was accepted since then."""
        ...

    # The queue.
    def item(self, number: int) -> Item:
        """Raises NotPossible when there is none."""
        ...

    def items(
        self, *, open_only: bool = True, account_id: str | None = None, kind: ItemKind | None = None
    ) -> tuple[Item, ...]:
        """Items by number, ascending."""
        ...

    def open_item(self, kind: ItemKind, subject: str) -> Item | None:
        """The open item of this kind and subject."""
        ...

    # Writing.
    def record(self, change: Change, at: datetime) -> tuple[int, ...]:
        """Write it all or nothing; numbers of the items opened. Raises Conflict."""
        ...

    def compact(self) -> None:
        """Leave nothing of what was replaced or removed; nobody else may use the store meanwhile."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
