"""What stands around a story: a clock that is set, mailboxes and a mail server that do as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from bot.mail.envelope import Envelope
from bot.ports import (
    AlertKind,
    Fetched,
    MailboxState,
    Outcome,
    SubmissionAccepted,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUnknown,
    SubmissionWithheld,
)
from bot.reading.model import Understood
from bot.reading.read import ReadingContext, read

#: A Monday at nine in London, in a week without holidays.
MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """Time stands still until the story moves it."""

    moment: datetime = MONDAY

    def now(self) -> datetime:
        """The story's time."""
        return self.moment

    async def wait(self, until: datetime | None, doorbell: asyncio.Event, *, soft: datetime | None) -> None:
        """Nothing in a story waits on the clock."""
        raise AssertionError("a story turns the wheel itself")


@dataclass
class Postbox:
    """The seller's mailboxes: a list."""

    mails: list[Fetched] = field(default_factory=list)
    uidvalidity: int = 1
    filed: set[str] = field(default_factory=set)  #: Message-IDs that the provider filed in Sent
    says_uidnext: bool = True

    def renumber(self) -> None:
        """The server gives every mail a new UID, in the order they lie in now."""
        self.mails = [
            replace(mail, uid=number, uidvalidity=self.uidvalidity)
            for number, mail in enumerate(self.mails, 1)
        ]

    def put(self, raw: bytes, at: datetime, mailbox: str = "INBOX") -> None:
        """A mail arrives, or lies in another mailbox."""
        uid = len(self.mails) + 1
        self.mails.append(
            Fetched(
                mailbox=mailbox,
                uidvalidity=self.uidvalidity,
                uid=uid,
                internal_date=at,
                size=len(raw),
                raw=raw,
            )
        )

    async def state(self, mailbox: str) -> MailboxState:
        """As EXAMINE would say."""
        uids = [mail.uid for mail in self.mails if mail.mailbox == mailbox]
        uidnext = max(uids, default=0) + 1
        return MailboxState(
            mailbox=mailbox,
            uidvalidity=self.uidvalidity,
            uidnext=uidnext,
            exists=len(uids),
            reckoned=not self.says_uidnext,
        )

    async def fetch_after(self, mailbox: str, uidvalidity: int, last_uid: int) -> AsyncIterator[Fetched]:
        """Everything above the cursor."""
        for mail in self.mails:
            if mail.mailbox == mailbox and mail.uid > last_uid:
                yield mail

    async def search(
        self, mailbox: str, uidvalidity: int, since: date, *, about: tuple[str, ...] = ()
    ) -> tuple[int, ...]:
        """By the day, and what stands anywhere in the mail."""
        wanted = [one.casefold().encode() for one in about]
        return tuple(
            mail.uid
            for mail in self.mails
            if mail.mailbox == mailbox
            and mail.internal_date.date() >= since
            and (not wanted or any(one in (mail.raw or b"").lower() for one in wanted))
        )

    async def fetch(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> AsyncIterator[Fetched]:
        """Those that are there."""
        for mail in self.mails:
            if mail.mailbox == mailbox and mail.uid in uids:
                yield mail

    async def wait(self, mailboxes: tuple[str, ...], doorbell: Callable[[], None]) -> None:
        """No IDLE here."""

    async def special_use(self, attribute: str) -> str | None:
        """No special use."""
        return None

    async def has_message_id(self, mailbox: str, message_id: str) -> bool:
        """True when the provider filed it in Sent."""
        return message_id in self.filed

    async def append(self, mailbox: str, raw: bytes, at: datetime) -> None:
        """The copy in Sent; of no interest to a story."""

    async def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class PowerCut(Exception):
    """We die in the middle of a transaction: before the body begins, or after it went out."""

    stage: str = "data"  #: data | body


#: What a server may answer.
BUSY = SubmissionDeferred(code=451, text="come back later", stage="rcpt")
UNREACHABLE = SubmissionDeferred(code=None, text="no route to host", stage="connect")
NO_SUCH_USER = SubmissionRefused(code=550, text="no such user", stage="rcpt")
NO_LOGIN = SubmissionRefused(code=535, text="authentication failed", stage="auth")
LINE_LOST = SubmissionUnknown(text="the line was lost after the body")


@dataclass
class MailServer:
    """Takes letters, or answers as told; things may happen in the middle of a transaction."""

    taken: list[tuple[Envelope, bytes]] = field(default_factory=list)
    answers: list[Outcome | PowerCut] = field(default_factory=list)
    at_354: Callable[[], Awaitable[None]] | None = None
    after_the_body: Callable[[], Awaitable[None]] | None = None
    bodies: list[bytes] = field(default_factory=list)  #: every body that went out, whatever came of it

    async def submit(
        self, envelope: Envelope, raw: bytes, *, body_may_begin: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """One transaction."""
        answer = self.answers.pop(0) if self.answers else SubmissionAccepted(code=250, text="ok")
        if getattr(answer, "stage", "body") != "body":
            if isinstance(answer, PowerCut):
                raise answer
            return answer
        await _once(self, "at_354")
        if not await body_may_begin():
            return SubmissionWithheld()
        self.bodies.append(raw)
        await _once(self, "after_the_body")
        if isinstance(answer, PowerCut):
            raise answer
        if isinstance(answer, SubmissionAccepted):
            self.taken.append((envelope, raw))
        return answer

    async def close(self) -> None:
        """Nothing to close."""


async def _once(server: MailServer, name: str) -> None:
    happens = getattr(server, name)
    setattr(server, name, None)
    if happens:
        await happens()


@dataclass
class Bells:
    """What a person was told."""

    rung: list[tuple[AlertKind, str]] = field(default_factory=list)

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """Remember it."""
        self.rung.append((kind, " ".join(filter(None, (text, f"(item {item})" if item else "", detail)))))


@dataclass(frozen=True)
class DirectReader:
    """The real reader, without its process."""

    context: ReadingContext

    async def read_many(self, raws: list[bytes]) -> list[Understood]:
        """Each mail as it is understood."""
        return [read(raw, self.context) for raw in raws]
