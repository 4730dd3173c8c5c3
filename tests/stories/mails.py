"""Mails of the stories as bytes: Amazon's notices, and what the other side and the mail systems send."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

#: Who stamps Authentication-Results at our provider; the stories pin it.
AUTHSERV = "mx.brindlecove.example"
SELLER = "shop@brindlecove.example"
OWNER = "ip@ferrowick.example"


def _message(
    sender: str, to: str, subject: str, text: str, at: datetime, message_id: str, *, proven: str | None
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    if proven:
        mail["Authentication-Results"] = (
            f"{AUTHSERV}; dkim=pass header.d={proven} header.i=@{proven}; spf=pass smtp.mailfrom=x@{proven};"
            f" dmarc=pass header.from={proven}"
        )
    mail["Received"] = f"from out.{proven or 'unknown.example'} by {AUTHSERV}; {format_datetime(at)}"
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail.set_content(text)
    return mail


def item(complaint_id: str, asin: str, *, owner: str | None = None, number: str | None = None) -> str:
    """One item block at the end of a notice."""
    lines = [f"ASIN: {asin}", f"Title: Camp kettle {asin[-3:]}", "Infringement type: Trademark"]
    lines += [f"Trademark asserted: {number}"] if number else []
    lines += [f"Complaint ID: {complaint_id}"]
    lines += [f"Rights owner email: {owner}"] if owner else []
    return "\n".join(lines)


def notice(
    complaint_id: str,
    at: datetime,
    *,
    asin: str = "B0ZG04SJF3",
    owner: str | None = OWNER,
    items: str | None = None,
    proven: bool = True,
    number: str | None = None,
    token: str = "",
) -> bytes:
    """A trademark notice of amazon.com in English; `owner` None names no contact."""
    contact = (
        f"These are the rights owner's contact details:\n-- Tilo Brandauer\n-- {owner}\n\n" if owner else ""
    )
    text = (
        "Hello,\n\nWe removed some of your listings because we received a report from a rights owner that "
        "they may infringe the rights owner's trademark.\n\n"
        "Have your listings been removed in error?\nIf you think the rights owner made a mistake, ask for a "
        "retraction. The rights owner must send the retraction to us at notice-retraction@amazon.com.\n\n"
        f"{contact}{items or item(complaint_id, asin, number=number)}\n\n"
        "Seller Performance Team\nAmazon.com\n"
    )
    mail = _message(
        "Amazon <notice@amazon.com>",
        SELLER,
        "Notice: Policy Warning",
        text,
        at,
        f"<n.{complaint_id}.{token or asin}@email.amazonses.com>",
        proven="amazon.com" if proven else None,
    )
    return bytes(mail)


def reply(
    message_id: str | None,
    at: datetime,
    text: str,
    *,
    sender: str = OWNER,
    subject: str = "Re: your inquiry",
    token: str = "1",
) -> bytes:
    """An answer of the other side; `message_id` is the letter of ours that it cites."""
    domain = sender.rpartition("@")[2]
    mail = _message(
        f"Tilo Brandauer <{sender}>", SELLER, subject, text, at, f"<r.{token}@{domain}>", proven=domain
    )
    if message_id:
        mail["In-Reply-To"] = message_id
        mail["References"] = message_id
    return bytes(mail)


def out_of_office(message_id: str, at: datetime) -> bytes:
    """RFC 3834: a machine answers."""
    mail = _message(
        f"Tilo Brandauer <{OWNER}>",
        SELLER,
        "Automatic reply: your inquiry",
        "I am out of the office until 20 January 2026.\n",
        at,
        "<o.1@ferrowick.example>",
        proven="ferrowick.example",
    )
    mail["In-Reply-To"] = message_id
    mail["Auto-Submitted"] = "auto-replied"
    return bytes(mail)


def bounce(
    message_id: str, recipient: str, at: datetime, *, status: str = "5.1.1", token: str = "1"
) -> bytes:
    """A delivery report (RFC 3464) about one recipient of a letter of ours."""
    action = "failed" if status.startswith("5") else "delayed"
    boundary = "=_report"
    lines = [
        f"Received: from localhost by {AUTHSERV}; {format_datetime(at)}",
        f"From: Mail Delivery System <MAILER-DAEMON@{AUTHSERV}>",
        f"To: {SELLER}",
        "Return-Path: <>",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <b.{token}@{AUTHSERV}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "Your message could not be delivered.",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {AUTHSERV}",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown",
        f"--{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
        f"From: {SELLER}",
        f"To: {recipient}",
        f"Message-ID: {message_id}",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def retraction_confirmed(complaint_id: str, at: datetime) -> bytes:
    """Amazon says that the complaint was withdrawn."""
    text = (
        "Hello,\n\nWe received a retraction from the rights owner for the following complaint. Your listing "
        f"has been reinstated.\n\nComplaint ID: {complaint_id}\nASIN: B0ZG04SJF3\n\n"
        "Seller Performance Team\nAmazon.com\n"
    )
    mail = _message(
        "Amazon <notice@amazon.com>",
        SELLER,
        "Your Amazon Listings",
        text,
        at,
        f"<c.{complaint_id}@email.amazonses.com>",
        proven="amazon.com",
    )
    return bytes(mail)
