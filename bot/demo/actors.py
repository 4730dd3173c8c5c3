"""The scripted complainants: each reacts to the letters that the submission server really received."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Protocol

from bot.demo import amazon
from bot.demo.amazon import Complaint
from bot.demo.post import Origin, Person, Posted, Seller, Written, domain_origin, received, trace
from bot.demo.wording import ANSWERS, BOUNCE, fill


class Kind(StrEnum):
    """What the world sends, for the story and for the ledger."""

    NOTICE = "notice"
    NOISE = "noise"
    FAKE = "fake"
    ANSWER = "answer"  #: a person of the complainant answers
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    AMAZON_ANSWER = "amazon-answer"
    OWN_COPY = "own-copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A mail that will reach the seller's inbox."""

    at: datetime
    kind: Kind
    who: str
    line: str  #: for the story
    write: Callable[[datetime], bytes]  #: given the moment of delivery
    complaint_id: str | None = None


class Actor(Protocol):
    """Somebody outside who receives our letters."""

    def concerns(self, letter: Posted) -> bool:
        """True when the letter reached this one by its envelope."""
        ...

    def react(self, letter: Posted) -> tuple[Coming, ...]:
        """What comes of it."""
        ...


def after_business_days(start: datetime, days: int, *, hour: int, minute: int) -> datetime:
    """A time of day so many working days later; Monday to Friday are working days."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


@dataclass(slots=True, kw_only=True)
class Silent:
    """Never answers."""

    seller: Seller
    person: Person
    complaints: tuple[Complaint, ...]
    letters: list[Posted] = field(default_factory=list)

    def concerns(self, letter: Posted) -> bool:
        """True when the letter reached this one by its envelope."""
        return self.person.address in letter.recipients

    def react(self, letter: Posted) -> tuple[Coming, ...]:
        """Whatever this one does with a first letter; later ones are only kept."""
        self.letters.append(letter)
        return self.first(letter) if len(self.letters) == 1 else ()

    def first(self, letter: Posted) -> tuple[Coming, ...]:
        """Nothing comes of the first letter either."""
        del letter
        return ()

    def _answer(self, letter: Posted, sender: Person, text: str, at: datetime, prefix: str = "Re") -> Written:
        return Written(
            at=at,
            sender=sender,
            to=(self.seller.address,),
            subject=f"{prefix}: {letter.subject}",
            message_id=f"<{_token(letter.message_id, text)}@{sender.domain}>",
            in_reply_to=letter.message_id,
            references=(*letter.message.head.references, letter.message_id),
            text=text,
        )

    def _text(self, name: str) -> str:
        complaint = self.complaints[0]
        return fill(ANSWERS[name], {"id": complaint.complaint_id, "asin": complaint.asin})


class GivesReason(Silent):
    """Answers with a reason after two business days, from the address written to."""

    def first(self, letter: Posted) -> tuple[Coming, ...]:
        """One answer."""

        def write(at: datetime) -> bytes:
            written = self._answer(letter, self.person, self._text("reason"), at)
            return received(self.seller, domain_origin(self.person), written)

        at = after_business_days(letter.at, 2, hour=14, minute=20)
        line = f"answers and names the reason: {_about(self.complaints)}"
        return (Coming(at=at, kind=Kind.ANSWER, who=self.person.name, line=line, write=write),)


class OtherAddress(Silent):
    """Answers after three business days, but from an address that nobody wrote to."""

    def first(self, letter: Posted) -> tuple[Coming, ...]:
        """One answer."""
        other = Person(name=self.person.name, address="hollis@quarrington-brands.example")

        def write(at: datetime) -> bytes:
            written = self._answer(letter, other, self._text("other-address"), at, prefix="AW")
            return received(self.seller, domain_origin(other), written)

        at = after_business_days(letter.at, 2, hour=10, minute=45)
        line = f"answers from another address ({other.address}): {_about(self.complaints)}"
        return (Coming(at=at, kind=Kind.ANSWER, who=self.person.name, line=line, write=write),)


class Retracts(Silent):
    """Withdraws towards Amazon with us in copy after a business day; Amazon confirms a day later."""

    def first(self, letter: Posted) -> tuple[Coming, ...]:
        """The withdrawal, and Amazon's confirmation."""
        complaint = self.complaints[0]

        def withdraw(at: datetime) -> bytes:
            written = Written(
                at=at,
                sender=self.person,
                to=("notice-retraction@amazon.com",),
                cc=(f"{self.seller.name} <{self.seller.address}>",),
                subject=f"Retraction of Complaint {complaint.complaint_id}",
                message_id=f"<{_token(letter.message_id, 'retraction')}@{self.person.domain}>",
                text=self._text("retraction"),
            )
            return received(self.seller, domain_origin(self.person), written)

        def confirm(at: datetime) -> bytes:
            return amazon.notice(self.seller, _as(complaint, "retraction-confirmed"), at)

        withdrawn = after_business_days(letter.at, 1, hour=15, minute=5)
        confirmed = after_business_days(withdrawn, 1, hour=16, minute=30)
        about = _about(self.complaints)
        return (
            Coming(
                at=withdrawn,
                kind=Kind.ANSWER,
                who=self.person.name,
                line=f"withdraws towards Amazon, with us in copy: {about}",
                write=withdraw,
            ),
            Coming(
                at=confirmed,
                kind=Kind.AMAZON_ANSWER,
                who="Amazon",
                line=f"confirms the withdrawal: {about}",
                write=confirm,
            ),
        )


