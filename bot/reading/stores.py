"""Which of several stores that share a mailbox a notice is about, by what it says and where it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.mail.message import Message
from bot.mail.text import fold_words

#: Header fields that name whom a mail was meant for, beside To and Cc: what forwarding leaves.
_MEANT_FOR = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreMarks:
    """By what a store is recognised."""

    name: str  #: as in rejoinder.yaml
    names: tuple[str, ...] = ()  #: store names as notices print them
    merchant_tokens: tuple[str, ...] = ()
    marketplaces: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()  #: addr-specs that its notices are sent to


def store_of(
    message: Message, text: str, marketplace: str | None, stores: Sequence[StoreMarks]
) -> str | None:
    """The one store that every mark in the mail speaks for; None when none does or they disagree.

    A mark that is silent says nothing; one that speaks for several leaves the choice to the others. So a
    store is never guessed, and a mail that names one store and went to the address of another is nobody's.
    """
    voices = [said for said in _voices(message, text, marketplace, stores) if said]
    if not voices:
        return None
    agreed = set.intersection(*voices)
    return agreed.pop() if len(agreed) == 1 else None


def _voices(
    message: Message, text: str, marketplace: str | None, stores: Sequence[StoreMarks]
) -> Iterator[set[str]]:
    folded = fold_words(text)
    addresses = _recipients(message)
    yield {one.name for one in stores if _says(folded, one.merchant_tokens)}
    yield {one.name for one in stores if addresses & {x.casefold() for x in one.recipients}}
    yield {one.name for one in stores if _says(folded, one.names)}
    yield {one.name for one in stores if marketplace in one.marketplaces}


def _says(folded: str, words: Iterable[str]) -> bool:
    """Any of the words, as whole words; a longer name that contains a shorter one is another name."""
    return any(
        re.search(rf"(?<!\w){re.escape(fold_words(word).strip())}(?!\w)", folded)
        for word in words
        if word.strip()
    )


def _recipients(message: Message) -> set[str]:
    head = message.head
    found = {address.addr_spec.casefold() for address in (*head.to, *head.cc)}
    return found | {
        body.strip().strip("<>").casefold() for field in _MEANT_FOR for body in message.all(field)
    }
