"""A stage for whole cases: the real runner, a set clock, a memory store, servers that do as told.

Mails are bytes and are read by the real reader; letters are drafted, composed, approved and gated as in
production. Only the two lines to the outside are played here, by small servers of our own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from bot.case.model import Case, State, Track
from bot.case.states import replay
from bot.daemon import Daemon, Line
from bot.draft.model import Letter
from bot.edge.raw import MemoryRawStore
from bot.edge.store import MemoryStore
from bot.mail.envelope import Envelope
from bot.ports import (
    AlertKind,
    Fetched,
    MailboxState,
    Outcome,
    SubmissionAccepted,
    SubmissionWithheld,
)
from bot.reading.model import Understood
from bot.reading.prepare import prepare
from bot.reading.read import ReadingContext, read
from bot.review import Item, ItemKind
from bot.runner import service
from bot.runner.drafting import write_drafts
from bot.runner.recovery import recover
from bot.runner.sending import Turn, send_due
from bot.runner.timing import pass_time
from bot.wiring import House, open_house, reading_plan

#: A Monday at nine in London, in a week without holidays.
MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)

HOME = """
accounts:
  shop:
    address: shop@brindlecove.example
    imap: {{host: {imap_host}, port: {imap_port}, security: {imap_security}{imap_more}}}
    smtp: {{host: {smtp_host}, port: {smtp_port}, security: {smtp_security}{smtp_more}}}
    password: {{env: REJOINDER_TEST_PASSWORD}}
    authserv_id: mx.brindlecove.example
    own_copy_to: copies@brindlecove.example
    watch_junk: false
    first_run: read_all
    time_zone: Europe/London
    country: GB
    languages: [en, de]
    profile:
      legal_name: Brindlecove Trading Ltd
      signatory: Ada Marsh
      postal_address: ["14 Quay Street", "Brindlecove BC1 2EF"]
      country: United Kingdom
      stores: {{amazon.com: Brindlecove, amazon.de: Brindlecove}}
