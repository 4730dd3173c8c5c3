"""The restore drill against a real mailbox: the letter that the original sent since lies in Sent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.edge.backup.mark import read_mark
from bot.edge.store import open_store
from tests.cli.conftest import ROOT, Typed, notice, write_home
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.servers


@pytest.fixture
def seller(tmp_path: Path, dovecot: Dovecot) -> tuple[Typed, str]:
    """A home whose mailbox is on the server, with a draft; and the user there."""
    user = dovecot.new_user()
    (tmp_path / "secret").write_text("pw\n")
    (tmp_path / "secret").chmod(0o600)
    home = write_home(tmp_path / "home")
    file = home / "rejoinder.yaml"
    server = (
        f"imap: {{ host: localhost, port: {dovecot.tls_port}, security: tls, user: {user}, "
        f"ca_file: {dovecot.ca_file}, password: {{ file: {tmp_path / 'secret'} }} }}"
    )
    lines = [f"    {server}" if "imap:" in line else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n")
    typed = Typed(home)
    (tmp_path / "notice.eml").write_bytes(notice("17340981265"))
    assert typed("ingest", str(tmp_path / "notice.eml")).status == 0
    return typed, user


def test_a_letter_that_left_since_is_found_and_not_offered_again(
    seller: tuple[Typed, str], dovecot: Dovecot, tmp_path: Path
) -> None:
    original, user = seller
    assert original("approve", "1").status == 0
    assert original("backup", str(tmp_path / "copy.tar.gz")).status == 0
    store = open_store(original.home / "state" / "rejoinder.db")
    (letter,) = store.letters()
    store.close()
    assert original("restore", str(tmp_path / "copy.tar.gz"), str(tmp_path / "new")).status == 0
    copy = Typed(tmp_path / "new")

    nothing = copy("restored", "--json")
    assert [row["sent"] for row in nothing.json["letters"]] == ["not in Sent"]

    # The original sent it meanwhile, and its provider filed a copy.
    sent = f"Message-ID: {letter.message_id}\r\nSubject: {letter.subject}\r\n\r\nHello\r\n"
    dovecot.deliver(user, sent.encode(), "Sent")
    found = copy("restored", "--json")
    assert [row["sent"] for row in found.json["letters"]] == ["in Sent"]
    assert found.json["checked"] is False
    assert read_mark(copy.home / "state") is not None

    ended = copy("restored", "--i-have-checked")
    assert ended.status == 0, ended.err
    assert read_mark(copy.home / "state") is None
    (item,) = copy("queue", "--json").json["items"]
    assert item["kind"] == "hold"
    assert copy("approve", str(item["number"])).status == 1
    assert copy("verify").status == 0


def test_the_restore_drill_over_a_lost_state(seller: tuple[Typed, str], tmp_path: Path) -> None:
    """Backed up, state deleted, restored in its place, verified, started: the queue is as before."""
    typed, _ = seller
    before = typed("queue", "--json").json["items"]
    assert [item["what"] for item in before] == ["draft: inquiry"]
    assert typed("backup", str(tmp_path / "copy.tar.gz")).status == 0
    shutil.rmtree(typed.home / "state")

    done = typed("restore", str(tmp_path / "copy.tar.gz"), str(typed.home), "--force")
    assert done.status == 0, done.err
    assert typed("verify").status == 0
    daemon = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_HOME": str(typed.home)},
        stderr=subprocess.PIPE,
    )
    try:
        pause, deadline = threading.Event(), time.monotonic() + 60
        while not all(one["fresh"] for one in typed("status", "--json").json["mailboxes"]):
            assert time.monotonic() < deadline, "the mailboxes were not read"
            pause.wait(0.2)
        daemon.terminate()
        assert daemon.wait(timeout=60) == 0
    finally:
        daemon.kill()
        daemon.communicate()
    after = typed("queue", "--json").json
    keep = ("number", "what", "to", "about", "until")
    assert [[row[x] for x in keep] for row in after["items"]] == [[row[x] for x in keep] for row in before]
    assert [note["name"] for note in after["notes"]] == ["restored"]
    assert typed("verify").status == 0
