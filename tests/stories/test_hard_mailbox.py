"""Mailboxes that refuse or hold giants, over real servers; and a state folder put back from yesterday."""

from __future__ import annotations

import asyncio
import resource
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.daemon import Daemon, Line
from bot.edge.imap import source as source_room
from bot.errors import LoginRefused, MailboxError
from bot.ports import MailStatus
from bot.review import ItemKind
from bot.runner.desk import service
from bot.wiring import House, open_house, open_lines
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted_imap import GREETING, Conversation, ScriptedServer
from tests.servers.smtp import SmtpServer
from tests.servers.tokens import token
from tests.stories.mails import notice
from tests.stories.stage import MONDAY, Bells, SetClock, directly, write_home

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

MINUTE = timedelta(minutes=1)
ID = "17340981265"


@dataclass
class Shop:
    """A house with real lines, whose wheel the test turns."""

    house: House
    line: Line
    daemon: Daemon
    clock: SetClock

    async def turn(self) -> None:
        """Read, draft, send what is due, and read again."""
        await self.daemon.turn_intake("shop", self.line)
        await self.daemon.turn_outbox("shop", self.line)
        await self.daemon.turn_intake("shop", self.line)

    def drafts(self) -> int:
        """Letters that wait for approval."""
        return len(self.house.office.store.letters(states=(State.DRAFTED,)))


@dataclass
class Place:
    """A home on disk and its clock, which outlive each opening."""

    home: Path
    clock: SetClock = field(default_factory=SetClock)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Shop]:
        """The house, until the block ends."""
        with open_house(self.home, clock=self.clock, notifier=Bells()) as house:
            async with open_lines(house) as lines:
                daemon = Daemon(house.office, lines, directly)
                yield Shop(house, lines["shop"], daemon, self.clock)


def place(tmp_path: Path, imap_port: int, imap_more: str, smtp: SmtpServer | None = None) -> Place:
    """A home that reads a mailbox without TLS on loopback."""
    return Place(
        write_home(
            tmp_path / "home",
            imap_port=imap_port,
            imap_more=imap_more,
            smtp_port=smtp.port if smtp else 2,
            smtp_more=", auth: none",
        )
    )


def of_dovecot(tmp_path: Path, dovecot: Dovecot, user: str, smtp: SmtpServer | None = None) -> Place:
    """The same for a user of Dovecot."""
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    return place(tmp_path, dovecot.port, f", user: {user}, password: {{file: {secret}}}", smtp)


# ---------------------------------------------------------------------------------------- an old state


def test_a_state_folder_put_back_from_before_the_sending_sends_nothing(
    tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer
) -> None:
    """A snapshot of the machine: approved in it, and sent after it was taken. The copy in Sent says so."""
    user = dovecot.new_user()
    at = of_dovecot(tmp_path, dovecot, user, smtp_server)
    state, snapshot = at.home / "state", tmp_path / "snapshot"

    async def until_approved() -> None:
        dovecot.deliver(user, notice(ID, MONDAY))
        async with at.opened() as shop:
            await shop.turn()
            (item,) = shop.house.office.store.items(kind=ItemKind.DRAFT)
            service.approve(shop.house.office, item.number, "Ada")

    async def a_day(sent: int) -> None:
        at.clock.moment += 11 * MINUTE
        async with at.opened() as shop:
            for _ in range(3):
                await shop.turn()
                at.clock.moment += 60 * MINUTE
            assert len(smtp_server.received) == sent

    asyncio.run(until_approved())
    shutil.copytree(state, snapshot)
    asyncio.run(a_day(sent=1))
    assert len(dovecot.messages(user, "Sent")) == 1
    shutil.rmtree(state)
    shutil.copytree(snapshot, state)
    asyncio.run(a_day(sent=1))
    with open_house(at.home, clock=at.clock, notifier=Bells()) as house:
        (item,) = house.office.store.items()
        assert (item.kind, item.reason) == (ItemKind.HOLD, Reason.CONTACT_OUTSIDE.value)


