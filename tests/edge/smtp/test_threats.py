"""What an attacker on the way, in an address or in a server's words must not achieve."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from bot.edge.smtp.addresses import fault_in
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.smtp.wording import presentable
from bot.errors import ConfigurationError
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import SubmissionAccepted, SubmissionDeferred, SubmissionRefused
from tests.servers.certificate import write_certificate
from tests.servers.scripted_smtp import say, say_and, scripted, secure

OFFER = "250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS"
CANARY = "canary-7391"


async def late_words(on):
    """Plain text where the handshake should be."""
    await on.say(b"250-mx\r\n250 AUTH PLAIN\r\n")


@pytest.mark.parametrize(
    ("acts", "stage"),
    [
        ({"ehlo": [say("250-mx\r\n250 AUTH PLAIN LOGIN")]}, "tls"),  # stripped
        ({"ehlo": [say("250 mx")]}, "tls"),
        ({"ehlo": [say("502 no EHLO here")]}, "connect"),
        ({"ehlo": [say(OFFER)], "starttls": [say("220 go\r\n250-mx\r\n250 AUTH PLAIN")]}, "tls"),  # injected
        ({"ehlo": [say(OFFER)], "starttls": [say_and("220 go", late_words)]}, "tls"),
        ({"ehlo": [say(OFFER + "\r\n235 welcome")], "starttls": [say("220 go")]}, "tls"),
        ({"ehlo": [say(OFFER)], "starttls": [say("454 not just now")]}, "tls"),
        ({"ehlo": [say(OFFER)], "starttls": [say("501 no")]}, "tls"),
        ({"ehlo": [say(OFFER)], "starttls": [say("250 fine, go on in plain text")]}, "tls"),
    ],
)
def test_starttls_never_falls_back(tmp_path, mail, acts, stage):
    write_certificate(tmp_path / "ca.pem", tmp_path / "key.pem")

    async def go():
        async with scripted(acts) as server:
            login = {"auth": "password", "user": "me", "secret": lambda: CANARY}
            sender = mail.sender(
                server.port, security="starttls", extra_ca=tmp_path / "ca.pem", connect_timeout=1.0, **login
            )
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    assert isinstance(outcome, SubmissionDeferred | SubmissionRefused)
    assert outcome.stage == stage
    assert not any(word in line.upper() for line in heard for word in ("AUTH", "MAIL", "RCPT", "DATA"))


@pytest.mark.parametrize(("behind", "heard_it"), [("", True), ("\r\n250-mx\r\n250 AUTH PLAIN", False)])
def test_words_behind_the_220_end_the_line_even_when_tls_would_follow(tmp_path, mail, behind, heard_it):
    """The server does the handshake properly and has the right certificate; only the 220 had company."""
    write_certificate(tmp_path / "ca.pem", tmp_path / "key.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    acts = {
        "ehlo": [say(OFFER), say("250-mx\r\n250 AUTH PLAIN")],
        "starttls": [secure("220 go" + behind, context)],
    }

    async def go():
        async with scripted(acts) as server:
            login = {"auth": "password", "user": "me", "secret": lambda: CANARY}
            sender = mail.sender(server.port, security="starttls", extra_ca=tmp_path / "ca.pem", **login)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    assert any(line.startswith("AUTH") for line in heard) == heard_it
    assert isinstance(outcome, SubmissionAccepted if heard_it else SubmissionDeferred)


def test_a_handshake_that_ends_with_the_line_is_a_line_lost(tmp_path, mail, monkeypatch):
    """asyncio gives no transport when the server hangs up in the moment in which the handshake is done."""
    write_certificate(tmp_path / "ca.pem", tmp_path / "key.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    handshake = asyncio.BaseEventLoop.start_tls

    async def and_gone(loop, *args, server_side=False, **kwargs):
        secured = await handshake(loop, *args, server_side=server_side, **kwargs)
        return secured if server_side else None

    monkeypatch.setattr(asyncio.BaseEventLoop, "start_tls", and_gone)

    async def go():
        async with scripted({"ehlo": [say(OFFER)], "starttls": [secure("220 go", context)]}) as server:
            login = {"auth": "password", "user": "me", "secret": lambda: CANARY}
            sender = mail.sender(server.port, security="starttls", extra_ca=tmp_path / "ca.pem", **login)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    assert (type(outcome), outcome.code, outcome.stage) == (SubmissionDeferred, None, "tls")
    assert "hung up during the handshake" in outcome.text
    assert not any(line.startswith(("AUTH", "MAIL")) for line in heard)


@pytest.mark.parametrize("answer", ["554 5.7.1 not over this", "421 4.3.2 shutting down"])
def test_a_server_that_does_not_greet_again_under_tls_gets_no_letter(tmp_path, mail, answer):
    """What was said in plain text does not count any more (RFC 3207 §4.2)."""
    write_certificate(tmp_path / "ca.pem", tmp_path / "key.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")

    async def go():
        acts = {"ehlo": [say(OFFER), say(answer)], "starttls": [secure("220 go", context)]}
        async with scripted(acts) as server:
            sender = mail.sender(server.port, security="starttls", extra_ca=tmp_path / "ca.pem")
            outcome = await mail.send(sender)
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    assert (str(outcome.code), outcome.stage) == (answer[:3], "tls")
    assert not any(line.startswith("MAIL") for line in heard)


def test_without_tls_no_authority_is_read(tmp_path, mail, smtp_server):
    outcome = mail.once(smtp_server.port, extra_ca=tmp_path / "nowhere.pem")
    assert isinstance(outcome, SubmissionAccepted)


def test_an_authority_that_cannot_be_read_is_named_before_anything_is_said(tmp_path, mail, smtp_server):
    outcome = mail.once(smtp_server.port, security="starttls", extra_ca=tmp_path / "nowhere.pem")
    assert (type(outcome), outcome.code, outcome.stage) == (SubmissionDeferred, None, "tls")
    assert "the extra CA file cannot be used" in outcome.text
    assert smtp_server.connections == 0


GOOD_ADDRESSES = [
    "a@b.example",
    "o'neil+x=y@sub.brindlecove.example",
    "müller@bücher.example",
    "a.b.c@localhost",
    "a" * 64 + "@y.example",
    "a@" + ("y" * 61 + ".") * 4 + "example",
]

BAD_ADDRESSES = [
    "",
    "a",
    "@b.example",
    "a@",
    "a@y.example, evil@z.example",
    "a@y.example,evil@z.example",
    "a@y.example;evil@z.example",
    "a@y.example evil@z.example",
    "a@y.example>\r\nRCPT TO:<evil@z.example",
    "a@y.example\r\n",
    "a@y.example\n",
    "a@y.example\0",
    "a@y.example> SIZE=1",
    "<a@y.example>",
    "A <a@y.example>",
    "a@b@y.example",
    "@relay.example:a@y.example",
    '"a b"@y.example',
    '"a@y.example"@z.example',
    "a..b@y.example",
    ".a@y.example",
    "a.@y.example",
    "a@y..example",
    "a@.example",
    "a@y.example.",
    "a@-y.example",
    "a@y-.example",
    "a@[192.0.2.1]",
    "a@y_z.example",
    "a(comment)@y.example",
    "a\u2028@y.example",
    "a\u202e@y.example",
    "a\u00a0b@y.example",
    "a\udcff@y.example",
    "a\x7f@y.example",
    "a\x85@y.example",
    "a" * 65 + "@y.example",
    "a@" + "y" * 64 + ".example",
    "a@" + "y." * 130 + "example",
    "a@" + ("y" * 61 + ".") * 4 + "examples",
]


@pytest.mark.parametrize("address", GOOD_ADDRESSES)
def test_a_plain_address_may_go(address):
    assert fault_in(address) is None


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("a@y.example\n", "it holds a space or a control character"),
        ("nobody", "it has no @"),
        ("a@b@y.example", "what stands before the @ is not one plain name"),
        ("a@y_z.example", "what stands after the @ is not a domain"),
        ("ä" * 33 + "@y.example", "it is longer than SMTP allows"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(address, fault):
    assert fault_in(address) == fault


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_a_strange_address_is_refused_before_anybody_hears_of_it(smtp_server, mail, address):
    outcome = mail.once(smtp_server.port, mail.them, address)
    assert (type(outcome), outcome.code, outcome.stage) == (SubmissionRefused, 553, "rcpt")
    assert outcome.text.startswith("Refused by Rejoinder, not sent: ")
    assert outcome.recipient == address
    assert (smtp_server.connections, mail.asked) == (0, 0)


def test_so_is_a_strange_sender_and_an_empty_envelope(smtp_server, mail):
    async def submit(envelope):
        sender = mail.sender(smtp_server.port)
        return await sender.submit(envelope, mail.letter, body_may_begin=mail.body_may_begin)

    them = (Recipient(address=mail.them, role=RecipientRole.TO),)
    for envelope, code, stage in (
        (Envelope(mail_from="", recipients=them), 553, "mail"),
        (Envelope(mail_from="a@b.example> BODY=8BITMIME", recipients=them), 553, "mail"),
        (Envelope(mail_from=mail.me, recipients=()), 554, "rcpt"),
    ):
        outcome = mail.within(submit(envelope))
        assert (type(outcome), outcome.code, outcome.stage) == (SubmissionRefused, code, stage)
    assert smtp_server.connections == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: x\r\n\r\nno end",
        b"Subject: x\n\nunix\n",
        b"Subject: x\r\n\r\na\nb\r\n",
        b"Subject: x\r\n\r\na\rb\r\n",
        b"Subject: x\r\n\r\na\r\r\n",
        b"Subject: x\r\n\r\n\n.\r\nMAIL FROM:<evil@z.example>\r\n",  # SMTP smuggling
        b"Subject: x\r\n\r\na\r\n.\r",
        b"Subject: x\r\n\r\na\0b\r\n",
        b"Subject: x\r\n\r\n" + b"y" * 999 + b"\r\n",
    ],
)
def test_bytes_that_a_server_would_change_are_refused_by_us(smtp_server, mail, raw):
    outcome = mail.once(smtp_server.port, raw=raw)
    assert (type(outcome), outcome.code, outcome.stage) == (SubmissionRefused, 554, "body")
    assert (smtp_server.connections, mail.asked) == (0, 0)


@pytest.mark.parametrize(
    ("raw", "to", "ehlo", "expected"),
    [
        ("Subject: x\r\n\r\ngrüße\r\n", "a@b.example", "250 mx", (554, "body")),
        ("Subject: x\r\n\r\ngrüße\r\n", "a@b.example", "250-mx\r\n250 8BITMIME", None),
        ("Subject: x\r\n\r\ngrüße\r\n\r\nA.\r\n", "a@b.example", "250-mx\r\n250 8BITMIME", None),
        ("Subject: grüße\r\n\r\nx\r\n", "a@b.example", "250-mx\r\n250 8BITMIME", (553, "rcpt")),
        ("Subject: x\r\n\r\nx\r\n", "ä@b.example", "250-mx\r\n250 8BITMIME", (553, "rcpt")),
        ("Subject: x\r\n\r\nx\r\n", "ä@b.example", "250-mx\r\n250 SMTPUTF8", None),
    ],
)
def test_what_the_server_cannot_carry_is_refused_before_mail(mail, raw, to, ehlo, expected):
    async def go():
        async with scripted({"ehlo": [say(ehlo)]}) as server:
            sender = mail.sender(server.port)
            outcome = await mail.send(sender, to, raw=raw.encode())
            await sender.close()
            return outcome, server.heard

    outcome, heard = mail.within(go())
    if expected is None:
        assert isinstance(outcome, SubmissionAccepted)
    else:
        assert (outcome.code, outcome.stage) == expected
        assert not any(line.startswith("MAIL") for line in heard)


def test_the_mail_command_says_what_the_bytes_need(mail):
    async def go():
        async with scripted(
            {"ehlo": [say("250-mx\r\n250-SIZE 9\r\n250-8BITMIME\r\n250 SMTPUTF8")]}
        ) as server:
            sender = mail.sender(server.port)
            await mail.send(sender, "ä@b.example", raw="Subject: x\r\n\r\n.ü\r\n".encode())
            await sender.close()
            return server

    server = mail.within(go())
    assert server.heard[0] == "EHLO [127.0.0.1]"
    assert server.heard[1] == f"MAIL FROM:<{mail.me}> SIZE=19 BODY=8BITMIME SMTPUTF8"
    assert server.bodies == ["Subject: x\r\n\r\n..ü\r\n.\r\n".encode()]


def test_a_servers_words_are_harmless_when_shown(mail):
    nasty = "550 5.1.1 \x1b[2Jno\x07 \u202e evil\x85 \xff" + "x" * 3000

    async def go():
        async with scripted({"rcpt": [say(nasty.encode("utf-8", "replace").decode("latin-1"))]}) as server:
            sender = mail.sender(server.port)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome

    outcome = mail.within(go())
    assert outcome.text.startswith("5.1.1 [2Jno evil ÿxxx")
    assert len(outcome.text) == 500
    assert outcome.text.isprintable()


def test_a_server_that_asks_for_no_size_is_told_none(mail):
    async def go():
        async with scripted({"ehlo": [say("250 mx")]}) as server:
            sender = mail.sender(server.port)
            await mail.send(sender)
            await sender.close()
            return server.heard

    assert mail.within(go())[1] == f"MAIL FROM:<{mail.me}>"


@pytest.mark.parametrize(("length", "shown"), [(500, "x" * 500), (501, "x" * 499 + "…")])
def test_words_without_end_are_cut(length, shown):
    assert presentable("x" * length) == shown


def test_words_over_several_lines_become_one():
    assert presentable("first\nsecond\r\n third\udcff\t.") == "first second third ."


def test_a_password_that_the_server_repeats_is_cut_out(mail):
    async def go():
        async with scripted({"auth": [say(f"535 5.7.8 {CANARY} is not the password")]}) as server:
            sender = mail.sender(server.port, auth="password", user="me", secret=lambda: CANARY)
            outcome = await mail.send(sender)
            await sender.close()
            return outcome

    assert mail.within(go()).text == "5.7.8 … is not the password"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.2", "mx.brindlecove.example", "0.0.0.0", "127.0.0.1 "]
)
def test_plain_text_is_for_loopback_literals_only(host):
    with pytest.raises(ConfigurationError, match="plain text") as error:
        SmtpSettings(host=host, port=25, security="none", auth="none")
    (problem,) = error.value.problems
    assert problem.path == "smtp"
    assert problem.hint.startswith("Write security: tls")


def test_a_login_needs_a_user_and_a_secret():
    for lacking in ({"user": "me"}, {"secret": lambda: "x"}, {}):
        with pytest.raises(ConfigurationError, match="needs both"):
            SmtpSettings(host="mx.brindlecove.example", port=465, **lacking)


def test_settings_do_not_show_the_secret():
    settings = SmtpSettings(host="mx.brindlecove.example", port=465, user="me", secret=CANARY.lower)
    assert CANARY not in repr(settings)
    assert "secret" not in repr(settings)
