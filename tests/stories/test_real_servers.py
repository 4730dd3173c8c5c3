"""The main job on real servers: Dovecot, an SMTP server, TLS on both lines, the daemon's own loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.daemon import Daemon, Pace
from bot.edge.raw import MemoryRawStore
from bot.edge.store import MemoryStore, open_store
from bot.edge.store.writer import StoreThread
from bot.ports import RawStore, Store
from bot.review import ItemKind
from bot.runner.desk import service
from bot.wiring import House, open_house, open_lines
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import PASSWORD, USER, SmtpServer, running_smtp_server
from tests.stories.mails import OWNER, by_hand, notice
from tests.stories.stage import MONDAY, Bells, write_home

pytestmark = pytest.mark.servers

DEADLINE = 30.0  #: seconds until a story that got stuck fails


@dataclass
class MovableClock:
    """Real waiting, but for the moments of a case: those come when the story moves the clock."""

    moment: datetime = MONDAY
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        """The story's time."""
        return self.moment

    def move(self, span: timedelta) -> None:
        """Time passes; every loop looks at what is due."""
        self.moment += span
        self.moved.set()
        self.moved = asyncio.Event()

    async def wait(self, until: datetime | None, doorbell: asyncio.Event, *, soft: datetime | None) -> None:
        """Until the doorbell rings or the clock is moved; polling moments are left to the doorbell."""
        waiters = [asyncio.ensure_future(doorbell.wait()), asyncio.ensure_future(self.moved.wait())]
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        doorbell.clear()


