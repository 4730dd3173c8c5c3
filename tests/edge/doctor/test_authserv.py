"""Who vouches for the last mails, by their topmost results alone."""

from __future__ import annotations

import pytest

from bot.edge.doctor.authserv import topmost_id, vouching

OURS = (
    b"Authentication-Results: mx.harborlane.example; spf=pass\r\n"
    b"Authentication-Results: evil.example; spf=pass\r\n\r\n"
)
THEIRS = b"Authentication-Results: evil.example;\r\n spf=pass\r\n\r\n"
NAMELESS = b"Authentication-Results: spf=pass smtp.mailfrom=a.example; dkim=none\r\n\r\n"


def test_the_line_to_paste_names_the_topmost_id() -> None:
    found = vouching([OURS, OURS], None)
    assert found.ok is False
    assert found.fix.endswith("authserv_id: mx.harborlane.example")
    assert "evil" not in found.sentence


def test_ids_that_differ_are_a_warning() -> None:
    found = vouching([OURS, OURS, THEIRS], None)
    assert "authserv_id: mx.harborlane.example" in found.fix
    assert "make sure" in found.fix
    assert "evil.example in 1" in found.sentence
    assert vouching([OURS, THEIRS], "mx.harborlane.example").ok is None


def test_microsoft_leaves_its_name_out() -> None:
    assert vouching([NAMELESS], None).fix.endswith("authserv_id: outlook.com")
    assert vouching([NAMELESS], "outlook.com").ok is True


def test_several_machines_of_one_provider_are_pinned_by_their_domain() -> None:
    """Yahoo and Fastmail write the name of the machine."""
    heads = [
        f"Authentication-Results: mx{n}.mail.harborlane.example; spf=pass\r\n\r\n".encode() for n in (1, 2)
    ]
    found = vouching([*heads, THEIRS], None)
    assert 'authserv_id: "*.harborlane.example"' in found.fix
    assert "make sure" in found.fix  # somebody else's is among them
    assert "make sure" not in vouching(heads, None).fix
    assert vouching(heads, "*.harborlane.example").ok is True
    assert vouching([*heads, THEIRS], "*.harborlane.example").ok is None
    assert vouching([THEIRS], "*.harborlane.example").ok is False


def test_the_name_that_counts_is_that_of_the_field_about_the_author() -> None:
    """iCloud writes one field for each method, and the topmost is not about the author."""
    head = (
        b"Received: from a.example by b.example\r\n"
        b"Authentication-Results: bimi.harborlane.example; bimi=none\r\n"
        b"Authentication-Results: dmarc.harborlane.example; dmarc=pass header.from=a.example\r\n\r\n"
    )
    assert topmost_id(head) == "dmarc.harborlane.example"


@pytest.mark.parametrize(("pinned", "ok"), [("MX.harborlane.example.", True), ("other.example", False)])
def test_what_is_pinned_is_compared(pinned: str, ok: bool) -> None:
    assert vouching([OURS], pinned).ok is ok


def test_mails_without_results_prove_nothing() -> None:
    assert vouching([b"\r\n"], None).ok is False
    assert vouching([], "mx.harborlane.example").ok is None
