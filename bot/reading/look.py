"""One mail made ready for reading: its texts as sources, own words, language, and the facts found in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.frozen import quick
from bot.mail.authentication import Verdict
from bot.mail.matching import hold
from bot.mail.message import Message, Part
from bot.mail.quoting import words_of
from bot.mail.text import fold_words
from bot.notice.attached import completed, signed_below
from bot.notice.extract import Facts, Surroundings, extract
from bot.notice.facts import Complainant, Found
from bot.notice.identifiers import asins_in, complaint_ids_in_words
from bot.notice.languages import Tongues, language_of
from bot.notice.lexicon import says_in, without_numbers
from bot.notice.prose import spoken_contact
from bot.notice.shops import shop_of_domain
from bot.notice.signed import signed_contact
from bot.notice.source import Source, source_of
from bot.reading.families import Family, Look
from bot.reading.rules import ReadingRules

READ_LIMIT = 80_000  #: characters of one part that are searched for facts: notices have a tenth of it


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What every reader of one mail works with."""

    message: Message
    verdict: Verdict
    rules: ReadingRules
    own_addresses: frozenset[str]
    subject: Source
    source: Source  #: the text that says most
    own: Source  #: the writer's own words of it, at the same offsets
    said: Source  #: the same without signature and disclaimer: what the meaning is read from
    facts: Facts
    family: Family | None
    language: str
    from_us: bool
    every_complaint_id: tuple[Found, ...]
    every_asin: tuple[Found, ...]

    @property
    def sender(self) -> str:
        """addr-spec of the first author, or ""."""
        return self.message.head.from_[0].addr_spec if self.message.head.from_ else ""


def view_of(message: Message, verdict: Verdict, rules: ReadingRules, own: frozenset[str]) -> View:
    """Read the facts once, from the form of the body that says most."""
    lexicon = rules.lexicon
    subject = source_of("header:subject", message.head.subject)
    sender = message.head.from_[0].addr_spec if message.head.from_ else ""
    domain = sender.rpartition("@")[2]
    shop = shop_of_domain(domain) if rules.senders.is_amazon_address(sender) else None
    # Whoever Amazon writes to is us, also under an alias that no setting names.
    reached = frozenset(one.addr_spec for one in message.head.to) if shop else frozenset()
    around = surroundings(rules, own | reached, shop, day_of(message))
    source, facts = _best(message, around, subject, sender)
    if message_is_amazons(message, rules):
        facts = whole(message, source, facts, around)
    words = words_of(source.text, lexicon.quoting, source.folded.flow)
    own_source = _again(source, words.own)
    facts = _without_quoted(facts, own_source)
    ours = {one.casefold() for one in own}
    return View(
        message=message,
        verdict=verdict,
        rules=rules,
        own_addresses=own,
        subject=subject,
        source=source,
        own=own_source,
        said=_again(own_source, words.said),
        facts=facts,
        family=family_of(rules, message.head.subject, sender, source, facts),
        language=_language(own_source, source, subject, lexicon.tongues),
        from_us=sender.casefold() in ours,
        every_complaint_id=_every_id(message, source, facts, rules, subject),
        every_asin=_every_asin(source, facts, subject),
    )


def _without_quoted(facts: Facts, own: Source) -> Facts:
    """Who is named only in a mail quoted below is no party, once the writer's own words name somebody."""
    if not any(complaint.others for complaint in facts.complaints):
        return facts

    def stands(one: Complainant) -> bool:
        return all(
            found.span.part != own.part or own.text[found.span.start : found.span.end].strip()
            for found in one.addresses
        )

    complaints = tuple(
        replace(complaint, others=tuple(other for other in complaint.others if stands(other)))
        if complaint.others and complaint.complainant and stands(complaint.complainant)
        else complaint
        for complaint in facts.complaints
    )
    return replace(facts, complaints=complaints)


def _language(own: Source, source: Source, subject: Source, tongues: Tongues) -> str:
    """Of the writer's own words, or of all there is when those are few."""
    if len(own.text.strip()) > 20:
        return language_of(own.text, tongues, folded=own.folded.text)
    return language_of(source.text + " " + subject.text, tongues)


def _again(source: Source, text: str) -> Source:
    """The same part with another text of that length; folding is dear, so it is not done twice for one."""
    return source if source.text == text else source_of(source.part, text)


def day_of(message: Message) -> date | None:
    """The day the mail says it was sent."""
    return message.head.date.date() if message.head.date else None


def surroundings(
    rules: ReadingRules, own: frozenset[str], shop: str | None, sent: date | None = None
) -> Surroundings:
    """Roles of addresses, and the day the mail was sent, for the extractors."""
    return Surroundings(
        lexicon=rules.lexicon,
        barred=_Known(lambda address: rules.senders.barred(address, own)).__getitem__,
        takes_mail=_Known(rules.senders.takes_mail).__getitem__,
        sender_shop=shop,
        sent=sent,
    )


class _Known(dict[str, bool]):
    """What is known of addresses: one mail names the same few over and over."""

    def __init__(self, ask: Callable[[str], bool]) -> None:
        self._ask = ask

    def __missing__(self, address: str) -> bool:
        known = self[address] = self._ask(address)
        return known


def family_of(rules: ReadingRules, subject: str, sender: str, source: Source, facts: Facts) -> Family | None:
    """The first family that fits the mail."""
    return rules.sieve.first_match(look_of(rules, subject, sender, source, facts))


