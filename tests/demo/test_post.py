"""The mails of the sandbox, read by our own reader: what they prove, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.demo.actors import Coming, Kind, after_business_days, delivery_report
from bot.demo.post import Posted, own_copy, posted
from bot.demo.script import HEXVALVE, SELLER, START, cast, opening
from bot.mail.authentication import Proof, verify
from bot.mail.dsn import read_report
from bot.mail.parse import parse_message

LETTER = (
    b"From: Tidewell Outfitters <shop@tidewell.example>\r\nTo: {TO}\r\nCc: notice-dispute@amazon.com\r\n"
    b"Subject: Your report to Amazon, complaint ID 17520044811\r\nMessage-ID: <rj.first@tidewell.example>\r\n"
    b"Date: Mon, 05 Jan 2026 09:30:00 +0000\r\n\r\nASIN B0DKT7W2QN\r\n"
)


def letter(to: str) -> Posted:
    recipients = (to, "notice-dispute@amazon.com", SELLER.address)
    return posted(1, START + timedelta(minutes=30), recipients, LETTER.replace(b"{TO}", to.encode()))


def reactions(to: str, kind: Kind) -> list[Coming]:
    sent = letter(to)
    return [
        coming
        for actor in cast()
        if actor.concerns(sent)
        for coming in actor.react(sent)
        if coming.kind is kind
    ]


@pytest.mark.parametrize("coming", opening(), ids=lambda coming: f"{coming.kind} {coming.line[:40]}")
def test_mails_of_the_opening_are_whole_and_say_who_they_are_from(coming: Coming) -> None:
    raw = coming.write(coming.at)
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = parse_message(raw)
    assert message.defects == ()
    assert message.head.date == coming.at
    assert message.head.message_id is not None
    assert message.head.automatic is None
    verdict = verify(message, SELLER.host)
    assert verdict.proof is Proof.ALIGNED
    assert verdict.domain is not None
    assert (verdict.domain in ("amazon.com", "amazon.de")) == (coming.kind is not Kind.FAKE)
    if coming.complaint_id:
        assert message.body is not None
        assert message.body.text is not None
        assert coming.complaint_id in message.body.text


def test_message_ids_of_the_opening_differ() -> None:
    ids = [parse_message(coming.write(coming.at)).head.message_id for coming in opening()]
    assert len(set(ids)) == len(ids)


def test_an_answer_cites_the_letter_and_comes_two_business_days_later() -> None:
    (answer,) = reactions("ip@brindlecove.example", Kind.ANSWER)
    assert answer.at.date() == (START + timedelta(days=2)).date()
    message = parse_message(answer.write(answer.at))
    assert message.head.cites == ("<rj.first@tidewell.example>",)
    assert message.head.from_[0].addr_spec == "ip@brindlecove.example"
    assert verify(message, SELLER.host).proven


def test_an_answer_from_another_address_still_cites_the_letter() -> None:
    (answer,) = reactions("legal@quarrington.example", Kind.ANSWER)
    message = parse_message(answer.write(answer.at))
    assert message.head.cites == ("<rj.first@tidewell.example>",)
    assert message.head.from_[0].addr_spec != "legal@quarrington.example"
    assert verify(message, SELLER.host).proven


def test_a_withdrawal_goes_to_amazon_with_us_in_copy_and_amazon_confirms_later() -> None:
    (withdrawal,) = reactions("images@lumenarch.example", Kind.ANSWER)
    message = parse_message(withdrawal.write(withdrawal.at))
    assert [address.addr_spec for address in message.head.to] == ["notice-retraction@amazon.com"]
    assert [address.addr_spec for address in message.head.cc] == [SELLER.address]
    (confirmation,) = reactions("images@lumenarch.example", Kind.AMAZON_ANSWER)
    assert confirmation.at > withdrawal.at
    confirmed = parse_message(confirmation.write(confirmation.at))
    assert verify(confirmed, SELLER.host).domain == "amazon.com"


def test_an_absence_note_proves_itself_automatic() -> None:
    (note,) = reactions("marken@nordhagen.example", Kind.AUTOMATIC)[:1]
    head = parse_message(note.write(note.at)).head
    assert head.automatic == "Auto-Submitted: auto-replied"
    assert head.return_path == ""


def test_amazons_machine_answers_only_the_first_copy() -> None:
    sent, actors = letter("somebody@nowhere.example"), cast()
    first, second = (
        [coming for actor in actors if actor.concerns(sent) for coming in actor.react(sent)] for _ in range(2)
    )
    assert [coming.kind for coming in first] == [Kind.AUTOMATIC]
    assert second == []
    assert parse_message(first[0].write(first[0].at)).head.automatic is not None


def test_a_bounce_is_a_report_of_a_permanent_failure_of_our_letter() -> None:
    (bounce,) = reactions(HEXVALVE.address, Kind.BOUNCE)
    report = read_report(parse_message(bounce.write(bounce.at)))
    assert report is not None
    assert report.original_message_id == "<rj.first@tidewell.example>"
    assert [(each.address, each.action, each.status) for each in report.recipients] == [
        (HEXVALVE.address, "failed", "5.1.1")
    ]


def test_the_report_is_a_whole_mail() -> None:
    raw = delivery_report(SELLER, letter(HEXVALVE.address), HEXVALVE.address, START)
    assert parse_message(raw).defects == ()


def test_the_own_copy_is_the_letter_below_the_providers_trace() -> None:
    raw = LETTER.replace(b"{TO}", b"ip@brindlecove.example")
    copy = own_copy(SELLER, raw, START)
    assert copy.endswith(b"\r\n" + raw)
    message = parse_message(copy)
    assert message.head.message_id == "<rj.first@tidewell.example>"
    assert message.defects == ()
    assert verify(message, SELLER.host).proven


def test_business_days_skip_the_weekend() -> None:
    friday = datetime(2026, 1, 9, 16, tzinfo=UTC)
    assert after_business_days(friday, 1, hour=9, minute=0) == datetime(2026, 1, 12, 9, tzinfo=UTC)
    assert after_business_days(friday, 0, hour=9, minute=0) == datetime(2026, 1, 9, 9, tzinfo=UTC)