@dataclass
class Scene:
    """A running daemon between a Dovecot and an SMTP server."""

    house: House
    daemon: Daemon
    clock: MovableClock
    turned: asyncio.Event

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to become true, looking after every turn of any loop."""
        async with asyncio.timeout(DEADLINE):
            while not true():
                self.turned.clear()
                await self.turned.wait()

    def store(self) -> Store:
        """What the daemon remembers."""
        return self.house.office.store

    async def approve_only(self) -> None:
        """Approve the one draft and let it leave."""
        (item,) = [item for item in self.store().items() if item.kind is ItemKind.DRAFT]
        service.approve(self.house.office, item.number, "Ada")
        self.clock.move(timedelta(minutes=11))


@asynccontextmanager
async def scene(
    home: Path, store: Store | None = None, raw: RawStore | None = None, *, moment: datetime = MONDAY
) -> AsyncIterator[Scene]:
    """The daemon at work on a home; without a store and a raw store of its own it has those on the disk."""
    clock, thread, turned = MovableClock(moment), StoreThread(), asyncio.Event()
    with open_house(home, clock=clock, notifier=Bells(), store=store, raw=raw) as house:
        async with open_lines(house) as lines:
            daemon = Daemon(house.office, lines, thread, Pace(), on_turn=lambda *_: turned.set())
            running = asyncio.create_task(daemon.run())
            try:
                yield Scene(house, daemon, clock, turned)
            finally:
                daemon.stop()
                async with asyncio.timeout(DEADLINE):
                    await running
                thread.close()


def home_on(folder: Path, dovecot: Dovecot, smtp: SmtpServer, user: str) -> Path:
    """A home in the folder whose account lies on these servers; its passwords lie beside it."""
    secret = folder / "secret"
    secret.write_text("pw\n")
    secret.chmod(0o600)
    (folder / "smtp-secret").write_text(PASSWORD + "\n")
    (folder / "smtp-secret").chmod(0o600)
    return write_home(
        folder / "home",
        imap_host="localhost",
        imap_port=dovecot.tls_port,
        imap_security="tls",
        imap_more=f", user: {user}, ca_file: {dovecot.ca_file}, password: {{file: {secret}}}",
        smtp_host="localhost",
        smtp_port=smtp.port,
        smtp_security="tls",
        smtp_more=f", user: {USER}, ca_file: {smtp.ca_file}, password: {{file: {folder / 'smtp-secret'}}}",
    )


def test_notice_to_accepted_inquiry_with_amazon_in_copy(tmp_path: Path, dovecot: Dovecot) -> None:
    """The first milestone: memory store, one Dovecot, one notice, one letter that a server accepted."""

    async def story(smtp: SmtpServer) -> None:
        user = dovecot.new_user()
        home = home_on(tmp_path, dovecot, smtp, user)
        async with scene(home, MemoryStore(), MemoryRawStore()) as at:
            await at.until(lambda: bool(at.store().mailboxes("shop")))
            await asyncio.to_thread(dovecot.deliver, user, notice("17340981265", MONDAY))
            await at.until(lambda: bool(at.store().items()))
            await at.approve_only()
            await at.until(lambda: bool(at.store().letters(states=(State.AWAITING,))))
            await at.until(lambda: at.store().letters()[0].sent_copy == "filed")
        (mail,) = smtp.received
        assert mail.recipients == (OWNER, "notice-retraction@amazon.com", "copies@brindlecove.example")
        letter = message_from_bytes(mail.data)
        assert letter["Cc"] == "notice-retraction@amazon.com"
        assert "17340981265" in letter["Subject"]
        (copy,) = dovecot.messages(user, "Sent")
        assert message_from_bytes(copy)["Message-ID"] == letter["Message-ID"]

    with running_smtp_server(tmp_path, security="tls", auth=True) as smtp:
        asyncio.run(story(smtp))


def test_notice_to_escalation_over_sqlite(tmp_path: Path, dovecot: Dovecot) -> None:
    """Silence: two reminders, then Amazon gets the record; everything durable, everything over TLS."""

    async def story(smtp: SmtpServer) -> None:
        user = dovecot.new_user()
        home = home_on(tmp_path, dovecot, smtp, user)
        (home / "state").mkdir()
        store = open_store(home / "state" / "rejoinder.db")
        async with scene(home, store, MemoryRawStore()) as at:
            await at.until(lambda: bool(at.store().mailboxes("shop")))
            await asyncio.to_thread(dovecot.deliver, user, notice("17340981265", MONDAY))
            for sent, days in enumerate((0, 3, 7, 11)):
                at.clock.move(timedelta(days=days))
                await at.until(lambda: bool(at.store().items()))
                await at.approve_only()
                await at.until(lambda n=sent + 1: len(smtp.received) == n and not at.store().items())
        store.close()
        mails = [message_from_bytes(mail.data) for mail in smtp.received]
        assert [mail["To"].endswith("amazon.com") for mail in mails] == [False, False, False, True]
        assert all(mail["Cc"] == "notice-retraction@amazon.com" for mail in mails[:3])
        assert mails[0]["Message-ID"] in mails[3]["References"]

    with running_smtp_server(tmp_path, security="tls", auth=True) as smtp:
        asyncio.run(story(smtp))


def test_the_hand_written_mail_overtakes_an_approved_reminder(tmp_path: Path, dovecot: Dovecot) -> None:
    """Sent is watched by IDLE: what Ada writes herself stops the letter that waits out its undo window."""

    async def story(smtp: SmtpServer) -> None:
        user = dovecot.new_user()
        home = home_on(tmp_path, dovecot, smtp, user)
        async with scene(home, MemoryStore(), MemoryRawStore()) as at:
            await at.until(lambda: {row.mailbox for row in at.store().mailboxes("shop")} == {"INBOX", "Sent"})
            await asyncio.to_thread(dovecot.deliver, user, notice("17340981265", MONDAY))
            await at.until(lambda: bool(at.store().items()))
            await at.approve_only()
            # Our own copy is filed in Sent and read there again: it is no mail by hand.
            await at.until(lambda: [mail.kind for mail in at.store().mails("shop")] == ["Notice", "OwnCopy"])
            at.clock.move(timedelta(days=4))
            await at.until(lambda: bool(at.store().letters(states=(State.DRAFTED,))))
            (item,) = at.store().items()
            service.approve(at.house.office, item.number, "Ada")
            await asyncio.to_thread(dovecot.deliver, user, by_hand(OWNER, at.clock.moment), "Sent")
            await at.until(lambda: bool(at.store().cases_in_state("shop", State.HELD)))
            at.clock.move(timedelta(minutes=11))
            await at.until(lambda: at.store().mailboxes("shop")[0].reconciled_at == at.clock.moment)
        (case,) = at.store().cases()
        assert case.tracks[0].hold is Reason.CONTACT_OUTSIDE
        assert len(smtp.received) == 1, "the inquiry, and no reminder after it"

    with running_smtp_server(tmp_path, security="tls", auth=True) as smtp:
        asyncio.run(story(smtp))
