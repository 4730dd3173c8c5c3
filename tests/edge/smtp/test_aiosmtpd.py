"""Mail out against aiosmtpd: exact bytes, verified TLS, one login by exactly one method."""

from __future__ import annotations

import pytest

from bot.edge.secrets import SecretSource
from bot.ports import SubmissionAccepted, SubmissionDeferred, SubmissionRefused
from tests.servers.certificate import write_certificate
from tests.servers.smtp import PASSWORD, TOKEN, USER, running_smtp_server

# aiosmtpd does not count implicit TLS as TLS when it warns.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ODD_LETTERS = [
    b"Subject: x\r\n\r\n.\r\n",
    b"Subject: x\r\n\r\n.\r\n.\r\n..\r\n...\r\n. a\r\n",
    b".Subject: a dot first of all\r\n\r\nx\r\n",
    b"Subject: x\r\n\r\n\r\n\r\n\r\n",
    b"Subject: x\r\n\r\ntrailing blanks   \t\r\nFrom here\r\n",
    b"Subject: x\r\n\r\n" + b"y" * 998 + b"\r\n",
    "Subject: x\r\n\r\ngrüße, 商標\r\n".encode(),
]


def with_login(server, **changes):
    return {
        "host": "localhost",
        "extra_ca": server.ca_file,
        "auth": "password",
        "user": USER,
        "secret": lambda: PASSWORD,
    } | changes


def test_the_bytes_arrive_exactly_as_given(smtp_server, mail):
    outcome = mail.once(smtp_server.port)
    assert outcome == SubmissionAccepted(code=250, text="2.0.0 Taken as number 1")
    (taken,) = smtp_server.wait_for(1)
    assert taken.data == mail.letter
    assert (taken.mail_from, taken.recipients) == (mail.me, (mail.them,))
    assert mail.asked == 1


def test_three_odd_letters_and_more_over_one_connection(smtp_server, mail):
    async def go():
        sender = mail.sender(smtp_server.port)
        try:
            return [await mail.send(sender, raw=raw) for raw in ODD_LETTERS]
        finally:
            await sender.close()

    assert all(isinstance(o, SubmissionAccepted) for o in mail.within(go()))
    assert [taken.data for taken in smtp_server.wait_for(len(ODD_LETTERS))] == ODD_LETTERS
    assert smtp_server.connections == 1


def test_a_refused_recipient_means_no_mail_at_all(smtp_server, mail):
    smtp_server.refuse("gone@harrowgate.example")
    smtp_server.defer("grey@harrowgate.example")
    outcome = mail.once(smtp_server.port, mail.them, "grey@harrowgate.example", "gone@harrowgate.example")
    assert outcome == SubmissionRefused(
        code=550, text="5.1.1 No such user", stage="rcpt", recipient="gone@harrowgate.example"
    )
    assert isinstance(mail.once(smtp_server.port, "grey@harrowgate.example"), SubmissionDeferred)
    assert smtp_server.received == []


def test_a_foreign_address_goes_out_with_smtputf8(smtp_server, mail):
    assert isinstance(mail.once(smtp_server.port, "büro@härrow.example"), SubmissionAccepted)
    assert smtp_server.wait_for(1)[0].recipients == ("büro@härrow.example",)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_password_goes_only_through_verified_tls(tmp_path, mail, security):
    with running_smtp_server(tmp_path, security=security, auth=True) as server:
        outcome = mail.once(server.port, **with_login(server, security=security))
        assert isinstance(outcome, SubmissionAccepted)
        assert server.logins == [("PLAIN", True)]
        assert server.wait_for(1)[0].data == mail.letter


def test_login_when_the_server_has_no_plain(tmp_path, mail):
    with running_smtp_server(tmp_path, security="tls", auth=True, without=("PLAIN",)) as server:
        outcome = mail.once(server.port, **with_login(server, security="tls"))
        assert isinstance(outcome, SubmissionAccepted)
        assert server.logins == [("LOGIN", True)]


def test_no_password_method_at_all_is_refused_by_us(tmp_path, mail):
    with running_smtp_server(tmp_path, security="tls", auth=True, without=("PLAIN", "LOGIN")) as server:
        outcome = mail.once(server.port, **with_login(server, security="tls"))
        assert (outcome.code, outcome.stage, server.logins) == (504, "auth", [])
        assert outcome.text.startswith("Refused by Rejoinder")


@pytest.mark.parametrize(("token", "good"), [(TOKEN, True), ("ya29.expired", False)])
def test_xoauth2(tmp_path, mail, token, good):
    with running_smtp_server(tmp_path, security="tls", auth=True) as server:
        settings = with_login(server, security="tls", auth="xoauth2", secret=lambda: token)
        outcome = mail.once(server.port, **settings)
        assert server.logins == [("XOAUTH2", good)]
        if good:
            assert isinstance(outcome, SubmissionAccepted)
        else:
            assert (type(outcome), outcome.code, outcome.stage) == (SubmissionRefused, 535, "auth")


def test_a_wrong_password_is_tried_once_and_not_again_for_the_next_letters(tmp_path, mail):
    """One method, one try, and then a pause: forty letters must not lock the account."""
    passwords = ["wrong"]
    with running_smtp_server(tmp_path, security="tls", auth=True) as server:

        async def go():
            sender = mail.sender(
                server.port, **with_login(server, security="tls", secret=lambda: passwords[-1])
            )
            try:
                refused = [await mail.send(sender) for _ in range(5)]
                tries = list(server.logins)
                passwords.append(PASSWORD)
                return refused, tries, await mail.send(sender)
            finally:
                await sender.close()

        refused, tries, last = mail.within(go())
    assert all((type(o), o.code, o.stage) == (SubmissionRefused, 535, "auth") for o in refused)
    assert tries == [("PLAIN", False)]
    assert isinstance(last, SubmissionAccepted)  # a changed password is tried at once


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("why", ["unknown authority", "other name"])
def test_an_unverified_server_never_hears_a_password(tmp_path, mail, security, why):
    name = "mx.harrowgate.example" if why == "other name" else None
    with running_smtp_server(tmp_path, security=security, auth=True, certified_name=name) as server:
        settings = with_login(server, security=security)
        if why == "unknown authority":
            settings["extra_ca"] = tmp_path / "other.pem"
            write_certificate(tmp_path / "other.pem", tmp_path / "other-key.pem")
        outcome = mail.once(server.port, **settings)
    assert (type(outcome), outcome.stage) == (SubmissionDeferred, "tls")
    assert "certificate" in outcome.text.lower()
    assert (server.logins, mail.asked) == ([], 0)


def test_tls_to_a_server_without_tls(smtp_server, mail):
    outcome = mail.once(smtp_server.port, **with_login(smtp_server, security="tls"))
    assert (type(outcome), outcome.stage) == (SubmissionDeferred, "tls")


def test_no_secret_no_connection(smtp_server, mail):
    source = SecretSource(variable="REJOINDER_TEST_UNSET")
    outcome = mail.once(smtp_server.port, auth="password", user=USER, secret=source)
    assert outcome == SubmissionDeferred(
        code=None,
        text="The environment variable REJOINDER_TEST_UNSET is not set; set it where Rejoinder is started.",
        stage="auth",
    )
    assert smtp_server.connections == 0
