"""Opens cases from a notice: one for each complaint, ready for an inquiry or held with a named reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case import events as e
from bot.case.commands import TellPerson, WriteDraft
from bot.case.decide import Decision, decide
from bot.case.ladder import Ladder
from bot.case.model import (
    Case,
    Facts,
    ListingFact,
    NumberFact,
    Party,
    PartyRole,
    Source,
    State,
)
from bot.case.playbook import Unit, Wait
from bot.case.reasons import NO_LETTER, REASON_TEXT, Reason
from bot.case.routing import Kind, Matter, Route, Routing, held_in_code
from bot.case.states import apply, started
from bot.mail.address import organisational_domain
from bot.notice.facts import Complainant, Complaint, Found, Role
from bot.reading.gaps import LETTER_GAPS
from bot.reading.model import CourtOrEvaluation, Notice
from bot.reading.senders import SHARED_DOMAINS

#: Without a complaint ID, the same addressee, right and ASINs within this span may be the same complaint.
SAME_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMail:
    """The mail that carries the notice, as the store knows it."""

    mail_id: int
    received_at: datetime  #: INTERNALDATE; never the Date field


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opening a case needs besides the notice itself."""

    tenant_id: int
    account_id: str
    routing: Routing
    playbooks: Mapping[str, Ladder]
    #: which of Amazon's addresses gets the copy, of those the notice names, else by the dated table
    amazon_address: Callable[[tuple[str, ...], str | None], str | None]
    new_case_id: Callable[[], str]
    rules_hash: str
    existing: tuple[Case, ...]  #: open and closed cases of the account that may be concerned
    store: str | None = None  #: which of the stores that share the mailbox
    #: what a known case walks: by the rules that it began with; None: the playbooks above
    ladder_of: Callable[[Case], Ladder] | None = None
    stopped: bool = False  #: the stop switch is on: very many new cases at once

    def todays_ladder(self, case: Case) -> Ladder:
        """What the case would walk if it began now."""
        return self.playbooks[case.tracks[0].playbook]


def open_cases(
    reading: Notice | CourtOrEvaluation, mail: NoticeMail, opening: Opening, now: datetime
) -> tuple[Decision, ...]:
    """One decision for each complaint: a new case, or `NoticeAgain` for one that is already known."""
    notice = reading.notice if isinstance(reading, CourtOrEvaluation) else reading
    complaints: tuple[Complaint | None, ...] = notice.complaints or (None,)
    decisions: list[Decision] = []
    for complaint in complaints:
        known = _known(complaint, notice.marketplace, opening.existing)
        if _known(complaint, notice.marketplace, [decision.case for decision in decisions]):
            continue  # named twice in one mail
        if known is not None:
            playbook = (opening.ladder_of or opening.todays_ladder)(known)
            decisions.append(decide(known, e.NoticeAgain(at=now, mail=mail.mail_id), playbook, now))
            continue
        facts = _facts(notice, complaint, mail, opening)
        party = _party(complaint.complainant if complaint else None, opening.account_id)
        near = tuple(case for case in opening.existing if case.store in (None, opening.store))
        twin = _perhaps_same(facts, party, near if opening.store else opening.existing, mail.received_at)
        matter = matter_of(reading, complaint)
        route = opening.routing.choose(matter)
        reason = hold_of(notice, matter, complaint, route, twin, stopped=opening.stopped)
        decisions.append(_open(facts, party, notice, route, reason, twin, opening, now))
    return tuple(decisions)


def _known(complaint: Complaint | None, marketplace: str | None, existing: Sequence[Case]) -> Case | None:
    """The case of this complaint ID in this marketplace, or in one that a mail did not name."""
    if complaint is None or complaint.complaint_id is None:
        return None
    wanted = complaint.complaint_id.value
    return next(
        (
            case
            for case in existing
            if case.facts.complaint_id == wanted
            and (marketplace is None or case.facts.marketplace in (None, marketplace))
        ),
        None,
    )


def _counsel(complaint: Complaint | None) -> bool:
    """A lawyer is named, be it beside the owner."""
    if complaint is None:
        return False
    people = (*((complaint.complainant,) if complaint.complainant else ()), *complaint.others)
    return any(who.role is Role.COUNSEL for who in people)


def _right(notice: Notice, complaint: Complaint | None) -> str | None:
    """The right of the complaint's own type line, else what the whole notice speaks of."""
    right = (complaint.right if complaint else None) or notice.right
    return right.value if right else None


