"""Reads who complains from what a person pasted out of Account Health."""

from __future__ import annotations

from dataclasses import dataclass

from bot.notice.extract import extract
from bot.notice.facts import Complainant, Found
from bot.notice.places import addresses_in
from bot.notice.source import source_of
from bot.reading.look import READ_LIMIT, surroundings
from bot.reading.read import ReadingContext

#: `Span.part` of what was read there: it is no part of a mail.
PASTED = "pasted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedContact:
    """What a pasted text says of a complainant; nothing is chosen here."""

    addresses: tuple[Found, ...]  #: fit to be written to, in the order of the text
    barred: tuple[Found, ...]  #: never to be written to: Amazon's, ours, no-reply, lists
    people: tuple[Complainant, ...]
    complaint_ids: tuple[str, ...]

    def person_of(self, address: str) -> Complainant | None:
        """Whose address it is, if the text says so."""
        wanted = address.casefold()
        return next(
            (who for who in self.people if any(one.value.casefold() == wanted for one in who.addresses)), None
        )


def read_pasted(text: str, context: ReadingContext) -> PastedContact:
    """Every address with its place, and the contact blocks as in a notice."""
    source = source_of(PASTED, text[:READ_LIMIT])
    around = surroundings(context.rules, context.own_addresses, None)
    facts = extract(source, around)
    found = {one.value.casefold(): one for one in reversed(list(addresses_in(source)))}
    addresses = tuple(reversed(found.values()))
    people = [
        who
        for complaint in facts.complaints
        for who in (*((complaint.complainant,) if complaint.complainant else ()), *complaint.others)
    ]
    return PastedContact(
        addresses=tuple(one for one in addresses if not around.barred(one.value)),
        barred=tuple(one for one in addresses if around.barred(one.value)),
        people=tuple(people),
        complaint_ids=tuple(one.value for one in facts.complaint_ids),
    )
