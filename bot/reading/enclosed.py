"""Letters that a person's mail only encloses: each read as if it were the body, to complete it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.notice.attached import is_letter
from bot.notice.extract import extract
from bot.notice.facts import Complainant, Found
from bot.notice.source import source_of
from bot.reading.look import READ_LIMIT, View, day_of, family_of, surroundings
from bot.reading.model import Disposition, Reply

_LETTERS = 3  #: read of one mail
#: What a letter may come to for its mail. A withdrawal counts only in the mail's own words: drafts of them,
#: and our own letters, are enclosed too.
_BY_LETTER = frozenset(
    (
        Disposition.SETTLEMENT,
        Disposition.REPRESENTED,
        Disposition.REFUSED,
        Disposition.REASON_GIVEN,
        Disposition.NEEDS_INFO,
    )
)


def enclosed(view: View) -> Iterator[View]:
    """The same mail seen with each attached letter in the place of its body."""
    letters = [part for part in view.message.parts if part.attachment and part.text and is_letter(part)]
    for part in letters[:_LETTERS]:
        source = source_of(part.number, (part.text or "")[:READ_LIMIT])
        around = surroundings(view.rules, view.own_addresses, None, day_of(view.message))
        facts = extract(source, around, view.subject)
        family = family_of(view.rules, view.subject.text, view.sender, source, facts)
        yield replace(view, source=source, own=source, said=source, facts=facts, family=family)


def completed_by(reply: Reply, letter: Reply) -> Reply:
    """What the mail itself says, and from the letter what it leaves open."""
    silent = reply.disposition is Disposition.NONE and letter.disposition in _BY_LETTER
    # Counsel's mail says for whom, the letter what is demanded.
    demands = reply.disposition is Disposition.REPRESENTED and letter.disposition is Disposition.SETTLEMENT
    comes_to = letter if silent or demands else reply
    return replace(
        reply,
        disposition=comes_to.disposition,
        disposition_span=comes_to.disposition_span,
        asins=_joined(reply.asins, letter.asins),
        deadline=reply.deadline or letter.deadline,
        writer=_filled(reply.writer, letter.writer),
        right=reply.right or letter.right,
        numbers=reply.numbers or letter.numbers,
        reason_stated=reply.reason_stated or letter.reason_stated,
    )


def _joined(first: tuple[Found, ...], more: tuple[Found, ...]) -> tuple[Found, ...]:
    return tuple({item.value: item for item in reversed((*first, *more))}.values())[::-1]


def _filled(writer: Complainant | None, signed: Complainant | None) -> Complainant | None:
    """Who wrote the mail; the firm and telephone numbers from the letter's foot where the mail has none."""
    if writer is None or signed is None:
        return writer
    firm = writer.organisation if writer.name else signed.organisation or writer.organisation
    return replace(
        writer,
        name=writer.name or signed.name,
        organisation=firm or signed.organisation,
        phones=writer.phones or signed.phones,
    )
