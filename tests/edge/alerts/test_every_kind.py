"""Every kind of alert by every way, to its real other end: told as what it is, and without anybody's name.

Both tables are taken from the code (the kinds, and the ways that rejoinder.yaml knows): a kind or a way that
is added later is in them, or makes a test fail.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

import bot
from bot.edge.alerts.channels import CommandChannel
from bot.edge.alerts.heartbeat import beat
from bot.edge.alerts.webhook import WebhookChannel
from bot.edge.alerts.wording import HEADLINES, Alert
from bot.ports import AlertKind
from bot.settings.alerts import AlertsModel
from bot.settings.values import Heartbeat, Webhook
from tests.edge.alerts.conftest import WebServer
from tests.edge.alerts.test_channels import CLOCK, mailed, within
from tests.edge.alerts.test_wording import alert
from tests.servers.smtp import SmtpServer

#: What a person must be told, and by which kinds it is.
PROMISED = {
    "new item": {AlertKind.NEW_ITEM},
    "reply": {AlertKind.REPLY},
    "deadline near or passed": {AlertKind.DEADLINE_NEAR, AlertKind.DEADLINE_PASSED},
    "last-safe date": {AlertKind.LAST_SAFE},
    "in doubt": {AlertKind.IN_DOUBT},
    "bounce": {AlertKind.BOUNCE},
    "intake stopped": {AlertKind.INTAKE_STOPPED},
    "intake recovered": {AlertKind.INTAKE_RECOVERED},
}
#: The parties of the sample alert; none of it may be told.
NAMES = re.compile(r"17340981265|harrowgate|@(?!private\.example|brindlecove\.example)", re.I)


async def _by_mail(one: Alert, server: SmtpServer) -> str:
    return await mailed(server.port, alerts=[one])


@pytest.fixture
def told(smtp_server: SmtpServer, web: WebServer, tmp_path: Path) -> dict[str, Callable[[Alert], str]]:
    """Way → what arrives at its other end when an alert is told by it."""

    def mail(one: Alert) -> str:
        within(_by_mail(one, smtp_server))
        taken = message_from_bytes(smtp_server.received[-1].data)
        return f"{taken['Subject']}\n{taken.get_payload()}"

    def command(one: Alert) -> str:
        program = "import sys, pathlib; pathlib.Path('got').write_text(sys.stdin.read())"
        words = (sys.executable, "-c", program)
        within(CommandChannel(command=words, folder=tmp_path, clock=CLOCK).tell([one]))
        return (tmp_path / "got").read_text(encoding="utf-8")

    def webhook(one: Alert) -> str:
        hook = Webhook(address=web.address(), secret=None)
        within(WebhookChannel(webhook=hook, secret=None, clock=CLOCK).tell([one]))
        return web.got[-1].body.decode()

    return {"mail": mail, "command": command, "webhook": webhook}


#: Every way of telling that rejoinder.yaml knows, but the heartbeat, which tells nothing.
WAYS = sorted(set(AlertsModel.model_fields) - {"names", "heartbeat"})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", list(AlertKind))
def test_it_arrives_as_what_it_is_and_names_nobody(
    kind: AlertKind, way: str, told: dict[str, Callable[[Alert], str]]
) -> None:
    arrived = told[way](alert(kind=kind))
    assert HEADLINES[kind][0] in arrived
    assert "a letter waits for your approval" in arrived  # the sentence of the sample
    assert not NAMES.search(arrived), arrived
    if way != "mail":
        assert [one["kind"] for one in json.loads(arrived)["alerts"]] == [kind.value]


def test_every_way_is_in_the_table(told: dict[str, Callable[[Alert], str]]) -> None:
    assert sorted(told) == WAYS


@pytest.mark.parametrize("kind", list(AlertKind))
def test_something_in_the_house_tells_it(kind: AlertKind) -> None:
    """A kind that nobody ever tells would be a promise that is not kept."""
    rooms = Path(bot.__file__).parent
    files = [file for file in rooms.rglob("*.py") if file.parent.name not in ("ports",)]
    tells = re.compile(rf"AlertKind\.{kind.name}\b")
    assert [f.name for f in files if f.name != "wording.py" and tells.search(f.read_text("utf-8"))]


def test_all_that_is_promised_is_a_kind_and_the_rest_is_known() -> None:
    promised = set().union(*PROMISED.values())
    others = {AlertKind.RENUMBERED, AlertKind.STOP_SWITCH, AlertKind.RULES_REFUSED, AlertKind.TEST}
    assert promised | others == set(AlertKind)


def test_the_heartbeat_carries_nothing(web: WebServer) -> None:
    within(beat(Heartbeat(address=web.address("/ping/key"), every=timedelta(minutes=5))))
    (got,) = web.got
    assert (got.method, got.target, got.body) == ("GET", "/ping/key", b"")
