"""Mails made to cost time, memory, depth or a parser's patience; each with a name, none above 25 MB."""

from __future__ import annotations

import base64
from collections.abc import Callable

TOP = (
    "Authentication-Results: mx.brindlecove.example; dmarc=pass header.from=amazon.com\r\n"
    "From: Amazon <notice@amazon.com>\r\nTo: shop@brindlecove.example\r\nSubject: Notice: Policy Warning\r\n"
)
MIXED = TOP + 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
HTML = TOP + "Content-Type: text/html; charset=utf-8\r\n\r\n"
TEXT = TOP + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
NOTICE = "Complaint ID: 17340981265\r\nASIN: B0ZG04SJF3\r\nInfringement type: Trademark\r\n"
MB = 1024 * 1024


def _nested_lists(depth: int) -> str:
    opened = "".join(
        f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(depth)
    )
    return TOP + 'Content-Type: multipart/mixed; boundary="b0"\r\n\r\n' + opened


def _attachment(octets: int) -> str:
    body = base64.encodebytes(bytes(octets)).decode()
    return (
        f"{MIXED}--x\r\n\r\n{NOTICE}\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}--x--\r\n"
    )


def _pictures(count: int, octets: int) -> str:
    body = base64.encodebytes(bytes(octets)).decode()
    part = f"--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
    return f"{MIXED}--x\r\n\r\n{NOTICE}\r\n{part * count}--x--\r\n"


BOMBS: dict[str, Callable[[], str]] = {
    # Structure.
    "100,000 parts": lambda: MIXED + "--x\r\n\r\na\r\n" * 100_000,
    "200 parts": lambda: MIXED + "--x\r\n\r\nComplaint ID: 17340981265\r\n" * 199 + "--x--\r\n",
    "3,000 nested mails": lambda: TOP + "Content-Type: message/rfc822\r\n\r\n" * 3_000,
    "3,000 nested lists": lambda: _nested_lists(3_000),
    "20 nested lists over 24 MB": lambda: _nested_lists(18) + "--b0 \r\n" * (24 * MB // 7),
    "lines like boundaries": lambda: MIXED + "--x-\r\n" * (24 * MB // 6),
    "a boundary of nothing": lambda: MIXED.replace('"x"', '""') + "--\r\n" * (24 * MB // 4),
    "hyphens": lambda: MIXED.replace('"x"', '"-"') + "-" * (24 * MB),
    "line breaks": lambda: TEXT + "\r\n" * (12 * MB),
    "bare returns": lambda: TEXT + "\r" * (24 * MB),
    # Header.
    "50,000 fields": lambda: "X-A: b\r\n" * 50_000 + TEXT,
    "a header without end": lambda: TOP + "X-Long: " + "y" * (24 * MB),
    "a folded field": lambda: TOP + "X-Long: y\r\n" + " y\r\n" * 15_000 + "\r\n" + NOTICE,
    "20,000 addresses": lambda: TOP + "Cc: " + "a@b.example," * 4_500 + "\r\n\r\n" + NOTICE,
    "2,000 quoted names": lambda: 'From: "' + '\\"' * 4_000 + '" <a@b.example>\r\n\r\n' + NOTICE,
    "open comments": lambda: TOP + "Cc: " + "(" * 60_000 + "\r\n\r\n" + NOTICE,
    "open angles": lambda: TOP + "Cc: " + "<" * 60_000 + "\r\n\r\n" + NOTICE,
    "encoded words": lambda: TOP + "X: " + "=?utf-8?b?w6k=?= " * 3_500 + "\r\n\r\n" + NOTICE,
    "unclosed encoded words": lambda: TOP + "X: " + "=?utf-8?q?" * 6_000 + "\r\n\r\n" + NOTICE,
    "parameters": lambda: TOP + "Content-Disposition: a" + ";\r\n a*0=b" * 700 + "\r\n\r\n" + NOTICE,
    "results": lambda: ("Authentication-Results: x; " + "dkim=pass " * 600 + "\r\n") * 10 + TEXT + NOTICE,
    "received": lambda: "Received: from a by b; x\r\n" * 2_000 + TEXT + NOTICE,
    "references": lambda: TOP + "References: " + "<a@b> " * 10_000 + "\r\n\r\n" + NOTICE,
    # Text.
    "24 MB of one line": lambda: TEXT + "a" * (24 * MB),
    "24 MB of notices": lambda: TEXT + NOTICE * (24 * MB // len(NOTICE)),
    "24 MB of quotes": lambda: TEXT + "> > > " * (4 * MB),
    "attributions": lambda: TEXT + "On a " * 400_000 + "\r\n",
    "labels without values": lambda: TEXT + "Complaint ID:\r\n" * 100_000,
    "addresses in the text": lambda: TEXT + "a@b.example " * 200_000,
    "at signs": lambda: TEXT + "@" * 2_000_000,
    "obfuscated addresses": lambda: TEXT + "a [at] " * 200_000,
    "combining accents": lambda: TEXT + "a" + "\u0301" * 1_000_000,
    "one letter that folds to eighteen": lambda: TEXT + "\ufdfa" * 500_000,
    "base64 that is none": lambda: (
        TEXT.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n") + "=" * (8 * MB)
    ),
    "quoted-printable": lambda: (
        TEXT.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
        + "=\r\n" * (8 * MB)
    ),
    "utf-7": lambda: TEXT.replace("utf-8", "utf-7") + "+AGE-" * 200_000,
    # HTML.
    "20,000 nested divs": lambda: HTML + "<div>" * 20_000 + NOTICE,
    "500,000 open tags": lambda: HTML + "<a" * 500_000,
    "nested tables": lambda: HTML + "<table><tr><td>" * 20_000 + NOTICE,
    "entities": lambda: HTML + "&amp;" * 400_000,
    "attributes": lambda: HTML + "<p " + "a=b " * 400_000 + ">" + NOTICE,
    "hidden styles": lambda: HTML + "<p style='" + "display:" * 200_000 + "'>" + NOTICE,
    "a million cells": lambda: HTML + "<table>" + "<tr><td>a<td>b" * 70_000,
    "bold in bold": lambda: HTML + "<b><i><u>" * 30_000 + NOTICE,
    # Attachments.
    "a 17 MB attachment": lambda: _attachment(17 * MB),
    "many pictures": lambda: _pictures(100, 180_000),
    "an archive": lambda: _attachment(50_000).replace("application/pdf; name=a.pdf", "application/zip"),
}
