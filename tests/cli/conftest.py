"""A home on disk, mails as files, and `rejoinder` as a person types it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.root import rejoinder
from bot.cli.session import now

ROOT = Path(__file__).resolve().parents[2]
AUTHSERV = "mx.harborlane.example"

SETTINGS = """\
accounts:
  shop:
    address: ip@harborlane.example
    imap: {{ host: 127.0.0.1, port: 1, security: none, auth: none }}
    smtp: {{ host: 127.0.0.1, port: 1, security: none, auth: none }}
    time_zone: Europe/Berlin
    country: DE
    languages: [en, de]
    {pinned}
    own_copy_to: copies@harborlane.example
    profile:
      legal_name: Harborlane Trading GmbH
      signatory: Alex Beispiel
      postal_address: [Musterweg 1, 12345 Musterstadt]
      country: Germany
      stores: {{ amazon.com: Harborlane }}
reviewer: anna
safe_mode: {safe_mode}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Typed:
    """`rejoinder` in one home."""

    home: Path

    def __call__(self, *words: str, typed: str | bytes | None = None, **environment: str) -> Answer:
        env = {"REJOINDER_HOME": str(self.home), "EDITOR": "", "VISUAL": "", **environment}
        done = CliRunner().invoke(rejoinder, list(words), input=typed, env=env, prog_name="rejoinder")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_home(tmp_path / "home")


@pytest.fixture
def typed(home: Path) -> Typed:
    return Typed(home)


@pytest.fixture
def mails(tmp_path: Path) -> Callable[..., str]:
    """Writes a notice to a file and gives its path."""

    def write(complaint: str = "17340981265", **changed: Any) -> str:
        file = tmp_path / f"{complaint}.eml"
        file.write_bytes(notice(complaint, **changed))
        return str(file)

    return write


@pytest.fixture(scope="session")
def home_with_a_draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafted")
    file = folder / "17340981265.eml"
    file.write_bytes(notice("17340981265"))
    done = Typed(write_home(folder / "home"))("ingest", str(file))
    assert done.status == 0, done.err
    return folder / "home"


@pytest.fixture
def drafted(home_with_a_draft: Path, tmp_path: Path) -> Typed:
    """A home with one draft, item 1, of the notice about complaint 17340981265."""
    shutil.copytree(home_with_a_draft, tmp_path / "drafted")
    return Typed(tmp_path / "drafted")


def write_home(home: Path, *, pinned: bool = True, safe_mode: bool = False) -> Path:
    home.mkdir()
    line = f"authserv_id: {AUTHSERV}" if pinned else "watch_junk: false"
    text = SETTINGS.format(pinned=line, safe_mode=str(safe_mode).lower())
    (home / "rejoinder.yaml").write_text(text, encoding="utf-8")
    return home


def today() -> str:
    """This morning, as a Date field; Amazon's clock runs from when a notice reached us."""
    return format_datetime(now().replace(hour=0, minute=0, second=0, microsecond=0))


def notice(
    complaint: str,
    *,
    asin: str = "B0ZG04SJF3",
    owner: str = "ip@brindlecove.example",
    name: str = "Marta Oyelaran",
    title: str = "Rain barrel with tap",
    authserv: str = AUTHSERV,
) -> bytes:
    """A trademark notice of amazon.com."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["Received"] = f"from out.amazon.com by {authserv} with ESMTPS; {today()}"
    mail["Authentication-Results"] = (
        f"{authserv}; dkim=pass header.d=amazon.com; spf=pass smtp.mailfrom=x@amazon.com;"
        " dmarc=pass header.from=amazon.com"
    )
    mail["From"] = "Amazon Seller Performance <notice@amazon.com>"
    mail["To"] = "ip@harborlane.example"
    mail["Subject"] = "Notice: Policy Warning"
    mail["Date"] = today()
    mail["Message-ID"] = f"<{complaint}@amazon.com>"
    mail.set_content(
        "Hello,\n\nWe removed some of your listings because we received a report from a rights owner that "
        "they may infringe the rights owner's trademark.\n\n"
        "Have your listings been removed in error?\nReach out to the rights owner and ask for a retraction. "
        "The rights owner must send the retraction to us at notice-dispute@amazon.com.\n\n"
        f"These are the rights owner's contact details:\n-- {name}\n-- {owner}\n\n"
        f"ASIN: {asin}\nTitle: {title}\nInfringement type: Trademark\nTrademark asserted: 6120457\n"
        f"Complaint ID: {complaint}\n\nSeller Performance Team\nAmazon.com\n"
    )
    return mail.as_bytes()


def process(*words: str, typed: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m bot` as a program of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=typed,
        capture_output=True,
        env=env,
        timeout=60,
        check=False,
    )
