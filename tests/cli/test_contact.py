"""`rejoinder contact`, as a person types and pastes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Typed, notice
from tests.cli.terminal import Terminal

ID = "17340981265"
PASTED = f"Complaint ID: {ID}\nRights owner: Marta Oyelaran\nEmail: ip@brindlecove.example\n"


@pytest.fixture
def nameless(typed: Typed, tmp_path: Path) -> Typed:
    """A home with one case that is held for want of an address, item 1."""
    raw = notice(ID).replace(b"-- ip@brindlecove.example", b"")
    (tmp_path / "n.eml").write_bytes(raw)
    assert typed("ingest", str(tmp_path / "n.eml")).status == 0
    assert typed("queue", "--json").json["items"][0]["reason"] == "no-address"
    return typed


def test_the_page_of_the_hold_says_how(nameless: Typed) -> None:
    shown = nameless("show", "1").out
    assert "rejoinder contact 1 " in shown
    assert "rejoinder contact 1 --none" in shown


def test_a_pasted_text_makes_the_draft(nameless: Typed) -> None:
    done = nameless("contact", "1", "--file", "-", "--yes", typed=PASTED)
    assert done.status == 0, done.err
    assert "ip@brindlecove.example" in done.out
    assert "inquiry drafted" in done.out
    (item,) = nameless("queue", "--json").json["items"]
    shown = nameless("show", str(item["number"])).out
    assert "given by anna on" in shown
    assert nameless("verify").status == 0


def test_pasting_at_the_terminal(nameless: Typed) -> None:
    with Terminal("contact", "1", "--home", str(nameless.home)) as at:
        at.until("then a line with a single dot.")
        for line in (*PASTED.splitlines(), "."):
            at.type(line)
        at.answer(f"Write to them about complaint {ID}? [y/N]:", "y")
        at.until("inquiry drafted")
        assert at.ended() == 0


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--text", "nobody here"), 1, "no address of a complainant"),
        (("--text", "ask notice@amazon.com"), 1, "notice@amazon.com is Amazon's"),
        (("--address", "notice@amazon.com"), 1, "never a complainant's"),
        (("--text", "a@x.example b@x.example"), 2, "Say which with --address"),
        (("--text", "a@x.example", "--address", "c@x.example"), 1, "does not stand in the text"),
        (("--text", "Complaint ID: 17999999999 a@x.example"), 1, "about complaint 17999999999"),
        (("--none", "--address", "a@x.example"), 2, "--none stands alone"),
        ((), 2, "no terminal to paste at"),
    ],
)
def test_what_cannot_be_a_contact(nameless: Typed, words: tuple[str, ...], status: int, said: str) -> None:
    done = nameless("contact", "1", "--yes", *words)
    assert (done.status, said in " ".join(done.err.split())) == (status, True), done.err
    assert nameless("queue", "--json").json["items"][0]["reason"] == "no-address"


def test_nobody_is_named_so_amazon_is_asked(nameless: Typed) -> None:
    done = nameless("contact", "1", "--none", "--yes", "--json")
    assert done.status == 0, done.err
    assert done.json["stands"] == "escalation drafted"
