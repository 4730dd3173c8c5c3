"""Each way with the real thing at its other end: an SMTP server, a program, a web server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import select
import sys
from collections.abc import Coroutine, Sequence
from email import message_from_bytes
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.edge.alerts.channels import CommandChannel, MailChannel
from bot.edge.alerts.webhook import SIGNATURE, WebhookChannel
from bot.edge.alerts.wording import Alert
from bot.edge.clock import SystemClock
from bot.edge.ids import RandomIds
from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.errors import AlertNotTold, SecretUnavailable
from bot.mail.thread import is_alert
from bot.settings.values import Webhook
from tests.edge.alerts.conftest import WebServer
from tests.edge.alerts.test_wording import alert
from tests.servers.smtp import SmtpServer

T = TypeVar("T")
CLOCK = SystemClock()
TO = "anna@private.example"


def within(what: Coroutine[Any, Any, T], seconds: float = 20.0) -> T:
    return asyncio.run(asyncio.wait_for(what, seconds))


def not_told(what: Coroutine[Any, Any, Any]) -> AlertNotTold:
    with pytest.raises(AlertNotTold) as caught:
        within(what)
    return caught.value


# ------------------------------------------------------------------------------------------------ mail


async def mailed(port: int, refused: str | None = None, alerts: Sequence[Alert] = ()) -> str:
    async def refusal() -> str | None:
        return refused

    settings = SmtpSettings(host="127.0.0.1", port=port, security="none", auth="none", connect_timeout=5.0)
    sender = SmtpSender(settings)
    channel = MailChannel(
        sender=sender,
        mail_from="shop@brindlecove.example",
        to=TO,
        clock=CLOCK,
        message_id=lambda: RandomIds().alert_message_id("brindlecove.example"),
        refusal=refusal,
    )
    try:
        return await channel.tell(alerts or [alert(), alert(text="another")])
    finally:
        await sender.close()


def test_a_mail_reaches_the_second_address_and_nobody_else(smtp_server: SmtpServer) -> None:
    assert within(mailed(smtp_server.port)) == "accepted by the mail server (250)"
    (taken,) = smtp_server.received
    assert (taken.mail_from, taken.recipients) == ("shop@brindlecove.example", (TO,))
    mail = message_from_bytes(taken.data)
    assert mail["Subject"] == "Rejoinder: 2 things wait for you"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert is_alert(mail["Message-ID"])
    assert b"harrowgate" not in taken.data


def test_an_address_that_is_refused_gets_nothing(smtp_server: SmtpServer) -> None:
    error = not_told(mailed(smtp_server.port, refused="it is a party of case K7QW2M"))
    assert (str(error), error.permanent) == ("it is a party of case K7QW2M", True)
    assert smtp_server.connections == 0


def test_a_recipient_refused_for_good_is_given_up_and_one_deferred_is_not(smtp_server: SmtpServer) -> None:
    smtp_server.refuse(TO)
    error = not_told(mailed(smtp_server.port))
    assert "550 5.1.1" in str(error)
    assert error.permanent
    smtp_server.defer(TO)
    assert not not_told(mailed(smtp_server.port)).permanent


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    error = not_told(mailed(1))
    assert "connect" in str(error)
    assert not error.permanent


# --------------------------------------------------------------------------------------------- command


def command(folder: Path, program: str, *args: str, time_limit: float = 10.0) -> CommandChannel:
    file = folder / "tell.py"
    file.write_text(program, encoding="utf-8")
    words = (sys.executable, str(file), *args)
    return CommandChannel(command=words, folder=folder, clock=CLOCK, time_limit=time_limit)


def test_a_program_gets_json_and_its_arguments_untouched_by_any_shell(tmp_path: Path) -> None:
    program = "import sys, pathlib; pathlib.Path('got').write_text(sys.argv[1] + sys.stdin.read())"
    within(command(tmp_path, program, "$HOME; `id`").tell([alert()]))
    got = (tmp_path / "got").read_text()
    assert got.startswith("$HOME; `id`{")
    told = json.loads(got.removeprefix("$HOME; `id`"))
    assert [one["text"] for one in told["alerts"]] == ["shop: a letter waits for your approval"]


def test_a_program_that_fails_is_tried_again(tmp_path: Path) -> None:
    error = not_told(command(tmp_path, "raise SystemExit(3)").tell([alert()]))
    assert str(error).endswith("ended with 3")
    assert not error.permanent


def test_a_program_that_is_missing_is_given_up(tmp_path: Path) -> None:
    channel = CommandChannel(command=("/nowhere/tell",), folder=tmp_path, clock=CLOCK)
    error = not_told(channel.tell([alert()]))
    assert str(error) == "the program /nowhere/tell cannot be run: No such file or directory"
    assert error.permanent


def ended(pid: int, *, seconds: float) -> bool:
    """True once the process is gone, or dead and not yet collected by whoever adopted it."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watch], [], [], seconds)[0])
    finally:
        os.close(watch)


def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    program = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('child').write_text(str(child.pid)); time.sleep(60)\n"
    )
    error = not_told(command(tmp_path, program, time_limit=2.0).tell([alert()]))
    assert str(error).endswith("took longer than 2 s")
    assert ended(int((tmp_path / "child").read_text()), seconds=10)


def test_a_program_that_does_not_read_is_fine(tmp_path: Path) -> None:
    many = [alert(alert_id=str(n), text="x" * 250) for n in range(500)]
    assert within(command(tmp_path, "").tell(many)).endswith("ended with 0")


# --------------------------------------------------------------------------------------------- webhook


def test_a_webhook_gets_json_signed_with_the_secret(secure_web: WebServer) -> None:
    webhook = Webhook(address=secure_web.address(), secret=None)
    channel = WebhookChannel(webhook=webhook, secret=lambda: "pst", clock=CLOCK)
    assert within(channel.tell([alert()])) == "127.0.0.1 answered 200"
    (got,) = secure_web.got
    assert (got.method, got.target) == ("POST", "/hook?key=1")
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers[SIGNATURE] == "sha256=" + hmac.new(b"pst", got.body, hashlib.sha256).hexdigest()
    assert json.loads(got.body)["alerts"][0]["item"] == 12


def test_without_a_secret_nothing_is_signed(web: WebServer) -> None:
    channel = WebhookChannel(webhook=Webhook(address=web.address(), secret=None), secret=None, clock=CLOCK)
    within(channel.tell([alert()]))
    assert SIGNATURE not in web.got[0].headers


def test_a_secret_that_cannot_be_had_sends_nothing(web: WebServer) -> None:
    def locked() -> str:
        raise SecretUnavailable("The keyring is locked.")

    channel = WebhookChannel(webhook=Webhook(address=web.address(), secret=None), secret=locked, clock=CLOCK)
    error = not_told(channel.tell([alert()]))
    assert (str(error), error.permanent) == ("The keyring is locked.", False)
    assert web.got == []
