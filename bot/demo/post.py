"""Mails as they lie in the seller's inbox: with the trace fields that the receiving host adds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Final

from bot.mail.address import organisational_domain
from bot.mail.message import Address, Message
from bot.mail.parse import parse_message

_POLICY: Final = SMTP.clone(cte_type="7bit")
#: Wide enough for Amazon's Message-IDs: in a narrower line the library writes them as encoded words.
_WIDE: Final = _POLICY.clone(max_line_length=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The invented seller, and the host that receives their mail."""

    name: str
    address: str
    host: str  #: its authserv-id is the one pinned in the settings (RFC 8601 §2.5)
    signatory: str
    postal_address: tuple[str, ...]
    stores: tuple[tuple[str, str], ...]  #: (marketplace, store name)

    @property
    def domain(self) -> str:
        """Domain of the seller's address."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a name and an address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Domain of the address."""
        return self.address.rpartition("@")[2]

    def __str__(self) -> str:
        return formataddr((self.name, self.address)) if self.name else self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a mail came from, as the receiving host sees it."""

    reverse_path: str  #: "" for the null reverse-path
    host: str
    ip: str
    signed_by: tuple[str, ...]  #: DKIM domains that pass
    passes_dmarc: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an author writes: fields of their own, then the text."""

    at: datetime
    sender: Person
    to: tuple[str, ...]
    subject: str
    message_id: str
    text: str
    html: str | None = None
    cc: tuple[str, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()  #: further fields, in order


def domain_origin(person: Person) -> Origin:
    """An ordinary firm: its own mail host, one signature, DMARC passes."""
    return Origin(
        reverse_path=person.address,
        host=f"mail.{person.domain}",
        ip="198.51.100." + str(10 + _number(person.domain, 200)),
        signed_by=(person.domain,),
    )


def received(seller: Seller, origin: Origin, written: Written) -> bytes:
    """The mail as the seller's host delivers it, with CRLF line ends."""
    mail = EmailMessage(policy=_POLICY)
    for name, body in (*trace(seller, origin, written), *_author(written)):
        mail[name] = body
    mail.set_content(written.text, cte="quoted-printable")
    if written.html is not None:
        mail.add_alternative(written.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes(policy=_WIDE)


def trace(seller: Seller, origin: Origin, written: Written) -> list[tuple[str, str]]:
    """The fields that the receiving host puts on top (RFC 5321 §4.4, RFC 8601)."""
    author = written.sender.domain
    token = hashlib.sha256(f"{written.message_id}{seller.host}".encode()).hexdigest()
    signatures = [
        f"dkim=pass (2048-bit key; unprotected) header.d={domain} header.i=@{domain} "
        f"header.a=rsa-sha256 header.s={_selector(domain)} header.b={token[:8]}"
        for domain in origin.signed_by
    ]
    spf = (
        f"spf=pass smtp.mailfrom={origin.reverse_path}" if origin.reverse_path else "spf=none smtp.mailfrom="
    )
    dmarc = f"dmarc={'pass' if origin.passes_dmarc else 'none'} header.from={author}"
    return [
        ("Return-Path", f"<{origin.reverse_path}>"),
        ("Delivered-To", seller.address),
        (
            "Received",
            f"from {origin.host} ({origin.host} [{origin.ip}]) (using TLSv1.3) by {seller.host} (Postfix) "
            f"with ESMTPS id {token[:10].upper()} for <{seller.address}>; {format_datetime(written.at)}",
        ),
        ("Authentication-Results", "; ".join([seller.host, *(signatures or ["dkim=none"]), spf, dmarc])),
        *(("DKIM-Signature", _signature(domain, token, written.at)) for domain in origin.signed_by),
    ]


def _author(written: Written) -> list[tuple[str, str]]:
    fields = [
        ("Date", format_datetime(written.at)),
        ("From", str(written.sender)),
        ("To", ", ".join(written.to)),
        ("Cc", ", ".join(written.cc)),
        ("Message-ID", written.message_id),
        ("In-Reply-To", written.in_reply_to or ""),
        ("References", " ".join(written.references)),
        ("Subject", written.subject),
        *written.more,
    ]
    return [(name, body) for name, body in fields if body]


def _signature(domain: str, token: str, at: datetime) -> str:
    """Looks like a signature and is none: the sandbox has no keys, the receiving host's word counts."""
    return (
        f"v=1; a=rsa-sha256; q=dns/txt; c=relaxed/simple; s={_selector(domain)}; d={domain}; "
        f"t={int(at.timestamp())}; h=Date:From:To:Message-ID:Subject:MIME-Version:Content-Type; "
        f"bh={token[:42]}=; b={token[10:]} {token}"
    )


def _selector(domain: str) -> str:
    return "s" + hashlib.sha256(domain.encode()).hexdigest()[:12]


def _number(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % below


def own_copy(seller: Seller, raw: bytes, at: datetime) -> bytes:
    """The seller's own letter as their provider delivers it to them."""
    sender = Person(name="", address=seller.address)
    written = Written(at=at, sender=sender, to=(), subject="", message_id=_digest(raw), text="")
    origin = Origin(
        reverse_path=seller.address,
        host=f"out.{seller.domain}",
        ip="198.51.100.7",
        signed_by=(seller.domain,),
    )
    top = EmailMessage(policy=_POLICY)
    for name, body in trace(seller, origin, written):
        top[name] = body
    return top.as_bytes(policy=_WIDE).removesuffix(b"\r\n") + raw


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A letter of the seller as the submission server received it."""

    number: int
    at: datetime
    recipients: tuple[str, ...]  #: the envelope
    message: Message
    raw: bytes

    @property
    def message_id(self) -> str:
        """Its Message-ID, or a digest when it has none."""
        return self.message.head.message_id or _digest(self.raw)

    @property
    def to(self) -> tuple[Address, ...]:
        """Addresses in To."""
        return self.message.head.to

    @property
    def cc(self) -> tuple[Address, ...]:
        """Addresses in Cc."""
        return self.message.head.cc

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return self.message.head.subject

    @property
    def text(self) -> str:
        """Every text of the mail."""
        return "\n".join(part.text for part in self.message.parts if part.text)

    @property
    def to_amazon(self) -> bool:
        """True for a letter addressed to Amazon itself."""
        return any(is_amazon(address.addr_spec) for address in self.to)


def posted(number: int, at: datetime, recipients: tuple[str, ...], raw: bytes) -> Posted:
    """Read a letter as its recipients would."""
    return Posted(number=number, at=at, recipients=recipients, message=parse_message(raw), raw=raw)


def is_amazon(address: str) -> bool:
    """True when the address belongs to one of Amazon's shops."""
    return organisational_domain(address.rpartition("@")[2]) in ("amazon.com", "amazon.de")