class OutOfOffice(Silent):
    """A machine answers the first letter (RFC 3834); nobody ever does."""

    def first(self, letter: Posted) -> tuple[Coming, ...]:
        """The absence note, at once."""

        def write(at: datetime) -> bytes:
            text = self._text("out-of-office")
            written = Written(
                at=at,
                sender=self.person,
                to=(self.seller.address,),
                subject=f"Automatische Antwort: {letter.subject}",
                message_id=f"<{_token(letter.message_id, text)}@{self.person.domain}>",
                in_reply_to=letter.message_id,
                references=(letter.message_id,),
                text=text,
                more=(
                    ("Auto-Submitted", "auto-replied"),
                    ("X-Auto-Response-Suppress", "All"),
                    ("Precedence", "bulk"),
                ),
            )
            # RFC 3834 §3.3: an automatic response has a null reverse-path, or one that leads nowhere.
            origin = Origin(
                reverse_path="",
                host=f"mail.{self.person.domain}",
                ip="198.51.100.80",
                signed_by=(self.person.domain,),
            )
            return received(self.seller, origin, written)

        at = letter.at + timedelta(minutes=1)
        line = "out of office (a machine answers, the clock keeps running)"
        return (Coming(at=at, kind=Kind.AUTOMATIC, who=self.person.name, line=line, write=write),)


class Bounces(Silent):
    """The address does not exist: every letter comes back (RFC 3464)."""

    def react(self, letter: Posted) -> tuple[Coming, ...]:
        """A report for each letter."""
        self.letters.append(letter)

        def write(at: datetime) -> bytes:
            return delivery_report(self.seller, letter, self.person.address, at)

        at = letter.at + timedelta(minutes=2)
        line = f"our letter to {self.person.address} came back: user unknown"
        return (Coming(at=at, kind=Kind.BOUNCE, who="Mail system", line=line, write=write),)


