"""How people say that they withdraw a complaint, or will, or will not: by the verb, and what it is about.

Phrases cannot list what people write: "told Amazon to drop the case", "die Meldung ist wieder raus". So two
things are looked for in a sentence, what is withdrawn and the word that withdraws it, and what stands around
them decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.mail.matching import Matcher

#: So far from its verb may that stand which is withdrawn; a word that turns a verb round; "will".
_APART, _NEAR, _AHEAD = 48, 40, 60
#: "No problem, …" turns nothing round.
_OPENING = re.compile(r"\s*[^\W\d_]+(?: [^\W\d_]+){0,2}\s*[,!–-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The words of it, in all languages at once."""

    objects: Matcher  #: what is withdrawn: complaint, report
    others: Matcher  #: what else is removed, cancelled and taken down: listing, order, picture
    done: Matcher  #: withdrew, cancelled
    ahead: Matcher  #: forms that say by themselves that it is going to be done: retirerons
    verbs: Matcher  #: forms that need another word: withdraw, cancel
    will: Matcher  #: will, are going to
    ordered: Matcher  #: told Amazon, asked Amazon
    wishes: Matcher  #: you want, you ask
    after: Matcher  #: conditions that are none when the thing is done: after, following
    conditions: Matcher
    finished: Matcher  #: words that say that it is done: have, already
    negations: Matcher


def withdrawals(sentence: str, words: Withdrawal) -> Iterator[tuple[str, tuple[int, int]]]:
    """retracted | promised | refused with its place, for each word of a folded sentence that withdraws."""
    objects = list(words.objects.all(sentence))
    if not objects or sentence.rstrip().endswith(("?", "？")):
        return
    others = list(words.others.all(sentence))
    for kind, matcher in (("done", words.done), ("ahead", words.ahead), ("verbs", words.verbs)):
        for verb in matcher.all(sentence):
            thing = _nearest(verb, objects, others)
            if thing is None or words.wishes.found_in(sentence[: verb[0]]):
                continue
            said = _said(kind, sentence, verb, words)
            if said is not None:
                yield said, (min(verb[0], thing[0]), max(verb[1], thing[1]))


def _nearest(
    verb: tuple[int, int], objects: list[tuple[int, int]], others: list[tuple[int, int]]
) -> tuple[int, int] | None:
    """What the verb is about, when that is a complaint."""
    near = min((_gap(verb, one), 0, one) for one in objects)
    other = min(((_gap(verb, one), 1, one) for one in others), default=near)
    return near[2] if near <= other and near[0] <= _APART else None


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)


def _said(kind: str, sentence: str, verb: tuple[int, int], words: Withdrawal) -> str | None:
    before = sentence[: verb[0]]
    opening = _OPENING.match(before)
    if opening and " " in opening[0].strip() and words.negations.found_in(opening[0][-8:]):
        opening = None  # "We have not, as of today, …"
    start = max(opening.end() if opening else 0, verb[0] - _NEAR)
    depends = words.conditions.found_in(_without(_up_to_next(sentence, verb[1], words), words.will))
    if words.negations.found_in(sentence[start : verb[1]]):
        return None if kind == "done" or depends else "refused"
    planned = kind == "ahead" or _planned(before, words)
    if kind == "done" and not planned:
        return "retracted" if _is_done(before, sentence, words) else None
    if kind == "verbs" and words.ordered.found_in(before):
        return "retracted"
    return "promised" if planned and not depends else None


def _up_to_next(sentence: str, end: int, words: Withdrawal) -> str:
    """Up to what is promised next: "… and will write once it is done" makes nothing before it a condition."""
    following = next(words.will.all(sentence[end:]), None)
    return sentence if following is None else sentence[: end + following[0]]


def _planned(before: str, words: Withdrawal) -> bool:
    """ "will" before the verb, and nothing between them that says that it is done."""
    start = max(0, len(before) - _AHEAD)
    last = max((end for _, end in words.will.all(before[start:])), default=None)
    return last is not None and not words.finished.found_in(before[start + last :])


def _is_done(before: str, sentence: str, words: Withdrawal) -> bool:
    """No condition before the verb; "after we looked into it" is none."""
    found = list(words.conditions.all(before))
    if not all(words.after.found_in(before[start:end]) for start, end in found):
        return False
    return not found or words.finished.found_in(sentence)


def _without(text: str, matcher: Matcher) -> str:
    """The text with the words of a matcher blanked: "will" is a condition everywhere else."""
    for start, end in list(matcher.all(text)):
        text = text[:start] + " " * (end - start) + text[end:]
    return text