def matter_of(reading: Notice | CourtOrEvaluation, complaint: Complaint | None) -> Matter:
    """What the routing table looks at, of one complaint of a mail."""
    notice, kind = reading, Kind.NOTICE
    if isinstance(reading, CourtOrEvaluation):
        notice, kind = reading.notice, Kind.EVALUATION if reading.evaluation else Kind.COURT
    assert isinstance(notice, Notice)
    return Matter(
        kind=kind,
        family=notice.family,
        right=_right(notice, complaint),
        action=notice.action.value if notice.action else None,
        warning=notice.warning,
        automated=notice.automated,
        counsel=_counsel(complaint),
    )


def hold_of(
    notice: Notice,
    matter: Matter,
    complaint: Complaint | None,
    route: Route,
    twin: Case | None = None,
    *,
    stopped: bool = False,
) -> Reason | None:
    """The first reason, in this order, why no inquiry may be drafted; None when one may.

    What is held in code cannot be routed into an inquiry by any rules file.
    """
    complainant = complaint.complainant if complaint else None
    if (reason := held_in_code(matter)) is not None:
        return reason
    unreachable = complainant is None or not complainant.addresses
    rules: tuple[tuple[bool, Reason], ...] = (
        (route.playbook is None, route.hold or Reason.NOT_ROUTED),
        (unreachable and bool(LETTER_GAPS & set(notice.gaps)), Reason.LETTER_UNREAD),
        (unreachable, Reason.NO_ADDRESS),
        (complaint is not None and _of_different_owners(complaint), Reason.SEVERAL_ADDRESSES),
        (twin is not None, Reason.PERHAPS_THE_SAME),
        (complainant is not None and _doubtful(complainant), Reason.ADDRESS_DOUBTFUL),
        (notice.deadline is not None and notice.deadline.unclear is not None, Reason.DEADLINE_UNCLEAR),
        (stopped, Reason.STOP_SWITCH),
    )
    return next((reason for applies, reason in rules if applies), None)


def _doubtful(complainant: Complainant) -> bool:
    """An address that no label names: a person compares before anything is written to it."""
    return any(found.doubtful for found in complainant.addresses)


def _of_different_owners(complaint: Complaint) -> bool:
    """Addresses at different domains, or at a provider whom strangers share: one may be a bystander's.

    A name is written by whoever complains, and may carry an address, or lines that read like a second owner.
    """
    first = complaint.complainant
    owners = [
        one for one in (first, *complaint.others) if one is not None and first and one.role is first.role
    ]
    hosts = [found.value.rpartition("@")[2] for owner in owners for found in owner.addresses]
    domains = {organisational_domain(host) for host in hosts}
    return len(hosts) > 1 and (len(domains) > 1 or bool(domains & SHARED_DOMAINS))


def _perhaps_same(
    facts: Facts, party: Party | None, existing: tuple[Case, ...], received_at: datetime
) -> Case | None:
    """Without a complaint ID: the same addressee or none, right and ASINs within 30 days."""
    if facts.complaint_id is not None or not facts.asins:
        return None
    address = party.address if party else None
    for case in existing:
        other = case.party(PartyRole.COMPLAINANT)
        if (
            case.merged_into is None
            and (other.address if other else None) == address
            and case.facts.right == facts.right
            and set(case.facts.asins) == set(facts.asins)
            and abs(received_at - case.facts.notice_at) <= SAME_WITHIN
        ):
            return case
    return None


def _open(
    facts: Facts,
    party: Party | None,
    notice: Notice,
    route: Route,
    reason: Reason | None,
    twin: Case | None,
    opening: Opening,
    now: datetime,
) -> Decision:
    name = route.playbook or next(iter(opening.playbooks))
    playbook = opening.playbooks[name]
    case_id = opening.new_case_id()
    begun = e.TrackStarted(
        at=now,
        track="1",
        party=PartyRole.COMPLAINANT,
        playbook=name,
        step=playbook.playbook.first.name,
        state=State.READY,
    )
    events: list[e.Event] = [e.Opened(at=now, mail=facts.notice_mail), begun]
    track = started(begun)
    if reason is not None:
        facts = replace(facts, no_letter=reason if reason in NO_LETTER else None)
        held = e.Held(at=now, track="1", reason=reason)
        events.append(held)
        track = apply(track, held)
    deadline, last_safe = playbook.clocks(facts.notice_at, _limit(notice, facts.notice_at))
    case = Case(
        case_id=case_id,
        tenant_id=opening.tenant_id,
        account_id=opening.account_id,
        opened_at=now,
        facts=facts,
        parties=(party,) if party else (),
        tracks=(track,),
        deadline=deadline,
        last_safe=last_safe,
        last_safe_is_ours=deadline is None,
        rules_hash=opening.rules_hash,
        perhaps_same_as=twin.case_id if twin else None,
        store=opening.store,
    )
    command = (
        WriteDraft(case_id=case_id, track_id="1")
        if reason is None
        else TellPerson(case_id=case_id, reason=reason, text=REASON_TEXT[reason])
    )
    return Decision(before=None, case=case, events=tuple(events), commands=(command,), reason=reason)


