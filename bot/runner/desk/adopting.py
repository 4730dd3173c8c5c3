"""Takes on an older notice: opens its cases and starts each where it really stands.

What was done by hand counts from the day it was done. A notice that nothing proves is taken on by a person
who saw its complaint in Seller Central: the complaint ID is typed and must match, and the only address that
may ever be written to is the one that this person typed. No other word of such a mail chooses a recipient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.items import ItemClosing, ItemKind, mail_subject
from bot.case.model import Case, PartyRole, State
from bot.case.opening import NoticeMail, open_cases
from bot.draft.model import Letter
from bot.errors import NotPossible
from bot.mail.address import canonical
from bot.mail.message import Span
from bot.notice.facts import Complainant, Complaint, Found, Role
from bot.ports import KeptMail, MailResult, MailStatus
from bot.reading.model import CourtOrEvaluation, Notice, Understood
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.desk.offers import Offer
from bot.runner.inbox.by_hand import HandWritten, letter_by_hand
from bot.runner.inbox.understanding import opening_of, take
from bot.runner.letters import decide_for
from bot.runner.office import Office, Practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Already:
    """What was already done about a notice before it was taken on."""

    wrote: tuple[HandWritten, ...] = ()  #: to whoever complains
    mailed_amazon: tuple[HandWritten, ...] = ()
    filed_at: datetime | None = None  #: an appeal, in Seller Central
    listing_deleted: bool = False
    lawyer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """The word of a person who saw the complaint of an unproven mail in Seller Central."""

    complaint_id: str  #: as they typed it
    seen_in: str  #: where: "Account Health"
    seen_at: datetime
    address: str | None = None  #: the contact that stands there, as they typed it; None: none stands there
    noticed_at: datetime | None = None  #: when Amazon's notice came, as it stands there


def adopt(
    office: Office,
    practice: Practice,
    offer: Offer,
    already: Already,
    by: str,
    *,
    vouched: Vouched | None = None,
    came: Iterable[tuple[KeptMail, Understood]] = (),
) -> tuple[Case, ...]:
    """Open the cases of a notice, and let happen in them what came since; the cases as they then stand.

    Raises NotPossible when it was adopted before, or is unproven and not vouched for.
    """
    ids = again_on_conflict(lambda: _open(office, practice, offer, already, by, vouched))
    for mail, understood in came:
        held = office.store.mail(mail.mail_id)
        if held.status is MailStatus.IMPORTED:
            take(office, practice, held, understood)
    return tuple(office.store.case(case_id) for case_id in ids)


def _open(
    office: Office,
    practice: Practice,
    offer: Offer,
    already: Already,
    by: str,
    vouched: Vouched | None,
) -> tuple[str, ...]:
    now = office.clock.now()
    reading, came_at = offer.reading, offer.came_at
    if not offer.proven:
        reading, came_at = _vouched(practice, offer, vouched)
    mail = office.store.mail(offer.mail.mail_id)
    where = NoticeMail(mail_id=mail.mail_id, received_at=came_at)
    # An unproven mail does not choose whose letter it becomes, either.
    store = offer.understood.store if offer.proven else None
    opening = opening_of(office, practice, reading, now, chosen=True, store=store)
    opened = [decision for decision in open_cases(reading, where, opening, now) if decision.before is None]
    if not opened or (offer.proven and mail.cases):
        raise NotPossible(f"mail {mail.mail_id} was taken on before; `rejoinder case list` has its cases")
    decisions: list[Decision] = []
    letters: list[Letter] = []
    for first in opened:
        started = first if offer.proven else _as_vouched(first, by)
        line = [started]
        for event in _so_far(offer, already, by, now, vouched):
            line.append(decide_for(practice, line[-1].case, event, now))
        line += _by_hand(office, practice, line[-1].case, already, by, now, letters)
        for event in _stops(line[-1].case, already, by, now):
            line.append(decide_for(practice, line[-1].case, event, now))
        decisions += line
    ids = tuple(decision.case.case_id for decision in opened)
    change = change_of(
        decisions,
        letters=letters,
        mails=_results(office, offer, already, ids),
        closings=[ItemClosing(kind=ItemKind.SUSPECT, subject=mail_subject(mail.mail_id), outcome="adopted")],
    )
    office.store.record(change, now)
    return ids


# ------------------------------------------------------------------------------------------- what was done


def _so_far(offer: Offer, already: Already, by: str, now: datetime, vouched: Vouched | None) -> list[e.Event]:
    """Remarks of the case: that it was adopted, and what Amazon was told."""
    adopted = e.Adopted(at=now, by=by, mail=offer.mail.mail_id)
    if vouched is not None:
        adopted = replace(adopted, seen_in=vouched.seen_in, seen_at=vouched.seen_at)
    events: list[e.Event] = [adopted]
    events += [
        e.MailedAmazon(at=now, by=by, sent_at=wrote.sent_at, mail=wrote.mail_id)
        for wrote in already.mailed_amazon
    ]
    if already.filed_at is not None:
        events.append(e.FiledInSellerCentral(at=now, by=by, filed_at=already.filed_at))
    return events


def _by_hand(
    office: Office,
    practice: Practice,
    case: Case,
    already: Already,
    by: str,
    now: datetime,
    letters: list[Letter],
) -> list[Decision]:
    """Each day on which they were written to is one step of the ladder; several mails of a day are one."""
    party = next((one for one in case.parties if one.role is not PartyRole.AMAZON), None)
    known = {address.casefold() for address in party.addresses} if party else set()
    wrote = [one for one in already.wrote if one.to.casefold() in known]
    track = case.tracks[0]
    names = [
        s.name for s in practice.of(case).playbooks[track.playbook].playbook.steps if s.to is track.party
    ]
    decisions: list[Decision] = []
    for number, one in enumerate(one_a_day(wrote, ZoneInfo(practice.time_zone))):
        step = names[min(number, len(names) - 1)]
        letter = letter_by_hand(office, practice, one, [(case, replace(track, step=step))])
        same = next((x for x in letters if one.message_id and x.message_id == one.message_id), None)
        if same is not None:
            letter = replace(same, tracks=(*same.tracks, *letter.tracks))
            letters.remove(same)
        letters.append(letter)
        event = e.WroteByHand(
            at=now,
            by=by,
            track=track.track_id,
            letter=letter.letter_id,
            step=step,
            sent_at=one.sent_at,
            evidence="said" if one.mail_id is None else "sent-mailbox",
            mail=one.mail_id,
        )
        decisions.append(decide_for(practice, case, event, now))
        case = decisions[-1].case
    return decisions


def one_a_day(wrote: Iterable[HandWritten], zone: ZoneInfo) -> list[HandWritten]:
    """The last mail of each day, oldest first: a second one an hour later is no reminder."""
    days = {one.sent_at.astimezone(zone).date(): one for one in sorted(wrote, key=lambda one: one.sent_at)}
    return list(days.values())


def _stops(case: Case, already: Already, by: str, now: datetime) -> list[e.Event]:
    """A lawyer ends all sending; a listing that is gone waits for the person's word."""
    if not (already.lawyer or already.listing_deleted):
        return []
    event: e.Event = (
        e.LawyerTookOver(at=now, by=by)
        if already.lawyer
        else e.HoldAsked(at=now, by=by, why="you took the listing down yourself")
    )
    return [replace(event, track=track.track_id) for track in case.tracks if track.state is not State.CLOSED]


