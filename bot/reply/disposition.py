"""What an answer comes to, judged by the writer's own words alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.mail.matching import Matcher
from bot.mail.text import Folded

#: A sentence with one of these only speaks of what might be done.
_CONDITION = re.compile(
    r"\b(?:if|once|after|before|unless|until|when|upon|provided|would"
    r"|could|consider|willing|prepared|ready|happy to|can only|will (?!not)"
    r"|wenn|falls|sobald|nach|bevor|würden|könnten|bereit|sofern|erst|werden (?!nicht)"
    r"|si|après|dès|une fois|lorsque|se|dopo|quando|cuando|tras|después)\b"
)
_DONE = re.compile(
    r"\b(?:have|has|was|been|already|hereby|today|this morning|yesterday"
    r"|haben|hat|wurde|worden|hiermit|bereits|heute|gestern|avons|a été"
    r"|abbiamo|è stato|hemos|ha sido)\b"
)
_NOT = re.compile(r"\b(?:not|n't|no|never|cannot|nicht|kein|keine|keinen|weder|ne|pas|non|sin)\b|n't\b")
_SENTENCE = re.compile(r"[^.!?\n。！？]+(?:[.!?。！？]+|\n|$)")


@dataclass(frozen=True, slots=True)
class Judged:
    """A disposition and where in the folded text it was read."""

    name: str
    start: int
    end: int


def judge(own: Folded, phrases: Mapping[str, Matcher]) -> Judged | None:
    """The disposition of the writer's own words.

    Order: done retraction; demand for money or an undertaking; counsel; refusal; reason; questions.
    A refusal beats a reason, because it says what the other side will do; a reason with a question is one.
    """
    retracted = _retracted(own.flow, phrases)
    if retracted is not None:
        return retracted
    for name in ("settlement", "represented", "refused", "reason_given", "needs_info"):
        matcher = phrases.get(name)
        place = matcher.first(own) if matcher else None
        if place is not None:
            return Judged(name, *place)
    return None


def _retracted(flow: str, phrases: Mapping[str, Matcher]) -> Judged | None:
    """Only what is done or ordered, never what is offered, refused or made to depend on something."""
    matcher = phrases.get("retracted")
    if matcher is None:
        return None
    for sentence in _SENTENCE.finditer(flow):
        text = sentence.group()
        place = next(matcher.all(text), None)
        if place is None or _NOT.search(text[max(0, place[0] - 40) : place[1]]):
            continue
        lead = text[: place[0] + 1]
        if _CONDITION.search(lead) and not _DONE.search(text[place[0] : place[1]]):
            continue
        if re.match(r"\W*(?:if|once|unless|until|wenn|falls|sobald|sofern|si|se)\b", text):
            continue
        return Judged("retracted", sentence.start() + place[0], sentence.start() + place[1])
    return None
