"""What an answer comes to, judged by the writer's own words alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.frozen import quick
from bot.mail.matching import Matcher
from bot.mail.text import Folded
from bot.reply.withdrawal import Withdrawal, withdrawals

#: One sentence, or one line.
SENTENCE = re.compile(r"[^.!?\n。！？]+(?:[.!?。！？]+|\n|$)")
#: The order in which they are asked once no retraction is done: the narrow and grave ones first.
_ORDER = ("settlement", "represented", "refused", "never_filed", "promised", "reason_given", "needs_info")
#: How far before a phrase a word may stand that turns it round, in characters; Han says as much in few.
_NEAR, _NEAR_HAN = 40, 6


@quick
@dataclass(frozen=True, slots=True)
class Judged:
    """A disposition and where in the folded text it was read."""

    name: str
    start: int
    end: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """What answers say, in all languages at once."""

    reply: Mapping[str, Matcher]
    conditions: Matcher
    done: Matcher
    negations: Matcher
    doubted: Matcher  #: makes a withdrawal of the same sentence another's, or none
    undone: Matcher  #: the same, also behind it
    withdrawal: Withdrawal


def judge(own: Folded, phrases: Phrases) -> Judged | None:
    """The disposition of the writer's own words.

    Order: done retraction; demand for money or an undertaking; counsel; refusal; "not ours"; promise; reason;
    questions. A refusal beats a reason, because it says what the other side will do; a reason with a question
    is one.
    """
    free = _in_free_words(own.flow, phrases)
    retracted = _retracted(own.flow, phrases) or free.get("retracted")
    if retracted is not None:
        return retracted
    for name in _ORDER:
        matcher = phrases.reply.get(name)
        if matcher is None:
            continue
        place = _promised(own.flow, matcher, phrases) if name == "promised" else matcher.first(own)
        if place is None and name in free:
            return free[name]
        if place is not None:
            return Judged(name, *place)
    return None


def _in_free_words(flow: str, phrases: Phrases) -> dict[str, Judged]:
    """What sentences say that no phrase foresees, the first of each kind."""
    found: dict[str, Judged] = {}
    if phrases.withdrawal.objects.likely_in(flow):
        for sentence in SENTENCE.finditer(flow):
            for name, (start, end) in withdrawals(sentence.group(), phrases.withdrawal):
                if name != "refused" and _is_doubted(flow, sentence.group(), sentence.start(), phrases):
                    continue
                found.setdefault(name, Judged(name, sentence.start() + start, sentence.start() + end))
    return found


def _places(flow: str, matcher: Matcher) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """Sentence, its offset, and the place of the first phrase in it."""
    for sentence in SENTENCE.finditer(flow):
        place = next(matcher.all(sentence.group()), None)
        if place is not None:
            yield sentence.group(), sentence.start(), place


def _retracted(flow: str, phrases: Phrases) -> Judged | None:
    """Only what is done or ordered, never what is offered, refused, asked or made to depend on something."""
    matcher = phrases.reply.get("retracted")
    if matcher is None:
        return None
    for text, offset, place in _places(flow, matcher):
        if text.rstrip().endswith(("?", "？")) or _turned_round(text, place, phrases):
            continue
        if phrases.withdrawal.wishes.found_in(text[: place[0]]):
            continue  # "You want us to have the complaint cancelled"
        done = phrases.done.found_in(text[place[0] : place[1]])
        if _conditional(text, place, phrases) and not done:
            continue
        first = next(phrases.conditions.all(text), None)
        if first is not None and not text[: first[0]].strip(" ,;:-–—\"'"):
            continue  # "If the complaint has been withdrawn, …"
        if _is_doubted(flow, text, offset, phrases):
            continue
        return Judged("retracted", offset + place[0], offset + place[1])
    return None


def _is_doubted(flow: str, sentence: str, start: int, phrases: Phrases) -> bool:
    """ "We withdrew it against another seller", "We had withdrawn it. We have filed it again"."""
    return phrases.doubted.found_in(sentence) or phrases.undone.found_in(flow[start:])


def _promised(flow: str, matcher: Matcher, phrases: Phrases) -> tuple[int, int] | None:
    """A promise that depends on nothing: "if", "once" and their like make it an offer."""
    for text, offset, place in _places(flow, matcher):
        around = text[: place[0]] + " " + text[place[1] :]
        if _turned_round(text, place, phrases) or phrases.conditions.found_in(around):
            continue
        if not _is_doubted(flow, text, offset, phrases):
            return offset + place[0], offset + place[1]
    return None


def _turned_round(text: str, place: tuple[int, int], phrases: Phrases) -> bool:
    near = _NEAR_HAN if text[place[0]] >= "\u2e80" else _NEAR
    return phrases.negations.found_in(text[max(0, place[0] - near) : place[1]])


def _conditional(text: str, place: tuple[int, int], phrases: Phrases) -> bool:
    """A condition before the phrase; one behind it ("withdrawn after a call") is none."""
    return phrases.conditions.found_in(text[: place[0] + 1])