safe_mode: {safe_mode}
undo_window: 10 min
state: state
"""


def write_home(folder: Path, *, safe_mode: bool = False, **servers: Any) -> Path:
    """A home for the invented seller Brindlecove; servers default to loopback."""
    values = {
        "imap_host": "127.0.0.1", "imap_port": 1, "imap_security": "none", "imap_more": "",
        "smtp_host": "127.0.0.1", "smtp_port": 2, "smtp_security": "none", "smtp_more": "",
    } | servers  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "rejoinder.yaml").write_text(HOME.format(safe_mode=str(safe_mode).lower(), **values))
    return folder


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
    """The seller's INBOX: a list."""

    mails: list[Fetched] = field(default_factory=list)
    uidvalidity: int = 1

    def put(self, raw: bytes, at: datetime) -> None:
        """A mail arrives."""
        uid = len(self.mails) + 1
        self.mails.append(
            Fetched(
                mailbox="INBOX",
                uidvalidity=self.uidvalidity,
                uid=uid,
                internal_date=at,
                size=len(raw),
                raw=raw,
            )
        )

    async def state(self, mailbox: str) -> MailboxState:
        """As EXAMINE would say."""
        count = len(self.mails)
        return MailboxState(mailbox=mailbox, uidvalidity=self.uidvalidity, uidnext=count + 1, exists=count)

    async def fetch_after(self, mailbox: str, uidvalidity: int, last_uid: int) -> AsyncIterator[Fetched]:
        """Everything above the cursor."""
        for mail in self.mails:
            if mail.uid > last_uid:
                yield mail

    async def wait(self, mailboxes: tuple[str, ...], doorbell: Callable[[], None]) -> None:
        """No IDLE here."""

    async def special_use(self, attribute: str) -> str | None:
        """No special use."""
        return None

    async def has_message_id(self, mailbox: str, message_id: str) -> bool:
        """Nothing is filed in Sent but by us."""
        return False

    async def append(self, mailbox: str, raw: bytes, at: datetime) -> None:
        """The copy in Sent; of no interest to a story."""

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class MailServer:
    """Takes letters, or answers as told; `at_354` lets something happen in the middle of a transaction."""

    taken: list[tuple[Envelope, bytes]] = field(default_factory=list)
    answers: list[Outcome] = field(default_factory=list)
    at_354: Callable[[], Awaitable[None]] | None = None

    async def submit(
        self, envelope: Envelope, raw: bytes, *, body_may_begin: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """One transaction."""
        answer = self.answers.pop(0) if self.answers else SubmissionAccepted(code=250, text="ok")
        if getattr(answer, "stage", "body") != "body":
            return answer
        if self.at_354:
            await self.at_354()
        if not await body_may_begin():
            return SubmissionWithheld()
        if isinstance(answer, SubmissionAccepted):
            self.taken.append((envelope, raw))
        return answer

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Bells:
    """What a person was told."""

    rung: list[tuple[AlertKind, str]] = field(default_factory=list)

    def tell(self, kind: AlertKind, account_id: str, text: str) -> None:
        """Remember it."""
        self.rung.append((kind, text))


@dataclass(frozen=True)
class DirectReader:
    """The real reader, without its process."""

    context: ReadingContext

    async def read_many(self, raws: list[bytes]) -> list[Understood]:
        """Each mail as it is understood."""
        return [read(raw, self.context) for raw in raws]


async def directly(work: Callable[..., Any], /, *args: object) -> Any:
    """The store thread of a story is the story's own."""
    return work(*args)


class Stage:
    """One seller account, from the first notice on."""

    def __init__(self, house: House, clock: SetClock, bells: Bells) -> None:
        self.house, self.clock, self.bells = house, clock, bells
        self.office = house.office
        self.store = house.office.store
        self.inbox, self.server = Postbox(), MailServer()
        account = house.settings.account("shop")
        reader = DirectReader(prepare(reading_plan(house.loaded, account)))
        self.line = Line(source=self.inbox, sender=self.server, reader=reader, read_all=True)
        self._daemon = Daemon(self.office, {"shop": self.line}, directly)

    # ------------------------------------------------------------------------------------ what happens

    def arrives(self, raw: bytes) -> None:
        """A mail reaches the inbox and is understood, and what follows is drafted."""
        self.inbox.put(raw, self.clock.now())
        self.listen()

    def listen(self) -> None:
        """Read the inbox."""
        asyncio.run(self._daemon.turn_intake("shop", self.line))

    def passes(self, span: timedelta) -> Turn:
        """Time passes; the inbox is read, what is due is drafted, what may leave leaves."""
        self.clock.moment += span
        return self.turn()

    def turn(self) -> Turn:
        """One turn of the wheel."""
        self.listen()
        pass_time(self.office)
        write_drafts(self.office, self.practice)
        return self.send()

    def send(self) -> Turn:
        """Only the sending part of a turn."""
        return asyncio.run(send_due(self.office, self.practice, self.server, directly))

    def restarts(self) -> tuple[int, int]:
        """The daemon died and comes back."""
        return recover(self.office)

    # ------------------------------------------------------------------------------- what a person does

    def approve(self, number: int | None = None) -> Letter:
        """Approve an item, by default the only draft."""
        done = service.approve(self.office, number or self.only(ItemKind.DRAFT).number, "Ada")
        assert done.letter is not None
        return done.letter

    def sends_out(self, number: int | None = None) -> Letter:
        """Approve and let the undo window pass."""
        letter = self.approve(number)
        self.passes(timedelta(minutes=11))
        return self.store.letter(letter.letter_id)

    # --------------------------------------------------------------------------------- what can be seen

    @property
    def practice(self) -> Any:
        """How the account works."""
        return self.office.practices["shop"]

    def items(self, kind: ItemKind | None = None) -> list[Item]:
        """Open items."""
        return [item for item in self.store.items() if kind in (None, item.kind)]

    def only(self, kind: ItemKind) -> Item:
        """The one open item of a kind."""
        (item,) = self.items(kind)
        return item

    def case(self, complaint_id: str | None = None) -> Case:
        """The only case, or the one of a complaint."""
        cases = self.store.cases()
        if complaint_id:
            cases = tuple(c for c in cases if c.facts.complaint_id == complaint_id)
        (case,) = cases
        return case

    def track(self, complaint_id: str | None = None, track_id: str = "1") -> Track:
        """A track of that case."""
        return self.case(complaint_id).track(track_id)

    def state(self, complaint_id: str | None = None) -> State:
        """Where the complainant's track stands."""
        return self.track(complaint_id).state

    def sent(self) -> list[Message]:
        """Mails the server took, oldest first."""
        return [message_from_bytes(raw) for _, raw in self.server.taken]

    def balances(self) -> None:
        """Every diary, replayed through the table, arrives at its row."""
        for case in self.store.cases():
            assert replay(self.store.diary(case.case_id)) == case.tracks


def opened_stage(home: Path, *, safe_mode: bool = False) -> Any:
    """A context manager that gives a Stage."""
    clock, bells = SetClock(), Bells()
    manager = open_house(
        write_home(home, safe_mode=safe_mode),
        clock=clock,
        notifier=bells,
        store=MemoryStore(),
        raw=MemoryRawStore(),
    )
    return manager, clock, bells
