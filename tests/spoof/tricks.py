"""What a forger can do to the header of a genuine-looking notice, and domains that look like Amazon's.

Every trick is given a notice without results, and makes of it what arrives: with the line that our provider
truly writes on top, because nobody but the provider can write above it.
"""

from __future__ import annotations

from collections.abc import Callable

PINNED = "mx.brindlecove.example"
FAILED = f"Authentication-Results: {PINNED}; dmarc=fail header.from=amazon.com; spf=none\r\n"
NOTHING = f"Authentication-Results: {PINNED}; none\r\n"
#: The forger's own domain passes everything.
PASSED = (
    f"Authentication-Results: {PINNED}; dkim=pass header.d=evil.example; "
    "spf=pass smtp.mailfrom=x@evil.example; dmarc=pass header.from=evil.example\r\n"
)
FORGED = (
    f"Authentication-Results: {PINNED}; dkim=pass header.d=amazon.com; dmarc=pass header.from=amazon.com\r\n"
)

STRANGER = "From: Lee <lee@evil.example>\r\nTo: shop@brindlecove.example\r\nSubject: Fwd: Notice\r\n"

Trick = Callable[[str], str]


def _from(author: str, top: str = PASSED) -> Trick:
    """The From field bent; the provider judged the forger's domain."""
    return lambda mail: top + mail.replace("From: AUTHOR\r\n", f"From: {author}\r\n")


def _over(top: str) -> Trick:
    """Amazon's own address as author, and these lines above it."""
    return lambda mail: top + mail.replace("AUTHOR", "Amazon <notice@amazon.com>")


def _results(body: str) -> Trick:
    """What the provider wrote, with something that the forger chose inside."""
    return _over(f"Authentication-Results: {PINNED}; {body}\r\n")


def _inside(kind: str) -> Trick:
    """A stranger passes on a whole mail of Amazon's, with the provider's line copied into it."""

    def passed_on(mail: str) -> str:
        inner = FORGED + mail.replace("AUTHOR", "Amazon <notice@amazon.com>")
        if kind == "inline":
            text = inner.partition("\r\n\r\n")[2]
            return (
                f"{PASSED}{STRANGER}"
                "Content-Type: text/plain; charset=utf-8\r\n\r\nBegin forwarded message:\r\n\r\n"
                f"From: Amazon <notice@amazon.com>\r\nSubject: Notice\r\n\r\n{text}"
            )
        return (
            f"{PASSED}{STRANGER}"
            f'Content-Type: multipart/mixed; boundary="=_f"\r\n\r\n--=_f\r\n\r\nfyi\r\n--=_f\r\n'
            f"Content-Type: message/rfc822\r\n\r\n{inner}\r\n--=_f--\r\n"
        )

    return passed_on


