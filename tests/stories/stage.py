"""A stage for whole cases: the real runner, a set clock, a memory store, servers that do as told.

Mails are bytes and are read by the real reader; letters are drafted, composed, approved and gated as in
production. Only the two lines to the outside are played here, by small servers of our own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

from bot.case.events import Event
from bot.case.model import Case, State, Track
from bot.case.reasons import Reason
from bot.case.states import replay
from bot.daemon import Daemon, Line
from bot.draft.model import Letter
from bot.edge.home import Loaded
from bot.edge.ids import RandomIds
from bot.edge.raw import MemoryRawStore
from bot.edge.store import MemoryStore
from bot.ports import (
    AlertKind,
    Clock,
    MailStatus,
    Notifier,
    Store,
)
from bot.reading.read import ReadingContext
from bot.review import Item, ItemKind, letter_subject, track_subject
from bot.runner.desk import service
from bot.runner.office import Office, Practice
from bot.runner.outbox.recovery import recover
from bot.runner.outbox.sending import Turn, send_due
from bot.runner.steps.drafting import refresh_drafts, write_drafts
from bot.runner.steps.timing import pass_time
from bot.wiring import House, practice_of
from tests.stories.mails import notice
from tests.stories.played import (
    BUSY,
    LINE_LOST,
    MONDAY,
    NO_LOGIN,
    NO_SUCH_USER,
    UNREACHABLE,
    Bells,
    DirectReader,
    MailServer,
    Postbox,
    PowerCut,
    SetClock,
)

__all__ = [  # what a story needs, from one place
    "BUSY",
    "LINE_LOST",
    "MONDAY",
    "NO_LOGIN",
    "NO_SUCH_USER",
    "UNREACHABLE",
    "Bells",
    "DirectReader",
    "MailServer",
    "Postbox",
    "PowerCut",
    "SetClock",
    "Stage",
    "house_of",
    "write_home",
]

E = TypeVar("E", bound=Event)

#: A letter in one of these states is still ours to answer for.
ON_THE_WAY = (State.DRAFTED, State.APPROVED, State.SENDING, State.BODY_GONE, State.IN_DOUBT)

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


async def directly(work: Callable[..., Any], /, *args: object) -> Any:
    """The store thread of a story is the story's own."""
    return work(*args)


