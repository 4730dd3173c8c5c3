"""What an answer of the server means by its number, and after which of them a line is used no more."""

from __future__ import annotations

import pytest

from bot.edge.smtp.line import Line, LineLost, Reply
from bot.ports import SubmissionAccepted, SubmissionDeferred, SubmissionRefused, SubmissionUnknown
from tests.servers.scripted_smtp import hang, say, say_and, scripted


@pytest.mark.parametrize(
    ("first", "last", "means"),
    [
        (200, 299, (True, False, False)),
        (300, 399, (False, False, False)),
        (400, 499, (False, True, False)),
        (500, 599, (False, False, True)),
    ],
)
def test_the_hundreds_decide(first, last, means):
    for code in (first, (first + last) // 2, last):
        reply = Reply(code=code, text="")
        assert (reply.positive, reply.temporary, reply.permanent) == means


@pytest.mark.parametrize(
    ("answer", "expected", "connections"),
    [
        ("200 2.1.5 fine", SubmissionAccepted, 1),
        ("599 5.0.0 never", SubmissionRefused, 1),
        ("199 hm", SubmissionDeferred, 2),
        ("600 what", SubmissionDeferred, 2),
    ],
)
def test_a_number_that_smtp_does_not_have_ends_the_line(mail, answer, expected, connections):
    outcome, second, server = sent_twice(mail, "rcpt", answer)
    assert isinstance(outcome, expected)
    assert isinstance(second, SubmissionAccepted)
    assert server.connections == connections


def test_what_was_no_answer_is_quoted(mail):
    outcome, _, _ = sent_twice(mail, "rcpt", "600 what")
    assert outcome.text == "the server gave an answer that is not SMTP: what"


@pytest.mark.parametrize(
    ("stage", "answer", "expected", "words"),
    [
        ("data", "250 taken", SubmissionDeferred, "the server answered DATA with 250 taken"),
        ("data", "355 go", SubmissionDeferred, "the server answered DATA with 355 go"),
        ("dot", "354 and then?", SubmissionUnknown, "the server answered the body with 354 and then?"),
    ],
)
def test_after_an_answer_out_of_place_nobody_knows_what_the_server_waits_for(
    mail, stage, answer, expected, words
):
    """So nothing more is said on that line: no RSET, no QUIT, no other letter."""
    outcome, second, server = sent_twice(mail, stage, answer)
    assert (type(outcome), outcome.text) == (expected, words)
    assert isinstance(second, SubmissionAccepted)
    assert server.connections == 2
    assert server.heard.count("RSET") == 0
    assert server.heard.count("QUIT") == 1  # on the second line, when all is done


def sent_twice(mail, stage, answer):
    """What comes of a letter that is answered so, what of the next one, and the server."""

    async def go():
        async with scripted({stage: [say(answer)]}) as server:
            sender = mail.sender(server.port, command_timeout=0.5, body_timeout=0.5)
            outcomes = await mail.send(sender), await mail.send(sender)
            await sender.close()
            return *outcomes, server

    return mail.within(go())


def test_an_offer_of_starttls_that_was_taken_away_is_told(mail):
    """Somebody on the way may have done it: nothing is asked for, and the sentence says what happened."""

    async def go():
        async with scripted({"ehlo": [say("250-mx\r\n250 AUTH PLAIN")]}) as server:
            sender = mail.sender(server.port, security="starttls")
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    assert heard == ["EHLO [127.0.0.1]"]
    assert "does not offer STARTTLS; nothing was sent in plain text" in outcome.text


def test_a_handshake_that_nobody_answers_is_given_up_in_time(mail):
    async def go():
        acts = {"ehlo": [say("250-mx\r\n250 STARTTLS")], "starttls": [say_and("220 go", hang)]}
        async with scripted(acts) as server:
            sender = mail.sender(server.port, security="starttls", connect_timeout=0.3)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome

    outcome = mail.within(go(), seconds=5.0)
    assert (type(outcome), outcome.stage) == (SubmissionDeferred, "tls")


def test_a_server_that_wants_no_tls_now_is_quoted(mail):
    """No handshake is tried: its answer was no."""

    async def go():
        acts = {"ehlo": [say("250-mx\r\n250 STARTTLS")], "starttls": [say("454 4.7.0 not just now")]}
        async with scripted(acts) as server:
            sender = mail.sender(server.port, security="starttls")
            outcome = await mail.send(sender)
            await sender.close()
            return outcome

    assert mail.within(go()) == SubmissionDeferred(code=454, text="4.7.0 not just now", stage="tls")


def test_words_behind_the_greeting_end_the_line(mail):
    """What was said before we asked would be taken for the answer to EHLO."""

    async def go():
        async with scripted({"greeting": [say("220 mx\r\n250-mx\r\n250 AUTH PLAIN")]}) as server:
            sender = mail.sender(server.port)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    assert outcome == SubmissionDeferred(code=None, text="the server spoke out of turn", stage="connect")
    assert heard == []


def test_the_line_goes_to_the_host_that_was_named_and_to_no_other(mail):
    async def go():
        async with scripted() as server:
            with pytest.raises(LineLost):
                await Line("127.0.0.9", server.port, "[127.0.0.1]").connect(None, 1.0)
            return server.connections

    assert mail.within(go()) == 0


def test_after_silence_the_line_is_gone(mail):
    """Whatever the server says later must not be taken for the answer to something else."""

    async def go():
        async with scripted({"mail": [hang]}) as server:
            line = Line("127.0.0.1", server.port, "[127.0.0.1]")
            await line.connect(None, 5.0)
            with pytest.raises(LineLost):
                await line.command(b"MAIL", b"FROM:<>", seconds=0.1)
            gone = not line.alive
            await server.until(lambda: server.ended == 1)
            return gone

    assert mail.within(go())


def test_after_the_farewell_the_line_is_closed_whatever_the_server_does(mail):
    async def go():
        async with scripted({"quit": [hang]}) as server:
            line = Line("127.0.0.1", server.port, "[127.0.0.1]")
            await line.connect(None, 5.0)
            line.farewell()
            await server.until(lambda: server.ended == 1)
            return line.alive, server.heard

    assert mail.within(go()) == (False, ["QUIT"])


@pytest.mark.parametrize(
    ("stage", "answer"),
    [("greeting", "554 5.7.1 not you"), ("ehlo", "502 5.5.1 what"), ("auth", "535 5.7.8 wrong password")],
)
def test_a_server_that_refuses_us_is_left_at_once(mail, stage, answer):
    """Nobody would use that line any more, so it must not stay open."""

    async def go():
        async with scripted({stage: [say(answer)]}) as server:
            sender = mail.sender(server.port, auth="password", user="me", secret=lambda: "a password")
            outcome = await mail.send(sender)
            await server.until(lambda: server.ended == 1)
            return outcome

    assert isinstance(mail.within(go()), SubmissionRefused)


def test_after_a_body_without_an_answer_the_line_is_gone(mail):
    """An answer that comes too late must not be taken for that to the next letter."""

    async def go():
        async with scripted({"dot": [hang]}) as server:
            sender = mail.sender(server.port, body_timeout=0.1)
            outcome = await mail.send(sender)
            await server.until(lambda: server.ended == 1)
            return outcome

    assert isinstance(mail.within(go()), SubmissionUnknown)


def test_where_no_login_is_asked_for_nobody_is_asked_for_a_secret(mail):
    asked = []

    async def go():
        async with scripted() as server:
            sender = mail.sender(server.port, auth="none", secret=lambda: asked.append("asked") or "secret")
            outcome = await mail.send(sender)
            await sender.close()
            return outcome

    assert isinstance(mail.within(go()), SubmissionAccepted)
    assert asked == []
