"""The source works with the sandbox server (pymap) too: no SPECIAL-USE, other ways to write an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.demo.servers import LOOPBACK, PASSWORD, USER, SandboxServers
from bot.edge.imap.settings import ImapSettings
from bot.errors import LoginRefused, MailboxMissing
from tests.edge.imap.workshop import Workshop, everything

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def mail(number: int) -> bytes:
    return f"Message-ID: <m{number}@shop.example>\r\nSubject: {number}\r\n\r\nhello\r\n".encode()


@pytest.fixture
def sandbox() -> Iterator[SandboxServers]:
    with SandboxServers(lambda: NOW) as servers:
        yield servers


def settings(sandbox: SandboxServers, password: str = PASSWORD) -> ImapSettings:
    return ImapSettings(
        host=LOOPBACK,
        port=sandbox.imap_port,
        security="none",
        user=USER,
        secret=lambda: password,
        connect_timeout=5,
        read_timeout=5,
    )


def test_fetch_append_and_search(sandbox: SandboxServers, workshop: Workshop) -> None:
    with sandbox.mailbox() as world:
        for number in range(3):
            world.deliver(mail(number), NOW)

    async def story() -> None:
        async with workshop.source(settings(sandbox)) as source:
            fetched = await everything(source)
            assert [each.raw for each in fetched] == [mail(0), mail(1), mail(2)]
            assert {each.internal_date for each in fetched} == {NOW}
            assert await everything(source, last_uid=fetched[-1].uid) == []
            await source.append("Sent", mail(7), NOW)
            assert await source.has_message_id("Sent", "<m7@shop.example>")
            assert not await source.has_message_id("Sent", "<m8@shop.example>")
            assert await source.special_use("\\Sent") is None
            with pytest.raises(MailboxMissing):
                await source.state("Nowhere")
            with pytest.raises(MailboxMissing):
                await source.append("Nowhere", mail(1), NOW)

    asyncio.run(story())
    with sandbox.mailbox() as world:
        assert world.messages("Sent") == (mail(7),)


def test_the_doorbell_rings(sandbox: SandboxServers, workshop: Workshop) -> None:
    async def story() -> None:
        rings: asyncio.Queue[None] = asyncio.Queue()
        async with workshop.source(settings(sandbox)) as source:
            task = asyncio.create_task(source.wait(("INBOX", "Sent"), lambda: rings.put_nowait(None)))
            async with asyncio.timeout(10):
                await rings.get()
                await rings.get()  # both mailboxes idle now
                for number in range(3):
                    with sandbox.mailbox() as world:
                        world.deliver(mail(number), NOW)
                    await rings.get()
                assert len(await everything(source)) == 3
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(story())


def test_a_wrong_password(sandbox: SandboxServers, workshop: Workshop) -> None:
    async def story() -> None:
        async with workshop.source(settings(sandbox, "wrong")) as source:
            with pytest.raises(LoginRefused):
                await source.state("INBOX")

    asyncio.run(story())
