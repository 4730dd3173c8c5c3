"""Text that a person pasted, from Account Health or of an appeal: kept word for word beside the mails."""

from __future__ import annotations

from bot.case.model import Case
from bot.ports import KeptMail, MailResult, MailStatus
from bot.runner.inbox.intake import given_row
from bot.runner.office import Office, Practice

#: `KeptMail.kind` of such a text; it was never a mail.
PASTED = "Pasted"


def keep_text(office: Office, practice: Practice, text: str) -> int:
    """Keep it; the number it has among the kept mails. The same text is kept once."""
    raw = text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    now = office.clock.now()
    row = given_row(office, practice, raw, now, MailStatus.READ)  # nobody is to understand it as a mail
    new = office.store.keep((row,), None, now)
    if new:
        return new[0]
    like = KeptMail(
        mail_id=0,
        tenant_id=practice.tenant_id,
        account_id=practice.account_id,
        mailbox="",
        uidvalidity=0,
        uid=0,
        sha256=row.sha256,
        size=row.size,
        internal_date=now,
        kept_at=now,
        status=MailStatus.UNREAD,
    )
    known = office.store.seen_before(like, None)
    assert known is not None
    return known.mail_id


def link_text(office: Office, mail_id: int, case: Case) -> MailResult:
    """The row that makes the text one of the case."""
    mail = office.store.mail(mail_id)
    return MailResult(
        mail_id=mail_id,
        status=MailStatus.READ,
        kind=PASTED,
        reason="pasted by a person",
        cases=tuple(dict.fromkeys((*mail.cases, case.case_id))),
    )


def text_of(office: Office, mail_id: int) -> str:
    """What was pasted. Raises StoreDamaged, NotPossible."""
    mail = office.store.mail(mail_id)
    return office.raw.get(mail.sha256).decode("utf-8", "replace") if mail.sha256 else ""