def _results(office: Office, offer: Offer, already: Already, ids: tuple[str, ...]) -> list[MailResult]:
    """The notice, Amazon's further mails about it and what was written by hand belong to the cases now."""
    # An unproven mail stays a suspect: what only pretends must never stand for the genuine one.
    kinds = {offer.mail.mail_id: type(offer.reading).__name__} if offer.proven else {}
    written = [one.mail_id for one in (*already.wrote, *already.mailed_amazon) if one.mail_id is not None]
    results = []
    for mail_id in dict.fromkeys((offer.mail.mail_id, *offer.again, *written)):
        mail = office.store.mail(mail_id)
        results.append(
            MailResult(
                mail_id=mail_id,
                was=mail.status,
                status=MailStatus.READ,
                kind=kinds.get(mail_id, mail.kind),
                reason="adopted by a person",
                message_id=mail.message_id,
                cases=tuple(dict.fromkeys((*mail.cases, *ids))),
            )
        )
    return results


# ------------------------------------------------------------------------------------- a person's own word


def same_number(one: str, other: str) -> bool:
    """Complaint IDs compared by their digits and letters: who types one may leave blanks."""
    return _bare(one) == _bare(other) != ""


def _bare(number: str) -> str:
    return "".join(character for character in number.casefold() if character.isalnum())


