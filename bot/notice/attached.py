"""What an attached letter or structured notice adds to a mail that does not name the complainant itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.mail.message import Part
from bot.notice.extract import Facts, Surroundings, extract
from bot.notice.facts import Complainant, Complaint, Found, Listing
from bot.notice.signed import signed_contact
from bot.notice.source import source_of
from bot.notice.structured import read_structured

_READ_LIMIT = 80_000  #: characters of one letter


def completed(facts: Facts, parts: Sequence[Part], own: str, around: Surroundings) -> Facts:
    """The facts of a mail, its missing complainants sought in its letters, then in its own signatures.

    `own` is the part that was read already. Nothing that the mail itself says is replaced.
    """
    if not _lacking(facts):
        return facts
    for part in parts:
        if part.number == own or not part.text or not is_letter(part):
            continue
        source = source_of(part.number, part.text[:_READ_LIMIT])
        structured = read_structured(source, around.barred)
        if structured is not None:
            facts = _joined(facts, structured.complainant, structured.asins, structured.works)
            continue
        if not part.attachment:
            continue
        letter = extract(source, around)
        facts = _of_letter(facts, letter)
        if _lacking(facts):
            signed = signed_contact(source, around.lexicon, around.barred, of_the_owner=True)
            facts = _joined(facts, signed, letter.asins, ())
    return facts


def is_letter(part: Part) -> bool:
    """Whether a part of this type may be a letter whose text was read."""
    kind = part.content_type
    return kind.startswith("text/") or kind.endswith(
        ("/pdf", "/xml", "/json", "+xml", "+json", "/octet-stream")
    )


def _lacking(facts: Facts) -> bool:
    return not facts.complaints or any(not _reachable(complaint) for complaint in facts.complaints)


def _reachable(complaint: Complaint) -> bool:
    return complaint.complainant is not None and bool(complaint.complainant.addresses)


def _of_letter(facts: Facts, letter: Facts) -> Facts:
    """Each complaint gets the complainant that the letter names for its number or listing, or for all."""
    named = [complaint for complaint in letter.complaints if _reachable(complaint)]
    parties = {_addresses(complaint): complaint.complainant for complaint in named}
    if not facts.complaints:
        return replace(
            facts,
            fields=facts.fields | letter.fields,
            right=facts.right or letter.right,
            complaints=letter.complaints,
            complaint_ids=letter.complaint_ids,
            asins=letter.asins,
        )
    out = []
    for complaint in facts.complaints:
        fitting = [other for other in named if _same(complaint, other)]
        chosen = fitting[0].complainant if fitting else None
        if chosen is None and len(parties) == 1:
            chosen = next(iter(parties.values()))
        out.append(
            complaint if _reachable(complaint) or chosen is None else replace(complaint, complainant=chosen)
        )
    return replace(facts, complaints=tuple(out))


def _addresses(complaint: Complaint) -> frozenset[str]:
    who = complaint.complainant
    return frozenset(found.value.casefold() for found in who.addresses) if who else frozenset()


def _same(one: Complaint, other: Complaint) -> bool:
    if one.complaint_id and other.complaint_id:
        return one.complaint_id.value == other.complaint_id.value
    asins = {listing.asin.value for listing in one.listings}
    return any(listing.asin.value in asins for listing in other.listings)


def _joined(
    facts: Facts, complainant: Complainant | None, asins: Sequence[Found], works: Sequence[Found]
) -> Facts:
    """One party for all complaints that lack one; its listings only where the mail names none."""
    if complainant is None or not complainant.addresses:
        return facts
    listings = tuple(Listing(asin=asin, title=None) for asin in asins)
    before: tuple[Complaint, ...] = facts.complaints or (
        Complaint(complaint_id=None, right=None, listings=(), numbers=(), complainant=None),
    )
    after = tuple(
        complaint
        if _reachable(complaint)
        else replace(
            complaint,
            complainant=complainant,
            listings=complaint.listings or (listings if len(before) == 1 else ()),
            marks=complaint.marks or tuple(works),
        )
        for complaint in before
    )
    return replace(facts, complaints=after, asins=facts.asins or tuple(asins))


def signed_below(facts: Facts, signed: Complainant | None) -> Facts:
    """The same with who signs in the mail's own text, for complaints that name nobody with an address."""
    return _joined(facts, signed, (), ()) if facts.complaints and _lacking(facts) else facts
