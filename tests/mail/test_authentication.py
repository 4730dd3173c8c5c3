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
        # As Amazon's own WorkMail writes it.
        "mx.shop.example; spf=pass (spfCheck: x) client-ip=192.0.2.1; envelope-from=a@bounces.amazon.com; "
        "helo=a9.smtp-out.amazonses.com; dkim=pass header.i=@amazon.com; dmarc=pass header.from=amazon.com;",
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
        # Only the topmost field counts: what stands below it, whatever its id, came with the mail.
        (
            ("mx.evil.example; none", "mx.shop.example; dmarc=pass header.from=amazon.com"),
            Proof.FOREIGN_AUTHSERV,
        ),
        (("", "mx.shop.example; dmarc=pass header.from=amazon.com"), Proof.FOREIGN_AUTHSERV),
        (
            ("mx.shop.example; none", "mx.shop.example; dmarc=pass header.from=amazon.com"),
            Proof.NOT_ALIGNED,
        ),
        # A pass of DMARC counts only with the very domain it is about, and only the word "pass".
        (("mx.shop.example; dmarc=bestguesspass header.from=amazon.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dmarc=pass",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dmarc=pass header.from=",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dmarc=pass header.from=evil_one.example",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dmarc=pass header.from=amazon.com@evil.example",), Proof.NOT_ALIGNED),
        (
            (
                "mx.shop.example; dmarc=pass header.from=evil.example; dmarc=pass header.from=amazon.com; "
                "dkim=pass header.d=amazon.com",
            ),
            Proof.NOT_ALIGNED,
        ),
        (
            ("mx.shop.example; dmarc=pass header.from=evil.example; dkim=pass header.d=amazon.com",),
            Proof.NOT_ALIGNED,
        ),
        (
            ("mx.shop.example; dmarc=pass header.from=amazon.com; dmarc=pass header.from=amazon.com",),
            Proof.NOT_ALIGNED,
        ),
        # SPF knows the way and not the author: where DMARC found nothing, it is not enough by itself.
        (
            ("mx.shop.example; dmarc=none header.from=amazon.com; spf=pass smtp.mailfrom=amazon.com",),
            Proof.NOT_ALIGNED,
        ),
        (
            ("mx.shop.example; dmarc=temperror header.from=amazon.com; spf=pass smtp.mailfrom=amazon.com",),
            Proof.NOT_ALIGNED,
        ),
        # What the sender chose (local parts, HELO names) must not be read as a method of its own.
        *(
            ((f"mx.shop.example; spf=pass smtp.mailfrom={chosen}",), Proof.NOT_ALIGNED)
            for chosen in (
                r'"x\;dkim=pass\ header.d=amazon.com"@evil.example',
                r'"x\"; dkim=pass header.d=amazon.com"@evil.example',
                "x;dkim=pass header.d=amazon.com@evil.example",
                "x; dkim=pass header.d=amazon.com @evil.example",
                "x; dkim=pass header.d=amazon.com y@evil.example",
                "amazon.com@evil.example",
                "(amazon.com)evil.example",
                r"x\(@evil.example; dkim=pass header.d=amazon.com)",
                "@amazon.com,@evil.example",
            )
        ),
        # Nor the rest of a local part, behind a whole method in it.
        *(
            ((f"mx.shop.example; spf=pass smtp.mailfrom=x;dkim=pass{rest}@evil.example",), Proof.NOT_ALIGNED)
            for rest in (
                " header.d=amazon.com;y",
                " header.d=amazon.com; y z",
                " header.d=amazon.com;y=z",
                " header.d=amazon.com;a.b=y z",
                " header.d=amazon.com;y = z",
                "\u00a0header.d=amazon.com;y",
            )
        ),
        # Too long to be read to its end, where a name would be cut in two.
        (
            (f"{PINNED}; x=y a.b={'a' * 19_944}; dkim=pass header.d=amazon.com.evil.example",),
            Proof.NOT_ALIGNED,
        ),
        (("mx.shop.example; x-dkim=pass header.d=amazon.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example; none dkim=pass header.d=amazon.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example dkim=pass header.d=amazon.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dkim=pass header.d=evil.example header.d=amazon.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example; dkim=pass header.d=evil.example header.i=@amazon.com",), Proof.NOT_ALIGNED),
        (("mx.shop.example; spf=pass smtp.helo=amazon.com",), Proof.NOT_ALIGNED),
        (
            ("mx.shop.example; arc=pass header.d=amazon.com; auth=pass smtp.auth=amazon.com",),
            Proof.NOT_ALIGNED,
        ),
        (
            ("mx.shop.example; dkim=pass header.d=amazonses.com; spf=pass smtp.mailfrom=x@amazonses.com",),
            Proof.NOT_ALIGNED,
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


@pytest.mark.parametrize(
    "name", ["ARC-Authentication-Results", "X-Authentication-Results", "Authentication-Results-Original"]
)
def test_copies_under_other_names_prove_nothing(name: str) -> None:
    raw = f"{name}: i=1; {PINNED}; dmarc=pass header.from=amazon.com\r\nFrom: notice@amazon.com\r\n\r\n"
    assert verify(parse_message(raw.encode()), PINNED).proof is Proof.NO_RESULTS


@pytest.mark.parametrize(
    "author",
    [
        "notice@amazon.com <x@evil.example>",
        '"notice@amazon.com" <x@evil.example>',
        "=?utf-8?q?notice=40amazon=2Ecom?= <x@evil.example>",
        "=?utf-8?q?<notice=40amazon=2Ecom>,?= <x@evil.example>",
        "notice@amazon.com (x) <x@evil.example>",
        "(notice@amazon.com) x@evil.example",
        "x@evil.example (notice@amazon.com)",
        "<notice@amazon.com> x@evil.example",
        "<notice@amazon.com> <x@evil.example>",
        "<notice@amazon.com>, <x@evil.example>",
        "x@evil.example, notice@amazon.com",
        "Team: notice@amazon.com, x@evil.example;",
        "<@amazon.com:x@evil.example>",
        "<@evil.example:notice@amazon.com>",
        "notice@amazon.com@evil.example",
        "x@evil.example@amazon.com",
        '"x@evil.example"@amazon.com',
        "notice@amazon.com\x00@evil.example",
        "notice@amazon.com.evil.example",
        "notice@аmazon.com",
        "notice@xn--mazon-3ve.com",
        "notice@amazon。com.evil.example",
        "notice@amazon.com\r\n <x@evil.example>",
        "notice@amazon.com\r\nFrom: x@evil.example",
        "x@evil.example\r\nFrom: notice@amazon.com",
        "x@evil.example\r\nFROM: notice@amazon.com",
    ],
)
@pytest.mark.parametrize("judged_by_the_provider", ["evil.example", "amazon.com.evil.example"])
def test_the_author_we_read_is_the_author_the_provider_judged(
    author: str, judged_by_the_provider: str
) -> None:
    """The attacker's own domain passes everything; the From field is bent until we read Amazon in it."""
    domain = judged_by_the_provider
    passed = f"{PINNED}; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
    raw = f"Authentication-Results: {passed}\r\nFrom: {author}\r\n\r\nHello\r\n"
    verdict = verify(parse_message(raw.encode()), PINNED)
    assert not (verdict.proven and verdict.domain == "amazon.com")


def test_a_provider_may_state_the_organisation_of_the_author() -> None:
    """Seen of mail from below a domain: `dmarc=pass header.from=` the registered domain."""
    results = f"{PINNED}; dmarc=pass (policy=quarantine) header.from=amazon.com"
    assert judged(results, author="no-reply@sell.amazon.com").proof is Proof.ALIGNED
    assert judged(results, author="no-reply@sell.amazon.com.evil.example").proof is Proof.NOT_ALIGNED
    assert judged(results, author="no-reply@sell-amazon.com").proof is Proof.NOT_ALIGNED


class TestProvidersThatWriteSeveralFields:
    """As Yahoo, Fastmail and iCloud were seen to write them; what a sender wrote himself stands below."""

    YAHOO = (
        "atlas206.free.mail.ne1.yahoo.com;\r\n dkim=pass header.i=@amazon.com header.s=s1;\r\n"
        " spf=pass smtp.mailfrom=bounces.amazon.com;\r\n dmarc=pass(p=QUARANTINE) header.from=amazon.com;"
    )
    FASTMAIL = (
        "mx3.messagingengine.com; x-csa=none; x-me-sender=none; x-ptr=pass smtp.helo=a1.amazonses.com",
        "mx3.messagingengine.com; bimi=skipped (DMARC did not pass)",
        "mx3.messagingengine.com; arc=none (no signatures found)",
        "mx3.messagingengine.com; dkim=pass (2048-bit rsa key sha256) header.d=amazon.com; "
        "dmarc=pass policy.published-domain-policy=quarantine (p=quarantine,d=none) header.from=amazon.com; "
        "iprev=pass smtp.remote-ip=192.0.2.1 (a1.amazonses.com); spf=pass smtp.mailfrom=bounces.amazon.com",
    )
    ICLOUD = (
        "bimi.icloud.com; bimi=none",
        "arc.icloud.com; arc=none",
        "dmarc.icloud.com; dmarc=pass header.from=amazon.com",
        "dkim-verifier.icloud.com; dkim=pass (2048-bit key) header.d=amazon.com header.i=@amazon.com",
        "spf.icloud.com; spf=pass smtp.mailfrom=bounces@amazon.com",
    )
    FORGED = "mx3.messagingengine.com; dmarc=pass header.from=amazon.com"

    @pytest.mark.parametrize(
        ("results", "pinned"),
        [
            ((YAHOO,), "*.yahoo.com"),
            (FASTMAIL, "*.messagingengine.com"),
            (FASTMAIL, "mx3.messagingengine.com"),
            (ICLOUD, "*.icloud.com"),
        ],
    )
    def test_proven(self, results: tuple[str, ...], pinned: str) -> None:
        assert judged(*results, pinned=pinned).proof is Proof.ALIGNED

    @pytest.mark.parametrize(
        ("results", "proof"),
        [
            # Below the field that judges the author nothing counts, whoever seems to have written it.
            ((*FASTMAIL[:3], FORGED.replace("pass", "fail"), FORGED), Proof.DMARC_FAILED),
            ((*FASTMAIL[:3], "mx3.messagingengine.com; dkim=none; spf=fail", FORGED), Proof.NOT_ALIGNED),
            # Only fields about other things are passed over, and "none" is about all of it.
            (("mx3.messagingengine.com; none", FORGED), Proof.NOT_ALIGNED),
            (("mx3.messagingengine.com; iprev=pass smtp.remote-ip=192.0.2.1", FORGED), Proof.NOT_ALIGNED),
            (("mx3.messagingengine.com; x-csa=none; auth=pass", FORGED), Proof.NOT_ALIGNED),
            (("mx3.messagingengine.com; bimi=none; spf=none", FORGED), Proof.NOT_ALIGNED),
            # Another provider's field on top ends it.
            (("mx.evil.example; bimi=none", FORGED), Proof.FOREIGN_AUTHSERV),
            (("bimi=none", FORGED), Proof.FOREIGN_AUTHSERV),
            (("messagingengine.com.evil.example; dkim=pass header.d=amazon.com",), Proof.FOREIGN_AUTHSERV),
            (("evilmessagingengine.com; dmarc=pass header.from=amazon.com",), Proof.FOREIGN_AUTHSERV),
            (FASTMAIL[:3], Proof.NOT_ALIGNED),
        ],
    )  # fmt: skip
    def test_not_proven(self, results: tuple[str, ...], proof: Proof) -> None:
        assert judged(*results, pinned="*.messagingengine.com").proof is proof

    def test_what_another_server_took_in_between_is_not_passed_over(self) -> None:
        lines = [
            f"Authentication-Results: {self.FASTMAIL[0]}",
            "Received: from evil.example by mx3.messagingengine.com",
        ]
        raw = "\r\n".join(
            [*lines, f"Authentication-Results: {self.FORGED}", "From: a@amazon.com", "", ""]
        ).encode()
        assert verify(parse_message(raw), "*.messagingengine.com").proof is Proof.NOT_ALIGNED