def _limit(notice: Notice, received_at: datetime) -> Wait | None:
    """The limit counted from the arrival; a day of the calendar stays that day however late the mail came."""
    if notice.deadline is None:
        return None
    if notice.deadline.until is not None:
        return Wait(max(0, (notice.deadline.until - received_at.date()).days), Unit.DAYS)
    return Wait(notice.deadline.days, Unit.BUSINESS_DAYS if notice.deadline.business else Unit.DAYS)


def _party(complainant: Complainant | None, account_id: str) -> Party | None:
    if complainant is None:
        return None
    name = complainant.name.value if complainant.name else None
    organisation = complainant.organisation.value if complainant.organisation else None
    addresses = tuple(found.value for found in complainant.addresses)
    role = PartyRole.COUNSEL if complainant.role is Role.COUNSEL else PartyRole.COMPLAINANT
    key = addresses[0].casefold() if addresses else (organisation or name or "unknown").casefold()
    return Party(
        party_id=hashlib.blake2b(f"{account_id}/{role.value}/{key}".encode(), digest_size=10).hexdigest(),
        role=role,
        name=name,
        organisation=organisation,
        addresses=addresses,
    )


def _facts(notice: Notice, complaint: Complaint | None, mail: NoticeMail, opening: Opening) -> Facts:
    retraction = notice.retraction_address.value if notice.retraction_address else None
    named = tuple(found.value for found in notice.amazon_addresses)
    listings = complaint.listings if complaint else ()
    numbers = complaint.numbers if complaint else ()
    return Facts(
        complaint_id=complaint.complaint_id.value if complaint and complaint.complaint_id else None,
        family=notice.family,
        right=_right(notice, complaint),
        listings=tuple(
            ListingFact(asin=item.asin.value, title=item.title.value if item.title else None)
            for item in listings
        ),
        numbers=tuple(
            NumberFact(kind=item.kind, number=item.number.value, office=item.office) for item in numbers
        ),
        reason_stated=notice.reason_stated,
        marketplace=notice.marketplace,
        language=notice.language,
        notice_mail=mail.mail_id,
        notice_at=mail.received_at,
        retraction_address=retraction,
        amazon_address=opening.amazon_address(named, notice.marketplace),
        # The mailbox for retractions is the complainant's: a request for review does not belong there.
        review_address=opening.amazon_address(
            tuple(address for address in named if address != retraction), notice.marketplace
        ),
        sources=tuple(_sources(notice, complaint)),
    )


def _sources(notice: Notice, complaint: Complaint | None) -> list[Source]:
    """Where each value was read, to be shown beside the draft."""
    places: list[tuple[str, Found | None]] = [
        ("marketplace", notice.marketplace_span),
        ("retraction address", notice.retraction_address),
        *(("Amazon's address", found) for found in notice.amazon_addresses),
    ]
    if complaint is not None:
        places.append(("complaint ID", complaint.complaint_id))
        for listing in complaint.listings:
            places += [("ASIN", listing.asin), ("title", listing.title)]
        places += [(f"{number.kind.replace('_', ' ')} number", number.number) for number in complaint.numbers]
        if complaint.complainant is not None:
            who = complaint.complainant
            places += [("complainant", who.name), ("organisation", who.organisation)]
            places += [("complainant's address", found) for found in who.addresses]
    sources = [
        Source(
            field=field,
            value=found.value,
            part=found.span.part,
            start=found.span.start,
            end=found.span.end,
            text=found.span.text,
        )
        for field, found in places
        if found is not None
    ]
    if notice.deadline is not None:
        span = notice.deadline.span
        days = f"{notice.deadline.days} {'business ' if notice.deadline.business else ''}days"
        sources.append(
            Source(
                field="deadline", value=days, part=span.part, start=span.start, end=span.end, text=span.text
            )
        )
    return sources
