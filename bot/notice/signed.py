"""A complainant who is named nowhere but signs: the block of lines around the one address that is left."""

from __future__ import annotations

from dataclasses import replace

from bot.mail.address import organisational_domain
from bot.mail.text import fold_words
from bot.notice.contact_lines import Barred
from bot.notice.contacts import block_pieces
from bot.notice.facts import Complainant, Found, Role
from bot.notice.lexicon import Lexicon
from bot.notice.places import addresses_in
from bot.notice.source import Source

#: What is read from surroundings alone is shown with doubt: a person compares it before a letter is written.
_CONFIDENCE = 0.6
_LINES_ABOVE = 7
_OTHER_WORDS = 9  #: beside an address: a firm, a telephone number


def signed_contact(
    source: Source, lexicon: Lexicon, barred: Barred, *, of_the_owner: bool = False
) -> Complainant | None:
    """Who signs, when all addresses that are left are of one firm; None when it could be anybody's.

    In Amazon's own text an owner must be spoken of above the address; in a letter `of_the_owner` nobody else
    can sign.
    """
    found = [one for one in addresses_in(source) if not barred(one.value)]
    domains = {organisational_domain(one.value.rpartition("@")[2]) for one in found}
    if len(domains) != 1:
        return None
    first = found[0].span.start
    above = source.text[:first]
    paragraph = above[max(0, above.rfind("\n\n")) :] + source.text[first:].split("\n\n")[0]
    if any(lexicon.roles[role].found_in(fold_words(paragraph)) for role in ("us", "other")):
        return None
    if not of_the_owner and not lexicon.roles["owner"].found_in(fold_words(above)):
        return None
    signed = _block(source, first, found, lexicon, barred)
    # A sentence that mentions an address, or an address under no name, is nobody's signature.
    named = signed.name is not None or signed.organisation is not None
    return signed if named and _stands_alone(source, found[0]) else None


def _stands_alone(source: Source, found: Found) -> bool:
    """Hardly any other words on its line."""
    low = source.text.rfind("\n", 0, found.span.start) + 1
    high = source.text.find("\n", found.span.end)
    line = source.text[low : len(source.text) if high < 0 else high]
    return len(line.replace(found.span.text, "").split()) <= _OTHER_WORDS


def _block(source: Source, first: int, found: list[Found], lexicon: Lexicon, barred: Barred) -> Complainant:
    """The lines above the address, up to an empty one, and those below it."""
    low = source.text.rfind("\n", 0, first) + 1
    for _ in range(_LINES_ABOVE):
        before = source.text.rfind("\n", 0, max(0, low - 1)) + 1
        if low == 0 or not source.text[before : low - 1].strip():
            break
        low = before
    end = source.text.find("\n\n", found[-1].span.end)
    end = len(source.text) if end < 0 or end - low > 1200 else end
    name: Found | None = None
    firm: Found | None = None
    phones: list[Found] = []
    for kind, piece in block_pieces(source, low, end, lexicon, barred):
        if kind == "phone":
            phones.append(_doubted(piece))
        elif kind in ("person", "desk"):
            name = name or _doubted(piece)
        elif kind == "organisation" and (firm is None or (name and firm.span.start < name.span.start)):
            firm = _doubted(piece)  # what stands above the name is a greeting, unless nothing follows
    unique = {one.value.casefold(): _doubted(one) for one in reversed(found)}
    return Complainant(
        role=Role.OWNER,
        name=name,
        organisation=firm,
        addresses=tuple(reversed(unique.values())),
        phones=tuple(phones),
    )


def _doubted(found: Found) -> Found:
    return replace(found, confidence=min(found.confidence, _CONFIDENCE))
