"""The plain values that a template is filled with: nothing but dicts, lists, text, numbers and dates."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, tzinfo
from typing import Final

from bot.case.model import Case, Facts
from bot.draft.request import LetterRequest
from bot.draft.templates import Plain

LONGEST_VALUE: Final = 300  #: characters of a title or a name; a longer one is cut

#: Rights that exist without a register, so that a number cannot be asked for.
UNREGISTERED: Final = frozenset({"copyright"})


def clean(text: str) -> str:
    """One line without control, bidi and invisible characters: a value from a mail cannot shape a letter."""
    if not text.isprintable():  # printable are all but Unicode's Other and Separator, and the space
        text = "".join(" " if c.isspace() else c for c in text)
        # Cc controls, Cf format (bidi overrides, zero width), Co/Cs/Cn; Zl and Zp became a space above.
        text = "".join(c for c in text if c == "\u200d" or unicodedata.category(c)[0] != "C")
    short = " ".join(text.split())
    return short if len(short) <= LONGEST_VALUE else short[: LONGEST_VALUE - 1].rstrip() + "…"


def shown_name(text: str | None) -> str:
    """A name fit for a display-name and a salutation; one that pretends to be an address is none."""
    name = clean(text or "")
    return "" if "@" in name else name


def letter_values(request: LetterRequest) -> dict[str, Plain]:
    """What the templates may name; the list is `templates.VARIABLES`."""
    cases = [member.case for member in request.cases]
    complainant = request.complainant
    contact = complainant.address if complainant else None
    first_subject = request.thread[0].subject if request.thread else ""
    return {
        "complaints": [_complaint(case, request) for case in cases],
        "count": len(cases),
        # A complaint that names no listing is about one that we do not know.
        "listing_count": len({listing.asin for case in cases for listing in case.facts.listings}) or 1,
        "ids": [clean(case.facts.complaint_id) for case in cases if case.facts.complaint_id],
        "contact_name": shown_name(complainant.name) if complainant else "",
        "contact_address": clean(contact) if contact else None,
        "contact_in_notice": bool(complainant and complainant.source == "mail"),
        "organisation": shown_name(complainant.organisation) if complainant else "",
        "questions": questions(cases),
        "cc_amazon": request.copy_amazon and any(case.facts.amazon_address for case in cases),
        "retractions": _retractions(cases),
        "seller": _seller(request),
        "stores": _stores(request),
        "previous": [_local(letter.at, request.zone) for letter in request.thread],
        # Of a letter written by hand it may be anybody's: they wrote first.
        "first_subject": clean(first_subject.removeprefix("Re: ")),
        "by_hand": bool(request.thread) and request.thread[0].by_hand,
        "filed": _filed(cases, request.zone),
        "attempts": _attempts(request),
        "answers": [_local(at, request.zone) for at in request.record.answered_at] if request.record else [],
        "reply_by": request.reply_by,
        "today": _local(request.now, request.zone),
    }


def _filed(cases: list[Case], zone: tzinfo) -> date | None:
    """When an appeal was filed in Seller Central, for all of them; a mail to Amazon files none."""
    moments = [case.filed_at for case in cases]
    known = [at for at in moments if at is not None]
    return _local(max(known), zone) if known and len(known) == len(moments) else None


def questions(cases: list[Case]) -> list[Plain]:
    """What the notices leave open, at most three points: `right` or `work`, `element`, `proof`.

    Each with the complaints it concerns, or none when it concerns all.
    """
    all_facts = [case.facts for case in cases]
    numberless = [facts for facts in all_facts if not facts.numbers]
    name = "work" if all(facts.right in UNREGISTERED for facts in numberless) else "right"
    unexplained = [facts for facts in all_facts if not facts.reason_stated]
    # Where a reason is given for "counterfeit", it is how they came to think so; elsewhere it is the element.
    unproven = [facts for facts in all_facts if not (facts.reason_stated and facts.right == "counterfeit")]
    points = ((name, numberless), ("element", unexplained), ("proof", unproven))
    return [
        {"name": point, "only": [_label(facts) for facts in about] if len(about) < len(cases) else []}
        for point, about in points
        if about
    ]


def _local(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def _complaint(case: Case, request: LetterRequest) -> dict[str, Plain]:
    facts = case.facts
    return {
        "id": clean(facts.complaint_id) if facts.complaint_id else None,
        "right": facts.right,
        # Without the office: the notice may not name it, and then it is only our inference.
        "numbers": [clean(number.number) for number in facts.numbers],
        "listings": [
            {"asin": clean(listing.asin), "title": clean(listing.title) if listing.title else None}
            for listing in facts.listings
        ],
        "asins": [clean(asin) for asin in facts.asins],
        "noticed": _local(facts.notice_at, request.zone),
        "marketplace": facts.marketplace,
        "store": request.profile.store(facts.marketplace),
    }


def _label(facts: Facts) -> str:
    return clean(facts.complaint_id or ", ".join(facts.asins))


def _retractions(cases: list[Case]) -> list[Plain]:
    """Where a withdrawal goes: one entry an address, which may be None, with the complaints it is for."""
    places: dict[str | None, list[str]] = {}
    for case in cases:
        places.setdefault(case.facts.retraction_address, []).append(_label(case.facts))
    return [{"address": clean(place) if place else None, "complaints": ids} for place, ids in places.items()]


def _stores(request: LetterRequest) -> list[Plain]:
    """Our stores on the marketplaces concerned."""
    marketplaces = dict.fromkeys(member.case.facts.marketplace for member in request.cases)
    return [
        {"marketplace": marketplace, "name": request.profile.store(marketplace)}
        for marketplace in marketplaces
    ]


def _seller(request: LetterRequest) -> dict[str, Plain]:
    profile = request.profile
    lines = [*profile.postal_address, profile.country]
    return {
        "legal_name": clean(profile.legal_name),
        "address_lines": [clean(line) for line in lines if line.strip()],
        "signatory": clean(profile.signatory),
        "address": clean(profile.sending_address),
    }


def _attempts(request: LetterRequest) -> list[Plain]:
    return [
        {
            "day": _local(line.at, request.zone),
            "step": line.step,
            "fate": line.fate,
            "returned": _local(line.bounced_at, request.zone) if line.bounced_at else None,
        }
        for line in (request.record.attempts if request.record else ())
    ]
