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


def out_of_office(
    message_id: str,
    at: datetime,
    *,
    sender: str = OWNER,
    until: str = "20 January 2026",
    token: str = "1",
) -> bytes:
    """RFC 3834: a machine answers."""
    domain = sender.rpartition("@")[2]
    mail = _message(
        f"Tilo Brandauer <{sender}>",
        SELLER,
        "Automatic reply: your inquiry",
        f"I am out of the office until {until}.\n",
        at,
        f"<o.{token}@{domain}>",
        proven=domain,
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


def amazon(
    name: str, at: datetime, *, sender: str = "notice@amazon.com", subject: str = "Policy Warning"
) -> bytes:
    """A mail of Amazon's that must never lead to a letter; `name` is one of `AMAZON_SAYS`."""
    domain = sender.rpartition("@")[2]
    message_id = f"<n.{name}@email.amazonses.com>"
    return bytes(_message(sender, SELLER, subject, AMAZON_SAYS[name], at, message_id, proven=domain))


_ITEM = "ASIN: B0ZG04SJF3\nInfringement type: Trademark\nComplaint ID: 17402993310\n"
#: What Amazon writes besides notices of rights owners.
AMAZON_SAYS = {
    "suspected": "Hello,\n\nYour listing below has been deactivated. Our automated checks suggest that the "
    "detail page uses a trademarked term in a way that may confuse customers.\n\nThis is a Suspected "
    "Intellectual Property Violation. Nobody has filed a report against you; there is no rights owner to "
    "contact.\n\nASIN: B0ZG04SJF3\nTitle: Camp kettle\n\nSeller Performance Team\n",
    "warning": "Hello,\n\nWe are contacting you because we received a report of trademark infringement on "
    "the product detail page associated with one or more of your listings.\n\nPlease modify the product "
    "detail page so that it does not infringe the trademark of the rights owner listed below. Your listing "
    f"stays active for now.\n\n-- Ferrowick Tools\n-- {OWNER}\n\n{_ITEM}\nSeller Performance Team\n",
    "account": "Hello,\n\nYou may no longer sell on Amazon.com because of rights owner complaints about "
    "items that infringe their intellectual property.\n\nIf you do not send the documents within 17 days, "
    "we may not allow you to sell on Amazon.com.\n\nSeller Performance Team\nAmazon.com\n",
    "evaluation": "Hello,\n\nWe received a report from a patent owner who believes the items listed at the "
    "end of this email infringe their patent: U.S. Patent No. 10,718,226.\n\nIf you wish to continue "
    "selling these items, you have two choices.\n\nFirst, resolve the claim with the patent owner directly "
    f"within the next three weeks. The patent owner is Ferrowick Tools, {OWNER}.\n\nSecond, take part in a "
    "neutral evaluation.\n\nASIN: B0ZG04SJF3\nComplaint ID: 17470028813\n\nAmazon Patent Evaluation Team\n",
    "court": "Hello from Amazon,\n\nWe removed some of your listings and your disbursements have been placed "
    "on hold. We took this action in accordance with a Temporary Restraining Order issued by a federal "
    f"court.\n\nContact info:\nFerrowick Tools\nEmail: {OWNER}\nLegal case # 1:25-cv-09984\n\n"
    "Seller Performance Team\n",
    "more-information": "Hello,\n\nWe received your submission but do not have enough information to "
    "reactivate your listing at this time.\n\nPlease send any one of these documents:\n-- A letter of "
    "authorization from the rights owner.\n\nASIN: B0ZG04SJF3\nComplaint ID: 17340981265\n\n"
    "Seller Performance Team\n",
}


def german_notice(complaint_id: str, at: datetime) -> bytes:
    """A trademark notice of amazon.de in German."""
    text = (
        "Guten Tag,\n\nwir haben einige Ihrer Angebote entfernt, weil uns ein Rechteinhaber gemeldet hat, "
        "dass diese Artikel die folgende Marke verletzen.\n\nWurden Ihre Angebote irrtümlich entfernt?\n"
        "Wenden Sie sich an den Rechteinhaber und bitten Sie um Rücknahme der Meldung. Der Rechteinhaber "
        "muss die Rücknahme selbst an notice-dispute@amazon.de senden.\n\nKontaktdaten des Rechteinhabers:\n"
        f"-- Herr Tilo Brandauer\n-- {OWNER}\n\nASIN: B04PJ01MQL\nTitel: Crimpzange\n"
        f"Art der Rechtsverletzung: Marke\nMarkennummer: 302019004417\nBeschwerde-ID: {complaint_id}\n\n"
        "Freundliche Grüße\nVerkäuferleistung\nAmazon.de\n"
    )
    sender, subject = "Amazon.de <notice-dispute@amazon.de>", "Mitteilung: Verstoß gegen die Richtlinien"
    message_id = f"<n.{complaint_id}@eu-west-1.amazonses.com>"
    return bytes(_message(sender, SELLER, subject, text, at, message_id, proven="amazon.de"))


def forwarded_notice(complaint_id: str, at: datetime) -> bytes:
    """A colleague passes on a notice that reached only them."""
    text = (
        'fyi, please handle\n\nBegin forwarded message:\n\nFrom: "Amazon.com" <notice@amazon.com>\n'
        "Subject: Notice: Policy Warning\nDate: 11 January 2026 at 05:14:09 GMT\n"
        f"To: Brindlecove <{SELLER}>\n\nHello,\n\nWe removed some of your listings because we received a "
        "report from a rights owner that they may infringe the rights owner's copyright.\n\nThese are the "
        f"rights owner's contact details:\n-- Tilo Brandauer\n-- {OWNER}\n\nASIN: B0ZG04SJF3\n"
        f"Infringement type: Copyright\nComplaint ID: {complaint_id}\n"
    )
    sender, subject = "Lee <lee@brindlecove.example>", "Fwd: Notice: Policy Warning"
    message_id = "<f.1@brindlecove.example>"
    return bytes(_message(sender, SELLER, subject, text, at, message_id, proven="brindlecove.example"))


def own_copy(raw: bytes, at: datetime) -> bytes:
    """The copy to yourself as it comes back: our own bytes below what the servers put on top."""
    stamp = format_datetime(at)
    top = (
        f"Return-Path: <{SELLER}>\r\nReceived: from out.brindlecove.example by {AUTHSERV}; {stamp}\r\n"
        f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=brindlecove.example\r\n"
    )
    return top.encode("ascii") + raw


def retraction_in_copy(
    complaint_id: str, at: datetime, *, sender: str = OWNER, message_id: str | None = None
) -> bytes:
    """The owner withdraws towards Amazon, with the seller in copy."""
    text = (
        f"To the Notice team,\n\nWe hereby withdraw the report with Complaint ID {complaint_id} concerning "
        "ASIN B0ZG04SJF3. The report was submitted in error. Please restore the listing.\n\n"
        "Tilo Brandauer\nFerrowick Tools\n"
    )
    domain = sender.rpartition("@")[2]
    subject = f"Retraction of Complaint {complaint_id}"
    mail = _message(
        f"Tilo Brandauer <{sender}>",
        "notice-retraction@amazon.com",
        subject,
        text,
        at,
        f"<w.{complaint_id}@{domain}>",
        proven=domain,
    )
    mail["Cc"] = SELLER
    if message_id:
        mail["In-Reply-To"] = message_id
    return bytes(mail)


def monster(at: datetime, *, cites: str = "") -> bytes:
    """A mail that is parked, because its header is longer than anybody's; may cite a letter of ours."""
    folded = "".join(f" {'x' * 900}\r\n" for _ in range(1200))
    lines = f"From: who@knows.example\r\nDate: {format_datetime(at)}\r\nIn-Reply-To: {cites}\r\n"
    return f"{lines}X-Long: y\r\n{folded}\r\nHello\r\n".encode("ascii")


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


def by_hand(
    to: str,
    at: datetime,
    text: str = "Dear Mr Brandauer,\n\nwould you call me about your report?\n\nAda Marsh\n",
    *,
    subject: str = "Your report to Amazon",
    cites: str | None = None,
    bcc: str | None = None,
    token: str = "1",
) -> bytes:
    """What Ada writes in her own mail program, as it lies in Sent."""
    mail = _message(
        f"Ada Marsh <{SELLER}>", to, subject, text, at, f"<ada.{token}@brindlecove.example>", proven=None
    )
    del mail["Received"]
    if bcc:
        mail["Bcc"] = bcc
    if cites:
        mail["In-Reply-To"] = cites
        mail["References"] = cites
    return bytes(mail)
