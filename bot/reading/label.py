"""A reading in the form of the corpus labels, with the places where each value was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.mail.message import Span
from bot.notice.facts import SURE, Complainant, Complaint, Deadline, Found, RightNumber
from bot.reading.gaps import GAP_TEXT
from bot.reading.model import (
    AmazonAnswer,
    AutomaticResponse,
    CourtOrEvaluation,
    DeliveryReport,
    Disposition,
    Doubt,
    LegalLetter,
    Notice,
    Other,
    OwnCopy,
    Reading,
    Reply,
    Retraction,
    Suspect,
    Understood,
    Unreadable,
)

Label = dict[str, Any]


def label(understood: Understood) -> Label:
    """One mail as a JSON-ready dict: the label format, plus sources, may_open_case and its reason."""
    out = _blank()
    _fill(out, understood.reading)
    opens, reason = may_open_case(understood.reading)
    out["may_open_case"] = opens
    out["may_open_case_reason"] = reason
    return out


def _blank() -> Label:
    return {
        "kind": "other",
        "ip_type": None,
        "action": None,
        "complaint_ids": [],
        "asins": [],
        "marketplace": None,
        "rights_owners": [],
        "ip_numbers": [],
        "reason_stated": False,
        "deadline": None,
        "language": "en",
        "authentic": True,
        "reply_disposition": None,
        "sources": {},
    }


def _fill(out: Label, reading: Reading) -> None:
    match reading:
        case Notice():
            _notice(out, reading, "warning" if reading.warning else "notice")
        case CourtOrEvaluation():
            _notice(out, reading.notice, "apex" if reading.evaluation else "lawsuit_notice")
        case Suspect():
            _suspect(out, reading)
        case Reply():
            _reply(out, reading)
        case LegalLetter():
            _legal(out, reading)
        case Unreadable() | OwnCopy():
            out["notes"] = reading.reason if isinstance(reading, Unreadable) else "our own copy"
        case _:
            _small(out, reading)


def _small(
    out: Label, reading: AmazonAnswer | Retraction | AutomaticResponse | DeliveryReport | Other
) -> None:
    """The readings with few values."""
    out["language"] = reading.language
    _values(out, "complaint_ids", reading.complaint_ids)
    match reading:
        case AmazonAnswer():
            out["kind"] = "amazon_reply"
            out["marketplace"] = reading.marketplace
            _values(out, "asins", reading.asins)
            _deadline(out, reading.deadline)
        case Retraction():
            out.update(kind="retraction", reply_disposition="retracted", marketplace=reading.marketplace)
            _values(out, "asins", reading.asins)
            _people(out, [reading.writer] if reading.writer else [], out["asins"])
        case AutomaticResponse():
            out.update(kind="auto_reply", reply_disposition="none", marketplace=reading.marketplace)
            _people(out, [reading.writer] if reading.writer else [], [])
        case DeliveryReport():
            out.update(kind="bounce", reply_disposition="none")
            _values(out, "asins", reading.asins)
        case Other():
            out.update(marketplace=reading.marketplace, action=reading.action)
            _values(out, "asins", reading.asins)
            _numbers(out, reading.numbers)


def _notice(out: Label, notice: Notice, kind: str) -> None:
    out["kind"] = kind
    out["ip_type"] = notice.right.value if notice.right else None
    out["action"] = notice.action.value if notice.action else None
    out["marketplace"] = notice.marketplace
    if notice.marketplace_span:
        _source(out, "marketplace", notice.marketplace_span)
    out["language"] = notice.language
    out["reason_stated"] = notice.reason_stated
    _deadline(out, notice.deadline)
    out["gaps"] = [{"name": gap.value, "text": GAP_TEXT[gap]} for gap in notice.gaps]
    _values(out, "complaint_ids", [c.complaint_id for c in notice.complaints if c.complaint_id])
    _values(out, "asins", [listing.asin for c in notice.complaints for listing in c.listings])
    _numbers(out, [number for c in notice.complaints for number in c.numbers])
    for complaint in notice.complaints:
        people = [*([complaint.complainant] if complaint.complainant else []), *complaint.others]
        _people(out, people, [listing.asin.value for listing in complaint.listings])
    if len({c.complaint_id.value for c in notice.complaints if c.complaint_id}) > 1:
        out["complaints"] = [_complaint(c) for c in notice.complaints]


def _complaint(complaint: Complaint) -> Label:
    owner = complaint.complainant
    named = None
    if owner is not None:
        found = owner.addresses[0] if owner.addresses else owner.name or owner.organisation
        named = found.value if found else None
    return {
        "complaint_id": complaint.complaint_id.value if complaint.complaint_id else None,
        "ip_type": complaint.right.value if complaint.right else None,
        "asins": [listing.asin.value for listing in complaint.listings],
        "rights_owner": named,
    }


def _suspect(out: Label, suspect: Suspect) -> None:
    out["language"] = suspect.language
    claims = suspect.claims
    unclear = suspect.doubt is Doubt.MALFORMED and not suspect.fake
    genuine = unclear or suspect.doubt in (Doubt.FORWARDED, Doubt.NO_FAMILY)
    if claims is not None:
        _notice(out, claims, "warning" if claims.warning else "notice")
    if not genuine:
        out.update(kind="phishing", marketplace=None)
    out["authentic"] = genuine
    out["notes"] = "; ".join(suspect.signs)
    if suspect.likeness is not None:
        out["nearest_family"] = suspect.likeness.family
        out["compared"] = [
            {"what": one.what, "genuine": one.genuine, "here": one.here, "same": one.same}
            for one in suspect.likeness.compared
        ]


def _reply(out: Label, reply: Reply) -> None:
    out["kind"] = "complainant_reply"
    # The label format knows neither a promise nor "not ours": nothing is done yet.
    unsaid = (Disposition.PROMISED, Disposition.NEVER_FILED)
    out["reply_disposition"] = (Disposition.NONE if reply.disposition in unsaid else reply.disposition).value
    out["answer"] = reply.disposition.value
    out["language"] = reply.language
    out["ip_type"] = reply.right.value if reply.right else None
    out["reason_stated"] = reply.reason_stated
    _values(out, "complaint_ids", reply.complaint_ids)
    _values(out, "asins", reply.asins)
    _numbers(out, reply.numbers)
    _deadline(out, reply.deadline)
    if reply.disposition_span:
        _source(out, "reply_disposition", reply.disposition_span)
    _people(out, [reply.writer] if reply.writer else [], out["asins"])


def _legal(out: Label, letter: LegalLetter) -> None:
    if letter.answer is not None:
        _reply(out, letter.answer)
        if letter.answer.disposition is Disposition.NONE:
            out["reply_disposition"] = Disposition.REPRESENTED.value
    out["kind"] = "complainant_reply"


def _people(out: Label, people: Iterable[Complainant], asins: list[str]) -> None:
    for person in people:
        entry = {
            "name": person.name.value if person.name else None,
            "organisation": person.organisation.value if person.organisation else None,
            "emails": [found.value for found in person.addresses],
            "phones": [found.value for found in person.phones],
            "asins": list(asins),
        }
        same = next(
            (
                old
                for old in out["rights_owners"]
                if old["emails"] == entry["emails"] and old["name"] == entry["name"]
            ),
            None,
        )
        if same is not None:
            same["asins"] = list(dict.fromkeys([*same["asins"], *asins]))
            continue
        out["rights_owners"].append(entry)
        for field, found in (("owner_name", person.name), ("owner_organisation", person.organisation)):
            if found:
                _source(out, field, found)
        for found in person.addresses:
            _source(out, "owner_emails", found)
        for found in person.phones:
            _source(out, "owner_phones", found)


def _values(out: Label, field: str, found: Iterable[Found]) -> None:
    for item in found:
        if item.value not in out[field]:
            out[field].append(item.value)
        _source(out, field, item)


def _numbers(out: Label, numbers: Iterable[RightNumber]) -> None:
    for number in numbers:
        entry = {"kind": number.kind, "number": number.number.value, "office": number.office}
        if entry not in out["ip_numbers"]:
            out["ip_numbers"].append(entry)
            _source(out, "ip_numbers", number.number)


def _deadline(out: Label, deadline: Deadline | None) -> None:
    if deadline is not None:
        out["deadline"] = {"days": deadline.days, "business": deadline.business}
        _add(out, "deadline", deadline.span, SURE - 0.1 if deadline.unclear else 1.0)
        if deadline.until is not None:
            out["deadline_on"] = deadline.until.isoformat()
        if deadline.unclear is not None:
            out["deadline_or_on"] = deadline.unclear.isoformat()


def _source(out: Label, field: str, found: Found) -> None:
    _add(out, field, found.span, found.confidence)


def _add(out: Label, field: str, span: Span, confidence: float) -> None:
    place = {
        "part": span.part,
        "start": span.start,
        "end": span.end,
        "text": span.text,
        "confidence": confidence,
    }
    places = out["sources"].setdefault(field, [])
    if place not in places:
        places.append(place)


def may_open_case(reading: Reading) -> tuple[bool, str]:  # noqa: C901 - one straight list
    """Whether the mail by itself may open a case of ours, and why (not)."""
    match reading:
        case Notice(automated=True):
            return True, "an automated finding of Amazon's: opens a held case without a letter"
        case Notice():
            return True, "a notice that Amazon's domain is proven to have sent"
        case CourtOrEvaluation(evaluation=True):
            return True, "Amazon's patent evaluation: opens a held case and tells a person"
        case CourtOrEvaluation():
            return True, "a court matter: opens a held case and tells a person"
        case Suspect(doubt=Doubt.FORWARDED):
            return False, "passed on by a colleague: a person must adopt it after looking in Seller Central"
        case Suspect(doubt=Doubt.NO_FAMILY):
            return False, "reads like a notice, but no family of notices fits: a person must decide"
        case Suspect(doubt=Doubt.MALFORMED):
            return False, "malformed: it says different things to different readers, so a person must look"
        case Suspect(fake=True):
            return False, "signs of a fake"
        case Suspect():
            return False, "claims to be Amazon's and is not proven to be"
        case Other(own_report=True):
            return False, "about a report that we filed ourselves"
        case Unreadable():
            return False, "could not be read"
        case _:
            return False, "not a notice"