def test_an_old_state_that_cannot_look_into_sent_holds_the_letter(
    tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer
) -> None:
    """As long as the mailbox cannot be read, nothing leaves."""
    user = dovecot.new_user()
    at = of_dovecot(tmp_path, dovecot, user, smtp_server)

    async def story() -> None:
        dovecot.deliver(user, notice(ID, MONDAY))
        async with at.opened() as shop:
            await shop.turn()
            (item,) = shop.house.office.store.items(kind=ItemKind.DRAFT)
            service.approve(shop.house.office, item.number, "Ada")
        at.clock.moment += 30 * MINUTE
        async with at.opened() as shop:
            turn = await shop.daemon.turn_outbox("shop", shop.line)
            assert [reason for _, reason in turn.waiting] == [Reason.NOT_RECONCILED]
            assert smtp_server.received == []
            await shop.turn()
            assert len(smtp_server.received) == 1

    asyncio.run(story())


# --------------------------------------------------------------------------------------------- logins


def test_a_refused_login_is_shown_to_the_server_three_times_an_hour_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop that reads and the one that listens, through one hour of their own pauses."""

    def refuse(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN", "{tag} OK done"],
            AUTHENTICATE=["{tag} NO [AUTHENTICATIONFAILED] no"],
            LOGIN=["{tag} NO [AUTHENTICATIONFAILED] no"],
            LOGOUT=["* BYE", "{tag} OK bye"],
        )

    now = 0.0
    monkeypatch.setattr(source_room, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setenv("REJOINDER_TEST_PASSWORD", "wrong")

    async def hour(at: Place) -> None:
        nonlocal now
        reads_at, listens_at, pause, failures = 0.0, 0.0, 5.0, 0
        async with at.opened() as shop:
            while (now := min(reads_at, listens_at)) < 3600:
                if reads_at <= listens_at:
                    failures += 1
                    with pytest.raises(LoginRefused) as refusal:
                        await shop.turn()
                    reads_at += shop.daemon._after_failure("shop", refusal.value, failures).total_seconds()
                else:
                    with pytest.raises(MailboxError):
                        await shop.line.source.wait(("INBOX",), lambda: None)
                    listens_at, pause = listens_at + pause, min(600.0, 2 * pause)

    with ScriptedServer(refuse).running() as server:
        asyncio.run(hour(place(tmp_path, server.port, "")))
        tried = sum("AUTHENTICATE" in line or "LOGIN" in line for line in server.heard)
    assert 1 <= tried <= 3


def test_a_token_that_expires_in_mid_session_asks_for_a_person_and_goes_on(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    user, secret = dovecot.new_user(), tmp_path / "token"
    secret.touch(0o600)
    at = place(tmp_path, dovecot.port, f", user: {user}, auth: xoauth2, password: {{file: {secret}}}")

    async def story() -> None:
        secret.write_text(token(user))
        async with at.opened() as shop:
            dovecot.deliver(user, notice(ID, MONDAY))
            await shop.turn()
            assert shop.drafts() == 1
            secret.write_text(token(user, lasts=-60 * MINUTE))
            dovecot.drop_connections()
            for _ in range(2):
                with pytest.raises(LoginRefused):
                    await shop.turn()
            secret.write_text(token(user))
            dovecot.deliver(user, notice("17340981266", MONDAY, asin="B0ZG04SJF4", owner="ip@two.example"))
            await shop.turn()
            assert shop.drafts() == 2
            assert len(shop.house.office.store.cases()) == 2

    asyncio.run(story())


# --------------------------------------------------------------------------------------------- giants


def test_a_mail_of_50_megabytes_costs_bounded_memory_and_hides_nothing(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    user = dovecot.new_user()
    at = of_dovecot(tmp_path, dovecot, user)
    line = b"x" * 76 + b"\r\n"
    giant = b"From: x@else.example\r\nSubject: pictures\r\n\r\n" + line * (50_000_000 // len(line))

    async def story() -> None:
        async with at.opened() as shop:
            dovecot.deliver(user, notice(ID, MONDAY))
            dovecot.deliver(user, giant)
            dovecot.deliver(user, notice("17340981266", MONDAY, asin="B0ZG04SJF4", owner="ip@two.example"))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            await shop.turn()
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            assert grown < 400_000  # kB
            store = shop.house.office.store
            assert [mail.size for mail in store.mails("shop")][1] == len(giant)
            assert store.mails("shop", status=MailStatus.UNREAD) == ()
            assert shop.drafts() == 2

    asyncio.run(story())
