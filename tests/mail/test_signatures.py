"""Our own look at signatures takes belief away and never gives any; seals count from listed services only."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.authentication import Checks, Proof, verify
from bot.mail.parse import parse_message
from bot.mail.signatures import SIZE_LIMIT, Opinion, key_names, opinion_of, seals_hold
from tests.mail.signing import KEYS, NAME, key, sealed, signed

PINNED = "mx.shop.example"
PASSED = f"Authentication-Results: {PINNED}; dmarc=pass header.from=amazon.com\r\n"
PLAIN = (
    b"From: Amazon <notice@amazon.com>\r\nTo: shop@shop.example\r\nSubject: Notice\r\n"
    b"Date: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <a@amazon.com>\r\n\r\nComplaint ID: 1\r\n"
)
MAIL = PASSED.encode() + PLAIN
SIGNED = signed(MAIL)
AMAZON = ("amazon.com", "amazon.de")


def test_a_signature_that_fits_holds() -> None:
    assert key_names(SIGNED, AMAZON) == (NAME,)
    assert opinion_of(SIGNED, "amazon.com", KEYS) is Opinion.HOLDS


CHANGES = {
    "body": lambda raw: raw.replace(b"Complaint ID: 1", b"Complaint ID: 2"),
    "subject": lambda raw: raw.replace(b"Subject: Notice", b"Subject: Other"),
    "author": lambda raw: raw.replace(b"notice@amazon.com", b"other@amazon.com"),
    "more body": lambda raw: raw + b"PS: pay here\r\n",
    "signature": lambda raw: raw.replace(b"b=", b"b=QUJD", 1),
    "part of the body": lambda raw: raw.replace(b"bh=", b"l=3; bh=", 1),
    "no signature in it": lambda raw: raw.replace(b"bh=", b"xx=", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_mail_does_not_fit(change: str) -> None:
    raw = CHANGES[change](SIGNED)
    assert raw != SIGNED
    assert opinion_of(raw, "amazon.com", KEYS) is Opinion.BROKEN


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        (MAIL, {}),
        (MAIL, KEYS),
        (SIGNED, {NAME: b""}),
        (SIGNED, {NAME: b"v=DKIM1; p="}),  # withdrawn
        (SIGNED, {"other._domainkey.amazon.com": KEYS[NAME]}),
        (SIGNED, {"other._domainkey.amazon.com.evil.example": None}),
        (signed(MAIL, domain="amazonses.com"), KEYS | {"sel1._domainkey.amazonses.com": key(0)[1]}),
        (SIGNED.replace(b"a=rsa-sha256", b"a=ed25519-sha256"), KEYS),
        (SIGNED.replace(b"s=sel1;", b"s=sel1; x=1;"), KEYS),  # out of time: says nothing about the mail
        (SIGNED + b"x" * SIZE_LIMIT, KEYS),
    ],
    ids=[
        "unsigned", "unsigned, with a key", "no key", "withdrawn", "other key", "key of another",
        "other domain", "other kind", "expired", "long",
    ],
)  # fmt: skip
def test_where_nothing_can_be_checked_a_signature_is_absent(
    raw: bytes, keys: dict[str, bytes | None]
) -> None:
    assert opinion_of(raw, "amazon.com", keys) is Opinion.ABSENT


@pytest.mark.parametrize("raw", [SIGNED, MAIL, SIGNED + b"x" * SIZE_LIMIT])
@pytest.mark.parametrize("more", [{}, {"sel2._domainkey.amazon.com": b""}])
def test_a_key_that_cannot_be_had_is_no_opinion(raw: bytes, more: dict[str, bytes]) -> None:
    assert opinion_of(raw, "amazon.com", {NAME: None} | more) is Opinion.NONE


def test_one_signature_of_two_is_enough() -> None:
    twice = signed(SIGNED.replace(b"b=", b"b=QUJD", 1), selector="sel2", number=1)
    keys = KEYS | {"sel2._domainkey.amazon.com": key(1)[1]}
    assert opinion_of(twice, "amazon.com", keys) is Opinion.HOLDS
    assert opinion_of(twice, "amazon.com", KEYS) is Opinion.BROKEN


def test_another_key_does_not_fit() -> None:
    assert opinion_of(SIGNED, "amazon.com", {NAME: key(1)[1]}) is Opinion.BROKEN


@pytest.mark.parametrize(
    "field",
    [
        b"d=evil.example; s=sel1",
        b"d=amazon.com.evil.example; s=sel1",
        b"d=amazon.com; s=x\x00y",
        b"d=amazon.com; s=",
        b"d=amazon.com; s=-",
        b"s=sel1",
        b"d=; s=x",
        "d=аmazon.com; s=sel1".encode(),
        b"d=amazon.com.; s=" + b"s" * 200,
    ],
)  # fmt: skip
def test_nobody_elses_name_server_is_asked(field: bytes) -> None:
    """Only Amazon's; a question to the sender's own would tell them that we read their mail."""
    assert key_names(b"DKIM-Signature: v=1; " + field + b"\r\n" + MAIL, AMAZON) == ()


def test_only_so_many_keys_of_the_header_are_asked_for() -> None:
    many = b"".join(b"DKIM-Signature: d=amazon.com; s=s%d\r\n" % number for number in range(100))
    assert len(key_names(many + MAIL, AMAZON)) == 6
    assert key_names(MAIL + b"DKIM-Signature: d=amazon.com; s=s1\r\n", AMAZON) == ()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_signature_makes_it_fall(noise: bytes, at: int) -> None:
    raw = SIGNED[:at] + noise + SIGNED[at:]
    assert opinion_of(raw, "amazon.com", KEYS) in Opinion
    assert seals_hold(raw, KEYS) in Opinion


def judged(raw: bytes, **checks: object) -> Proof:
    return verify(parse_message(raw), PINNED, Checks(**checks)).proof  # type: ignore[arg-type]


def test_a_broken_signature_takes_belief_away() -> None:
    assert judged(SIGNED, signature=Opinion.HOLDS) is Proof.ALIGNED
    assert judged(SIGNED, signature=Opinion.NONE) is Proof.ALIGNED
    assert judged(SIGNED, signature=Opinion.BROKEN) is Proof.SIGNATURE_BROKEN
    assert judged(SIGNED, signature=Opinion.ABSENT) is Proof.ALIGNED


@pytest.mark.parametrize(
    ("top", "pinned"),
    [
        ("any.provider.example; dmarc=pass header.from=amazon.com", "*.provider.example"),
        ("dmarc=pass header.from=amazon.com", "outlook.com"),
        (f"{PINNED}; arc=none|{PINNED}; dmarc=pass header.from=amazon.com", PINNED),
    ],
    ids=["any name", "no name", "below one that was passed over"],
)  # fmt: skip
def test_where_anybody_could_have_written_the_results_a_signature_must_hold(top: str, pinned: str) -> None:
    lines = "".join(f"Authentication-Results: {one}\r\n" for one in top.split("|"))

    def proof(opinion: Opinion) -> Proof:
        return verify(parse_message(lines.encode() + PLAIN), pinned, Checks(signature=opinion)).proof

    assert proof(Opinion.HOLDS) is proof(Opinion.NONE) is Proof.ALIGNED
    assert proof(Opinion.ABSENT) is Proof.UNSIGNED
    assert proof(Opinion.BROKEN) is Proof.SIGNATURE_BROKEN


@pytest.mark.parametrize("top", ["", "dmarc=fail header.from=amazon.com", "none"])
def test_a_signature_that_fits_gives_no_belief(top: str) -> None:
    results = f"Authentication-Results: {PINNED}; {top}\r\n" if top else ""
    raw = results.encode() + signed(PLAIN)
    assert opinion_of(raw, "amazon.com", KEYS) is Opinion.HOLDS
    assert not verify(parse_message(raw), PINNED, Checks(signature=Opinion.HOLDS)).proven


# ------------------------------------------------------------------------------------------------ seals

FORWARDED = sealed(b"Authentication-Results: mx.lists.example; dmarc=pass header.from=amazon.com\r\n" + PLAIN)
ARRIVED = (
    f"Authentication-Results: {PINNED}; arc=pass (i=1); dmarc=fail header.from=amazon.com\r\n".encode()
    + FORWARDED
)
LISTED = ("lists.example",)
ARC_KEYS = {"arc._domainkey.lists.example": key(7)[1]}


def test_a_listed_forwarder_vouches_for_what_it_saw() -> None:
    assert judged(ARRIVED, sealers=LISTED) is Proof.SEALED
    assert key_names(ARRIVED, LISTED) == tuple(ARC_KEYS)
    assert seals_hold(ARRIVED, ARC_KEYS) is Opinion.HOLDS
    assert judged(ARRIVED, sealers=LISTED, seals=Opinion.HOLDS) is Proof.SEALED
    assert judged(ARRIVED, sealers=LISTED, seals=Opinion.BROKEN) is Proof.SEAL_BROKEN


@pytest.mark.parametrize(
    "raw",
    [
        ARRIVED.replace(b"arc=pass", b"arc=fail"),
        ARRIVED.replace(b"arc=pass", b"arc=none"),
        ARRIVED.replace(b"arc=pass (i=1); ", b""),
        ARRIVED.replace(b"arc=pass", b"arc=pass; arc=pass"),
        ARRIVED.replace(b"d=lists.example", b"d=evil.example"),
        ARRIVED.replace(b"d=lists.example", b"d=lists.example.evil.example"),
        FORWARDED,  # nothing of our own provider's
        ARRIVED.replace(b"i=1; mx.lists.example;\r\n dmarc=pass", b"i=1; mx.lists.example;\r\n dmarc=fail"),
        ARRIVED.replace(b"i=1; mx.lists.example;\r\n dmarc=pass header.from=amazon.com",
                        b"i=1; mx.lists.example;\r\n dmarc=pass header.from=evil.example"),
        ARRIVED.replace(b"ARC-Seal: i=1", b"ARC-Seal: i=2"),
        ARRIVED.replace(b"cv=none", b"cv=pass"),
        ARRIVED.replace(b"cv=none", b"cv=fail"),
        b"ARC-Seal: i=2; cv=pass; d=evil.example\r\nARC-Authentication-Results: i=2; x\r\n" + ARRIVED,
        b"ARC-Seal: i=1; cv=none; d=lists.example\r\n" + ARRIVED,
        ARRIVED.replace(b"ARC-Authentication-Results", b"X-Authentication-Results"),
    ],
)  # fmt: skip
def test_any_other_seal_vouches_for_nothing(raw: bytes) -> None:
    assert raw != ARRIVED
    assert not verify(parse_message(raw), PINNED, Checks(sealers=LISTED)).proven


def test_without_a_list_no_seal_counts() -> None:
    assert judged(ARRIVED) is Proof.DMARC_FAILED


def test_a_chain_that_was_changed_does_not_hold() -> None:
    assert seals_hold(ARRIVED.replace(b"Complaint ID: 1", b"Complaint ID: 2"), ARC_KEYS) is Opinion.BROKEN
    assert seals_hold(ARRIVED, {}) is Opinion.NONE
