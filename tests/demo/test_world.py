"""The world against its real servers: letters go in by SMTP, answers and notices come out by IMAP."""

from __future__ import annotations

import asyncio
import io
import json
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.demo.ledger import Ledger
from bot.demo.script import BRINDLE, HEXVALVE, SELLER, START, cast, opening
from bot.demo.servers import LOOPBACK, PASSWORD, USER, SandboxServers
from bot.demo.story import Story
from bot.demo.world import World
from bot.mail.parse import parse_message

COPY = "notice-dispute@amazon.com"


@dataclass
class Sandbox:
    """The world without a daemon."""

    now: datetime
    servers: SandboxServers
    ledger: Ledger
    world: World
    told: io.StringIO

    def settle_at(self, now: datetime) -> bool:
        self.now = now
        return asyncio.run(self.world.settle(now))

    def inbox(self) -> list[str]:
        with self.servers.mailbox() as mailbox:
            return [parse_message(raw).head.subject for raw in mailbox.messages()]

    def send(
        self, message_id: str, to: str, *, cites: str = "", cc: str = "notice-dispute@amazon.com"
    ) -> None:
        raw = (
            f"From: {SELLER.address}\r\nTo: {to}\r\nCc: {cc}\r\nSubject: Complaint 17520044811\r\n"
            f"Message-ID: {message_id}\r\nIn-Reply-To: {cites}\r\n\r\nComplaint ID: 17520044811\r\n"
        )
        with smtplib.SMTP(LOOPBACK, self.servers.smtp_port, timeout=5) as client:
            client.login(USER, PASSWORD)
            client.sendmail(SELLER.address, [a for a in (to, cc, SELLER.address) if a], raw.encode())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    told = io.StringIO()
    ledger = Ledger()
    with SandboxServers(lambda: box.now) as servers:
        world = World(servers, SELLER, cast(), opening(), story=Story(told), ledger=ledger)
        box = Sandbox(START, servers, ledger, world, told)
        yield box
        world.close()


def test_notices_arrive_when_their_time_has_come(sandbox: Sandbox) -> None:
    assert sandbox.world.at_rest(START)
    assert not sandbox.settle_at(START)
    first = sandbox.world.next_event()
    assert first == START + timedelta(minutes=10)
    assert not sandbox.world.at_rest(first)
    assert sandbox.settle_at(first)
    assert sandbox.world.at_rest(first)
    assert sandbox.inbox() == ["Notice: Policy Warning"]
    assert sandbox.world.last_uid > 0
    assert "Mon  5 Jan 09:10  Amazon" in sandbox.told.getvalue()


def test_a_letter_disturbs_the_rest_until_own_copy_and_consequences_are_planned(sandbox: Sandbox) -> None:
    sandbox.send("<rj.1@tidewell.example>", HEXVALVE.address)
    assert not sandbox.world.at_rest(START)
    assert sandbox.settle_at(START)
    assert sandbox.world.at_rest(START)
    assert sandbox.inbox() == ["Complaint 17520044811"]  # the copy to ourselves
    bounce = sandbox.world.next_event()
    assert bounce == START + timedelta(minutes=1)  # Amazon's machine; the report follows
    sandbox.settle_at(START + timedelta(minutes=2))
    assert "Undelivered Mail Returned to Sender" in sandbox.inbox()
    assert sandbox.ledger.summary().bounced == 1


def test_the_ledger_counts_what_the_server_received(sandbox: Sandbox) -> None:
    sandbox.settle_at(START + timedelta(minutes=10))
    sandbox.ledger.seen("<rj.1@tidewell.example>")
    sandbox.ledger.approved("<rj.1@tidewell.example>")
    sandbox.ledger.seen("<rj.never-sent@tidewell.example>")
    sandbox.send("<rj.1@tidewell.example>", BRINDLE.address)
    sandbox.send("<rj.2@tidewell.example>", BRINDLE.address, cites="<rj.1@tidewell.example>")
    sandbox.send("<rj.3@tidewell.example>", COPY, cites="<rj.2@tidewell.example>", cc="")
    sandbox.settle_at(START + timedelta(minutes=11))
    summary = sandbox.ledger.summary()
    assert (summary.notices, summary.cases) == (1, 1)
    assert (summary.drafts, summary.approved, summary.accepted) == (4, 1, 3)
    assert (summary.reminders, summary.escalations) == (1, 1)
    assert summary.cc_amazon
    assert sandbox.ledger.sent_twice == 0
    assert sandbox.ledger.unapproved == ("<rj.2@tidewell.example>", "<rj.3@tidewell.example>")
    assert json.loads(summary.json())["cc_amazon"] is True
    told = sandbox.told.getvalue()
    assert all(word in told for word in ("inquiry to", "reminder to", "escalation to"))


def test_a_letter_received_twice_is_one_letter_and_is_noticed(sandbox: Sandbox) -> None:
    sandbox.send("<rj.1@tidewell.example>", BRINDLE.address)
    sandbox.send("<rj.1@tidewell.example>", BRINDLE.address)
    sandbox.settle_at(START)
    assert sandbox.ledger.summary().accepted == 1
    assert sandbox.ledger.sent_twice == 1


def test_a_letter_without_amazon_in_copy_is_noticed(sandbox: Sandbox) -> None:
    sandbox.send("<rj.1@tidewell.example>", BRINDLE.address, cc="")
    sandbox.settle_at(START)
    assert not sandbox.ledger.summary().cc_amazon


def test_a_silent_complainant_is_one_from_whom_nothing_comes(sandbox: Sandbox) -> None:
    sandbox.settle_at(START + timedelta(days=20))
    assert sandbox.world.next_event() is None
    sandbox.send("<rj.1@tidewell.example>", "compliance@stonebay.example", cc="")
    sandbox.settle_at(START + timedelta(days=20))
    assert sandbox.world.next_event() is None
