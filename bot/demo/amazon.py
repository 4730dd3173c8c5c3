"""The scripted Amazon: notices and answers with the header fields and the labels that genuine ones have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from bot.demo.post import Origin, Person, Seller, Written, received
from bot.demo.wording import BODIES, SUBJECTS, fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a rights owner reported, as Amazon's notice will tell it."""

    kind: str  #: which wording: a key of `wording.BODIES`
    complaint_id: str
    asin: str
    title: str
    number: str = ""  #: of the registered right
    contact: tuple[str, ...] = ()  #: lines of the contact block, the address last
    shop: str = "amazon.com"


#: From, per wording: the sender does not tell the families apart, so they vary as they do in life.
_SENDERS: Final = {
    "trademark": Person(name="Amazon Seller Performance", address="notice@amazon.com"),
    "counterfeit": Person(name="Seller Performance", address="seller-performance@amazon.com"),
    "copyright-image": Person(name="", address="notice-dispute@amazon.com"),
    "patent": Person(name="", address="notice@amazon.com"),
    "design": Person(name="Amazon Seller Performance", address="notice@amazon.com"),
    "warning": Person(name="", address="notice@amazon.com"),
    "no-contact": Person(name="Amazon Seller Performance", address="notice@amazon.com"),
    "marke": Person(name="Amazon.de", address="notice-dispute@amazon.de"),
    "retraction-confirmed": Person(name="", address="notice-dispute@amazon.com"),
    "reinstated": Person(name="Seller Performance", address="seller-performance@amazon.com"),
    "order": Person(name="Amazon.com Notifications", address="seller-notification@amazon.com"),
}


def notice(seller: Seller, complaint: Complaint, at: datetime) -> bytes:
    """A notice, or another mail of Amazon about one complaint."""
    values = {
        "id": complaint.complaint_id,
        "asin": complaint.asin,
        "title": complaint.title,
        "number": complaint.number,
        "contact": "\n".join(f"-- {line}" for line in complaint.contact),
        "contact_line": ", ".join(complaint.contact),
    }
    text = fill(BODIES[complaint.kind], values)
    return _send(seller, complaint.kind, SUBJECTS[complaint.kind], text, at, complaint.complaint_id)


def order(seller: Seller, number: str, title: str, at: datetime) -> bytes:
    """An order mail: noise to us."""
    text = fill(BODIES["order"], {"id": number, "title": title})
    return _send(seller, "order", fill(SUBJECTS["order"], {"title": title}), text, at, number)


def unattended(seller: Seller, cites: str, subject: str, to: str, at: datetime) -> bytes:
    """Amazon's machine answers: nobody reads the address that was written to (RFC 3834)."""
    written = Written(
        at=at,
        sender=Person(name="", address="nobody@bounces.amazon.com"),
        to=(seller.address,),
        subject=f"Re: {subject}",
        message_id=_message_id("unattended", cites),
        in_reply_to=cites,
        references=(cites,),
        text=fill(BODIES["unattended"], {"to": to}),
        more=(("X-Amazon-Auto-Reply", "true"), ("Auto-Submitted", "auto-replied")),
    )
    return received(seller, _origin("amazon.com", cites, at), written)


def phishing(seller: Seller, asin: str, complaint_id: str, at: datetime) -> bytes:
    """A look-alike: DMARC passes, but for a domain that is not Amazon's."""
    sender = Person(name="Amazon Seller Performance", address="notice@seller-amazon.example")
    written = Written(
        at=at,
        sender=sender,
        to=(seller.address,),
        subject="Notice: Policy Warning",
        message_id=f"<{_token('phishing', complaint_id)[:20]}@{sender.domain}>",
        text=fill(BODIES["phishing"], {"asin": asin, "id": complaint_id}),
    )
    origin = Origin(
        reverse_path=sender.address,
        host=f"mail.{sender.domain}",
        ip="203.0.113.77",
        signed_by=(sender.domain,),
    )
    return received(seller, origin, written)


def _send(seller: Seller, kind: str, subject: str, text: str, at: datetime, seed: str) -> bytes:
    sender = _SENDERS[kind]
    token = _token(kind, seed)
    written = Written(
        at=at,
        sender=sender,
        to=(seller.address,),
        subject=subject,
        message_id=_message_id(kind, seed),
        text=text,
        html=_html(text) if kind in ("trademark", "counterfeit", "no-contact") else None,
        more=(
            ("Bounces-to", _bounces(sender.domain, token, at)),
            ("X-AMAZON-MAIL-RELAY-TYPE", "notification"),
            ("X-AMAZON-METADATA", f"CA=C{token[:13].upper()}-CU=A{token[13:26].upper()}"),
            ("X-Original-MessageID", f"<urn.rtn.msg.{at:%Y%m%d%H%M%S}{token[:18]}@rte-svc-na.amazon.com>"),
            ("Feedback-ID", f"::1.us-east-1.{token[:32]}:AmazonSES"),
            ("X-SES-Outgoing", f"{at:%Y.%m.%d}-54.240.15.95"),
        ),
    )
    return received(seller, _origin(sender.domain, seed, at), written)


def _origin(domain: str, seed: str, at: datetime) -> Origin:
    return Origin(
        reverse_path=_bounces(domain, _token("bounces", seed), at),
        host="a22-95.smtp-out.amazonses.com",
        ip="54.240.15.95",
        signed_by=(domain.removeprefix("bounces."), "amazonses.com"),
    )


def _bounces(domain: str, token: str, at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}{token[:32]}@bounces.{domain.removeprefix('bounces.')}"


def _message_id(kind: str, seed: str) -> str:
    token = _token(kind, seed)
    return f"<0100{token[:12]}-{token[12:20]}-{token[20:24]}-{token[24:28]}-000000@email.amazonses.com>"


def _token(*seed: str) -> str:
    return hashlib.sha256("/".join(seed).encode()).hexdigest()


def _html(text: str) -> str:
    paragraphs = (escape(paragraph).replace("\n", "<br>\n") for paragraph in text.strip().split("\n\n"))
    style = 'style="font-family:Arial,sans-serif;font-size:13px"'
    return "<html><body>\n" + "\n".join(f"<p {style}>{p}</p>" for p in paragraphs) + "\n</body></html>\n"
