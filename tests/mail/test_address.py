"""Address lists, and which addresses may be written to."""

from __future__ import annotations

import pytest

from bot.mail.address import (
    can_be_written_to,
    canonical,
    is_reserved,
    organisational_domain,
    parse_addresses,
)


@pytest.mark.parametrize(
    ("raw", "specs"),
    [
        ("a@one.example, B <b@two.example>", ["a@one.example", "b@two.example"]),
        ('"a@amazon.com" <x@evil.example>', ["x@evil.example"]),
        ("Team: a@one.example, b@two.example;", ["a@one.example", "b@two.example"]),
        ("x@Bücher.example", ["x@xn--bcher-kva.example"]),
        ("<>", []),
        ("a@b@c.example (c@d.example)", []),
        ('"unclosed <a@one.example>', []),
    ],
)
def test_lists(raw: str, specs: list[str]) -> None:
    assert [address.addr_spec for address in parse_addresses(raw)] == specs


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@x.example",
        "donotreply@x.example",
        "brand-registry-noreply@x.example",
        "mailer-daemon@x.example",
        "a@example.com",
        "a@host.invalid",
        "owner-list@x.example",
        "list-request@x.example",
        "a@[192.0.2.1]",
        "a b@x.example",
        "a\r\n@x.example",
    ],
)
def test_not_to_be_written_to(address: str) -> None:
    assert not can_be_written_to(address)


def test_people_may_be_written_to() -> None:
    assert can_be_written_to("ip@brand.example")
    assert canonical("ip@Brand.Example.") == "ip@brand.example"
    assert organisational_domain("bounces.amazon.co.uk") == "amazon.co.uk"


@pytest.mark.parametrize(
    ("domain", "reserved"),
    [
        ("192.0.2.1", True),
        ("[192.0.2.1]", True),
        ("2001:db8::1", True),
        ("[2001:db8::a]", True),
        ("host.local", True),
        ("mail.example.com", True),
        ("firm.example", False),
        ("4.192.0.2.1", False),
        ("shop24", False),
    ],
)
def test_domains_that_receive_no_mail(domain: str, reserved: bool) -> None:
    assert is_reserved(domain) is reserved
