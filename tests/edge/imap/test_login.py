"""Who we talk to is proved before anything secret is said, and a refusal is told from a lost line."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.edge.imap.faults import CertificateRefused
from bot.edge.imap.guard import ImapGuard
from bot.edge.imap.settings import ImapSettings
from bot.edge.imap.source import ImapSource
from bot.errors import LoginRefused, MailboxUnreachable, NotPossible, SecretUnavailable
from tests.edge.imap.workshop import Workshop
from tests.servers.certificate import write_certificate
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted_imap import GREETING, Conversation, ScriptedServer
from tests.servers.tokens import token


def scripted(server: ScriptedServer, **changes: object) -> ImapSettings:
    base = ImapSettings(
        host="127.0.0.1",
        port=server.port,
        security="none",
        user="seller",
        secret=lambda: "hush",
        connect_timeout=5,
        read_timeout=5,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def open_line(settings: ImapSettings) -> None:
    line = ImapGuard(settings)
    try:
        line.open(settings.secret())
    finally:
        line.close()


def server_context(folder: Path, *names: str) -> ssl.SSLContext:
    write_certificate(
        folder / "cert.pem", folder / "key.pem", names=names or ("localhost",), loopback=not names
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_login_over_tls(dovecot: Dovecot, account: ImapSettings, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    line = ImapGuard(replace(account, security=security, port=port))  # type: ignore[arg-type]
    line.open(PASSWORD)
    assert isinstance(line._client.socket(), ssl.SSLSocket)
    assert line.examine("INBOX").exists == 0
    line.log_out()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_authority_is_refused(dovecot: Dovecot, account: ImapSettings, security: str) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with pytest.raises(CertificateRefused, match="nothing was sent"):
        open_line(replace(account, security=security, port=port, extra_ca=None))  # type: ignore[arg-type]


def test_a_certificate_for_another_name_is_refused_and_no_password_sent(tmp_path: Path) -> None:
    context = server_context(tmp_path, "other.example")

    def script(talk: Conversation) -> None:
        talk.over_tls(context)
        talk.say(GREETING)
        talk.until_hung_up()

    with ScriptedServer(script).running() as server, pytest.raises(CertificateRefused):
        open_line(scripted(server, security="tls", extra_ca=tmp_path / "cert.pem"))
    assert server.heard == []


def test_without_starttls_no_login_is_sent() -> None:
    def script(talk: Conversation) -> None:
        talk.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] stripped")
        talk.obey(CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"])

    with ScriptedServer(script).running() as server, pytest.raises(MailboxUnreachable, match="no STARTTLS"):
        open_line(scripted(server, security="starttls"))
    assert not any("LOGIN" in said or "AUTHENTICATE" in said for said in server.heard)


def test_an_answer_smuggled_in_front_of_tls_is_forgotten(tmp_path: Path) -> None:
    context = server_context(tmp_path)

    def script(talk: Conversation) -> None:
        talk.say("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready")
        assert talk.hear() == "CAPABILITY"
        talk.say("* CAPABILITY IMAP4rev1 STARTTLS", "{tag} OK done")
        assert talk.hear() == "STARTTLS"
        # Somebody in between adds a capability of his own before TLS begins.
        talk.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN X-SMUGGLED", "{tag} OK begin")
        talk.over_tls(context)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 LOGINDISABLED", "{tag} OK done"],
        )

    with ScriptedServer(script).running() as server, pytest.raises(LoginRefused, match="takes no password"):
        open_line(scripted(server, security="starttls", extra_ca=tmp_path / "cert.pem"))
    assert not any("AUTHENTICATE" in said for said in server.heard)


@pytest.mark.parametrize("host", ["imap.mail.example", "localhost", "192.0.2.1"])
def test_plain_text_across_a_network_is_refused(host: str) -> None:
    with pytest.raises(NotPossible, match="plain text"):
        ImapSettings(host=host, security="none", user="seller", secret=lambda: "hush")


def test_a_wrong_password_is_refused(dovecot: Dovecot, account: ImapSettings) -> None:
    with pytest.raises(LoginRefused, match="AUTHENTICATIONFAILED"):
        open_line(replace(account, secret=lambda: "wrong"))


def test_a_refused_password_is_not_tried_again_lest_the_account_be_locked(workshop: Workshop) -> None:
    secrets = ["wrong"]

    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE", "{tag} OK done"],
            AUTHENTICATE=["{tag} OK in" if len(secrets) > 1 else "{tag} NO [AUTHENTICATIONFAILED] no"],
            EXAMINE=["* 0 EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 1] ok", "{tag} OK done"],
        )

    async def story(server: ScriptedServer) -> None:
        async with workshop.source(scripted(server, secret=lambda: secrets[-1])) as source:
            for _ in range(3):
                with pytest.raises(LoginRefused, match="Check the name and the password"):
                    await source.state("INBOX")
                with pytest.raises(LoginRefused):
                    await source.wait(("INBOX", "Sent"), lambda: None)
            assert server.connections == 1
            # A new password is tried at once.
            secrets.append("right")
            assert (await source.state("INBOX")).exists == 0
            assert server.connections == 2

    with ScriptedServer(script).running() as server:
        asyncio.run(asyncio.wait_for(story(server), 20))


@pytest.mark.parametrize("capability", ["AUTH=PLAIN", "IDLE"], ids=["authenticate", "login"])
def test_a_line_lost_during_the_login_is_not_a_refusal(capability: str) -> None:
    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        assert talk.hear() == "CAPABILITY"
        talk.say(f"* CAPABILITY IMAP4rev1 {capability}", "{tag} OK done")
        talk.hear()

    with ScriptedServer(script).running() as server, pytest.raises(MailboxUnreachable):
        open_line(scripted(server))
    assert server.heard[-1].split()[1] in {"AUTHENTICATE", "LOGIN"}


def test_a_server_that_cannot_log_in_anybody_just_now_is_not_a_refusal() -> None:
    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"],
            AUTHENTICATE=["{tag} NO [UNAVAILABLE] Temporary authentication failure."],
        )

    with ScriptedServer(script).running() as server, pytest.raises(MailboxUnreachable, match="just now"):
        open_line(scripted(server))


def test_a_server_that_says_nothing_is_given_up() -> None:
    with (
        ScriptedServer(Conversation.until_hung_up).running() as server,
        pytest.raises(MailboxUnreachable, match="in time"),
    ):
        open_line(scripted(server, connect_timeout=0.2))


def test_a_name_and_password_beyond_ascii(dovecot: Dovecot, account: ImapSettings) -> None:
    # Refused by the server and not by a codec on our side.
    with pytest.raises(LoginRefused):
        open_line(replace(account, user="jörg müller", secret=lambda: 'pä"ß\\'))


def test_xoauth2(dovecot: Dovecot, account: ImapSettings) -> None:
    user = account.user
    open_line(replace(account, auth="xoauth2", secret=lambda: token(user)))
    with pytest.raises(LoginRefused):
        open_line(replace(account, auth="xoauth2", secret=lambda: token(user, lasts=-timedelta(hours=1))))
    with pytest.raises(LoginRefused):
        open_line(replace(account, auth="xoauth2", secret=lambda: token(user, key=b"f" * 32)))


def test_cancelling_while_the_server_is_silent_frees_the_thread(workshop: Workshop) -> None:
    asked = threading.Event()

    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        assert talk.hear() == "CAPABILITY"
        talk.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done")
        talk.hear()
        asked.set()
        talk.until_hung_up()

    async def story(server: ScriptedServer) -> None:
        async with workshop.source(scripted(server, read_timeout=60)) as source:
            task = asyncio.create_task(source.state("INBOX"))
            assert await asyncio.to_thread(asked.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with ScriptedServer(script).running() as server:
        asyncio.run(asyncio.wait_for(story(server), 20))


def test_a_secret_that_cannot_be_had_is_a_refused_login(workshop: Workshop) -> None:
    """Whoever waits for mail handles errors of the mailbox, and this one too asks for a person."""

    def absent() -> str:
        raise SecretUnavailable("the variable SHOP_PASSWORD is not set")

    async def story(server: ScriptedServer) -> None:
        async with workshop.source(scripted(server, secret=absent)) as source:
            with pytest.raises(LoginRefused, match="SHOP_PASSWORD"):
                await source.state("INBOX")
            with pytest.raises(LoginRefused, match="SHOP_PASSWORD"):
                await source.wait(("INBOX",), lambda: None)
            assert server.connections == 0

    with ScriptedServer(Conversation.until_hung_up).running() as server:
        asyncio.run(story(server))


def test_close_waits_only_shortly_for_a_server_that_does_not_say_goodbye(workshop: Workshop) -> None:
    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"],
            AUTHENTICATE=["{tag} OK in"],
            LIST=["{tag} OK done"],
            LOGOUT=[],
        )

    async def story(server: ScriptedServer) -> None:
        source = ImapSource(scripted(server, read_timeout=60), workshop.pool, workshop.poller)
        assert await source.special_use("\\Sent") is None
        line = source._line
        assert line is not None
        await source.close()
        assert line._client is None  # its socket is closed
        await source.close()

    with ScriptedServer(script).running() as server:
        asyncio.run(asyncio.wait_for(story(server), 10))
    assert server.heard[-1].endswith("LOGOUT")


def test_a_secret_with_a_control_character_is_a_refused_login(
    dovecot: Dovecot, account: ImapSettings, workshop: Workshop
) -> None:
    async def story() -> None:
        async with workshop.source(replace(account, secret=lambda: "pw\tx")) as source:
            with pytest.raises(LoginRefused, match="control character") as caught:
                await source.state("INBOX")
            assert "pw" not in str(caught.value)

    asyncio.run(story())
