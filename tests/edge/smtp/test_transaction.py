"""One mail over one line: all or nothing, the question at 354, cancellation, reuse."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from bot.edge.smtp import transaction
from bot.edge.smtp.line import Line, LineLost
from bot.edge.smtp.opening import open_line
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import (
    SubmissionAccepted,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUnknown,
    SubmissionWithheld,
)
from tests.servers.scripted_smtp import drop, hang, say, say_and, scripted

A, B, C = "a@harrowgate.example", "b@harrowgate.example", "c@harrowgate.example"
OK, LATER, NEVER = "250 2.1.5 ok", "451 4.7.1 greylisted", "550 5.1.1 nobody"


def converse(mail, acts, talk):
    """Run `talk(sender, server)` against a server with these acts; gives what it gives, and the server."""

    async def go():
        async with scripted(acts) as server:
            sender = mail.sender(server.port, command_timeout=0.5, body_timeout=0.5)
            try:
                return await talk(sender, server), server
            finally:
                await sender.close()

    return mail.within(go())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((OK, NEVER, OK), SubmissionRefused(code=550, text="5.1.1 nobody", stage="rcpt", recipient=B)),
        ((OK, OK, LATER), SubmissionDeferred(code=451, text="4.7.1 greylisted", stage="rcpt")),
        ((LATER, NEVER, OK), SubmissionRefused(code=550, text="5.1.1 nobody", stage="rcpt", recipient=B)),
        ((NEVER, LATER, OK), SubmissionRefused(code=550, text="5.1.1 nobody", stage="rcpt", recipient=A)),
        (
            ("500 5.5.1 what", NEVER, OK),
            SubmissionRefused(code=500, text="5.5.1 what", stage="rcpt", recipient=A),
        ),
        (
            (LATER, "499 4.0.0 later still", OK),
            SubmissionDeferred(code=451, text="4.7.1 greylisted", stage="rcpt"),
        ),
        (
            (NEVER, "421 4.3.2 bye", OK),
            SubmissionRefused(code=550, text="5.1.1 nobody", stage="rcpt", recipient=A),
        ),
    ],
)
def test_one_refused_recipient_means_nothing_to_anybody(mail, answers, expected):
    outcome, server = converse(mail, {"rcpt": [say(a) for a in answers]}, lambda s, _: mail.send(s, A, B, C))
    assert outcome == expected
    assert (server.bodies, mail.asked) == ([], 0)
    assert "DATA" not in server.heard
    if "421" not in "".join(answers):
        assert [h for h in server.heard if h.startswith("RCPT")] == [f"RCPT TO:<{r}>" for r in (A, B, C)]
        assert server.heard[-1] == "RSET" or server.heard[-2:] == ["RSET", "QUIT"]


def test_a_no_at_354_sends_nothing_and_the_next_mail_has_a_line_of_its_own(mail):
    async def talk(sender, server):
        mail.answer = False
        withheld = await mail.send(sender)
        await server.until(lambda: server.ended == 1)  # at once, while it still waits for a body
        mail.answer = True
        return withheld, await mail.send(sender)

    (first, second), server = converse(mail, {}, talk)
    assert first == SubmissionWithheld()
    assert isinstance(second, SubmissionAccepted)
    assert (len(server.bodies), server.connections) == (1, 2)


def test_an_error_while_the_note_is_made_is_raised_and_nothing_is_sent(mail):
    async def fails():
        raise OSError("disk full")

    async def talk(sender, _):
        with pytest.raises(OSError, match="disk full"):
            await sender.submit(mail.envelope(), mail.letter, body_may_begin=fails)
        return await mail.send(sender)

    outcome, server = converse(mail, {}, talk)
    assert isinstance(outcome, SubmissionAccepted)
    assert (len(server.bodies), server.connections) == (1, 2)


def test_a_line_lost_while_the_note_is_made_is_not_a_doubt(mail):
    """No byte of the body was written, so nothing can have been accepted."""

    note_begun = asyncio.Event()

    async def drop_during_the_note(on):
        await note_begun.wait()
        on.hang_up()

    async def talk(sender, server):
        async def slow_note():
            note_begun.set()
            line = sender._line
            async with asyncio.timeout(5):
                while line.alive:  # noqa: ASYNC110 -- a dying line tells nobody
                    await asyncio.sleep(0.005)
            return True

        return await sender.submit(mail.envelope(), mail.letter, body_may_begin=slow_note)

    outcome, server = converse(mail, {"data": [say_and("354 go on", drop_during_the_note)]}, talk)
    assert (type(outcome), outcome.stage) == (SubmissionDeferred, "data")
    assert server.bodies == []
    assert note_begun.is_set()


@pytest.mark.parametrize("stage", ["ehlo", "mail", "rcpt", "data", "dot"])
def test_a_cancelled_line_is_never_used_again(mail, stage):
    async def talk(sender, server):
        going = asyncio.create_task(mail.send(sender))
        await server.until(
            lambda: server.bodies if stage == "dot" else stage.upper() in " ".join(server.heard)
        )
        going.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await going
        assert going.cancelled()
        return await mail.send(sender)

    outcome, server = converse(mail, {stage: [hang]}, talk)
    assert isinstance(outcome, SubmissionAccepted)
    assert server.connections == 2


def test_cancelled_during_the_body_nothing_more_of_it_goes_out(mail):
    """A dropped line throws away what the kernel has not taken yet; a kind close would finish the mail."""
    letter = mail.letter + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 100_000

    async def talk(sender, server):
        begun = asyncio.Event()

        async def note():
            begun.set()
            return True

        going = asyncio.create_task(sender.submit(mail.envelope(), letter, body_may_begin=note))
        await begun.wait()
        await asyncio.sleep(0)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going
        await server.until(lambda: server.ended == 1)

    _, server = converse(mail, {}, talk)
    assert server.bodies == []


@pytest.mark.parametrize("answer", ["421 4.3.2 shutting down", "250 2.0.0 queued\r\n250 2.0.0 queued"])
def test_a_line_that_ended_oddly_is_not_kept(mail, answer):
    async def talk(sender, server):
        server.acts["dot"] = [say(answer)]
        await mail.send(sender)
        await server.until(lambda: server.ended == 1)
        return await mail.send(sender)

    outcome, server = converse(mail, {}, talk)
    assert isinstance(outcome, SubmissionAccepted)
    assert server.connections == 2


def test_three_mails_share_one_connection(mail):
    async def talk(sender, _):
        return [await mail.send(sender, a) for a in (A, B, C)]

    outcomes, server = converse(mail, {}, talk)
    assert all(isinstance(o, SubmissionAccepted) for o in outcomes)
    assert (server.connections, len(server.bodies)) == (1, 3)


@pytest.mark.parametrize("how", [drop, say_and("421 4.4.2 idle too long", drop)], ids=["dropped", "421"])
def test_a_kept_line_that_died_is_replaced_once(mail, how):
    async def talk(sender, server):
        first = await mail.send(sender)
        server.acts["mail"] = [how]
        return first, await mail.send(sender)

    (first, second), server = converse(mail, {}, talk)
    assert isinstance(first, SubmissionAccepted)
    assert isinstance(second, SubmissionAccepted)
    assert (server.connections, len(server.bodies)) == (2, 2)


def test_it_is_replaced_only_once(mail):
    async def talk(sender, server):
        await mail.send(sender)
        server.acts["mail"] = [drop, drop, drop]
        return await mail.send(sender)

    outcome, server = converse(mail, {}, talk)
    assert (type(outcome), outcome.stage) == (SubmissionDeferred, "mail")
    assert server.connections == 2


def test_a_line_lost_after_mail_was_taken_is_left_to_the_caller(mail):
    async def talk(sender, server):
        await mail.send(sender)
        server.acts["rcpt"] = [drop]
        return await mail.send(sender)

    outcome, server = converse(mail, {}, talk)
    assert (type(outcome), outcome.stage) == (SubmissionDeferred, "rcpt")
    assert server.connections == 1


def test_an_idle_line_is_given_up_with_quit(mail):
    async def go():
        async with scripted() as server:
            sender = mail.sender(server.port, idle_limit=0.01)
            await mail.send(sender)
            await server.until(lambda: "QUIT" in server.heard)
            second = await mail.send(sender)
            await sender.close()
            return second, server

    second, server = mail.within(go())
    assert isinstance(second, SubmissionAccepted)
    assert server.connections == 2


@pytest.mark.parametrize("how", [drop, hang, say("500 5.5.1 what is that")], ids=["dropped", "silent", "500"])
def test_a_line_that_cannot_forget_is_not_kept(mail, how, monkeypatch):
    """The refusal stands; what the server did with RSET only decides whether the line is used again."""
    monkeypatch.setattr(transaction, "_RESET_TIMEOUT", 0.1)

    async def talk(sender, server):
        server.acts |= {"rcpt": [say(NEVER)], "rset": [how]}
        first = await mail.send(sender)
        return first, sender._line.alive, await mail.send(sender)

    (first, alive, second), server = converse(mail, {}, talk)
    assert first == SubmissionRefused(code=550, text="5.1.1 nobody", stage="rcpt", recipient=mail.them)
    assert not alive
    assert isinstance(second, SubmissionAccepted)
    assert (server.connections, len(server.bodies)) == (2, 1)


def test_a_server_that_speaks_out_of_turn_loses_the_line(mail):
    async def talk(sender, server):
        server.acts["rcpt"] = [say("250 ok\r\n250 ok again")]
        first = await mail.send(sender)
        return first, sender._line.alive, await mail.send(sender)

    (first, alive, second), server = converse(mail, {}, talk)
    assert first == SubmissionDeferred(code=None, text="the server spoke out of turn", stage="data")
    assert not alive
    assert isinstance(second, SubmissionAccepted)
    assert server.connections == 2


def test_a_line_knows_how_it_was_greeted(mail):
    async def go():
        async with scripted({"greeting": [say("220 mx ESMTP hello")]}) as server:
            line = await open_line(mail.sender(server.port)._settings, None)
            line.farewell()
            return line.greeting

    assert mail.within(go()) == "mx ESMTP hello"
    assert Line("127.0.0.1", 25, "[127.0.0.1]").greeting == ""


def test_a_line_that_forgot_is_kept(mail):
    async def talk(sender, server):
        server.acts["rcpt"] = [say(NEVER)]
        return await mail.send(sender), await mail.send(sender)

    (_, second), server = converse(mail, {}, talk)
    assert isinstance(second, SubmissionAccepted)
    assert (server.connections, server.heard.count("RSET")) == (1, 1)


def test_a_line_that_the_server_closed_is_left_without_a_word(mail):
    async def talk(sender, server):
        server.acts["dot"] = [say_and("250 2.0.0 queued", drop)]
        outcome = await mail.send(sender)
        line = sender._line
        async with asyncio.timeout(5):
            while line.alive:  # noqa: ASYNC110 -- a dying line tells nobody
                await asyncio.sleep(0.005)
        await sender.close()
        return outcome, sender._line

    (outcome, line), server = converse(mail, {}, talk)
    assert isinstance(outcome, SubmissionAccepted)
    assert line is None
    assert "QUIT" not in server.heard


def test_nothing_is_written_on_a_line_that_is_closed(mail):
    async def go():
        async with scripted() as server:
            line = Line("127.0.0.1", server.port, "[127.0.0.1]")
            await line.connect(None, 5.0)
            line.drop()
            assert not line.ready_for_body()
            for attempt in (line.body(mail.letter, 5.0), line.ehlo(5.0), line.command(b"NOOP", seconds=5.0)):
                with pytest.raises(LineLost):
                    await attempt
            line._smtp.protocol = asyncio.Protocol()  # the protocol outlived its transport
            with pytest.raises(LineLost, match="the connection is closed"):
                await line.body(mail.letter, 5.0)
            line._smtp.protocol = None
            with pytest.raises(LineLost, match="the connection is closed"):
                await line.body(mail.letter, 5.0)
            return server.heard

    assert mail.within(go()) == []


def test_mails_sent_at_once_follow_each_other(mail):
    async def talk(sender, _):
        return await asyncio.gather(*(mail.send(sender, a) for a in (A, B, C)))

    outcomes, server = converse(mail, {}, talk)
    assert all(isinstance(o, SubmissionAccepted) for o in outcomes)
    rounds = [h.split(" ")[0] for h in server.heard if h.split(" ")[0] in ("MAIL", "RCPT", "DATA")]
    assert rounds == ["MAIL", "RCPT", "DATA"] * 3


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("250 2.0.0 queued", SubmissionUnknown),  # a yes to half a mail means nothing
        ("554 5.7.1 spam", SubmissionRefused),  # a no is a no
        ("451 4.3.0 not now", SubmissionDeferred),
    ],
)
def test_an_answer_to_half_a_mail(mail, answer, expected):
    """The server answers while most of the body still waits on our side."""
    letter = mail.letter + (b"y" * 76 + b"\r\n") * 400_000

    async def go():
        done = asyncio.Event()

        async def wait(_):
            await done.wait()

        async with scripted() as server:
            server.half_body = say_and(answer, wait)
            sender = mail.sender(server.port)
            outcome = await mail.send(sender, raw=letter)
            alive = sender._line.alive
            await sender.close()
            done.set()
            return outcome, alive

    outcome, alive = mail.within(go())
    assert isinstance(outcome, expected)
    assert not alive


def test_everything_in_one_transaction(mail, smtp_server):
    """To, Cc and our own copy are one transaction: one verdict for all."""
    envelope = Envelope(
        mail_from=mail.me,
        recipients=(
            Recipient(address=A, role=RecipientRole.TO),
            Recipient(address=B, role=RecipientRole.CC),
            Recipient(address=mail.me, role=RecipientRole.OWN_COPY),
        ),
    )

    async def go():
        sender = mail.sender(smtp_server.port)
        try:
            return await sender.submit(envelope, mail.letter, body_may_begin=mail.body_may_begin)
        finally:
            await sender.close()

    assert isinstance(mail.within(go()), SubmissionAccepted)
    (taken,) = smtp_server.wait_for(1)
    assert taken.recipients == (A, B, mail.me)
