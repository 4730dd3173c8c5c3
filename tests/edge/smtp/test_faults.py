"""The ledger: every fault a server can commit, and what we may say about the mail afterwards."""

from __future__ import annotations

import pytest

from bot.ports import (
    SubmissionAccepted,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUnknown,
)
from tests.servers.scripted_smtp import drop, half, hang, reset, say, say_and, scripted, slowly

GARBAGE = "hello, this is the coffee machine"
ACCEPTED, UNKNOWN = SubmissionAccepted, SubmissionUnknown


def deferred(stage, code=None):
    return ("deferred", stage, code)


def refused(stage, code):
    return ("refused", stage, code)


def summary(outcome):
    if isinstance(outcome, SubmissionDeferred):
        return deferred(outcome.stage, outcome.code)
    if isinstance(outcome, SubmissionRefused):
        return refused(outcome.stage, outcome.code)
    return type(outcome)


#: stage at which the server misbehaves, how, what we then know
LEDGER = [
    ("greeting", drop, deferred("connect")),
    ("greeting", reset, deferred("connect")),
    ("greeting", hang, deferred("connect")),
    ("greeting", say(GARBAGE), deferred("connect")),
    ("greeting", say("421 4.3.2 shutting down"), deferred("connect", 421)),
    ("greeting", say("554 5.7.1 not you"), refused("connect", 554)),
    ("ehlo", drop, deferred("connect")),
    ("ehlo", hang, deferred("connect")),
    ("ehlo", say(GARBAGE), deferred("connect")),
    ("ehlo", half("250-mx\r\n250-SI"), deferred("connect")),
    ("ehlo", say("421 4.3.2 shutting down"), deferred("connect", 421)),
    ("ehlo", say("502 5.5.1 what is that"), refused("connect", 502)),
    ("ehlo", say("250 mx\r\n250 2.1.0 sender ok, in advance"), deferred("mail")),
    ("auth", drop, deferred("auth")),
    ("auth", reset, deferred("auth")),
    ("auth", hang, deferred("auth")),
    ("auth", say(GARBAGE), deferred("auth")),
    ("auth", say("421 4.3.2 shutting down"), deferred("auth", 421)),
    ("auth", say("454 4.7.0 password server is away"), deferred("auth", 454)),
    ("auth", say("535 5.7.8 wrong password"), refused("auth", 535)),
    ("mail", drop, deferred("mail")),
    ("mail", reset, deferred("mail")),
    ("mail", hang, deferred("mail")),
    ("mail", say(GARBAGE), deferred("mail")),
    ("mail", say("250 ok\r\n" + GARBAGE), deferred("rcpt")),
    ("mail", say("421 4.3.2 shutting down"), deferred("mail", 421)),
    ("mail", say("452 4.3.1 disk full"), deferred("mail", 452)),
    ("mail", say("552 5.3.4 too big"), refused("mail", 552)),
    ("rcpt", drop, deferred("rcpt")),
    ("rcpt", reset, deferred("rcpt")),
    ("rcpt", hang, deferred("rcpt")),
    ("rcpt", say(GARBAGE), deferred("rcpt")),
    ("rcpt", say("250 ok\r\n250 ok again"), deferred("data")),
    ("rcpt", say("421 4.3.2 shutting down"), deferred("rcpt", 421)),
    ("rcpt", say("451 4.7.1 greylisted"), deferred("rcpt", 451)),
    ("rcpt", say("550 5.1.1 nobody"), refused("rcpt", 550)),
    ("data", drop, deferred("data")),
    ("data", reset, deferred("data")),
    ("data", hang, deferred("data")),
    ("data", say(GARBAGE), deferred("data")),
    ("data", say("250 taken already, thanks"), deferred("data")),
    ("data", say("354 go\r\n250 taken already"), deferred("data")),
    ("data", say("421 4.3.2 shutting down"), deferred("data", 421)),
    ("data", say("451 4.3.0 not now"), deferred("data", 451)),
    ("data", say("554 5.5.1 no valid recipients"), refused("data", 554)),
    ("half body", drop, UNKNOWN),
    ("half body", reset, UNKNOWN),
    ("half body", hang, UNKNOWN),
    ("dot", drop, UNKNOWN),
    ("dot", reset, UNKNOWN),
    ("dot", hang, UNKNOWN),
    ("dot", say(GARBAGE), UNKNOWN),
    ("dot", half("250 2.0.0 que"), UNKNOWN),
    ("dot", half("250-2.0.0 queued\r\n"), UNKNOWN),
    ("dot", say("354 and then?"), UNKNOWN),
    ("dot", say("999 done"), UNKNOWN),
    ("dot", say("421 4.3.2 shutting down"), deferred("body", 421)),
    ("dot", say("451 4.3.0 try again"), deferred("body", 451)),
    ("dot", say("554 5.7.1 spam"), refused("body", 554)),
    ("dot", say_and("554 5.7.1 spam", drop), refused("body", 554)),
    ("dot", slowly("250 2.0.0 queued, letter by letter"), ACCEPTED),
    ("dot", say("251 2.0.0 queued elsewhere"), ACCEPTED),
    ("dot", say("250 2.0.0 queued\r\n250 2.0.0 queued"), ACCEPTED),
    ("dot", say_and("250 2.0.0 queued", drop), ACCEPTED),
    ("dot", say_and("250 2.0.0 queued", reset), ACCEPTED),
    ("quit", drop, ACCEPTED),
    ("quit", reset, ACCEPTED),
    ("quit", hang, ACCEPTED),
    ("quit", say(GARBAGE), ACCEPTED),
    ("greeting", slowly("220 mx"), ACCEPTED),
    ("mail", slowly("250 2.1.0 ok"), ACCEPTED),
    ("data", slowly("354 go on"), ACCEPTED),
    (
        "ehlo",
        say("250-mx\r\n250-AUTH PLAIN\r\n250 SIZE 10"),
        ACCEPTED,
    ),  # a lying SIZE is the server's to judge
    ("ehlo", say("250-mx\r\n250-AUTH PLAIN\r\n250 SIZE lots"), ACCEPTED),
]


def row_name(row):
    stage, act, expected = row
    known = expected.__name__ if isinstance(expected, type) else " ".join(map(str, expected))
    return f"{stage}, {act.__qualname__.split('.')[0]}: {known}"


@pytest.mark.parametrize("row", LEDGER, ids=map(row_name, LEDGER))
def test_what_is_known_after_a_fault(row, mail):
    stage, act, expected = row
    needs_login = stage == "auth"

    async def go():
        async with scripted() as server:
            if stage == "half body":
                server.half_body = act
            else:
                # The second RSET, EHLO, ... is answered as usual; only this one answer is wrong.
                server.acts[stage] = [act]
            login = {"auth": "password", "user": "me", "secret": lambda: "pw"} if needs_login else {}
            limits = {"connect_timeout": 0.3, "command_timeout": 0.3, "body_timeout": 0.3}
            sender = mail.sender(server.port, **limits, **login)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server

    outcome, server = mail.within(go())
    assert summary(outcome) == expected
    # A body is written only after the durable note, and the note is asked for once at most.
    begun = expected in (ACCEPTED, UNKNOWN) or expected[1] == "body"
    assert mail.asked == (1 if begun else 0)
    if not begun:
        assert server.bodies == []
