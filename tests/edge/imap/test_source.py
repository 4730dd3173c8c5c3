"""Reading, searching and filing mail on a real Dovecot."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.edge.imap import guard
from bot.edge.imap.faults import Renumbered
from bot.edge.imap.settings import ImapSettings
from bot.errors import ControlCharacter, MailboxMissing, MailboxUnreachable
from bot.ports import MailSource
from tests.edge.imap.workshop import Workshop, everything
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.servers


def mail(number: int, size: int = 0) -> bytes:
    """A small mail with CRLF line ends, at least `size` octets long."""
    head = f"Message-ID: <m{number}@shop.example>\r\nSubject: {number}\r\n\r\n".encode()
    return head + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * (size // 72)


def test_every_mail_above_a_uid_comes_once_in_order_byte_for_byte(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    sent = [mail(number) for number in range(7)]
    dovecot.deliver_all(account.user, sent)

    async def story() -> None:
        async with workshop.source(account) as source:
            as_port: MailSource = source
            state = await as_port.state("INBOX")
            assert (state.exists, state.uidnext) == (7, 8)
            assert [(each.uid, each.raw) for each in await everything(source)] == list(enumerate(sent, 1))
            assert [each.uid for each in await everything(source, last_uid=5)] == [6, 7]
            # `8:*` names message 7 too: it must not come a second time.
            assert await everything(source, last_uid=7) == []

    asyncio.run(story())


def test_reading_leaves_the_mailbox_as_it_was(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    dovecot.deliver(account.user, mail(1))

    async def story() -> None:
        async with workshop.source(account) as source:
            assert len(await everything(source)) == 1

    asyncio.run(story())
    with dovecot.session(account.user) as session:
        session.select("INBOX", readonly=True)
        assert session.search(None, "UNSEEN")[1] == [b"1"]


def test_1200_mails_come_in_chunks(dovecot: Dovecot, plain_account: ImapSettings, workshop: Workshop) -> None:
    dovecot.deliver_all(plain_account.user, (mail(number) for number in range(1200)))

    async def story() -> None:
        async with workshop.source(plain_account) as source:
            fetched = await everything(source)
        assert [each.uid for each in fetched] == list(range(1, 1201))
        assert fetched[1199].raw == mail(1199)

    asyncio.run(story())


def test_internal_date_is_aware_and_utc(dovecot: Dovecot, account: ImapSettings, workshop: Workshop) -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))

    async def story() -> None:
        async with workshop.source(account) as source:
            await source.append("INBOX", mail(1), at)
            (fetched,) = await everything(source)
        assert fetched.internal_date == at
        assert fetched.internal_date.tzinfo is UTC

    asyncio.run(story())


def test_a_message_beyond_the_limit_is_named_but_not_fetched(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    dovecot.deliver_all(account.user, [mail(1), mail(2, size=30_000), mail(3)])

    async def story() -> None:
        async with workshop.source(replace(account, size_limit=20_000)) as source:
            first, second, third = await everything(source)
        assert first.raw == mail(1)
        assert second.raw is None
        assert second.size == len(mail(2, size=30_000))
        assert third.raw == mail(3)

    asyncio.run(story())


def test_a_mailbox_made_anew_has_other_uids(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    dovecot.create(account.user, "Notices")
    dovecot.deliver(account.user, mail(1), "Notices")

    async def story() -> None:
        async with workshop.source(account) as source:
            before = await source.state("Notices")
            dovecot.recreate(account.user, "Notices")
            with pytest.raises(Renumbered, match="numbered 'Notices' anew"):
                [each async for each in source.fetch_after("Notices", before.uidvalidity, 0)]
            assert (await source.state("Notices")).uidvalidity != before.uidvalidity
        assert issubclass(Renumbered, MailboxUnreachable)

    asyncio.run(story())


def test_special_use_is_what_the_server_says(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    async def story() -> None:
        async with workshop.source(account) as source:
            assert await source.special_use("\\Sent") == "Sent"
            assert await source.special_use("\\junk") == "Junk"
            assert await source.special_use("\\Archive") is None

    asyncio.run(story())


def test_a_copy_is_filed_seen_byte_for_byte_and_found_by_its_message_id(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    async def story() -> None:
        async with workshop.source(account) as source:
            await source.append("Sent", mail(5), at)
            assert await source.has_message_id("Sent", "<m5@shop.example>")
            assert not await source.has_message_id("Sent", "<m@shop.example>")
            assert not await source.has_message_id("INBOX", "<m5@shop.example>")

    asyncio.run(story())
    assert dovecot.messages(account.user, "Sent") == [mail(5)]
    with dovecot.session(account.user) as session:
        session.select("Sent", readonly=True)
        assert session.search(None, "SEEN")[1] == [b"1"]


def test_a_mailbox_that_does_not_exist(dovecot: Dovecot, account: ImapSettings, workshop: Workshop) -> None:
    async def story() -> None:
        async with workshop.source(account) as source:
            with pytest.raises(MailboxMissing, match="'Nowhere'"):
                await source.state("Nowhere")
            with pytest.raises(MailboxMissing, match="'Nowhere'"):
                await source.append("Nowhere", mail(1), datetime(2026, 3, 1, tzinfo=UTC))
            assert (await source.state("INBOX")).exists == 0

    asyncio.run(story())


def test_names_beyond_ascii_work(dovecot: Dovecot, account: ImapSettings, workshop: Workshop) -> None:
    async def story() -> None:
        async with workshop.source(account) as source:
            with pytest.raises(MailboxMissing, match="Gelöscht"):
                await source.state("Gelöscht")

    asyncio.run(story())


def test_a_dropped_line_is_opened_again(dovecot: Dovecot, account: ImapSettings, workshop: Workshop) -> None:
    dovecot.deliver(account.user, mail(1))

    async def story() -> None:
        async with workshop.source(account) as source:
            assert (await source.state("INBOX")).exists == 1
            dovecot.drop_connections()
            assert len(await everything(source)) == 1
            dovecot.drop_connections()
            await source.append("Sent", mail(2), datetime(2026, 3, 1, tzinfo=UTC))

    asyncio.run(story())
    assert dovecot.messages(account.user, "Sent") == [mail(2)]


def test_an_abandoned_fetch_leaves_the_source_usable(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    dovecot.deliver_all(account.user, (mail(number) for number in range(20)))

    async def story() -> None:
        async with workshop.source(account) as source:
            state = await source.state("INBOX")
            messages = source.fetch_after("INBOX", state.uidvalidity, 0)
            assert (await anext(messages)).uid == 1
            await messages.aclose()  # type: ignore[attr-defined]
            assert len(await everything(source)) == 20

    asyncio.run(story())


def open_sockets() -> int:
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(str(link.readlink()))
    return sum(link.startswith("socket:") for link in links)


def test_close_in_the_middle_of_things_leaves_no_thread_and_no_line(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    before = open_sockets()
    dovecot.deliver_all(account.user, (mail(number) for number in range(50)))

    async def story() -> None:
        async with workshop.source(account) as source:
            reading = asyncio.create_task(everything(source))
            waiting = asyncio.create_task(source.wait(("INBOX", "Sent"), lambda: None))
            await source.state("INBOX")
            await source.close()
            results = await asyncio.gather(reading, waiting, return_exceptions=True)
            assert isinstance(results[1], MailboxUnreachable)
            with pytest.raises(MailboxUnreachable, match="closed"):
                await source.state("INBOX")

    asyncio.run(story())
    assert not workshop.poller._watches
    workshop.poller.close()
    assert open_sockets() == before
    # The fixture looks for threads left behind.


def test_an_account_without_mailboxes_to_watch_returns(account: ImapSettings, workshop: Workshop) -> None:
    async def story() -> None:
        async with workshop.source(account) as source:
            await source.wait((), lambda: None)

    asyncio.run(story())


def test_a_crowded_mailbox_is_searched_in_windows(
    dovecot: Dovecot, plain_account: ImapSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """imaplib gives up on an answer of a million octets, which a mailbox of 140,000 mails would need."""
    dovecot.deliver_all(plain_account.user, (mail(number) for number in range(10)))
    monkeypatch.setattr(guard, "SEARCH_WINDOW", 3)
    line = guard.ImapGuard(plain_account)
    line.open("pw")
    line.examine("INBOX")
    assert line.uids_after(0) == list(range(1, 11))
    assert line.uids_after(4) == [5, 6, 7, 8, 9, 10]
    assert line.uids_after(10) == []
    # What came since EXAMINE lies behind the last window.
    dovecot.deliver_all(plain_account.user, [mail(10), mail(11)])
    line.noop()
    assert line.uids_after(9) == [10, 11, 12]
    with pytest.raises(ValueError, match="at most 500"):
        line.announced(range(1, 502))
    line.log_out()


def written(number: int, to: str, text: str = "") -> bytes:
    return f"Message-ID: <w{number}@shop.example>\r\nTo: {to}\r\nSubject: s\r\n\r\n{text}\r\n".encode()


def test_older_mail_is_found_by_day_and_by_whom_or_what_it_names(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    at = datetime(2026, 3, 10, 12, tzinfo=UTC)
    mails = [
        (written(1, "ip@ferrowick.example"), at - timedelta(days=30)),
        (written(2, "ip@ferrowick.example"), at),
        (written(3, "friend@elsewhere.example", "about 17340981265"), at),
        (written(4, "friend@elsewhere.example"), at),
    ]

    async def story() -> None:
        async with workshop.source(account) as source:
            for raw, moment in mails:
                await source.append("INBOX", raw, moment)
            state = await source.state("INBOX")
            day = (at - timedelta(days=1)).date()
            number = state.uidvalidity
            assert await source.search("INBOX", number, day) == (2, 3, 4)
            about = ("ip@ferrowick.example", "17340981265")
            assert await source.search("INBOX", number, day, about=about) == (2, 3)
            fetched = [one async for one in source.fetch("INBOX", number, (4, 1, 99))]
            assert [(one.uid, one.raw) for one in fetched] == [(1, mails[0][0]), (4, mails[3][0])]
            with pytest.raises(Renumbered):
                await source.search("INBOX", number + 1, day)
            with pytest.raises(ControlCharacter):
                await source.search("INBOX", number, day, about=("a\r\nb LOGOUT",))

    asyncio.run(story())
