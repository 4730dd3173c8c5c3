"""Which older notices a person may take on, and what became of each since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case.model import Case
from bot.ports import KeptMail, MailStatus, Reader
from bot.reading.model import AmazonAnswer, CourtOrEvaluation, Notice, Retraction, Suspect, Understood
from bot.runner.inbox.importing import Progress, read_kept
from bot.runner.inbox.intake import read_together
from bot.runner.office import Office, OnStore, Practice

#: Kinds of mail that are read again for the list: what an earlier setting called a suspect may be proven now.
_TOLD = ("Notice", "CourtOrEvaluation", "Suspect", "Retraction", "AmazonAnswer")
#: Kinds of families that a notice of somebody's may read like; the rest is nothing to adopt.
_ADOPTABLE = frozenset({"notice", "suspected", "warning", "account", "evaluation", "court"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One notice, with everything that was said again or since about the same complaints."""

    mail: KeptMail
    understood: Understood
    reading: Notice | CourtOrEvaluation  #: of an unproven mail: what it pretends
    proven: bool
    came_at: datetime  #: when the notice came, as far as the mail tells
    cases: tuple[str, ...] = ()  #: its complaints are cases already
    again: tuple[int, ...] = ()  #: further mails of Amazon's about the same complaints
    since: tuple[str, ...] = ()  #: withdrawn | reinstated | answered: what Amazon said later

    @property
    def notice(self) -> Notice:
        """The facts."""
        return self.reading.notice if isinstance(self.reading, CourtOrEvaluation) else self.reading

    @property
    def complaint_ids(self) -> tuple[str, ...]:
        """Of all complaints that have one."""
        return tuple(c.complaint_id.value for c in self.notice.complaints if c.complaint_id)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all complainants, without repeats."""
        found = (a.value for c in self.notice.complaints if c.complainant for a in c.complainant.addresses)
        return tuple({address.casefold(): address for address in found}.values())

    @property
    def suspect(self) -> Suspect | None:
        """Why it is not believed."""
        reading = self.understood.reading
        return reading if isinstance(reading, Suspect) else None


async def offers(
    office: Office,
    practice: Practice,
    reader: Reader,
    on_store: OnStore,
    since: datetime,
    progress: Progress,
) -> tuple[Offer, ...]:
    """Notices that came since then, the latest first; proven ones before those that nothing proves."""
    mails = await on_store(_mails, office, practice, since)
    progress(0, len(mails))
    read: list[tuple[KeptMail, Understood]] = []
    while some := read_together(mails[len(read) :]):
        read += zip(some, await read_kept(office, reader, on_store, some), strict=True)
        progress(len(read), len(mails))
    found = _without_repeats([offer for one in read if (offer := _offer(*one)) is not None])
    told = [_with_since(offer, read) for offer in found]
    known = await on_store(_with_cases, office, practice, told)
    return tuple(sorted(known, key=lambda offer: (not offer.proven, -offer.came_at.timestamp())))


def _mails(office: Office, practice: Practice, since: datetime) -> list[KeptMail]:
    mails = office.store.mails(practice.account_id, limit=10_000_000)
    return [
        mail
        for mail in mails
        if mail.kind in _TOLD
        and mail.sha256
        and mail.internal_date >= since
        and mail.status in (MailStatus.IMPORTED, MailStatus.READ)
    ]


def _offer(mail: KeptMail, understood: Understood) -> Offer | None:
    came_at = _came_at(mail, understood)
    match understood.reading:
        case Notice() | CourtOrEvaluation() as reading:
            return Offer(mail=mail, understood=understood, reading=reading, proven=True, came_at=came_at)
        case Suspect(claims=Notice() as claims, claimed_kind=kind) if kind in _ADOPTABLE:
            reading = claims
            if kind in ("evaluation", "court"):
                reading = CourtOrEvaluation(evaluation=kind == "evaluation", notice=claims)
            return Offer(mail=mail, understood=understood, reading=reading, proven=False, came_at=came_at)
        case _:
            return None


def _came_at(mail: KeptMail, understood: Understood) -> datetime:
    """INTERNALDATE; in a mailbox that was moved it is far too late, and a deadline would look far off."""
    written = understood.head.date if understood.head else None
    proven = understood.verdict is not None and understood.verdict.proven
    if proven and written is not None and written < mail.internal_date - _DAY:
        return written
    return mail.internal_date


def _without_repeats(found: Sequence[Offer]) -> list[Offer]:
    """The earliest mail of each complaint is its notice; what Amazon wrote again belongs to it."""
    kept: list[Offer] = []
    of_complaint: dict[tuple[bool, str], int] = {}
    for offer in sorted(found, key=lambda one: one.came_at):
        keys = [(offer.proven, one) for one in offer.complaint_ids]
        if keys and all(key in of_complaint for key in keys):
            first = of_complaint[keys[0]]
            kept[first] = replace(kept[first], again=(*kept[first].again, offer.mail.mail_id))
            continue
        of_complaint |= {key: len(kept) for key in keys if key not in of_complaint}
        kept.append(offer)
    proven = {one for offer in kept if offer.proven for one in offer.complaint_ids}
    # A forwarded copy of a notice that came by itself as well is nothing of its own.
    return [
        offer
        for offer in kept
        if offer.proven or not offer.complaint_ids or not proven.issuperset(offer.complaint_ids)
    ]


def _with_since(offer: Offer, read: Iterable[tuple[KeptMail, Understood]]) -> Offer:
    ids = set(offer.complaint_ids)
    said: dict[str, None] = {}
    for mail, understood in read:
        proven = understood.verdict is not None and understood.verdict.proven
        if not proven or mail.internal_date < offer.came_at or not ids & set(understood.complaint_ids):
            continue
        match understood.reading:
            case Retraction(by_amazon=True):
                said["withdrawn"] = None
            case AmazonAnswer(outcome=outcome):
                said["reinstated" if outcome == "reinstated" else "answered"] = None
    return replace(offer, since=tuple(said))


def _with_cases(office: Office, practice: Practice, found: Sequence[Offer]) -> list[Offer]:
    return [replace(offer, cases=_cases_of(office, practice, offer)) for offer in found]


def _cases_of(office: Office, practice: Practice, offer: Offer) -> tuple[str, ...]:
    """The cases of its complaints, when each has one."""
    ids = offer.complaint_ids
    if not ids or len(ids) < len(offer.notice.complaints):
        return offer.mail.cases
    cases: tuple[Case, ...] = office.store.cases_of_complaint(practice.account_id, ids)
    if set(ids) - {case.facts.complaint_id for case in cases}:
        return ()
    return tuple(case.case_id for case in cases)
