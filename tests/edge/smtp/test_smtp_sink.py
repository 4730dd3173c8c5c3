"""The same questions put to a foreign implementation: Postfix's smtp-sink with its faults switched on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from bot.ports import SubmissionAccepted, SubmissionDeferred, SubmissionRefused, SubmissionUnknown
from tests.servers.smtp import running_smtp_sink

pytestmark = pytest.mark.servers


def deferred(stage, code=None):
    return (SubmissionDeferred, stage, code)


def refused(stage, code):
    return (SubmissionRefused, stage, code)


#: smtp-sink's options and what we then know; -q drops at a command, -Q says 421 and drops, -f and -r answer
#: with 500 and 450, "." being the end of the body
LEDGER = [
    ((), SubmissionAccepted),
    (("-8",), SubmissionAccepted),
    (("-w", "1"), SubmissionAccepted),  # a second of delay before the answer to the body
    (("-q", "connect"), deferred("connect")),
    (("-q", "ehlo"), deferred("connect")),
    (("-q", "mail"), deferred("mail")),
    (("-q", "rcpt"), deferred("rcpt")),
    (("-q", "data"), deferred("data")),
    (("-q", "."), SubmissionUnknown),
    (("-q", "quit"), SubmissionAccepted),
    (("-Q", "connect"), deferred("connect", 421)),
    (("-Q", "ehlo"), deferred("connect", 421)),
    (("-Q", "mail"), deferred("mail", 421)),
    (("-Q", "rcpt"), deferred("rcpt", 421)),
    (("-Q", "data"), deferred("data", 421)),
    (("-Q", "."), deferred("body", 421)),
    (("-r", "mail"), deferred("mail", 450)),
    (("-r", "rcpt"), deferred("rcpt", 450)),
    (("-r", "data"), deferred("data", 450)),
    (("-r", "."), deferred("body", 450)),
    (("-f", "mail"), refused("mail", 500)),
    (("-f", "rcpt"), refused("rcpt", 500)),
    (("-f", "data"), refused("data", 500)),
    (("-f", "."), refused("body", 500)),
]


def known(outcome):
    if isinstance(outcome, SubmissionDeferred | SubmissionRefused):
        return (type(outcome), outcome.stage, outcome.code)
    return type(outcome)


@pytest.mark.parametrize(("options", "expected"), LEDGER, ids=[" ".join(o) or "usual" for o, _ in LEDGER])
def test_what_is_known_after_a_fault(mail, options, expected):
    with running_smtp_sink(*options) as port:
        assert known(mail.once(port)) == expected


def test_the_bytes_arrive_exactly_as_given(mail):
    """smtp-sink's dump begins with lines of its own and ends every line with LF."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # started by root, smtp-sink runs as nobody
        with running_smtp_sink("-D", f"{folder}/mail-") as port:
            assert isinstance(mail.once(port), SubmissionAccepted)
        (dump,) = Path(folder).iterdir()
        assert (
            dump.read_bytes()
            .rstrip(b"\n")
            .endswith(b"\n" + mail.letter.replace(b"\r\n", b"\n").rstrip(b"\n"))
        )


def test_three_mails_on_one_connection(mail):
    with running_smtp_sink() as port:

        async def go():
            sender = mail.sender(port)
            try:
                return [await mail.send(sender) for _ in range(3)]
            finally:
                await sender.close()

        assert all(isinstance(o, SubmissionAccepted) for o in mail.within(go()))