class Stage:
    """One seller account, from the first notice on."""

    def __init__(self, loaded: Loaded, context: ReadingContext, store: Store | None = None) -> None:
        self.clock, self.bells = SetClock(), Bells()
        self.house = house_of(loaded, self.clock, self.bells, store)
        self.office = self.house.office
        self.store = self.house.office.store
        self.inbox, self.server = Postbox(), MailServer()
        reader = DirectReader(context)
        self.line = Line(source=self.inbox, sender=self.server, reader=reader, read_all=True)
        self._daemon = Daemon(self.office, {"shop": self.line}, directly)

    # ------------------------------------------------------------------------------------ what happens

    def arrives(self, *raws: bytes) -> None:
        """Mails reach the inbox and are understood, and what follows is drafted."""
        for raw in raws:
            self.inbox.put(raw, self.clock.now())
        self.listen()

    def writes(self, *raws: bytes) -> None:
        """A person of ours writes in the mail program; a copy lies in Sent."""
        for raw in raws:
            self.inbox.put(raw, self.now, "Sent")
        self.listen()

    async def hears(self, raw: bytes) -> None:
        """The same while a letter is on the line."""
        self.inbox.put(raw, self.clock.now())
        await self._daemon.turn_intake("shop", self.line)

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
        refresh_drafts(self.office, self.practice)
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
        """Read an item and approve what it says, by default the only letter that waits for it."""
        item = self.store.item(number) if number else self.waiting()
        revision = service.letter_of(self.office, item).revision
        done = service.approve(self.office, item.number, "Ada", revision)
        assert done.letter is not None
        return done.letter

    def sends_out(self, number: int | None = None) -> Letter:
        """Approve and let the undo window pass."""
        letter = self.approve(number)
        self.passes(timedelta(minutes=11))
        return self.store.letter(letter.letter_id)

    def inquires(self, complaint_id: str = "17340981265", **said: Any) -> Letter:
        """A notice arrives and its inquiry leaves."""
        self.arrives(notice(complaint_id, self.now, **said))
        return self.sends_out()

    def settles(self, *, sent: bool) -> None:
        """A person judges the one letter in doubt."""
        service.settle(self.office, self.only(ItemKind.IN_DOUBT).number, sent=sent, by="Ada")

    def resumes(self, number: int | None = None, step: str | None = None) -> None:
        """A person lets a held track go on; the draft follows."""
        service.resume(self.office, number or self.only(ItemKind.HOLD).number, "Ada", step)
        write_drafts(self.office, self.practice)

    def changes(self, **practice: Any) -> None:
        """The operator changes settings, rules or templates; the house was opened again."""
        self.office.practices["shop"] = replace(self.practice, **practice)

    # --------------------------------------------------------------------------------- what can be seen

    @property
    def practice(self) -> Practice:
        """How the account works."""
        return self.office.practices["shop"]

    @property
    def now(self) -> datetime:
        """The story's time."""
        return self.clock.moment

    def draft(self) -> Letter:
        """The one letter that waits for approval."""
        (letter,) = self.store.letters(states=(State.DRAFTED,))
        return letter

    def draft_steps(self) -> list[str]:
        """Which steps wait for approval."""
        return [letter.step for letter in self.store.letters(states=(State.DRAFTED,))]

    def letter(self) -> Letter:
        """The only letter there is."""
        (letter,) = self.store.letters()
        return letter

    def hold(self, complaint_id: str | None = None, track_id: str = "1") -> Reason | None:
        """Why a track is held, or None when it is not."""
        return self.track(complaint_id, track_id).hold

    def happened(self, kind: type[E], complaint_id: str | None = None) -> list[E]:
        """Events of a kind in the diary of a case."""
        diary = self.store.diary(self.case(complaint_id).case_id)
        return [event for event in diary if isinstance(event, kind)]

    def kinds(self) -> list[str | None]:
        """What each kept mail was read as, oldest first."""
        return [mail.kind for mail in self.store.mails("shop")]

    def parked(self) -> int:
        """How many mails nothing could read."""
        return len(self.store.mails("shop", status=MailStatus.PARKED))

    def told(self, kind: AlertKind) -> list[str]:
        """What a person was told of a kind."""
        return [text for rung, text in self.bells.rung if rung is kind]

    def items(self, kind: ItemKind | None = None) -> list[Item]:
        """Open items."""
        return [item for item in self.store.items() if kind in (None, item.kind)]

    def waiting(self) -> Item:
        """The item of the one letter that waits for approval."""
        item = self.store.open_item(ItemKind.DRAFT, letter_subject(self.draft().letter_id))
        assert item is not None
        return item

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
        """Every diary, replayed through the table, arrives at its row; letters, tracks and queue agree."""
        for case in self.store.cases("shop"):
            assert replay(self.store.diary(case.case_id)) == case.tracks
            for track in case.tracks:
                self._agrees(case, track)
        for letter in self.store.letters(states=ON_THE_WAY):
            assert letter.tracks
            for ref in letter.tracks:
                track = self.store.case(ref.case_id).track(ref.track_id)
                assert (track.state, track.letter_id) == (letter.state, letter.letter_id)

    def _agrees(self, case: Case, track: Track) -> None:
        subjects = {(item.kind, item.subject) for item in self.items()}
        if track.state in ON_THE_WAY:
            assert track.letter_id
            letter = self.store.letter(track.letter_id)
            assert letter.state is track.state
            assert (case.case_id, track.track_id) in {(r.case_id, r.track_id) for r in letter.tracks}
            kind = ItemKind.IN_DOUBT if track.state is State.IN_DOUBT else ItemKind.DRAFT
            assert (kind, letter_subject(track.letter_id)) in subjects
        held = (ItemKind.HOLD, track_subject(case.case_id, track.track_id)) in subjects
        assert held == (track.state is State.HELD)
        assert (track.hold is not None) == (track.state is State.HELD)
        assert track.due_at is None or track.state is State.AWAITING


def house_of(loaded: Loaded, clock: Clock, notifier: Notifier, store: Store | None = None) -> House:
    """A house over files that were read before; by default with an empty memory."""
    office = Office(
        store=store or MemoryStore(),
        raw=MemoryRawStore(),
        ids=RandomIds(),
        clock=clock,
        notifier=notifier,
        practices={account.name: practice_of(loaded, account) for account in loaded.settings.accounts},
    )
    return House(loaded=loaded, office=office)
