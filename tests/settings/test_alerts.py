"""The alerts of rejoinder.yaml: what they come to, and what a person is told of mistakes in them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings.explain import check
from bot.settings.home import HomeModel
from bot.settings.secret import Surroundings
from bot.settings.text import Document, read_yaml
from bot.settings.values import AlertMail, Alerts, SecretFrom, Settings, WebAddress

ACCOUNT = """\
accounts:
  shop:
    address: ip@shop.example
    imap: { host: imap.shop.example }
    smtp: { host: smtp.shop.example }
    password: { env: SHOP_PASSWORD }
    time_zone: Europe/Berlin
    country: DE
"""


def read(alerts: str) -> tuple[Document, Settings | None]:
    document = read_yaml((ACCOUNT + alerts).encode(), "f")
    model = check(HomeModel, document)
    around = Surroundings(home=Path("/home/anna/rejoinder"), environment={})
    return document, model.value(around, "") if model else None


def mistake(alerts: str) -> str:
    document, settings = read(alerts)
    assert settings is None
    (problem,) = document.problems
    return f"{problem.line}:{problem.column}: {problem.message}"


def test_without_any_nobody_is_told_beside_the_log() -> None:
    _, settings = read("")
    assert settings is not None
    assert settings.alerts == Alerts(mail=None, command=None, webhook=None, heartbeat=None, names=False)


def test_every_way_with_its_defaults_filled_in() -> None:
    _, settings = read(
        "alerts:\n"
        "  mail: { to: Anna@private.example }\n"
        "  command: [notify-send, Rejoinder]\n"
        "  webhook: { url: 'https://hooks.example/T1?x=1', secret: { file: hook.key }, ca_file: own.pem }\n"
        "  heartbeat: { url: 'http://127.0.0.1:8000' }\n"
    )
    assert settings is not None
    alerts = settings.alerts
    assert alerts.mail == AlertMail(to="Anna@private.example", account=None)
    assert alerts.command == ("notify-send", "Rejoinder")
    assert alerts.webhook is not None
    assert alerts.heartbeat is not None
    home = Path("/home/anna/rejoinder")
    assert alerts.webhook.secret == SecretFrom(file=home / "hook.key")
    assert alerts.webhook.address == WebAddress(
        secure=True, host="hooks.example", port=443, target="/T1?x=1", ca_file=home / "own.pem"
    )
    assert alerts.heartbeat.address == WebAddress(secure=False, host="127.0.0.1", port=8000, target="/")
    assert alerts.heartbeat.every == timedelta(minutes=5)
    assert "T1" not in repr(alerts)  # a URL is often a secret in itself


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ("mail: { to: nobody }",
         '10:15: to: "nobody" is no address: expected something like ip@shop.example'),
        ("mail: { to: IP@shop.example }",
         "10:3: alerts: mail.to is the address of account shop, whose mailbox "
         "is what alerts are about; write a second address that you read elsewhere"),
        ("mail: { to: a@b.example, account: other }",
         "10:3: alerts: mail.account: there is no account other; there are: shop"),
        ("webhook: { url: 'http://hooks.example/' }",
         "10:19: url: plain http is for 127.0.0.1 and ::1 only; write https://"),
        ("webhook: { url: 'http://localhost/' }",
         "10:19: url: plain http is for 127.0.0.1 and ::1 only; write https://"),
        ("webhook: { url: 'ftp://hooks.example/' }",
         "10:19: url: expected a URL that begins with https:// and a host name"),
        ("webhook: { url: 'https://u:p@hooks.example/' }",
         "10:19: url: a URL may not hold a user or password; sign with webhook.secret instead"),
        ("webhook: { url: 'https://hooks.example:99999/' }",
         "10:19: url: this is no URL: expected something like https://hooks.example/rejoinder"),
        ("webhook: { url: 'https://hooks.example/a b' }",
         "10:19: url: a URL is written in printable ASCII without spaces"),
        ("webhook: { url: 'https://hooks.example/#x' }",
         "10:19: url: the part after # never reaches a server; leave it out"),
        ("heartbeat: { url: 'https://beat.example/', every: 10 s }",
         '10:53: every: "10 s" is no length of time: expected a number and a unit, such as 3 business days, '
         "2 days, 72h or 10 min"),
        ("heartbeat: { url: 'https://beat.example/', every: 2 days }",
         "10:53: every: expected something between 1 min and 1 day"),
    ],
)  # fmt: skip
def test_mistakes(alerts: str, told: str) -> None:
    assert mistake(f"alerts:\n  {alerts}\n") == told


def test_a_key_written_where_its_place_belongs_is_not_shown_again() -> None:
    document, _ = read("alerts:\n  webhook: { url: 'https://hooks.example/', secret: hunter2 }\n")
    (problem,) = document.problems
    assert problem.message.startswith("secret: expected env, file, command or keyring")
    assert "hunter2" not in str(problem)