def refuse_address(practice: Practice, address: str) -> str:
    """The address as it may be written to. Raises NotPossible for one that is never a complainant's."""
    spec = canonical(address)
    if spec is None:
        raise NotPossible(f"{address} is no address; write name@domain as Account Health shows it")
    if practice.barred(spec):
        raise NotPossible(
            f"the address {spec} is never a complainant's: it is Amazon's, your own, or one that nobody reads"
        )
    return spec


def _vouched(
    practice: Practice, offer: Offer, vouched: Vouched | None
) -> tuple[Notice | CourtOrEvaluation, datetime]:
    """The one complaint that the person saw, with nobody to write to but whom they typed."""
    if vouched is None:
        raise NotPossible(
            f"nothing proves that mail {offer.mail.mail_id} is Amazon's: look the complaint up in Seller "
            "Central, and type its ID with --complaint-id, and with --seen-in where it stands"
        )
    if not vouched.seen_in.strip():
        raise NotPossible("say where you saw the complaint, such as Account Health")
    if not offer.complaint_ids:
        raise NotPossible(
            f"mail {offer.mail.mail_id} names no complaint ID, so nothing ties it to what you saw; "
            "it cannot be taken on"
        )
    wanted = [
        one
        for one in offer.notice.complaints
        if one.complaint_id and same_number(one.complaint_id.value, vouched.complaint_id)
    ]
    if not wanted:
        raise NotPossible(
            f"the complaint ID that you typed is not the one of mail {offer.mail.mail_id}; nothing was done. "
            "Compare the two in Seller Central: a mail about a complaint that is not there is a fake"
        )
    address = refuse_address(practice, vouched.address) if vouched.address else None
    notice = replace(
        offer.notice,
        complaints=(_to_whom_was_typed(wanted[0], address),),
        retraction_address=None,
        amazon_addresses=(),
    )
    came_at = min(offer.came_at, vouched.noticed_at or offer.came_at)
    if isinstance(offer.reading, CourtOrEvaluation):
        return replace(offer.reading, notice=notice), came_at
    return notice, came_at


def _to_whom_was_typed(complaint: Complaint, address: str | None) -> Complaint:
    typed: tuple[Found, ...] = ()
    if address is not None:
        typed = (Found(value=address, span=Span(part="typed", start=0, end=len(address), text=address)),)
    who = complaint.complainant or Complainant(
        role=Role.OWNER, name=None, organisation=None, addresses=(), phones=()
    )
    others = tuple(replace(other, addresses=()) for other in complaint.others)
    return replace(complaint, complainant=replace(who, addresses=typed), others=others)


def _as_vouched(first: Decision, by: str) -> Decision:
    """A party of this case alone: what an unproven mail says of somebody changes nobody else's record."""
    case = first.case
    parties = tuple(
        replace(
            party,
            party_id=hashlib.blake2b(f"{case.case_id}/{party.party_id}".encode(), digest_size=10).hexdigest(),
            source="person",
        )
        for party in case.parties
    )
    case = replace(case, parties=parties, facts=replace(case.facts, vouched_by=by))
    return replace(first, case=case)