def look_of(rules: ReadingRules, subject: str, sender: str, source: Source, facts: Facts) -> Look:
    """What the conditions of families look at."""
    folded_subject = fold_words(subject)
    accused = _names_a_contact(facts)  # by somebody who can be written to: nothing is over
    over = not accused and bool(facts.complaint_ids)
    return Look(
        subject=folded_subject,
        from_=sender.casefold(),
        text=source.folded.flow,
        says=says_in(_all_words(subject, source), rules.lexicon, over=over),
        labels=facts.fields | ({"contact"} if accused else set()),
        right=facts.right.value if facts.right else "",
        action=facts.action.value if facts.action else "",
        shop=facts.marketplace.value if facts.marketplace else "",
    )


def _all_words(subject: str, source: Source) -> str:
    return f"{fold_words(subject)}\n\n{source.folded.flow}"


def _names_a_contact(facts: Facts) -> bool:
    """Somebody who can be written to: a "name" alone may be that of a shipment or a product."""
    return any(c.complainant and c.complainant.addresses for c in facts.complaints)


def texts_of(message: Message) -> list[Part]:
    """Readable parts, the inline ones first; plain text before HTML."""
    readable = [part for part in message.parts if part.text and part.text.strip()]
    order = {"text/plain": 0, "text/html": 1}
    return sorted(
        (part for part in readable if not part.content_type.startswith("message/")),
        key=lambda part: (part.attachment, order.get(part.content_type, 2)),
    )


def message_is_amazons(message: Message, rules: ReadingRules) -> bool:
    """Written, or said to be written, at Amazon: only such a mail is completed by what is attached to it."""
    return bool(message.head.from_) and rules.senders.is_amazon_address(message.head.from_[0].addr_spec)


def whole(message: Message, source: Source, facts: Facts, around: Surroundings) -> Facts:
    """The facts with the complainants whom only an attached letter or a signature names."""
    facts = completed(facts, message.parts, source.part, around)
    named = {
        address.value.casefold()
        for complaint in facts.complaints
        if complaint.complainant
        for address in complaint.complainant.addresses
    }

    def barred(address: str) -> bool:
        # Whoever complains of one listing is nobody's signature below the others.
        return address.casefold() in named or around.barred(address)

    signed = signed_contact(source, around.lexicon, barred) or spoken_contact(source, around.lexicon, barred)
    return signed_below(facts, signed)


def _best(message: Message, around: Surroundings, subject: Source, sender: str) -> tuple[Source, Facts]:
    """The inline text with the most facts; the first of them when they say the same."""
    best: tuple[Source, Facts] | None = None
    inline = [
        part
        for part in texts_of(message)
        if not part.attachment
        and part.content_type.startswith("text/")
        and part.content_type != "text/rfc822-headers"  # of the mail that a report returns
    ]
    for part in inline[:6]:
        source = source_of(part.number, (part.text or "")[:READ_LIMIT])
        _hold(subject, source, sender)
        facts = extract(source, around, subject)
        if best is None or facts.richness > best[1].richness:
            best = (source, facts)
    if best is None:
        empty = source_of("1", "")
        best = (empty, extract(empty, around, subject))
    if len(inline) > 1:
        _hold(subject, best[0], sender)
    return best


def _hold(subject: Source, source: Source, sender: str) -> None:
    """All words of a mail are looked through at once, also in the form in which notices are told apart."""
    words, from_ = _all_words(subject.text, source), sender.casefold()
    spoken = without_numbers(words)
    lines = zip(words.split("\n"), spoken.split("\n"), strict=True)
    hold("\n".join((words, *(other for line, other in lines if line != other), from_)), words, spoken, from_)


def _every_id(
    message: Message, source: Source, facts: Facts, rules: ReadingRules, subject: Source
) -> tuple[Found, ...]:
    """Complaint numbers anywhere: body, subject, other parts, header of a returned mail, nested mails."""
    found = [*facts.complaint_ids, *complaint_ids_in_words(source, rules.lexicon)]
    found += complaint_ids_in_words(subject, rules.lexicon)
    if not found:
        for mail in (message, *message.nested):
            for part in mail.parts[:20]:
                if part.text and (part.number != source.part or mail is not message):
                    found += complaint_ids_in_words(
                        source_of(part.number, part.text[:200_000]), rules.lexicon
                    )
            if mail is not message:
                inner = source_of(f"{_number(mail)}:header:subject", mail.head.subject)
                found += complaint_ids_in_words(inner, rules.lexicon)
    return each_once(found)


def _number(nested: Message) -> str:
    """Part number of a nested mail: that of its own parts without the last step."""
    return nested.parts[0].number.rpartition(".")[0] if nested.parts else ""


def each_once(found: Sequence[Found]) -> tuple[Found, ...]:
    """Each value once, at the first of its places."""
    return tuple({item.value: item for item in reversed(found)}.values())[::-1]


def _every_asin(source: Source, facts: Facts, subject: Source) -> tuple[Found, ...]:
    found = list(facts.asins) or [*asins_in(source), *asins_in(subject)]
    return each_once(found)


def asins_anywhere(view: View) -> tuple[Found, ...]:
    """In the text and the subject, else in what the mail holds: a report returns the letter with them."""
    found = list(view.every_asin)
    for mail in () if found else (view.message, *view.message.nested):
        if mail is not view.message:
            found += asins_in(source_of(f"{_number(mail)}:header:subject", mail.head.subject))
        for part in mail.parts[:20]:
            if part.text and part.number != view.source.part:
                found += asins_in(source_of(part.number, part.text[:READ_LIMIT]))
    return each_once(found)
