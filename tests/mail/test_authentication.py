"""Only our own provider's topmost results count, and only for the author's domain."""

from __future__ import annotations

import pytest

from bot.mail.authentication import Proof, Verdict, parse_results, trusted_authserv_of_file, verify
from bot.mail.parse import parse_message

PINNED = "mx.shop.example"


def judged(*results: str, author: str = "notice@amazon.com", pinned: str | None = PINNED) -> Verdict:
    lines = [f"Authentication-Results: {body}\r\n" for body in results]
    return verify(parse_message("".join([*lines, f"From: {author}\r\n\r\n"]).encode()), pinned)


@pytest.mark.parametrize(
    "body",
    [
        "mx.shop.example; dmarc=pass (p=QUARANTINE) header.from=amazon.com",
        "mx.shop.example; dkim=pass header.d=amazon.com",
        "mx.shop.example 1; dkim=pass header.i=@bounces.amazon.com",
        "MX.SHOP.EXAMPLE; spf=pass smtp.mailfrom=x@bounces.amazon.com",
        "mx.shop.example; dkim=fail header.d=x.example; dkim=pass header.d=amazon.com",
    ],
)
def test_proven(body: str) -> None:
    assert judged(body).proof is Proof.ALIGNED


@pytest.mark.parametrize(
    ("results", "proof"),
    [
        ((), Proof.NO_RESULTS),
        (("mx.evil.example; dmarc=pass header.from=amazon.com",), Proof.FOREIGN_AUTHSERV),
        (("mx.shop.example.evil.example; dmarc=pass header.from=amazon.com",), Proof.FOREIGN_AUTHSERV),
        (
            (
                "mx.shop.example; dmarc=fail header.from=amazon.com",
                "mx.shop.example; dmarc=pass header.from=amazon.com",
            ),
            Proof.DMARC_FAILED,
        ),
        (("mx.shop.example; dkim=pass header.d=amazonses.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dkim=pass header.d=amazon.com.evil.example",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dmarc=pass header.from=evil.example",), Proof.NOT_ALIGNED),
        (("mx.shop.example; none (dmarc=pass header.from=amazon.com)",), Proof.NOT_ALIGNED),
        (
            ('mx.shop.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=amazon.com"',),
            Proof.NOT_ALIGNED,
        ),
        (("dmarc=pass header.from=amazon.com",), Proof.FOREIGN_AUTHSERV),
        (
            ("mx.shop.example; dmarc=fail header.from=amazon.com; dkim=pass header.d=amazon.com",),
            Proof.DMARC_FAILED,
        ),
    ],
)
def test_not_proven(results: tuple[str, ...], proof: Proof) -> None:
    verdict = judged(*results)
    assert (verdict.proven, verdict.proof) == (False, proof)


def test_two_authors_prove_nothing() -> None:
    good = "mx.shop.example; dmarc=pass header.from=amazon.com"
    assert judged(good, author="notice@amazon.com, x@evil.example").proof is Proof.SEVERAL_FROM
    raw = f"Authentication-Results: {good}\r\nFrom: notice@amazon.com\r\nFrom: x@evil.example\r\n\r\n"
    assert verify(parse_message(raw.encode()), PINNED).proof is Proof.SEVERAL_FROM


def test_without_a_pinned_provider_nothing_is_believed() -> None:
    assert judged("mx.shop.example; dmarc=pass header.from=amazon.com", pinned=None).proof is Proof.NOT_PINNED


def test_microsoft_leaves_its_name_out_and_only_its_topmost_field_counts() -> None:
    real = (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=amazon.com; dkim=pass "
        "header.d=amazon.com;dmarc=pass action=none header.from=amazon.com;compauth=pass "
        "reason=100"
    )
    pinned = "abc.mail.protection.outlook.com"
    assert parse_results(real).authserv_id is None
    assert judged(real, pinned=pinned).proven
    assert not judged("mx.evil.example; none", real, pinned=pinned).proven


def test_the_receiving_host_of_a_file() -> None:
    raw = (
        b"Received: by 2002:a05 with SMTP\r\nReceived: from x (y [192.0.2.1]) "
        b"by mx.shop.example with ESMTP\r\nReceived: from z by mx.evil.example\r\n"
        b"From: a@b.example\r\n\r\n"
    )
    assert trusted_authserv_of_file(parse_message(raw)) == "mx.shop.example"
