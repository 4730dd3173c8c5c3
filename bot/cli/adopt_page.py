"""How older notices look in a list, and how each stands once it was taken on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.cli.screen import Bit, Piece, Screen
from bot.cli.text import one_line
from bot.cli.words import listed, relative, sentence, when
from bot.notice.facts import Action
from bot.reading.model import CourtOrEvaluation

if TYPE_CHECKING:
    from bot.case.model import Case
    from bot.runner.desk.looking_back import Past
    from bot.runner.desk.offers import Offer
    from bot.wiring import House

_SINCE = {
    "withdrawn": "withdrawn since: Amazon confirmed it",
    "reinstated": "the listing is back, Amazon says",
    "answered": "Amazon answered since",
}


def print_offers(
    screen: Screen,
    offers: Sequence[Offer],
    now: datetime,
    zone: ZoneInfo,
    since: datetime,
    *,
    asked: bool = True,
) -> None:
    """The list: what may be taken on, what is a case already, what nothing proves.

    `asked` is false when the mailbox could not be: then nothing is said of what lies there.
    """
    proven = [offer for offer in offers if offer.proven]
    if not asked:
        screen.paragraph("The mailbox could not be asked, so this is only what is kept here already.")
    if not proven and not asked:
        screen.paragraph("There is no proven notice among it.")
    elif not proven:
        screen.paragraph(f"No notice of Amazon's since {_day(since, zone)} is proven to be one.")
    else:
        screen.line(Bit(f"Notices since {_day(since, zone)}", "head"), f" · {len(proven)}")
        rows = [_row(offer, now, zone) for offer in proven]
        screen.table(["MAIL", "CAME", "ABOUT", "WHO COMPLAINS", "STANDS"], rows, shrink={2: 11, 3: 12, 4: 14})
    unproven = [offer for offer in offers if not offer.proven]
    if unproven:
        screen.line()
        screen.line(Bit("Nothing proves that these are Amazon's", "head"), f" · {len(unproven)}")
        doubts: list[Sequence[Piece]] = [
            [str(o.mail.mail_id), _day(o.came_at, zone), one_line(_sender(o)), _doubt(o)] for o in unproven
        ]
        screen.table(["MAIL", "CAME", "FROM", "STANDS"], doubts, shrink={2: 14, 3: 16})


def _row(offer: Offer, now: datetime, zone: ZoneInfo) -> list[Piece]:
    asins = [listing.asin.value for c in offer.notice.complaints for listing in c.listings]
    about = listed(list(offer.complaint_ids), 1) or listed(asins, 1) or offer.notice.family
    quiet = bool(offer.cases or offer.since)
    stands = Bit(standing(offer, now), "quiet" if quiet else "")
    return [str(offer.mail.mail_id), _day(offer.came_at, zone), about, one_line(who(offer)), stands]


def who(offer: Offer) -> str:
    """Who complains, in a word or two."""
    people = [c.complainant for c in offer.notice.complaints if c.complainant]
    found = [p.organisation or p.name or next(iter(p.addresses), None) for p in people]
    return listed(list(dict.fromkeys(one.value for one in found if one)), 1) or "not named"


def standing(offer: Offer, now: datetime) -> str:
    """What became of it, or what kind it is."""
    if offer.cases:
        return ("case " if len(offer.cases) == 1 else "cases ") + listed(list(offer.cases), 2)
    if offer.since:
        return _SINCE[offer.since[0]]
    if isinstance(offer.reading, CourtOrEvaluation):
        return "patent evaluation: no letter" if offer.reading.evaluation else "court matter: no letter"
    if offer.notice.action in (Action.ACCOUNT_RISK, Action.FUNDS_HELD):
        return "the whole account: no letter"
    if offer.notice.automated:
        return "Amazon's own finding: no letter"
    if offer.notice.warning:
        return "a warning about the page: no letter"
    if offer.proven and not offer.addresses:
        return "open; names no address"
    return f"open, came {relative(offer.came_at, now)}"


def _doubt(offer: Offer) -> Piece:
    if offer.cases:
        return Bit("case " + listed(list(offer.cases), 2), "quiet")
    suspect = offer.suspect
    if suspect is None:
        return ""
    if not offer.complaint_ids:
        return Bit("names no complaint ID: cannot be taken on", "quiet")
    if suspect.fake:
        return Bit("shows signs of a fake", "bad")
    return suspect.doubt.value.replace("-", " ")


def _sender(offer: Offer) -> str:
    who = offer.understood.correspondent
    return who.addr_spec if who else "nobody, or several"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def print_offer(screen: Screen, offer: Offer, now: datetime, zone: ZoneInfo) -> None:
    """One notice in facts, before its questions; of an unproven one nothing that must be typed."""
    screen.line()
    screen.line(Bit(f"Mail {offer.mail.mail_id}", "title"), f" · came {when(offer.came_at, now, zone)}")
    rows: list[tuple[str, Piece]] = []
    for complaint in offer.notice.complaints:
        if offer.proven:
            number = complaint.complaint_id.value if complaint.complaint_id else "no ID"
            rows.append(("complaint", number))
        rows += [
            ("listing", one_line(f"{one.asin.value} {one.title.value if one.title else ''}"))
            for one in complaint.listings
        ]
        if offer.proven and complaint.complainant:
            person = complaint.complainant
            words = [person.name, person.organisation, *person.addresses]
            rows.append(("who complains", one_line(", ".join(word.value for word in words if word))))
    suspect = offer.suspect
    if suspect is not None:
        rows.append(("from", one_line(_sender(offer))))
        rows.append(("why it is not believed", Bit(one_line(", ".join(suspect.signs)), "warn")))
    elif offer.since or isinstance(offer.reading, CourtOrEvaluation):
        rows.append(("since" if offer.since else "kind", standing(offer, now)))
    screen.facts(rows)


def print_past(screen: Screen, past: Past, now: datetime, zone: ZoneInfo) -> None:
    """What the mailboxes show was done and said already."""
    rows: list[tuple[str, Piece]] = [
        ("you wrote", f"{when(one.sent_at, now, zone)} to {one.to}: {one_line(one.subject)}")
        for one in past.wrote
    ]
    rows += [
        ("you mailed Amazon", f"{when(one.sent_at, now, zone)} to {one.to}") for one in past.mailed_amazon
    ]
    for mail, understood in past.came:
        sender = understood.correspondent.addr_spec if understood.correspondent else "somebody"
        rows.append(("came since", f"{when(mail.internal_date, now, zone)} from {one_line(sender)}"))
    if rows:
        screen.facts(rows)


def print_adopted(screen: Screen, house: House, cases: Sequence[Case], zone: ZoneInfo) -> None:
    """How each case stands, and the item to look at."""
    from bot.cli.cases import stands

    now = house.office.clock.now()
    for case in cases:
        screen.line(Bit(f"Case {case.case_id}", "good"), f": {stands(case)}")
        due = next((track for track in case.tracks if track.due_at), None)
        if due is not None and due.due_at is not None:
            screen.paragraph(sentence(f"{due.step} falls due {when(due.due_at, now, zone)}"), indent=2)
        for number in items_of(house, case):
            screen.paragraph(f"It waits for you: `rejoinder show {number}`", indent=2)


def items_of(house: House, case: Case) -> list[int]:
    """Numbers of the open items of a case."""
    items = house.office.store.items(account_id=case.account_id)
    return [item.number for item in items if case.case_id in item.cases]


def offer_json(offer: Offer, now: datetime) -> dict[str, Any]:
    """For a program; what a person must type about an unproven mail is not among it."""
    people = [c.complainant for c in offer.notice.complaints if c.complainant]
    told: dict[str, Any] = {
        "mail": offer.mail.mail_id,
        "came_at": offer.came_at,
        "proven": offer.proven,
        "doubt": offer.suspect.doubt.value if offer.suspect else None,
        "family": offer.notice.family,
        "stands": standing(offer, now),
        "cases": offer.cases,
        "since": offer.since,
        "asins": [listing.asin.value for c in offer.notice.complaints for listing in c.listings],
    }
    if offer.proven:
        told["complaint_ids"] = offer.complaint_ids
        told["addresses"] = [found.value for person in people for found in person.addresses]
    return told