@dataclass(slots=True, kw_only=True)
class AmazonsDesk:
    """Amazon's own mailboxes: a machine answers the first copy, a person one of the escalations."""

    seller: Seller
    gives_in_on: Complaint
    copied: bool = False
    escalated: bool = False

    def concerns(self, letter: Posted) -> bool:
        """True when any of Amazon's addresses is in the envelope."""
        return any(_at_amazon(address) for address in letter.recipients)

    def react(self, letter: Posted) -> tuple[Coming, ...]:
        """An automatic answer to the first copy; the listing is back after an escalation about it."""
        if letter.to_amazon:
            return self._answer(letter)
        if self.copied:
            return ()
        self.copied = True
        to = next(address for address in letter.recipients if _at_amazon(address))

        def write(at: datetime) -> bytes:
            return amazon.unattended(self.seller, letter.message_id, letter.subject, to, at)

        line = f"a machine answers that nobody reads {to}"
        at = letter.at + timedelta(minutes=1)
        return (Coming(at=at, kind=Kind.AUTOMATIC, who="Amazon", line=line, write=write),)

    def _answer(self, letter: Posted) -> tuple[Coming, ...]:
        complaint = self.gives_in_on
        if self.escalated or complaint.complaint_id not in letter.text:
            return ()
        self.escalated = True

        def write(at: datetime) -> bytes:
            return amazon.notice(self.seller, _as(complaint, "reinstated"), at)

        at = after_business_days(letter.at, 2, hour=11, minute=10)
        line = f"puts the listing back: {_about((complaint,))}"
        return (Coming(at=at, kind=Kind.AMAZON_ANSWER, who="Amazon", line=line, write=write),)


def delivery_report(seller: Seller, letter: Posted, address: str, at: datetime) -> bytes:
    """The provider's report that one recipient does not exist (RFC 3464)."""
    host = f"out.{seller.domain}"
    daemon = Person(name="Mail Delivery System", address=f"MAILER-DAEMON@{host}")
    domain = address.rpartition("@")[2]
    message_id = f"<{_token(letter.message_id, 'report')}@{host}>"
    written = Written(at=at, sender=daemon, to=(), subject="", message_id=message_id, text="")
    origin = Origin(reverse_path="", host=host, ip="198.51.100.7", signed_by=(), passes_dmarc=False)
    head = EmailMessage(policy=SMTP)
    for name, body in (
        *trace(seller, origin, written),
        ("Date", format_datetime(at)),
        ("From", str(daemon)),
        ("To", seller.address),
        ("Subject", "Undelivered Mail Returned to Sender"),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-replied"),
    ):
        head[name] = body
    text = fill(BOUNCE, {"host": host, "address": address, "domain": domain})
    parts = (
        ("text/plain; charset=us-ascii", text),
        ("message/delivery-status", _status(host, address, domain, letter.at)),
        ("text/rfc822-headers", _head_of(letter.raw)),
    )
    return head.as_bytes().removesuffix(b"\r\n") + _multipart_report(parts)


def _multipart_report(parts: tuple[tuple[str, str], ...]) -> bytes:
    """The rest of a report after its head (RFC 6522): written by hand, as `email` has no way to."""
    boundary = "=_sandbox-report"
    lines = [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
    ]
    for kind, text in parts:
        lines += [f"--{boundary}", f"Content-Type: {kind}", "", *text.split("\n")]
    lines += [f"--{boundary}--", ""]
    return "\r\n".join(lines).encode("ascii")


def _status(host: str, address: str, domain: str, arrived: datetime) -> str:
    return (
        f"Reporting-MTA: dns; {host}\nArrival-Date: {format_datetime(arrived)}\n\n"
        f"Final-Recipient: rfc822; {address}\nOriginal-Recipient: rfc822;{address}\nAction: failed\n"
        f"Status: 5.1.1\nRemote-MTA: dns; mx.{domain}\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    )


def _head_of(raw: bytes) -> str:
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return head.decode("ascii", errors="replace") + "\n"


def _about(complaints: tuple[Complaint, ...]) -> str:
    return ", ".join(f"complaint {each.complaint_id}, {each.asin}" for each in complaints)


def _as(complaint: Complaint, kind: str) -> Complaint:
    return Complaint(
        kind=kind,
        complaint_id=complaint.complaint_id,
        asin=complaint.asin,
        title=complaint.title,
        number=complaint.number,
        shop=complaint.shop,
    )


def _at_amazon(address: str) -> bool:
    return address.rpartition("@")[2] in ("amazon.com", "amazon.de")


def _token(*seed: str) -> str:
    return hashlib.sha256("/".join(seed).encode()).hexdigest()[:24]
