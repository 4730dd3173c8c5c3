"""Delivery reports in every form: who failed, for good or for now, and which of our mails it was."""

from __future__ import annotations

import pytest

from bot.mail.dsn import Wording, read_report, tagged_ids
from bot.mail.envelope import tagged
from bot.mail.parse import parse_message
from bot.reading.rules import ReadingRules

OURS = "<rj.ABCDEFGHIJKLMNOP@marwen.example>"
RETURNED = (
    "Return-Path: <shop@marwen.example>\nFrom: shop@marwen.example\nTo: ines@talvera.example\n"
    f"Subject: Your complaint\nMessage-ID: {OURS}\n\nour letter\n"
)


@pytest.fixture(scope="module")
def wording(rules: ReadingRules) -> Wording:
    return Wording(bounces=rules.lexicon.machines.bounces, delays=rules.lexicon.machines.delays)


def mail(
    text: str, *, sender: str = "MAILER-DAEMON@mx.talvera.example", subject: str = "failure", **fields: str
) -> bytes:
    head = {"From": sender, "To": "shop@marwen.example", "Subject": subject, **fields}
    lines = "".join(f"{name.replace('_', '-')}: {body}\n" for name, body in head.items())
    return f"{lines}Content-Type: text/plain; charset=utf-8\n\n{text}".replace("\n", "\r\n").encode()


#: name → the mail, its failed recipient, action and class of the status, and whether it names our mail.
REPORTS: dict[str, tuple[bytes, str, str, bool]] = {
    "qmail": (
        mail(
            "Hi. This is the qmail-send program at mx.talvera.example.\nI'm afraid I wasn't able to deliver your "
            "message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work "
            "out.\n\n<ines@talvera.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line "
            "is a copy of the message.\n\n" + RETURNED
        ),
        "failed", "5.1.1", True,
    ),
    "exim": (
        mail(
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not "
            "be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) "
            "failed:\n\n  ines@talvera.example\n    SMTP error from remote mail server after RCPT TO:"
            "<ines@talvera.example>:\n    550 5.1.1 User unknown\n\n------ This is a copy of the message ------\n\n"
            + RETURNED,
            X_Failed_Recipients="ines@talvera.example",
        ),
        "failed", "5", True,
    ),
    "postfix": (
        mail(
            "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n"
            "                   The mail system\n\n<ines@talvera.example>: host mx.talvera.example[192.0.2.9] said: 550\n"
            "    5.1.1 <ines@talvera.example>: Recipient address rejected: User unknown\n\n" + RETURNED
        ),
        "failed", "5", True,
    ),
    "delay": (
        mail(
            "This is a warning message only.\nYour message to ines@talvera.example has not yet been delivered.\n"
            "451 4.4.1 No answer from host. Delivery attempts will continue to be made.\n\n" + RETURNED,
            subject="Warning: message delayed",
        ),
        "delayed", "4", True,
    ),
    "words-de": (
        mail(
            "Ihre Nachricht konnte nicht zugestellt werden.\nEmpfänger: ines@talvera.example\nPostfach existiert "
            f"nicht.\n\nMessage-ID: {OURS}\n",
            sender="postmaster@talvera.example", subject="Unzustellbar: Ihre Beschwerde",
        ),
        "failed", "5.0.0", True,
    ),
    "words-fr": (
        mail(
            "Votre message n'a pas pu être remis à ines@talvera.example : destinataire inconnu.\n",
            sender="postmaster@talvera.example", subject="Non remis : Votre plainte",
        ),
        "failed", "5.0.0", False,
    ),
    "words-ja": (
        mail("メールを配信できませんでした。\n宛先: ines@talvera.example\n宛先不明\n", subject="配信不能"),
        "failed", "5.0.0", False,
    ),
    "words-zh": (
        mail("您的邮件无法送达。\n收件人：ines@talvera.example\n用户不存在\n", subject="系统退信"),
        "failed", "5.0.0", False,
    ),
    "words-pl-delay": (
        mail("Dostarczenie wiadomości do ines@talvera.example jest opóźnione, jeszcze nie dostarczono.\n",
             subject="Opóźnienie"),
        "delayed", "4.0.0", False,
    ),
    "silent-sender": (
        mail(
            "Your message to ines@talvera.example was rejected: mailbox full\n",
            sender="system@talvera.example", subject="Undeliverable: Your complaint", Return_Path="<>",
        ),
        "failed", "5.0.0", False,
    ),
}  # fmt: skip
# ruff: noqa: E501


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_names_the_recipient_and_how_long_it_lasts(name: str, wording: Wording) -> None:
    raw, action, status, ours = REPORTS[name]
    report = read_report(parse_message(raw), raw, wording)
    assert report is not None
    assert [one.address for one in report.recipients] == ["ines@talvera.example"]
    assert report.recipients[0].action == action
    assert report.recipients[0].status.startswith(status)
    assert (report.original_message_id == OURS) is ours


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Your last parcel could not be delivered to ines@talvera.example. 550 euros, please.", {}),
        ("The address ines@talvera.example does not exist any more; write to the new one.", {}),
        ("I am away. ines@talvera.example is no longer valid.", {"Return_Path": "<>"}),
    ],
)
def test_a_persons_mail_is_no_report(text: str, fields: dict[str, str], wording: Wording) -> None:
    raw = mail(text, sender="Ines <ines@talvera.example>", subject="Re: Your complaint", **fields)
    assert read_report(parse_message(raw), raw, wording) is None


def test_our_message_is_found_by_its_return_tag(wording: Wording) -> None:
    raw = mail(
        "<ines@talvera.example>: 550 5.1.1 unknown\n",
        To="shop+rj.abcdefghijklmnop@marwen.example",
    )
    report = read_report(parse_message(raw), raw, wording)
    assert report is not None
    assert report.original_message_id == OURS


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("shop@marwen.example", "shop+rj.ABCDEFGHIJKLMNOP@marwen.example"),
        ("shop@other.example", "shop@other.example"),  # the tag would name another domain
        ("shop+de@marwen.example", "shop+de@marwen.example"),
        ("s" * 60 + "@marwen.example", "s" * 60 + "@marwen.example"),
    ],
)
def test_the_return_address_carries_the_letters_own_tag(address: str, back: str) -> None:
    assert tagged(address, OURS) == back
    if back != address:
        assert tagged_ids(parse_message(mail("x", To=back))) == (OURS,)


@pytest.mark.parametrize(
    "to", ["shop+rj.short@marwen.example", "shop+rj.ABCDEFGHIJKLMN01@marwen.example", "shop@marwen.example"]
)
def test_what_is_no_return_tag(to: str) -> None:
    assert tagged_ids(parse_message(mail("x", To=to))) == ()


def test_of_several_message_ids_ours_counts(wording: Wording) -> None:
    raw = mail(f"Message-ID: <other@mx.example>\n<ines@talvera.example>: 550 5.1.1\nMessage-ID: {OURS}\n")
    report = read_report(parse_message(raw), raw, wording)
    assert report is not None
    assert report.original_message_id == OURS


def test_what_the_scanner_cannot_read_is_no_crash(wording: Wording) -> None:
    raw = mail("\x00 =?x?q?=FF?= " * 50, Content_Type="multipart/report; boundary=")
    read_report(parse_message(raw), raw, wording)
