"""`ingest` of mbox, Maildir and standard input: each mail judged as ever, and a sum for each source."""

from __future__ import annotations

import mailbox
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Typed, notice, process
from tests.mail.signing import KEYS, signed

SPAM = b"From: ann@example.com\r\nSubject: lunch\r\nMessage-ID: <lunch@example.com>\r\n\r\nAt noon?\r\n"


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    """Two notices, lunch, and one of the notices again."""
    box = mailbox.mbox(tmp_path / "old.mbox")
    for raw in (notice("17340981265"), SPAM, notice("17340981266", asin="B0ZG04SJF4"), notice("17340981265")):
        box.add(raw)
    box.close()
    return tmp_path / "old.mbox"


def test_an_mbox(typed: Typed, mbox: Path) -> None:
    done = typed("ingest", str(mbox))
    assert done.status == 0, done.err
    assert f"{mbox} 1 Notice" in done.out
    assert f"{mbox} 3 Notice" in done.out
    assert f"{mbox} 2" not in done.out  # nothing follows from lunch
    assert f"{mbox}: 4 mails, 2 cases opened, 1 known already" in done.out
    assert len(typed("case", "list", "--json").json["cases"]) == 2
    again = typed("ingest", str(mbox), "--json")
    assert again.json["sources"] == [{"source": str(mbox), "mails": 4, "cases": 0, "known": 4, "problems": 0}]
    assert again.json["items"] == []


def test_an_mbox_on_standard_input(home: Path, mbox: Path) -> None:
    done = process("ingest", "-", typed=mbox.read_bytes(), REJOINDER_HOME=str(home))
    assert done.returncode == 0, done.stderr
    assert b"-: 4 mails, 2 cases opened, 1 known already" in done.stdout


def test_the_same_mail_as_file_and_in_an_mbox_is_one(drafted: Typed, mbox: Path) -> None:
    """The line ends differ, so the bytes do; the Message-ID tells."""
    done = drafted("ingest", str(mbox), "--json")
    assert done.json["sources"][0]["cases"] == 1
    assert done.json["sources"][0]["known"] == 2


def test_a_maildir_beside_a_file_that_is_missing(typed: Typed, tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    box.add(notice("17340981265"))
    done = typed("ingest", str(tmp_path / "box"), str(tmp_path / "none.mbox"), str(tmp_path))
    assert done.status == 1
    assert "1 mail, 1 case opened" in done.out
    assert "none.mbox: No such file or directory" in done.err
    assert "no Maildir" in done.err
    assert "New in the queue: 1." in done.out


def test_a_fake_in_an_mbox_proves_nothing(typed: Typed, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    box.add(notice("17340981265", authserv="mx.other.example"))
    box.close()
    done = typed("ingest", str(tmp_path / "box"), "--json")
    assert done.json["sources"][0]["cases"] == 0
    assert [item["kind"] for item in done.json["items"]] == ["suspect"]


class _Keys:
    """As a name server would answer."""

    async def keys(self, names: Sequence[str]) -> dict[str, bytes]:
        return {name: KEYS.get(name, b"") for name in names}


def test_a_file_is_looked_at_as_a_mail_of_the_mailbox(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its signatures too: a file is no way around them."""
    monkeypatch.setattr("bot.edge.dns.DnsKeys", _Keys)
    raw = signed(notice("17340981265").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    genuine, changed = tmp_path / "genuine.eml", tmp_path / "changed.eml"
    changed.write_bytes(raw.replace(b"17340981265", b"17340981299"))
    genuine.write_bytes(raw)
    assert "Suspect" in typed("ingest", str(changed)).out
    assert "opened case" in typed("ingest", str(genuine)).out
