"""What a notice does not say, or says with doubt: named, so that a person is asked and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.mail.letters import Gap as LetterGap
from bot.mail.message import Message
from bot.notice.extract import Facts


class Gap(StrEnum):
    """A closed list."""

    NO_COMPLAINT_ID = "no-complaint-id"
    NO_LISTING = "no-listing"
    NO_COMPLAINANT = "no-complainant"
    NO_ADDRESS = "no-address"
    ADDRESS_DOUBTFUL = "address-doubtful"
    DEADLINE_UNCLEAR = "deadline-unclear"
    LETTER_LOCKED = "letter-locked"
    LETTER_BROKEN = "letter-broken"
    LETTER_TOO_LARGE = "letter-too-large"
    LETTER_WITHOUT_TEXT = "letter-without-text"


GAP_TEXT: dict[Gap, str] = {
    Gap.NO_COMPLAINT_ID: "no complaint number was found",
    Gap.NO_LISTING: "no listing (ASIN) was found",
    Gap.NO_COMPLAINANT: "the mail names nobody who complains",
    Gap.NO_ADDRESS: "the mail names no address of the complainant",
    Gap.ADDRESS_DOUBTFUL: "the complainant's address stands without a label: compare it with the mail",
    Gap.DEADLINE_UNCLEAR: "the deadline can be read as two dates: the earlier one is taken",
    Gap.LETTER_LOCKED: "an attached letter is locked with a password",
    Gap.LETTER_BROKEN: "an attached letter is broken",
    Gap.LETTER_TOO_LARGE: "an attached letter is too large to be read",
    Gap.LETTER_WITHOUT_TEXT: "an attached letter is a picture without text",
}
#: How a letter could not be read → how it is told.
_LETTERS = {
    LetterGap.LOCKED: Gap.LETTER_LOCKED,
    LetterGap.BROKEN: Gap.LETTER_BROKEN,
    LetterGap.TOO_LARGE: Gap.LETTER_TOO_LARGE,
    LetterGap.NO_TEXT: Gap.LETTER_WITHOUT_TEXT,
}
LETTER_GAPS = frozenset(_LETTERS.values())


def gaps_of(facts: Facts, message: Message, *, automated: bool) -> tuple[Gap, ...]:
    """Each gap once. Amazon's own findings name nobody, so nobody is missing there."""
    return tuple(dict.fromkeys(_gaps(facts, message, automated=automated)))


def _gaps(facts: Facts, message: Message, *, automated: bool) -> Iterator[Gap]:
    if not facts.complaint_ids:
        yield Gap.NO_COMPLAINT_ID
    if not facts.asins:
        yield Gap.NO_LISTING
    people = [complaint.complainant for complaint in facts.complaints] or [None]
    for who in people if not automated else []:
        if who is None:
            yield Gap.NO_COMPLAINANT
        elif not who.addresses:
            yield Gap.NO_ADDRESS
        elif any(found.doubtful for found in who.addresses):
            yield Gap.ADDRESS_DOUBTFUL
    if facts.deadline is not None and facts.deadline.unclear is not None:
        yield Gap.DEADLINE_UNCLEAR
    for part in message.parts:
        if part.gap:
            yield _LETTERS[LetterGap(part.gap)]
