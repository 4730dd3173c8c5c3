"""Mail that could not be read: which there is, and another try after an upgrade."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import NotPossible, StoreDamaged
from bot.ports import KeptMail, MailStatus, Reader
from bot.reading.model import Unreadable
from bot.runner.inbox.understanding import Taken, take
from bot.runner.office import Office, Practice

#: More mails of an account than this are never looked through at once.
_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What another try came to."""

    mail: KeptMail
    taken: Taken | None  #: None: it still cannot be read
    why: str = ""  #: why not


def parked(office: Office, account_id: str, *, also_read: bool = False) -> tuple[KeptMail, ...]:
    """Mails of the account in quarantine, oldest first; `also_read`: those a person looked at, too."""
    store = office.store
    found = [*store.mails(account_id, status=MailStatus.PARKED, limit=_ALL)]
    found += store.mails(account_id, status=MailStatus.OVERSIZE, limit=_ALL)
    if also_read:
        known = store.mails(account_id, status=MailStatus.READ, limit=_ALL)
        found += [mail for mail in known if mail.kind == "Unreadable"]
    return tuple(sorted(found, key=lambda mail: mail.mail_id))


def parked_mail(office: Office, mail_id: int) -> KeptMail:
    """A mail that is or was in quarantine. Raises NotPossible for any other."""
    mail = office.store.mail(mail_id)
    if mail.status not in (MailStatus.PARKED, MailStatus.OVERSIZE) and mail.kind != "Unreadable":
        raise NotPossible(
            f"mail {mail_id} was read as {mail.kind or mail.status.value}; it is in no quarantine"
        )
    return mail


async def retry(office: Office, practice: Practice, reader: Reader, mail: KeptMail) -> Retried:
    """Put it through the reader again; what it is taken for now is acted upon as if it had just arrived."""
    if mail.sha256 is None:
        why = f"its {mail.size} octets were too many to be kept; look at it in your mail program"
        return Retried(mail=mail, taken=None, why=why)
    try:
        raw = office.raw.get(mail.sha256)
    except StoreDamaged as error:
        return Retried(mail=mail, taken=None, why=str(error))
    understood = (await reader.read_many([raw]))[0]
    if isinstance(understood.reading, Unreadable):
        return Retried(mail=mail, taken=None, why=understood.reading.reason)
    return Retried(mail=mail, taken=take(office, practice, mail, understood))
