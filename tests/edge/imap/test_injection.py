"""No text from a mail can become a command of ours."""

from __future__ import annotations

import asyncio
import email.header
from datetime import UTC, datetime

import imapclient
import imapclient.exceptions
import pytest

from bot.edge.imap.arguments import Literal, refuse_controls, searchable_message_id
from bot.edge.imap.guard import ImapGuard
from bot.edge.imap.settings import ImapSettings
from bot.errors import ControlCharacter, NotPossible
from tests.edge.imap.workshop import Workshop
from tests.servers.dovecot import PASSWORD, Dovecot

# What a stranger wrote into In-Reply-To: an encoded word (RFC 2047) with a line break and a command in it.
HOSTILE_FIELD = "=?utf-8?q?x=0D=0AA001_DELETE_Cases=0D=0Ay?="


def decoded(field: str) -> str:
    return str(email.header.make_header(email.header.decode_header(field)))


def test_bare_imapclient_deletes_the_mailbox(dovecot: Dovecot) -> None:
    """The control: without our guard the attack works on this very server."""
    user = dovecot.new_user()
    dovecot.create(user, "Cases")
    client = imapclient.IMAPClient(dovecot.host, dovecot.port, ssl=False, timeout=10)
    client.login(user, PASSWORD)
    client.select_folder("INBOX", readonly=True)
    with pytest.raises(imapclient.exceptions.InvalidCriteriaError):
        client.search(["HEADER", "Message-ID", decoded(HOSTILE_FIELD)])
    while not client._imap.readline().startswith(b"A001 OK"):
        pass  # the server answers the second command too
    client.shutdown()
    assert "Cases" not in dovecot.mailboxes(user)


def test_the_guard_refuses_it_and_the_mailbox_is_still_there(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    dovecot.create(account.user, "Cases")

    async def story() -> None:
        async with workshop.source(account) as source:
            with pytest.raises(ControlCharacter):
                await source.has_message_id("INBOX", decoded(HOSTILE_FIELD))
            # The line is as good as before.
            assert (await source.state("INBOX")).exists == 0

    asyncio.run(story())
    assert "Cases" in dovecot.mailboxes(account.user)


CONTROLS = ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_every_method_of_the_guard_refuses_control_characters(
    dovecot: Dovecot, plain_account: ImapSettings, control: str
) -> None:
    line = ImapGuard(plain_account)
    line.open(PASSWORD)
    try:
        hostile = f"INBOX{control}A1 NOOP"
        for command in (
            lambda: line.has_capability(hostile),
            lambda: line.examine(hostile),
            lambda: line.has_message_id(hostile),
            lambda: line.append(hostile, b"\r\n", datetime(2026, 1, 1, tzinfo=UTC)),
            lambda: line._call("search", ["HEADER", "Message-ID", hostile]),
            lambda: (
                line._call("search", ["HEADER", ["Message-ID", hostile.encode()]])
                if ord(control) < 128
                else line._call("search", [hostile])
            ),
            lambda: line._call("add_flags", [1], (hostile,)),
            lambda: line._call("select_folder", folder=hostile),
        ):
            with pytest.raises(ControlCharacter):
                command()
        line.noop()
    finally:
        line.log_out()


def test_user_and_secret_are_refused_before_the_login(dovecot: Dovecot, plain_account: ImapSettings) -> None:
    line = ImapGuard(plain_account)
    with pytest.raises(ControlCharacter) as caught:
        line.open("pw\r\nA1 NOOP")
    assert "pw" not in str(caught.value)
    assert not line.usable


def test_a_message_may_hold_any_octet() -> None:
    refuse_controls(Literal(b"a\0\r\n"), 1, None, ["x"])
    with pytest.raises(ControlCharacter):
        refuse_controls(b"a\0\r\n")
    with pytest.raises(TypeError):
        refuse_controls(object())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "a@b",
        "<a b@c.example>",
        '<"a"@c.example>',
        "<a@b.example> OR ALL",
        "<a@b.example",
        "<é@b.example>",
    ],
)
def test_only_a_plain_message_id_is_searched_for(text: str) -> None:
    with pytest.raises(NotPossible, match="not a Message-ID"):
        searchable_message_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "<rj.4F2A@shop.example>",
        "<CAF+=x_y-z.1$%@mail.gmail.example>",
        "<AM0PR01MB" + "x" * 80 + "@AM0PR01.prod.outlook.example>",
        "<1@[192.0.2.1]>",
    ],
)
def test_message_ids_as_servers_write_them(text: str) -> None:
    assert searchable_message_id(text) == text