TRICKS: dict[str, Trick] = {
    # Results that the provider did not write.
    "no results": _over(""),
    "results below the provider's": _over(FAILED + FORGED),
    "results below none": _over(NOTHING + FORGED),
    "results of a foreign server": _over(FORGED.replace(PINNED, "mx.evil.example")),
    "a server that begins like ours": _over(FORGED.replace(PINNED, f"{PINNED}.evil.example")),
    "a server that ends like ours": _over(FORGED.replace(PINNED, f"evil-{PINNED}")),
    "results without a server": _over(FORGED.replace(f"{PINNED}; ", "")),
    "results in a comment": _results("none (dkim=pass header.d=amazon.com)"),
    "results in an open comment": _results("none (x\\); dmarc=pass header.from=amazon.com"),
    "results under another name": _over(
        NOTHING + "X-" + FORGED + FORGED.replace("Results", "Results-Original")
    ),
    "sealed results": _over(
        FAILED + "ARC-Seal: i=1; cv=none; d=evil.example; s=a; b=x\r\n"
        "ARC-Message-Signature: i=1; d=evil.example\r\n"
        f"ARC-Authentication-Results: i=1; {PINNED}; dmarc=pass header.from=amazon.com\r\n"
    ),
    "a seal that passes": _over(
        f"Authentication-Results: {PINNED}; arc=pass (i=1); dmarc=fail header.from=amazon.com\r\n"
        "ARC-Seal: i=1; cv=none; d=evil.example; s=a; b=x\r\n"
        f"ARC-Authentication-Results: i=1; {PINNED}; dmarc=pass header.from=amazon.com\r\n"
    ),
    "results folded away": _over(FAILED.replace("; ", ";\r\n ") + FORGED),
    "a line that is no field": _over(NOTHING + "x y\r\n" + FORGED),
    "results cut in the middle of a name": _results(
        f"x=y a.b={'a' * 19_939}; dkim=pass header.d=amazon.com.evil.example"
    ),
    # What the provider lets the forger choose.
    "a quoted local part": _results('spf=pass smtp.mailfrom="x; dkim=pass header.d=amazon.com"@evil.example'),
    "a bare local part": _results("spf=pass smtp.mailfrom=x;dkim=pass header.d=amazon.com@evil.example"),
    "an escaped local part": _results(
        r'spf=pass smtp.mailfrom="x\"; dkim=pass header.d=amazon.com"@evil.example'
    ),
    "the rest of a local part": _results(
        "spf=pass smtp.mailfrom=x;dkim=pass header.d=amazon.com;y@evil.example"
    ),
    "the rest of a local part, as a result": _results(
        "spf=pass smtp.mailfrom=x;dkim=pass header.d=amazon.com;y=z@evil.example"
    ),
    "a greeting": _results("spf=pass smtp.helo=amazon.com; dmarc=none header.from=amazon.com"),
    "only the way": _results("spf=pass smtp.mailfrom=x@amazon.com; dmarc=none header.from=amazon.com"),
    "a sender for hire": _results("dkim=pass header.d=amazonses.com; spf=pass smtp.mailfrom=x@amazonses.com"),
    "another's pass": _results("dkim=pass header.d=evil.example; dmarc=pass header.from=evil.example"),
    "a pass of two": _results("dmarc=pass header.from=evil.example; dmarc=pass header.from=amazon.com"),
    "a guess": _results("dmarc=bestguesspass header.from=amazon.com"),
    "a domain that begins alike": _results("dkim=pass header.d=amazon.com.evil.example"),
    "a signer of the suffix": _results("dkim=pass header.d=com"),
    # Authors.
    "display name": _from('"notice@amazon.com" <x@evil.example>'),
    "display name without quotes": _from("notice@amazon.com <x@evil.example>"),
    "encoded display name": _from("=?utf-8?q?notice=40amazon=2Ecom?= <x@evil.example>"),
    "encoded list": _from("=?utf-8?q?<notice=40amazon=2Ecom>,?= <x@evil.example>"),
    "only the name": _from("Amazon Seller Performance <x@evil.example>"),
    "two authors": _from("notice@amazon.com, x@evil.example"),
    "two authors, the other way round": _from("x@evil.example, notice@amazon.com"),
    "two From fields": _from("notice@amazon.com\r\nFrom: x@evil.example"),
    "two From fields, the other way round": _from("x@evil.example\r\nFrom: notice@amazon.com"),
    "two From fields in capitals": _from("x@evil.example\r\nFROM: notice@amazon.com"),
    "a space before the colon": _from("x@evil.example\r\nFrom : notice@amazon.com"),
    "a hidden From field": _from("notice@amazon.com\r\nX-A: b\rFrom: x@evil.example"),
    "no author": lambda mail: PASSED + mail.replace("From: AUTHOR\r\n", "Sender: notice@amazon.com\r\n"),
    "Sender": _from("x@evil.example\r\nSender: Amazon <notice@amazon.com>"),
    "Resent-From": _from("x@evil.example\r\nResent-From: Amazon <notice@amazon.com>"),
    "Reply-To": _from("Amazon <x@evil.example>\r\nReply-To: notice@amazon.com"),
    "a group": _from("Amazon: notice@amazon.com, x@evil.example;"),
    "a route": _from("<@amazon.com:x@evil.example>"),
    "a route the other way": _from("<@evil.example:notice@amazon.com>"),
    "a comment": _from("x@evil.example (notice@amazon.com)"),
    "two angles": _from("<notice@amazon.com> <x@evil.example>"),
    "two at signs": _from("notice@amazon.com@evil.example"),
    "a quoted address": _from('"notice@amazon.com"@evil.example'),
    "a semicolon": _from("notice@amazon.com;x@evil.example"),
    "a NUL": _from("notice@amazon.com\x00@evil.example"),
    "an early end of the header": _from("x@evil.example\r\n\r\nFrom: notice@amazon.com"),
    "a folded author": _from("notice@amazon.com\r\n <x@evil.example>"),
    "a zero-width space": _from("notice@amazon.com\u200b.evil.example"),
    "right to left": _from("\u202emoc.nozama@eciton\u202c <x@evil.example>"),
    # Somebody else's words under Amazon's own proof.
    "a relay of Amazon's": _from(
        "Amazon <x@marketplace.amazon.com>", FORGED.replace("amazon.com", "marketplace.amazon.com")
    ),
    "Amazon's cloud": _from("Amazon <notice@amazonses.com>", FORGED.replace("amazon.com", "amazonses.com")),
    "a sub-domain of the cloud": _from(
        "Amazon <x@a.amazonaws.com>", FORGED.replace("amazon.com", "a.amazonaws.com")
    ),
    "passed on as attachment": _inside("attachment"),
    "passed on inline": _inside("inline"),
}  # fmt: skip

