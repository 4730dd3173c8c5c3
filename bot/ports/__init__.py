"""What the runner asks of the world, as Protocols; `bot/edge/` fulfils them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.mail.envelope import Envelope
from bot.ports.store import (
    Change,
    Cursor,
    KeepMail,
    KeptMail,
    Leased,
    MailboxRow,
    MailResult,
    MailStatus,
    Renumbered,
    Store,
)
from bot.reading.model import Understood

__all__ = [
    "AlertKind",
    "Breaker",
    "Change",
    "Clock",
    "Cursor",
    "Fetched",
    "Ids",
    "KeepMail",
    "KeptMail",
    "Leased",
    "MailResult",
    "MailSource",
    "MailStatus",
    "MailboxRow",
    "MailboxState",
    "NeverTripped",
    "Notifier",
    "Outcome",
    "RawStore",
    "Reader",
    "Renumbered",
    "Sender",
    "Store",
    "SubmissionAccepted",
    "SubmissionDeferred",
    "SubmissionRefused",
    "SubmissionUnknown",
    "SubmissionWithheld",
]

# ---------------------------------------------------------------------------------------------- mail in


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxState:
    """What EXAMINE says about a mailbox."""

    mailbox: str
    uidvalidity: int
    uidnext: int
    exists: int
    reckoned: bool = False  #: the server did not say UIDNEXT; it was reckoned from the mails there are


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

    def use(self, context: object) -> None:
        """Read every mail not yet handed over by other rules."""
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

    def remove(self, sha256: str) -> None:
        """Remove the bytes for good, if they are there: only for erasing. Raises StoreError."""
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


class Breaker(Protocol):
    """Stops every letter of every account at once, until a person lets them go on."""

    def tripped(self) -> bool:
        """Whether nothing may leave."""
        ...

    def trip(self, why: str, at: datetime) -> bool:
        """From now on nothing leaves; True when it did until now."""
        ...


class NeverTripped:
    """A breaker of those who send nothing."""

    def tripped(self) -> bool:
        """Never."""
        return False

    def trip(self, why: str, at: datetime) -> bool:  # noqa: ARG002 -- nothing to stop
        """Without effect."""
        return False


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
    RULES_REFUSED = "rules-refused"  #: the rule files changed and hold mistakes; the old ones go on
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
