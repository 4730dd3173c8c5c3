"""IDLE rings the doorbell promptly, and every way in which a line can die is noticed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from bot.edge.imap.guard import ImapGuard
from bot.edge.imap.idle import IdlePoller
from bot.edge.imap.settings import ImapSettings
from bot.edge.imap.source import ImapSource
from bot.errors import MailboxMissing, MailboxUnreachable
from tests.edge.imap.workshop import Workshop, everything
from tests.servers.dovecot import Dovecot
from tests.servers.scripted_imap import GREETING, Conversation, ScriptedServer

MAIL = b"Subject: news\r\n\r\nhello\r\n"


class Doorbell:
    """Counts the rings, and lets a test wait for one of them."""

    def __init__(self) -> None:
        self.rung = 0
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self.rung += 1
        self._event.set()

    async def ring(self, number: int, within: float = 10.0) -> None:
        """Until it has rung `number` times; the first ring of a mailbox says that IDLE has begun."""
        async with asyncio.timeout(within):
            while self.rung < number:
                self._event.clear()
                await self._event.wait()


@asynccontextmanager
async def waiting(
    source: ImapSource, mailboxes: tuple[str, ...], doorbell: Doorbell
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(source.wait(mailboxes, doorbell))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, MailboxUnreachable):
            await task


def test_the_doorbell_rings_for_each_of_several_mailboxes(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    other = replace(account, user=dovecot.new_user())

    async def story() -> None:
        async with workshop.source(account) as first, workshop.source(other) as second:
            mine, theirs = Doorbell(), Doorbell()
            async with waiting(first, ("INBOX", "Junk"), mine), waiting(second, ("INBOX",), theirs):
                await theirs.ring(1)
                await mine.ring(2)
                for number, mailbox in enumerate(("INBOX", "Junk", "INBOX"), 3):
                    await asyncio.to_thread(dovecot.deliver, account.user, MAIL, mailbox)
                    await mine.ring(number, within=3)  # Dovecot itself takes half a second
                    assert mine.rung == number
                assert theirs.rung == 1
                # One line reads while the others idle.
                assert len(await everything(first)) == 2
        assert not workshop.poller._watches

    asyncio.run(story())


def test_a_line_lost_soon_is_an_error_and_no_spin(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    async def story() -> None:
        async with workshop.source(account) as source:
            doorbell = Doorbell()
            async with waiting(source, ("INBOX",), doorbell) as task:
                await doorbell.ring(1)
                dovecot.drop_connections()
                with pytest.raises(MailboxUnreachable):
                    await asyncio.wait_for(asyncio.shield(task), 10)
                assert doorbell.rung == 1

    asyncio.run(story())


def test_a_line_lost_after_a_good_while_is_opened_again(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    async def story() -> None:
        async with workshop.source(account, steady_after=0.0) as source:
            doorbell = Doorbell()
            async with waiting(source, ("INBOX",), doorbell):
                await doorbell.ring(1)
                dovecot.drop_connections()
                await doorbell.ring(2)  # for what may have come in between
                dovecot.deliver(account.user, MAIL)
                await doorbell.ring(3)

    asyncio.run(story())


def test_a_missing_mailbox_is_an_error_at_once(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    async def story() -> None:
        async with workshop.source(account) as source:
            with pytest.raises(MailboxMissing):
                await source.wait(("INBOX", "Nowhere"), Doorbell())
        assert not workshop.poller._watches

    asyncio.run(story())


# ------------------------------------------------------------------------------------- scripted servers

EXAMINED = ["* 3 EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT {next}] ok", "{tag} OK [READ-ONLY] done"]


def to_idle(talk: Conversation, *, uidnext: int = 4, capabilities: str = "IMAP4rev1 AUTH=PLAIN IDLE") -> None:
    """Let a client in, up to the IDLE command, which is left to be answered."""
    talk.say(GREETING)
    with suppress(ConnectionError):
        talk.obey(
            CAPABILITY=[f"* CAPABILITY {capabilities}", "{tag} OK done"],
            AUTHENTICATE=["{tag} OK in"],
            EXAMINE=[line.replace("{next}", str(uidnext)) for line in EXAMINED],
            LOGOUT=["* BYE", "{tag} OK bye"],
        )


def idle_again(talk: Conversation, uidnext: int) -> None:
    """DONE, EXAMINE, IDLE; with another UIDNEXT."""
    assert talk.hear() == "DONE"
    talk.say("{tag} OK idled")
    assert talk.hear().startswith("EXAMINE")
    talk.say(*(line.replace("{next}", str(uidnext)) for line in EXAMINED))
    assert talk.hear() == "IDLE"


def scripted(server: ScriptedServer, **changes: float) -> ImapSettings:
    return ImapSettings(
        host="127.0.0.1",
        port=server.port,
        security="none",
        user="seller",
        secret=lambda: "hush",
        connect_timeout=5,
        read_timeout=changes.get("read_timeout", 5),
    )


def play(
    workshop: Workshop,
    script: Callable[[Conversation], None],
    story: Callable[[asyncio.Task[None], Doorbell], object],
    *,
    poller: IdlePoller | None = None,
    read_timeout: float = 5,
) -> ScriptedServer:
    """Wait on a scripted server and run `story` beside it."""

    async def evening(server: ScriptedServer) -> None:
        settings = scripted(server, read_timeout=read_timeout)
        source = ImapSource(settings, workshop.pool, poller or workshop.poller)
        doorbell = Doorbell()
        try:
            async with asyncio.timeout(20), waiting(source, ("INBOX",), doorbell) as task:
                await story(task, doorbell)  # type: ignore[misc]
        finally:
            await source.close()
            if poller is not None:
                poller.close()

    with ScriptedServer(script).running() as server:
        asyncio.run(evening(server))
    return server


def test_a_server_without_idle_makes_wait_return(workshop: Workshop) -> None:
    def script(talk: Conversation) -> None:
        to_idle(talk, capabilities="IMAP4rev1 AUTH=PLAIN")

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        await task
        assert doorbell.rung == 0

    server = play(workshop, script, story)
    assert any("LOGOUT" in said for said in server.heard)


def test_exists_in_front_of_the_continuation_is_not_a_refusal(workshop: Workshop) -> None:
    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("* 4 EXISTS", "+ idling")
        talk.until_hung_up()

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        await doorbell.ring(1)
        assert not task.done()

    play(workshop, script, story)


def test_news_in_one_piece_with_the_continuation_of_a_renewal_are_heard(workshop: Workshop) -> None:
    """No selector wakes for bytes that the reader has already taken in."""

    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling")
        talk.say("* OK Still here")
        idle_again(talk, 4)
        talk.say("+ idling\r\n* 4 EXISTS")
        idle_again(talk, 5)
        talk.say("+ idling")
        talk.until_hung_up()

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        await doorbell.ring(2)

    play(workshop, script, story)


def test_news_that_idle_never_told_are_seen_at_the_renewal(workshop: Workshop) -> None:
    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling")
        idle_again(talk, 5)
        talk.say("+ idling")
        talk.until_hung_up()

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        await doorbell.ring(2)

    play(workshop, script, story, poller=IdlePoller(workshop.pool, renew_after=0.2))


def test_a_server_that_only_says_it_is_still_here_rings_nothing(workshop: Workshop) -> None:
    again = threading.Event()

    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling", "* OK Still here")
        idle_again(talk, 4)
        talk.say("+ idling")
        again.set()
        talk.until_hung_up()

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        assert await asyncio.to_thread(again.wait, 10)
        assert doorbell.rung == 1

    play(workshop, script, story)


def test_a_half_open_line_is_noticed_at_the_renewal(workshop: Workshop) -> None:
    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling")
        talk.until_hung_up()  # reads DONE and never answers

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        with pytest.raises(MailboxUnreachable, match="in time"):
            await asyncio.shield(task)

    play(workshop, script, story, poller=IdlePoller(workshop.pool, renew_after=0.2), read_timeout=0.3)


def test_a_line_that_trickles_is_cut_by_the_watchdog(workshop: Workshop) -> None:
    stop = threading.Event()

    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling")
        talk.hear()
        while not stop.wait(0.05):
            talk.say("x", end="")  # never a line, never a timeout

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        with pytest.raises(MailboxUnreachable):
            await asyncio.shield(task)
        stop.set()

    play(workshop, script, story, poller=IdlePoller(workshop.pool, renew_after=0.2, longest_turn=0.4))


def test_the_end_of_the_file_costs_no_processor_time(workshop: Workshop) -> None:
    """A closed socket stays readable: bare idle_check answers [] a hundred thousand times a second."""
    turns = 0

    class Counting(ThreadPoolExecutor):
        def submit(self, *args: object, **options: object):  # type: ignore[no-untyped-def, override]
            nonlocal turns
            turns += 1
            return super().submit(*args, **options)  # type: ignore[arg-type]

    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling")

    async def story(task: asyncio.Task[None], doorbell: Doorbell) -> None:
        with pytest.raises(MailboxUnreachable, match="dropped the line"):
            await asyncio.shield(task)

    with Counting(1) as pool:
        play(workshop, script, story, poller=IdlePoller(pool))
    assert turns == 1


def test_a_slow_renewal_holds_up_nobody_else(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    stuck = threading.Event()

    def script(talk: Conversation) -> None:
        to_idle(talk)
        talk.say("+ idling", "* 4 EXISTS")
        talk.hear()
        stuck.set()
        talk.until_hung_up()

    async def story(server: ScriptedServer) -> None:
        slow = ImapSource(scripted(server, read_timeout=30), workshop.pool, workshop.poller)
        async with workshop.source(account) as quick:
            doorbell = Doorbell()
            async with waiting(slow, ("INBOX",), Doorbell()), waiting(quick, ("INBOX",), doorbell):
                assert await asyncio.to_thread(stuck.wait, 10)
                await doorbell.ring(1)
                dovecot.deliver(account.user, MAIL)
                await doorbell.ring(2, within=5)
        await slow.close()

    with ScriptedServer(script).running() as server:
        asyncio.run(asyncio.wait_for(story(server), 25))


def test_a_closed_poller_takes_no_new_line(dovecot: Dovecot, plain_account: ImapSettings) -> None:
    pool = ThreadPoolExecutor(1)
    poller = IdlePoller(pool)
    poller.close()
    line = ImapGuard(plain_account)
    line.open("pw")
    state = line.examine("INBOX")
    with pytest.raises(MailboxUnreachable, match="ended"):
        poller.watch(line, state, lambda: None)
    line.log_out()
    pool.shutdown()
