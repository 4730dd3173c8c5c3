"""Who we say we are, and how often: login over one line, and what a refusal means for the next letter."""

from __future__ import annotations

import base64

import pytest

from bot.errors import SecretUnavailable
from bot.ports import SubmissionAccepted, SubmissionDeferred, SubmissionRefused
from tests.servers.scripted_smtp import say, scripted

OFFER = "250-mx.brindlecove.example\r\n250 AUTH PLAIN LOGIN"
REFUSED = SubmissionRefused(code=535, text="5.7.8 wrong password", stage="auth")


def converse(mail, acts, talk, **changes):
    async def go():
        async with scripted(acts) as server:
            login = {"auth": "password", "user": "me", "secret": lambda: "pw"} | changes
            sender = mail.sender(server.port, **login)
            try:
                return await talk(sender, server), server
            finally:
                await sender.close()

    return mail.within(go())


def words(server):
    return [line.split(" ")[0] for line in server.heard]


def test_the_server_hears_who_we_are(mail):
    outcome, server = converse(mail, {}, lambda sender, _: mail.send(sender))
    assert isinstance(outcome, SubmissionAccepted)
    (said,) = [line for line in server.heard if line.startswith("AUTH")]
    assert said.split(" ")[:2] == ["AUTH", "PLAIN"]
    assert base64.b64decode(said.split(" ")[2]) == b"\0me\0pw"


def test_words_in_advance_of_the_login_end_the_line(mail):
    """Left in wait, they would be taken for the answer to our password."""
    early = OFFER + "\r\n235 2.7.0 welcome, whoever you are"
    outcome, server = converse(mail, {"ehlo": [say(early)]}, lambda sender, _: mail.send(sender))
    assert (type(outcome), outcome.code, outcome.stage) == (SubmissionDeferred, None, "auth")
    assert outcome.text == "the server spoke out of turn"
    assert words(server) == ["EHLO"]


@pytest.mark.parametrize(
    ("pause", "secrets", "logins"),
    [
        (1200.0, ["pw", "pw", "pw"], 1),  # the same within the pause
        (0.0, ["pw", "pw", "pw"], 3),  # the pause is over
        (1200.0, ["pw", "new", "new"], 2),  # another one is tried at once, and that once
    ],
)
def test_a_refused_secret_is_not_shown_again_within_the_pause(mail, pause, secrets, logins):
    asked = iter(secrets)
    wrong = say("535 5.7.8 wrong password")

    async def talk(sender, _):
        return [await mail.send(sender) for _ in secrets]

    outcomes, server = converse(
        mail, {"auth": [wrong] * 3}, talk, secret=lambda: next(asked), login_pause=pause
    )
    assert outcomes == [REFUSED] * 3
    assert words(server).count("AUTH") == logins
    assert "MAIL" not in words(server)


def test_an_empty_secret_hides_nothing(mail):
    acts = {"auth": [say("535 5.7.8 wrong password")]}
    outcome, _ = converse(mail, acts, lambda sender, _: mail.send(sender), secret=lambda: "")
    assert outcome == REFUSED


def test_after_a_login_that_worked_an_earlier_refusal_is_forgotten(mail):
    asked = iter(["old", "new", "old"])

    async def talk(sender, server):
        server.acts["auth"] = [say("535 5.7.8 wrong password")]
        first = await mail.send(sender)
        second = await mail.send(sender)
        sender._drop()
        return first, second, await mail.send(sender)

    (first, second, third), server = converse(mail, {}, talk, secret=lambda: next(asked))
    assert first == REFUSED
    assert isinstance(second, SubmissionAccepted)
    assert isinstance(third, SubmissionAccepted)
    assert words(server).count("AUTH") == 3


@pytest.mark.parametrize("answer", ["421 4.3.2 shutting down", "454 4.7.0 password server is away"])
def test_a_login_that_was_only_put_off_is_tried_again(mail, answer):
    async def talk(sender, server):
        server.acts["auth"] = [say(answer)]
        return await mail.send(sender), await mail.send(sender)

    (first, second), server = converse(mail, {}, talk)
    assert (type(first), first.stage) == (SubmissionDeferred, "auth")
    assert isinstance(second, SubmissionAccepted)
    assert words(server).count("AUTH") == 2


def test_a_refusal_before_the_login_says_nothing_of_the_secret(mail):
    async def talk(sender, server):
        server.acts["ehlo"] = [say("554 5.7.1 not you")]
        return await mail.send(sender), await mail.send(sender)

    (first, second), server = converse(mail, {}, talk)
    assert (type(first), first.stage) == (SubmissionRefused, "connect")
    assert isinstance(second, SubmissionAccepted)
    assert server.connections == 2


@pytest.mark.parametrize("error", [SecretUnavailable("no password is set"), OSError("keyring is locked")])
def test_a_secret_that_cannot_be_had_is_named_before_anything_is_said(mail, error):
    def missing():
        raise error

    outcome, server = converse(mail, {}, lambda sender, _: mail.send(sender), secret=missing)
    assert outcome == SubmissionDeferred(code=None, text=str(error), stage="auth")
    assert server.connections == 0


def test_a_line_that_was_kept_is_not_given_up_in_the_middle_of_the_next_letter(mail):
    async def talk(sender, _):
        await mail.send(sender)
        timer = sender._hang_up
        seen = []

        async def in_the_middle():
            seen.append((timer.cancelled(), sender._hang_up))
            return True

        await sender.submit(mail.envelope(), mail.letter, body_may_begin=in_the_middle)
        return seen, sender._hang_up

    (seen, timer), server = converse(mail, {}, talk, auth="none")
    assert seen == [(True, None)]
    assert timer is not None  # and then it is kept for a while again
    assert (server.connections, len(server.bodies)) == (1, 2)
