"""Notices of several families in many languages: mails of the corpus, each time about another complaint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path

from tests.stories.mails import AUTHSERV, SELLER

CORPUS = Path(__file__).resolve().parents[1] / "corpus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A mail of the corpus whose complaint and complainant are exchanged."""

    sender: str
    subject: str
    text: str
    complaint_id: str
    owner: str  #: address of the complainant
    language: str
    right: str

    def about(self, complaint_id: str, owner: str, at: datetime) -> bytes:
        """The notice about this complaint by this owner, as the seller's host delivers it."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
        mail["Authentication-Results"] = (
            f"{AUTHSERV}; dkim=pass header.d={domain} header.i=@{domain}; spf=pass smtp.mailfrom=x@{domain};"
            f" dmarc=pass header.from={domain}"
        )
        mail["Received"] = f"from out.{domain} by {AUTHSERV}; {format_datetime(at)}"
        mail["From"] = self.sender
        mail["To"] = SELLER
        mail["Subject"] = self._exchanged(self.subject, complaint_id, owner)
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<n.{complaint_id}@email.amazonses.com>"
        mail.set_content(self._exchanged(self.text, complaint_id, owner), cte="quoted-printable")
        return bytes(mail)

    def _exchanged(self, text: str, complaint_id: str, owner: str) -> str:
        return text.replace(self.complaint_id, complaint_id).replace(self.owner, owner)


@cache
def pattern(stem: str) -> Pattern:
    """The pattern made of one mail of the corpus, which names one complaint and one complainant."""
    said = json.loads((CORPUS / f"{stem}.json").read_text("utf-8"))
    mail = message_from_bytes((CORPUS / f"{stem}.eml").read_bytes(), policy=default)
    body = mail.get_body(("plain",))
    assert body is not None, stem
    (complaint_id,) = said["complaint_ids"]
    (owner,) = said["rights_owners"]
    (address,) = owner["emails"]
    return Pattern(
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        text=body.get_content(),
        complaint_id=complaint_id,
        owner=address,
        language=said["language"],
        right=said["ip_type"],
    )
