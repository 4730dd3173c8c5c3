"""`rejoinder password`: tried at both servers, and kept only then, where the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.edge.files import load_settings
from bot.edge.secrets import SecretSource
from tests.cli.conftest import Typed
from tests.cli.terminal import Terminal
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix

SETTINGS = """\
accounts:
  shop:
    address: {me}
    imap: {{ host: 127.0.0.1, port: {imap}, ca_file: {ca} }}
    smtp: {{ host: 127.0.0.1, port: {smtp}, ca_file: {ca} }}
    password: {secret}
    time_zone: Europe/London
    country: GB
"""


def home_with(folder: Path, secret: str, *, imap: int = 1, smtp: int = 1, ca: Path | str = "ca.pem") -> Typed:
    text = SETTINGS.format(me="ip@harborlane.example", imap=imap, smtp=smtp, ca=ca, secret=secret)
    (folder / "rejoinder.yaml").write_text(text, encoding="utf-8")
    return Typed(folder)


@pytest.mark.servers
def test_tried_first_and_then_kept(dovecot: Dovecot, postfix: Postfix, tmp_path: Path) -> None:
    typed = home_with(
        tmp_path, "{ file: keys/shop }", imap=dovecot.tls_port, smtp=postfix.tls_port, ca=dovecot.ca_file
    )
    wrong = typed("password", typed="wrong\n")
    assert wrong.status == 1
    assert "refused the login" in wrong.err
    assert "Nothing was kept" in wrong.err
    assert not (tmp_path / "keys").exists()
    with Terminal("password", "--home", str(tmp_path)) as at:
        at.answer("Password of ip@harborlane.example (not shown while you type):", PASSWORD)
        at.until("Both servers let us in.")
        at.until(f"Kept in the file {tmp_path / 'keys/shop'}.")
        assert at.ended() == 0
    (account,) = load_settings(tmp_path).accounts
    assert account.imap.password is not None
    assert SecretSource.at(account.imap.password)() == PASSWORD
    assert (tmp_path / "keys/shop").stat().st_mode & 0o777 == 0o600


def test_untried_when_told(tmp_path: Path) -> None:
    typed = home_with(tmp_path, "{ file: shop.password }")
    done = typed("password", "--offline", "--json", typed="first\nsecond\n")
    assert (done.status, done.json["account"]) == (0, "shop")
    assert (tmp_path / "shop.password").read_text() == "first\n"
    assert "first" not in done.out + done.err


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("{ env: SHOP_PASSWORD }", "takes it from the variable SHOP_PASSWORD"),
        ("{ command: [pass, show, shop] }", "takes it from the program pass"),
    ],
)
def test_what_is_kept_elsewhere_is_changed_there(tmp_path: Path, secret: str, said: str) -> None:
    done = home_with(tmp_path, secret)("password", typed="x\n")
    assert done.status == 1
    assert said in done.err


def test_nobody_to_ask(tmp_path: Path) -> None:
    typed = home_with(tmp_path, "{ file: shop.password }")
    assert typed("password", typed="").status == 2
    assert typed("password", "--account", "other").status == 2
