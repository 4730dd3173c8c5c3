"""Everything a text says in the manner of a notice, read with the labels of all languages at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.frozen import quick
from bot.mail.matching import Matcher
from bot.mail.text import fold
from bot.notice.clocks import deadline_of, names_a_day
from bot.notice.complaints import Block, blocks_of, right_in
from bot.notice.contacts import complainants_of
from bot.notice.entries import Entry, entries_of
from bot.notice.facts import (
    Action,
    Complainant,
    Complaint,
    Deadline,
    Found,
    Listing,
    Right,
    RightNumber,
    Role,
)
from bot.notice.identifiers import asins_in, complaint_ids_in_words, numbers_in_words, office_of
from bot.notice.languages import language_of
from bot.notice.lexicon import Lexicon
from bot.notice.places import addresses_in
from bot.notice.prose import with_firm
from bot.notice.shops import shop_in
from bot.notice.source import Source


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the reader knows besides the text."""

    lexicon: Lexicon
    barred: Callable[[str], bool]  #: addresses never to be written to: Amazon's, ours, no-reply, lists
    takes_mail: Callable[[str], bool]  #: addresses at which Amazon reads: no relays, programmes, no-reply
    sender_shop: str | None  #: the shop whose domain sent the mail
    sent: date | None = None  #: the day the mail was sent: limits on a day of the calendar count from it


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found; nothing is decided here."""

    fields: frozenset[str]  #: labels with a value
    complaints: tuple[Complaint, ...]
    complaint_ids: tuple[Found, ...]
    asins: tuple[Found, ...]
    right: Right | None  #: of the type line of the first complaint
    spoken_right: Right | None  #: of the sentences
    action: Action | None
    removed: bool  #: it says that a listing was taken down, whatever else it says
    marketplace: Found | None
    deadline: Deadline | None
    retraction_address: Found | None
    amazon_addresses: tuple[Found, ...]
    reason_stated: bool

    @property
    def richness(self) -> int:
        """How much was found: decides between two forms of one mail."""
        people = [complaint.complainant for complaint in self.complaints if complaint.complainant]
        return (
            3 * len(self.complaint_ids)
            + len(self.asins)
            + 2 * sum(bool(p.addresses) for p in people)
            + len(people)
        )


def extract(source: Source, around: Surroundings, subject: Source | None = None) -> Facts:
    """Read one text, and complaint numbers from the subject when the text has none."""
    lexicon = around.lexicon
    entries = entries_of(source, lexicon)
    blocks = blocks_of(source, entries, lexicon)
    ids = [found for block in blocks for found in block.ids]
    if not ids:
        ids = _distinct([*complaint_ids_in_words(source, lexicon), *_subject_ids(subject, lexicon)])
    blocks = _with_strays(source, blocks, ids, lexicon)
    shop = shop_in(source, around.sender_shop)
    shop_name = shop.value if shop else around.sender_shop
    people = complainants_of(source, entries, [block.at for block in blocks[1:]], lexicon, around.barred)
    people = with_firm(source, entries, people, lexicon)
    first_item = min((entry.at for entry in entries if entry.field in ("asin", "complaint_id")), default=0)
    complaints = _complaints(blocks, people, first_item, shop_name)
    action = action_in(source, lexicon)
    own_reason = any(block.numbers or block.marks for block in blocks)
    return Facts(
        fields=frozenset(entry.field for entry in entries if _has_value(entry)),
        complaints=complaints,
        complaint_ids=tuple(_distinct(ids)),
        asins=tuple(_distinct([listing.asin for block in blocks for listing in block.listings])),
        right=next((block.right for block in blocks if block.right), None),
        spoken_right=spoken_right(source, lexicon),
        action=action,
        removed=_said(Action.LISTING_REMOVED, source.folded.flow, lexicon)
        or lexicon.deeds.done_in(source.folded.flow, Action.LISTING_REMOVED.value),
        marketplace=shop,
        deadline=_deadline(source, around, shop_name),
        retraction_address=_retraction_address(source, around),
        amazon_addresses=tuple(
            _distinct([found for found in addresses_in(source) if around.takes_mail(found.value)])
        ),
        reason_stated=own_reason or action is Action.IMAGE_REMOVED or _gives_reason(source, entries, lexicon),
    )


#: Values that name somebody or something: "Holm Illustration" is a firm, no reason.
_NAMING = frozenset(("title", "owner", "agent", "counsel", "person", "organisation", "address"))
_LONGEST_NAME = 8  #: words


def _names_one(entry: Entry) -> bool:
    """ "Message of the rights owner: …" is a label of theirs too, with a whole text behind it."""
    return entry.field == "title" or (entry.field in _NAMING and len(entry.text.split()) <= _LONGEST_NAME)


def _gives_reason(source: Source, entries: Sequence[Entry], lexicon: Lexicon) -> bool:
    names = [(entry.start, entry.end) for entry in entries if _names_one(entry)]
    for place in lexicon.reasons.all(source.folded.flow):
        at, _ = source.folded.place(*place)
        if not any(low <= at < high for low, high in names):
            return True
    return any(_is_statement(quoted[1]) for quoted in _QUOTED.finditer(source.text))


#: Between quotation marks.
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{30,400})[\"“”»]")
_LEAST_STATED = 8  #: words


def _is_statement(quoted: str) -> bool:
    """Whether what is quoted is what somebody says, and not what a page or a paper is called."""
    words = quoted.split()
    return len(words) >= _LEAST_STATED and sum(word[0].islower() for word in words) * 2 > len(words)


def _has_value(entry: Entry) -> bool:
    """ "Nobody filed a complaint: …" looks like the label of a number, and holds none."""
    number = entry.field != "complaint_id" or any(char.isdigit() for char in entry.text)
    return bool(entry.text) and number and entry.field != "rule"


def _distinct(found: Sequence[Found]) -> list[Found]:
    return list({item.value.casefold(): item for item in reversed(found)}.values())[::-1]


def _subject_ids(subject: Source | None, lexicon: Lexicon) -> list[Found]:
    return list(complaint_ids_in_words(subject, lexicon)) if subject else []


def _rows(source: Source, ids: list[Found], lexicon: Lexicon) -> list[Block]:
    """A block a line, where each line tells of one complaint: its number and its listings."""
    rows: list[Block] = []
    for found in ids if len(ids) > 1 else ():
        if found.span.part != source.part:
            return []
        start = source.text.rfind("\n", 0, found.span.start) + 1
        end = source.text.find("\n", found.span.end)
        end = len(source.text) if end < 0 else end
        listings = [Listing(asin=asin, title=None) for asin in _distinct(list(asins_in(source, start, end)))]
        if not listings or any(row.at == start for row in rows):
            return []
        right = right_in(source.text[start:end], lexicon)
        rows.append(Block(at=start, ids=[found], listings=listings, right=right))
    return rows


def _with_strays(source: Source, blocks: list[Block], ids: list[Found], lexicon: Lexicon) -> list[Block]:
    """Numbers and ASINs that stand in sentences, for texts that label nothing."""
    rows = _rows(source, ids, lexicon) if not any(block.listings for block in blocks) else []
    if rows:
        return rows
    if not any(block.listings for block in blocks):
        strays = _distinct(list(asins_in(source)))
        if strays or ids:
            blocks = blocks or [Block(at=0)]
            blocks[0].listings = [Listing(asin=asin, title=None) for asin in strays]
    if ids and blocks and not any(block.ids for block in blocks):
        blocks[0].ids = list(ids)
    if not any(block.numbers for block in blocks):
        numbers = list(numbers_in_words(source))
        if numbers:
            blocks = blocks or [Block(at=0)]
            blocks[0].numbers = numbers
    return blocks


def _complaints(
    blocks: list[Block], people: list[tuple[int, Complainant]], first_item: int, shop: str | None
) -> tuple[Complaint, ...]:
    if not blocks:
        blocks = [Block(at=0)] if people else []
    shared = [person for at, person in people if at < first_item] if len(blocks) > 1 else []
    in_order = len(blocks) > 1 and len(people) == len(blocks)
    out: list[Complaint] = []
    for index, block in enumerate(blocks):
        if len(blocks) == 1:
            own = [person for _, person in people]
        elif in_order:
            own = [people[index][1]]
        else:
            until = blocks[index + 1].at if index + 1 < len(blocks) else None
            low = max(block.at, first_item)
            own = [p for at, p in people if at >= low and (until is None or at < until)] or shared
        out += _of_block(block, own, shop)
    return tuple(out)


def _of_block(block: Block, people: list[Complainant], shop: str | None) -> list[Complaint]:
    """A block with two numbers is two complaints about the same listings by the same party."""
    numbers = {
        number.number.value: replace(number, office=office_of(number, shop)) for number in block.numbers
    }
    # Who speaks for the owner comes first: counsel must not be passed by, an agent may be.
    rank = {Role.COUNSEL: 0, Role.OWNER: 1, Role.AGENT: 2}
    ranked = sorted(people, key=lambda person: rank[person.role])
    ids: list[Found | None] = list(_distinct(block.ids)) or [None]
    listings = {listing.asin.value: listing for listing in reversed(block.listings)}
    return [
        Complaint(
            complaint_id=found,
            right=block.right,
            listings=tuple(reversed(listings.values())),
            numbers=tuple(numbers.values()),
            complainant=ranked[0] if ranked else None,
            others=tuple(ranked[1:]),
            marks=tuple(block.marks),
        )
        for found in ids
    ]


def action_in(source: Source, lexicon: Lexicon) -> Action | None:
    """What the text says was done."""
    flow = source.folded.flow
    said = next((one for one in lexicon.actions.likely_in(flow) if _said(one, flow, lexicon)), None)
    if said in (None, Action.LISTING_REMOVED):  # told by two words: the narrow ones first, as above
        deeds = (Action.FUNDS_HELD, Action.IMAGE_REMOVED, Action.LISTING_REMOVED)
        said = next((one for one in deeds if lexicon.deeds.done_in(flow, one.value)), said)
    return said


def _said(action: Action, flow: str, lexicon: Lexicon) -> bool:
    """Whether it is said that this was done; "if you do not answer we remove the listing" does not say so."""
    words = lexicon.actions[action]
    if action not in (Action.LISTING_REMOVED, Action.IMAGE_REMOVED):
        return words.found_in(flow)
    places = (_within(place, words, flow, lexicon) for place in words.all(flow))
    return any(not lexicon.deeds.is_open(flow, *place) for place in places)


def _within(place: tuple[int, int], words: Matcher, flow: str, lexicon: Lexicon) -> tuple[int, int]:
    """The same within the last of the sentences that a phrase runs over, when it is said there already."""
    low = lexicon.deeds.sentence_of(flow, *place)
    inner = next(words.all(flow[low : place[1]]), None) if low > place[0] else None
    return (low + inner[0], low + inner[1]) if inner else place


def spoken_right(source: Source, lexicon: Lexicon) -> Right | None:
    """The right that the sentences speak of: the one named first."""
    places = []
    for order, right in enumerate(lexicon.rights.likely_in(source.folded.flow)):
        place = lexicon.rights[right].first(source.folded)
        if place:
            places.append((place[0], order, right))
    first = min(places)[2] if places else None
    if first is Right.TRADEMARK and lexicon.rights[Right.PARALLEL_IMPORT].first(source.folded):
        return Right.PARALLEL_IMPORT  # whoever complains of it does so as the owner of a mark
    return first


def _deadline(source: Source, around: Surroundings, shop: str | None) -> Deadline | None:
    lexicon = around.lexicon
    dated = names_a_day(source, lexicon)
    language = language_of(source.text[:4000], lexicon.tongues) if dated else None
    return deadline_of(source, lexicon, around.sent if dated else None, language, shop)


def _retraction_address(source: Source, around: Surroundings) -> Found | None:
    """Amazon's address in a sentence about retractions."""
    best: tuple[int, Found] | None = None
    for found in addresses_in(source):
        if not around.takes_mail(found.value):
            continue
        start = found.span.start
        score = (
            2 if "retract" in found.value else int(around.lexicon.retraction.found_in(_near(source, start)))
        )
        if score and (best is None or score > best[0]):
            best = (score, found)
    return best[1] if best else None


def _near(source: Source, start: int) -> str:
    low = max(0, start - 250)
    before = source.text[low:start]
    cut = max(before.rfind(". ") + 1, before.rfind("\n\n") + 1, before.rfind("。") + 1)
    return fold(before[cut:] + source.text[start : start + 120].split("\n")[0]).flow


def right_of_numbers(numbers: Sequence[RightNumber]) -> Right | None:
    """The right that a number by itself tells."""
    kinds = {
        "trademark": Right.TRADEMARK,
        "utility_patent": Right.UTILITY_PATENT,
        "design_patent": Right.DESIGN_PATENT,
        "registered_design": Right.DESIGN_PATENT,
        "copyright": Right.COPYRIGHT,
    }
    return next((kinds[number.kind] for number in numbers if number.kind in kinds), None)
