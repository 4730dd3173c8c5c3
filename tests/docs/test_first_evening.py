"""The page for the first evening, followed to the letter, against a real Dovecot and a real Postfix."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, notice
from tests.cli.terminal import Terminal
from tests.docs.recipes import DOCS
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import AUTHSERV, Postfix

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
PAGE = (DOCS / "first-evening.md").read_text(encoding="utf-8")
OWNER = "ip@thornburylaundry.example"


def steps() -> list[str]:
    """What the page tells to type from the set-up on, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.partition("## 3.")[2], re.S | re.M)
    return [line for block in blocks for line in block.splitlines()]


def set_up(home: Path, me: str, dovecot: Dovecot, postfix: Postfix) -> str:
    """The dialogue of `rejoinder init`; what was shown."""
    with Terminal("init", str(home), REJOINDER_UNDO_WINDOW="0 min") as at:
        at.answer("Address:", me)
        at.answer("Which provider? [1]:")
        at.answer("(IMAP)", f"127.0.0.1:{dovecot.tls_port}")
        at.answer("[1]:")
        at.answer("(SMTP)", f"127.0.0.1:{postfix.tls_port}")
        at.answer("[1]:")
        at.answer("Password (not shown while you type):", PASSWORD)
        at.answer("What next? [2]:", "7")  # the certificate of this test
        at.answer("PEM file:", str(dovecot.ca_file))
        at.answer("Send it now? [Y/n]:")
        for question, line in (
            ("legal name:", "Brindlecove Ltd"),
            ("Your own name:", "Tess Marwen"),
            ("Line 1:", "3 Tannery Lane"),
            ("Line 2:", ""),
            ("Country (two letters)", "GB"),
            ("Time zone [Europe/London]:", ""),
            ("with commas [amazon.co.uk]:", "amazon.co.uk amazon.com"),
            ("on amazon.co.uk:", "Brindlecove"),
            ("on amazon.com [Brindlecove]:", ""),
            ("best first [en]:", ""),
            ("Second address (Enter: none)", ""),
            ("Where? [1]:", ""),
        ):
            at.answer(question, line)
        at.until("Made a home")
        at.answer("Look for notices of the last 90 days now? [Y/n]:")
        at.until("17511200344")
        at.answer("Which to take on?")
        at.answer("Does a lawyer of yours have it already? [y/N]:")
        at.answer("Did you write to them from elsewhere? The day, or Enter for no:")
        at.answer("Did you file an appeal in Seller Central? The day, or Enter for no:")
        at.answer("Did you take the listing down yourself? [y/N]:")
        at.until("inquiry drafted")
        at.until("rejoinder run")
        assert at.ended() == 0
        return at.seen


@contextmanager
def watching(home: Path, environment: dict[str, str]) -> Iterator[None]:
    """`rejoinder run`, in a window of its own."""
    with (home.parent / "log").open("w") as log:
        daemon = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=home, env=environment, stderr=log)
        try:
            yield
        finally:
            daemon.terminate()
            assert daemon.wait(timeout=60) == 0, (home.parent / "log").read_text()


def until(found: Callable[[], object], what: str) -> None:
    """Look every tenth of a second for a minute: a mailbox tells nobody when a mail has come."""
    pause, deadline = threading.Event(), time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline, what
        pause.wait(0.1)


def test_the_letter_is_there_by_bedtime(dovecot: Dovecot, postfix: Postfix, tmp_path: Path) -> None:
    me, home = f"{dovecot.new_user()}@brindlecove.example", tmp_path / "rejoinder"
    yesterday = notice("17511200344", owner=OWNER, name="Ragnhild Osei", authserv=AUTHSERV)
    dovecot.deliver(me, yesterday)  # by the server's clock a moment ago, which changes nothing here
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_UNDO_WINDOW": "0 min"}
    said: dict[str, str] = {}

    def type_in(line: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *shlex.split(line)[1:]],
            cwd=home, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        said[line] = " ".join(done.stdout.split())

    def letters(address: str) -> list[bytes]:
        return [mail for mail in dovecot.messages(address, "INBOX") if b"Your report to Amazon" in mail]

    todo = steps()
    assert todo.pop(0) == "rejoinder init ~/rejoinder"
    shown = " ".join(set_up(home, me, dovecot, postfix).split())
    for line in re.search(r'title="arrival"\n(.*?)```', PAGE, re.S)[1].splitlines():  # type: ignore[index]
        assert " ".join(line.split()) in shown

    assert todo.pop(0) == "cd ~/rejoinder"
    evening, morning = todo[: todo.index("rejoinder run")], todo[todo.index("rejoinder run") + 1 :]
    for line in evening:
        type_in(line)
    assert "draft: inquiry" in said["rejoinder queue"]
    assert f"To Ragnhild Osei <{OWNER}>" in said["rejoinder show 1"]
    assert "17511200344" in said["rejoinder show 1"]
    with watching(home, environment):
        until(lambda: letters(me), "the test copy has not come")
        assert letters(OWNER) == []
        for line in morning:
            if line == "rejoinder safe-mode off":
                with Terminal("safe-mode", "off", "--home", str(home)) as at:
                    at.answer("Switch safe mode off? [y/N]:", "y")
                    assert at.ended() == 0
            else:
                type_in(line)
        until(lambda: letters(OWNER), "the letter has not come")
    assert len(letters(OWNER)) == 1
