"""An address is found in a mail however it is encoded there."""

from __future__ import annotations

import base64
import quopri

import pytest

from bot.mail.mention import mentions

ADDRESS = "ip.office@owner.example"
LETTER = f"Dear seller,\r\n\r\nplease write to {ADDRESS} only.\r\n" + "It is as we said before.\r\n" * 20


def mail(body: bytes, encoding: str = "7bit", header: str = "") -> bytes:
    return f"From: a@b.example\r\n{header}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    "raw",
    [
        mail(LETTER.encode()),
        mail(LETTER.upper().encode()),
        mail(base64.encodebytes(LETTER.encode()), "base64"),
        mail(base64.encodebytes(LETTER.encode()).replace(b"\n", b"\r\n"), "base64"),
        mail(base64.b64encode(LETTER.encode()), "base64"),
        mail(quopri.encodestring(LETTER.encode()).replace(b"@", b"=40"), "quoted-printable"),
        mail(b"write to ip.office=\r\n@owner.ex=\r\nample", "quoted-printable"),
        mail(b"<a href='mailto:x'>ip.office&#64;owner.example</a>"),
        mail(b"", header="To: =?utf-8?B?" + base64.b64encode(ADDRESS.encode()).decode() + "?=\r\n"),
        mail(b"", header="To: =?utf-8?q?Ip_Office_=3Cip.office=40owner.example=3E?=\r\n"),
        mail(b"", header="References: <1@x.example>\r\n <ip.office@owner\r\n .example>\r\n"),
        mail(base64.encodebytes(mail(base64.encodebytes(LETTER.encode()), "base64")), "base64"),
    ],
    ids=[
        "plain", "capitals", "base64", "base64-crlf", "base64-one-line", "quoted-printable", "soft-break",
        "entity", "word-b", "word-q", "folded", "a-mail-in-base64-in-a-mail",
    ],
)  # fmt: skip
def test_it_is_found(raw: bytes) -> None:
    assert mentions(raw, ADDRESS)


@pytest.mark.parametrize("other", ["ip.office@owner.test", "office@elsewhere.example", "ip@owner.example"])
def test_another_one_is_not(other: str) -> None:
    assert not mentions(mail(base64.encodebytes(LETTER.encode()), "base64"), other)