#: Where the provider should have written its own line and did not. Only a look at the signatures tells.
WITHOUT_THE_PROVIDER: dict[str, Trick] = {
    "another machine of ours": _over(FORGED.replace(PINNED, f"any.{PINNED.partition('.')[2]}")),
    "our domain itself": _over(FORGED.replace(PINNED, PINNED.partition(".")[2])),
    "our very machine": _over(FORGED),
    "below a line about other things": _over(f"Authentication-Results: {PINNED}; arc=none\r\n{FORGED}"),
    "below a hop of ours": _over(f"Received: from evil.example by {PINNED} with ESMTPS\r\n{FORGED}"),
}  # fmt: skip

#: Registered by a forger, with everything that passes: each reads like Amazon to an eye, none is Amazon's.
LOOK_ALIKES = [
    # Labels added.
    "amazon.com.evil.example", "amazon.com-notice.example", "amazon-sellers.com", "amazon-notice.com",
    "sellercentral-amazon.com", "sellercentral.amazon.com.evil.example", "amazonsupport.com",
    "myamazon.com", "amazon.com.co", "amazon.de.com", "amazon.co.com", "amazon.cm", "amazon.om",
    "amazon.net", "amazon.org", "amazon.shop", "amazon.support", "amazon.legal", "amazon.app",
    "amazon.info", "amazon.co", "amazon.biz", "notice.amazon", "amazon.com.amazon.evil.example",
    "a-mazon.com", "a.mazon.com", "ama-zon.com", "amazon--com.com", "amazoncom.example", "www-amazon.com",
    "amazon-ip-complaints.com", "payments-amazon.com", "amazon.notices.example",
    # Letters that look alike, and slips of the finger.
    "arnazon.com", "amaz0n.com", "amazom.com", "anazon.com", "amzon.com", "amazn.com", "amazzon.com",
    "amaazon.com", "amozan.com", "amzaon.com", "amazno.com", "arnaz0n.com", "amaz-on.com", "4mazon.com",
    "ama2on.com", "amasson.com", "amaz\u00f6n.com", "amaz\u00f3n.com", "\u00e2mazon.com", "ama\u017eon.com",
    "amazo\u0144.com", "am\u0101zon.com",
    # Other scripts.
    "\u0430mazon.com", "am\u0430zon.com", "amaz\u043en.com", "amaz\u03bfn.com", "a\u043cazon.com",
    "ama\u1d22on.com", "\u0430\u043c\u0430z\u043en.com", "amaz\u0585n.com", "amazo\u0578.com",
    "\u0251mazon.com", "\uff41mazon.example", "amazon\u3002com.evil.example", "\u13aamazon.example",
    "amaz\u0d20n.com", "xn--mazon-3ve.com",
]  # fmt: skip
