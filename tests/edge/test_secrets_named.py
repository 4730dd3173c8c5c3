"""Every secret that a home names is found, wherever in the settings it stands."""

from __future__ import annotations

from pathlib import Path

from bot.edge.files import load_settings
from bot.edge.secrets import secrets_named_in

HOME = """\
accounts:
  shop:
    address: ip@harborlane.example
    imap: { host: imap.harborlane.example, password: { file: rules/imap.txt } }
    smtp: { host: smtp.harborlane.example, password: { env: SMTP_PASSWORD } }
    time_zone: Europe/Berlin
    country: DE
  other:
    address: ip@brindlecove.example
    imap: { host: imap.brindlecove.example, auth: password }
    smtp: { host: smtp.brindlecove.example }
    password: { command: [pass, show, other] }
    time_zone: Europe/Berlin
    country: DE
"""


def test_of_every_account_and_server(tmp_path: Path) -> None:
    (tmp_path / "rejoinder.yaml").write_text(HOME)
    found = set(secrets_named_in(load_settings(tmp_path, environment={})))
    assert {one.file for one in found if one.file} == {tmp_path / "rules" / "imap.txt"}
    assert {one.env for one in found if one.env} == {"SMTP_PASSWORD"}
    assert {one.command for one in found if one.command} == {("pass", "show", "other")}
