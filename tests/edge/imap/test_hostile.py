"""Servers that lie, forget, trickle or stop in the middle cost time and memory within bounds, and no mail."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.edge.imap import fetching
from bot.edge.imap.guard import MAX_IDS, Announced, ImapGuard
from bot.edge.imap.settings import ImapSettings
from bot.errors import MailboxError, MailboxUnreachable
from bot.ports import Fetched
from tests.edge.imap.workshop import Workshop, everything
from tests.servers.scripted_imap import GREETING, Conversation, ScriptedServer

DATE = 'INTERNALDATE "01-Mar-2026 09:30:00 +0900"'
EXAMINED = ["* {n} EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 10] ok", "{tag} OK [READ-ONLY] done"]


class Mailbox:
    """An IMAP server with a few messages; what it does wrong is said per UID."""

    def __init__(
        self,
        messages: dict[int, bytes],
        *,
        announced: dict[int, int] | None = None,
        body: Callable[[Conversation, list[int]], bool] | None = None,
    ) -> None:
        self.messages = messages
        self.announced = announced or {}
        self.body = body

    def __call__(self, talk: Conversation) -> None:
        talk.say(GREETING)
        while True:
            command = talk.hear()
            words = command.split()
            match [word.upper() for word in words[:2]]:
                case ["CAPABILITY", *_]:
                    talk.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done")
                case ["AUTHENTICATE", *_]:
                    talk.say("+ ")
                    tag = talk.tag
                    talk.hear()
                    talk.tag = tag
                    talk.say("{tag} OK in")
                case ["EXAMINE", *_]:
                    talk.say(*(line.replace("{n}", str(len(self.messages))) for line in EXAMINED))
                case ["UID", "SEARCH"]:
                    talk.say("* SEARCH " + " ".join(map(str, self.messages)), "{tag} OK done")
                case ["UID", "FETCH"]:
                    self.fetch(talk, [int(uid) for uid in words[2].split(",")], "BODY.PEEK[]" in command)
                case ["LOGOUT", *_]:
                    talk.say("* BYE", "{tag} OK bye")
                    return

    def fetch(self, talk: Conversation, uids: list[int], bodies: bool) -> None:
        if bodies and self.body is not None and self.body(talk, uids):
            return
        for number, uid in enumerate(uids, 1):
            if uid not in self.messages:
                continue
            raw = self.messages[uid]
            if bodies:
                talk.say(f"* {number} FETCH (UID {uid} BODY[] {{{len(raw)}}}")
                talk.say(raw.decode(), end="")
                talk.say(")")
            else:
                size = self.announced.get(uid, len(raw))
                talk.say(f"* {number} FETCH (UID {uid} RFC822.SIZE {size} {DATE})")
        talk.say("{tag} OK done")


def read(workshop: Workshop, mailbox: Mailbox, **changes: object) -> tuple[list[Fetched], ScriptedServer]:
    async def story(server: ScriptedServer) -> list[Fetched]:
        settings = ImapSettings(
            host="127.0.0.1",
            port=server.port,
            security="none",
            user="seller",
            secret=lambda: "hush",
            connect_timeout=5,
            read_timeout=5,
        )
        async with workshop.source(replace(settings, **changes)) as source:  # type: ignore[arg-type]
            return await asyncio.wait_for(everything(source), 30)

    with ScriptedServer(mailbox).running() as server:
        return asyncio.run(story(server)), server


A, B, C = (b"Subject: " + name + b"\r\n\r\n" for name in (b"a", b"b", b"c"))


def test_a_message_larger_than_announced_is_still_read(workshop: Workshop) -> None:
    big = b"x" * 3_000_000
    fetched, _ = read(workshop, Mailbox({1: A, 2: big, 3: C}, announced={2: 10}))
    assert [each.raw for each in fetched] == [A, big, C]


def test_a_literal_beyond_the_limit_is_never_taken_in(workshop: Workshop) -> None:
    def lie(talk: Conversation, uids: list[int]) -> bool:
        if 2 in uids:
            talk.say(f"* 1 FETCH (UID {uids[0]} BODY[] {{99999999999}}")
            talk.say("x" * 100_000)
            talk.until_hung_up()
        return 2 in uids

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fetched, _ = read(workshop, Mailbox({1: A, 2: B, 3: C}, body=lie), size_limit=1_000_000)
    assert [(each.uid, each.raw) for each in fetched] == [(1, A), (2, None), (3, C)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_message_expunged_meanwhile_does_not_hide_the_others(workshop: Workshop) -> None:
    """RFC 2180 §4.1.2 lets the server refuse the whole FETCH."""
    mailbox = Mailbox({1: A, 2: B, 3: C})

    def expunge(talk: Conversation, uids: list[int]) -> bool:
        if 2 in mailbox.messages:
            del mailbox.messages[2]
            talk.say("{tag} NO [EXPUNGEISSUED] some are gone")
            return True
        return False

    mailbox.body = expunge
    fetched, _ = read(workshop, mailbox)
    assert [(each.uid, each.raw) for each in fetched] == [(1, A), (3, C)]


def test_a_message_that_exists_and_is_not_handed_out_stops_the_reading(workshop: Workshop) -> None:
    def forget(talk: Conversation, uids: list[int]) -> bool:
        if uids == [2]:
            talk.say("{tag} OK done")
        return uids == [2]

    mailbox = Mailbox({2: B}, body=forget)
    with pytest.raises(MailboxUnreachable, match="does not hand out UID 2"):
        read(workshop, mailbox)


def test_a_line_lost_in_the_middle_of_a_body_is_opened_again(workshop: Workshop) -> None:
    lost = []

    def lose(talk: Conversation, uids: list[int]) -> bool:
        if lost:
            return False
        lost.append(uids)
        talk.say(f"* 1 FETCH (UID 1 BODY[] {{{len(A)}}}", A.decode()[:5], end="")
        raise ConnectionError

    fetched, server = read(workshop, Mailbox({1: A, 2: B}, body=lose))
    assert [each.raw for each in fetched] == [A, B]
    assert server.connections == 2


def test_a_timeout_ends_the_line_and_another_is_opened(workshop: Workshop) -> None:
    silent = []

    def hush(talk: Conversation, uids: list[int]) -> bool:
        if silent:
            return False
        silent.append(uids)
        talk.until_hung_up()
        return True

    fetched, server = read(workshop, Mailbox({1: A}, body=hush), read_timeout=0.3)
    assert [each.raw for each in fetched] == [A]
    assert server.connections == 2


def test_a_server_that_trickles_is_given_up(workshop: Workshop) -> None:
    def trickle(talk: Conversation, uids: list[int]) -> bool:
        talk.say("* 1 FETCH (UID 1 BODY[] {90000}")
        while True:
            talk.say("x" * 10, end="")
            talk.pause(0.02)

    # Three connections of half a second each.
    with pytest.raises(MailboxUnreachable, match="no end after"):
        read(workshop, Mailbox({1: A}, body=trickle), read_timeout=0.1, connect_timeout=0.2)


def test_an_answer_that_is_not_imap_is_an_error_of_ours(workshop: Workshop) -> None:
    def babble(talk: Conversation, uids: list[int]) -> bool:
        talk.say("* 1 FETCH (UID one BODY[] (((", "HTTP/1.1 200 OK")
        return True

    with pytest.raises(MailboxError):
        read(workshop, Mailbox({1: A}, body=babble))


def test_a_line_without_end_leaves_no_half_of_it_to_be_taken_for_an_answer() -> None:
    """imaplib reports it like a plain NO, in the middle of the line."""

    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"],
            AUTHENTICATE=["{tag} OK in"],
            NOOP=["* " + "x" * 1_100_000],
        )

    with ScriptedServer(script).running() as server:
        line = ImapGuard(
            ImapSettings(host="127.0.0.1", port=server.port, security="none", user="u", secret=lambda: "")
        )
        line.open("hush")
        with pytest.raises(MailboxUnreachable, match="more than 1000000 bytes"):
            line.noop()
        assert not line.usable


def test_a_closed_guard_is_not_used_again() -> None:
    with ScriptedServer(Mailbox({1: A})).running() as server:
        line = ImapGuard(
            ImapSettings(host="127.0.0.1", port=server.port, security="none", user="u", secret=lambda: "")
        )
        line.open("hush")
        line.drop()
        with pytest.raises(MailboxUnreachable, match="cut"):
            line.noop()
        line.close()
        with pytest.raises(MailboxUnreachable):
            line.examine("INBOX")


def test_uidnext_may_be_left_out(workshop: Workshop) -> None:
    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"],
            AUTHENTICATE=["{tag} OK in"],
            EXAMINE=["* 2 EXISTS", "* OK [UIDVALIDITY 7] ok", "{tag} OK [READ-ONLY] done"],
            UID_SEARCH=["* SEARCH 41", "{tag} OK done"],
        )

    async def story(server: ScriptedServer) -> None:
        settings = ImapSettings(
            host="127.0.0.1", port=server.port, security="none", user="u", secret=lambda: "hush"
        )
        async with workshop.source(settings) as source:
            assert (await source.state("INBOX")).uidnext == 42

    with ScriptedServer(script).running() as server:
        asyncio.run(story(server))


# ------------------------------------------------------------------------------------------- cutting up


def message(uid: int, size: int) -> Announced:
    return Announced(uid=uid, size=size, internal_date=datetime(2026, 1, 1, tzinfo=UTC))


def test_runs_are_bounded_by_octets_and_by_number() -> None:
    small = [message(uid, 1) for uid in range(1, 2 * MAX_IDS + 2)]
    assert [len(run) for run in fetching.runs(small)] == [MAX_IDS, MAX_IDS, 1]
    mixed = [message(1, 40), message(2, 50), message(3, 11), message(4, 500), message(5, 1)]
    assert [[each.uid for each in run] for run in fetching.runs(mixed, 100)] == [[1, 2], [3], [4], [5]]
    assert list(fetching.runs([])) == []
