"""Threads, automatic answers, delivery reports and folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.automatic import automatic_reason, hints_at_machine
from bot.mail.dsn import read_report
from bot.mail.matching import matcher
from bot.mail.parse import parse_message
from bot.mail.text import clean, fold
from bot.mail.thread import is_ours, message_ids


def test_message_ids_are_taken_whole_or_not_at_all() -> None:
    long = "<" + "a" * 300 + "@one.example>"
    assert message_ids(f'{long} <two@one.example>\r\n <bad id@x> <no-at> <q"@x>') == (
        long,
        "<two@one.example>",
    )
    assert is_ours("<rj.ABCDEFGHIJKLMNOP@shop.example>")
    assert not is_ours("<rj.short@shop.example>")


@pytest.mark.parametrize(
    ("field", "body", "proof"),
    [
        ("Auto-Submitted", "auto-replied", True),
        ("Auto-Submitted", "no", False),
        ("X-Amazon-Auto-Reply", "true", True),
        ("X-Auto-Response-Suppress", "All", False),
        ("Precedence", "bulk", False),
        ("Precedence", "auto_reply", True),
        ("X-Autoreply", "yes", True),
        ("X-Autorespond", "vacation", True),
        ("X-MS-Exchange-Inbox-Rules-Loop", "a@b.example", True),
        ("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent", True),
        ("X-Vacation", "1", True),
        ("Return-Path", "<>", False),
    ],
)
def test_automatic(field: str, body: str, proof: bool) -> None:
    assert (automatic_reason([(field, body)]) is not None) is proof


@pytest.mark.parametrize(
    ("field", "body", "hint"),
    [
        ("X-Auto-Response-Suppress", "All", True),
        ("Return-Path", "<>", True),
        ("Precedence", "bulk", True),
        ("Return-Path", "<a@b.example>", False),
        ("Precedence", "first-class", False),
    ],
)
def test_hints_at_a_machine(field: str, body: str, hint: bool) -> None:
    assert hints_at_machine([(field, body)]) is hint


def test_delivery_report_names_our_mail_and_the_failure() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; "
        b"boundary=r\r\n\r\n--r\r\nContent-Type: message/delivery-status\r\n"
        b"\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n\r\n--r\r\nContent-Type: text/rfc822-headers\r\n"
        b"\r\nMessage-ID: <rj.ABCDEFGHIJKLMNOP@shop.example>\r\n--r--\r\n"
    )
    report = read_report(parse_message(raw))
    assert report is not None
    assert report.original_message_id == "<rj.ABCDEFGHIJKLMNOP@shop.example>"
    assert [(r.address, r.action, r.status) for r in report.recipients] == [
        ("a@b.example", "failed", "5.1.1")
    ]


@given(st.text(max_size=200))
def test_folding_leads_back(text: str) -> None:
    kept = clean(text)
    folded = fold(kept)
    assert len(folded.text) == len(folded.flow) == len(folded.origin) - 1
    for index in range(len(folded.text)):
        start, end = folded.place(index, index + 1)
        assert 0 <= start < end <= len(kept)


def test_phrases_keep_to_words_and_paragraphs() -> None:
    words = matcher(["removed * listing*", "Marke"])
    assert words.found_in(fold("We removed all\nyour listings").flow)
    assert not words.found_in(fold("We removed it.\n\nYour listing").flow)
    assert not words.found_in(fold("Marketing").flow)
