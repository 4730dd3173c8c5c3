"""What the runner asks of the world, as Protocols; `bot/edge/` fulfils them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.case.events import Event
from bot.case.model import Case, State
from bot.draft.model import Letter, Need
from bot.draft.stops import StopBook
from bot.mail.envelope import Envelope
from bot.reading.model import Understood
from bot.review import Item, ItemClosing, ItemKind, NewItem

# ---------------------------------------------------------------------------------------------- mail in


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far one mailbox has been kept (RFC 9051 §2.3.1.1)."""

    uidvalidity: int
    last_uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxState:
    """What EXAMINE says about a mailbox."""

    mailbox: str
    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message as the server gave it."""

    mailbox: str
    uidvalidity: int
    uid: int
    internal_date: datetime  #: aware, UTC
    size: int  #: RFC822.SIZE
    raw: bytes | None  #: None when the message is larger than the limit asked for


class MailSource(Protocol):
    """The watched mailboxes of one account on one IMAP server."""

    async def state(self, mailbox: str) -> MailboxState:
        """EXAMINE the mailbox. Raises MailboxError and its kin."""
        ...

    def fetch_after(self, mailbox: str, uidvalidity: int, last_uid: int) -> AsyncIterator[Fetched]:
        """Every message with a UID above `last_uid`, ascending; the mailbox is opened read-only.

        Raises MailboxUnreachable when UIDVALIDITY is no longer the one given.
        """
        ...

    async def search(
        self, mailbox: str, uidvalidity: int, since: date, *, about: tuple[str, ...] = ()
    ) -> tuple[int, ...]:
        """UIDs of messages that arrived since a day (by the server's own calendar), ascending.

        With `about` only those that name one of these addresses or numbers in a header field or the text.
        Raises MailboxUnreachable when UIDVALIDITY is no longer the one given.
        """
        ...

    def fetch(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> AsyncIterator[Fetched]:
        """These messages, as far as they still exist, ascending; the mailbox is opened read-only."""
        ...

    async def wait(self, mailboxes: tuple[str, ...], doorbell: Callable[[], None]) -> None:
        """Keep IDLE (RFC 2177) on the mailboxes and call `doorbell` on every sign of news, for ever.

        `doorbell` is called on the event loop. Only a hint: the caller reconciles anyway. Returns only when
        the server has no IDLE; raises MailboxError when the line is lost; stops when cancelled.
        """
        ...

    async def special_use(self, attribute: str) -> str | None:
        r"""Name of the mailbox with a special use such as `\Sent` or `\Junk` (RFC 6154), or None."""
        ...

    async def has_message_id(self, mailbox: str, message_id: str) -> bool:
        """True when a message of this Message-ID lies in the mailbox."""
        ...

    async def append(self, mailbox: str, raw: bytes, at: datetime) -> None:
        r"""File a copy, marked `\Seen`."""
        ...

    async def close(self) -> None:
        """Log out and drop every connection."""
        ...


# --------------------------------------------------------------------------------------------- mail out


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionAccepted:
    """2yz after the final dot; all that SMTP can say. Nothing is ever called delivered."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionDeferred:
    """Not sent to anybody, may be tried again later: 4yz, or the line lost before the body began."""

    code: int | None
    text: str
    stage: str  #: connect | tls | auth | mail | rcpt | data | body


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRefused:
    """Not sent to anybody, and trying again as it stands is of no use: 5yz."""

    code: int
    text: str
    stage: str
    recipient: str | None = None  #: the forward-path refused, when it was one


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionUnknown:
    """The line was lost after the body began: nobody can say whether it was accepted (RFC 1047)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionWithheld:
    """The question asked after 354 was answered with no; nothing was sent."""


Outcome = SubmissionAccepted | SubmissionDeferred | SubmissionRefused | SubmissionUnknown | SubmissionWithheld


class Sender(Protocol):
    """Submission (RFC 6409) for one account; transactions on one connection follow each other."""

    async def submit(
        self, envelope: Envelope, raw: bytes, *, body_may_begin: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Hand over `raw` to every recipient or to nobody.

        `body_may_begin` is awaited once, after 354 and before the first byte of the body; it makes the
        durable note. When it answers False (or raises) nothing is sent. Never raises for what the server
        or the network does: that is the Outcome.
        """
        ...

    async def close(self) -> None:
        """QUIT and drop the connection."""
        ...


# ---------------------------------------------------------------------------------------------- the rest


class Reader(Protocol):
    """Turns bytes into readings, in a process that can be killed."""

    async def read_many(self, raws: list[bytes]) -> list[Understood]:
        """What we make of each mail, in order; never raises for what a mail contains."""
        ...


class RawStore(Protocol):
    """Bytes by their SHA-256, written durably and never changed."""

    def put_many(self, raws: Sequence[bytes]) -> list[str]:
        """`put` for several at once."""
        ...

    def put(self, raw: bytes) -> str:
        """Keep the bytes, fsynced, and give their hex SHA-256. Raises StoreFull."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises StoreDamaged when they are missing or their hash differs."""
        ...


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    async def wait(self, until: datetime | None, doorbell: asyncio.Event, *, soft: datetime | None) -> None:
        """Return when `until` or `soft` has come or the doorbell rang (and clear the doorbell).

        `until` is a due moment of a case; `soft` is mere polling. A stepping clock, when everybody waits,
        jumps to the earliest `until` and never to a `soft`.
        """
        ...


class Ids(Protocol):
    """The only source of randomness."""

    def case_id(self) -> str:
        """Short random base32, upper case."""
        ...

    def letter_id(self) -> str:
        """Short random base32, upper case."""
        ...

    def message_id(self, domain: str) -> str:
        """A fresh Message-ID of ours (RFC 5322 §3.6.4), with angle brackets: `<rj.…@domain>`."""
        ...


class AlertKind(StrEnum):
    """Why a person is told something."""

    NEW_ITEM = "new-item"
    REPLY = "reply"  #: the other side, its counsel or Amazon answered
    DEADLINE_NEAR = "deadline-near"  #: the last safe date before a deadline of Amazon's has come
    DEADLINE_PASSED = "deadline-passed"
    LAST_SAFE = "last-safe"  #: our own last safe date of a case whose notice names no deadline
    IN_DOUBT = "in-doubt"
    BOUNCE = "bounce"
    INTAKE_STOPPED = "intake-stopped"
    INTAKE_RECOVERED = "intake-recovered"
    RENUMBERED = "renumbered"  #: the server gave every mail of a mailbox a new UID
    STOP_SWITCH = "stop-switch"
    TEST = "test"  #: a person asked whether alerts arrive


class Notifier(Protocol):
    """Tells a person that something needs them. Never blocks and never raises; called from any thread."""

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """One sentence, which names no outside party; `detail` may, and is told only where that is allowed.

        `item` is the number in the queue to look at, when there is one.
        """
        ...


# ------------------------------------------------------------------------------------------------ store


class MailStatus(StrEnum):
    """How far a kept mail has come."""

    UNREAD = "unread"  #: kept, not yet understood
    READ = "read"
    PARKED = "parked"  #: cannot be understood; can be retried
    OVERSIZE = "oversize"  #: only its size is known
    IMPORTED = (
        "imported"  #: older than our watch: kept and read, and nothing follows until a person adopts it
    )


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

    def close(self) -> None:
        """Let go of the database."""
        ...
