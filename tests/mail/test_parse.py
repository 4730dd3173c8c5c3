"""Bytes to Message: limits, headers, charsets, our own walk."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UnreadableMail
from bot.mail.outline import HEADER_LIMIT, PART_LIMIT
from bot.mail.parse import parse_message

PLAIN = b"From: a@one.example\r\nSubject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbody\r\n"


def test_text_of_an_attached_mail_never_becomes_the_body() -> None:
    message = parse_message(
        b"From: a@one.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nouter\r\n--x\r\n"
        b"Content-Type: message/rfc822\r\n\r\nFrom: b@two.example\r\n"
        b"Subject: inner\r\n\r\nComplaint ID: 17000000001\r\n--x--\r\n"
    )
    assert message.body is not None
    assert message.body.text == "outer"
    assert [part.text for part in message.parts] == ["outer", None]
    assert message.nested[0].head.subject == "inner"
    assert message.nested[0].parts[0].number == "2.1"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (b"=?utf-8?b?ww==?= =?utf-8?b?qQ==?=", "é"),
        (b"=?utf-8?q?one=0D=0ABcc:_x?=", "one Bcc: x"),
        (b"one\r\n two", "one two"),
        (b"a\x00b", "ab"),
        (b"=?no-such-charset?q?caf=C3=A9?=", "café"),
        (b"raw \xc3\xa9", "raw é"),
    ],
)
def test_subjects_are_decoded_on_one_line(subject: bytes, text: str) -> None:
    assert parse_message(PLAIN % subject).head.subject == text


def test_a_comma_in_an_encoded_word_makes_no_second_author() -> None:
    head = parse_message(b"From: =?utf-8?q?a=40amazon.com=2C_b?= <x@evil.example>\r\n\r\n").head
    assert [address.addr_spec for address in head.from_] == ["x@evil.example"]


def test_html_is_read_as_a_person_sees_it() -> None:
    message = parse_message(
        b"From: a@one.example\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>"
        b"<table><tr><td>ASIN</td><td>B0AAAAAAA1</td></tr></table>"
        b"<span style='display:none'>hidden@trap.example</span><a href='mailto:ip@brand.example'>write</a>"
    )
    assert message.body is not None
    assert message.body.text == "Hello\n\nASIN: B0AAAAAAA1\n\nwrite <ip@brand.example>"


def _nested(depth: int) -> bytes:
    raw = b"Subject: x\r\n\r\nx"
    for _ in range(depth):
        raw = b"Content-Type: message/rfc822\r\n\r\n" + raw
    return b"From: a@one.example\r\n" + raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"X: " + b"a" * (HEADER_LIMIT + 10),
        b"From: a@one.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\n\r\na\r\n" * (PART_LIMIT + 5),
        _nested(30),
        _nested(3000),
    ],
    ids=["empty", "no header", "long header", "many parts", "deep", "bottomless"],
)
def test_limits_make_a_mail_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableMail):
        parse_message(raw)


def test_a_multipart_whose_boundary_never_comes_keeps_its_text() -> None:
    message = parse_message(
        b"From: a@one.example\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nComplaint\r\n"
    )
    assert "Complaint" in " ".join(part.text or "" for part in message.parts)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_only_unreadable_mail_is_raised(noise: bytes) -> None:
    for raw in (
        noise,
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + noise,
    ):
        try:
            parse_message(raw)
        except UnreadableMail as problem:
            assert str(problem)  # noqa: PT017 - either outcome is right


def test_the_returned_fields_of_a_report_are_decoded() -> None:
    message = parse_message(
        b"From: mailer-daemon@marwen.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nnot delivered\r\n"
        b"--x\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        b"Subject: =?utf-8?b?UmVjbGFtYWNpw7NuIDE3NjAw?=\r\n =?utf-8?b?MTQ1NTIx?=\r\n\r\n--x--\r\n"
    )
    assert "Subject: Reclamación 17600145521" in (message.parts[1].text or "")


def test_fields_are_decoded_when_they_are_asked_for_and_keep_their_order() -> None:
    message = parse_message(
        b"Precedence: bulk\r\nX-Note: =?utf-8?q?gr=C3=BCn?=\r\nFrom: a@one.example\r\n"
        b"x-note: two\r\n lines\r\nPRECEDENCE: list\r\n\r\nbody\r\n"
    )
    assert message.all("X-NOTE") == ("grün", "two lines")
    assert message.all("Subject") == ()
    assert list(message.among({"precedence", "x-note"})) == [
        ("Precedence", "bulk"),
        ("X-Note", "grün"),
        ("x-note", "two lines"),
        ("PRECEDENCE", "list"),
    ]
