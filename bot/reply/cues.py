"""What an answer comes to when no phrase tells: things that are spoken of in one sentence.

"Mind emailing over the wholesaler's receipt?" is in no list of phrases; that it asks, and for what tells
where goods come from, is enough. Asked only of mail that is known to answer us, when nothing else told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.mail.matching import Matcher
from bot.reply.disposition import SENTENCE

_AMAZON = re.compile("amazon|アマゾン|亚马逊|亞馬遜")
_FIGURE = re.compile(r"[0-9０-９一二两三四五六七八九十百千万]")
_ASKED = ("?", "？", "か。", "か")
#: The graver first, as among phrases.
_ORDER = ("settlement", "represented", "refused", "never_filed", "reason_given", "needs_info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """Words for what answers speak of, in all languages at once, and what turns them round."""

    words: Mapping[str, Matcher]
    objects: Matcher  #: complaint, report
    conditions: Matcher
    finished: Matcher
    negations: Matcher


def told_by_cues(flow: str, cues: Cues) -> tuple[str, tuple[int, int]] | None:
    """The gravest thing that a sentence of a folded text says, and the place of that sentence; or None."""
    found: dict[str, tuple[int, int]] = {}
    for match in SENTENCE.finditer(flow):
        for name in _in_sentence(_Sentence(match[0], cues)):
            found.setdefault(name, match.span())
    return next(((name, found[name]) for name in _ORDER if name in found), None)


class _Sentence:
    """A sentence that is asked what it speaks of."""

    def __init__(self, text: str, cues: Cues) -> None:
        self.text = text
        self.cues = cues
        self.asked = text.rstrip().endswith(_ASKED)
        self.negated = cues.negations.found_in(text) or self.has("nobody")
        self.depends = cues.conditions.found_in(text)

    def has(self, *names: str) -> bool:
        return all(self.cues.words[name].found_in(self.text) for name in names)


def _in_sentence(said: _Sentence) -> Iterator[str]:
    if _demands(said):
        yield "settlement"
    if said.has("lawyers") and not said.negated:
        yield "represented"
    if not said.asked and not said.depends and _refuses(said):
        yield "refused"
    if said.negated and _denies(said):
        yield "never_filed"
    wanted = said.has("source") and (said.asked or said.has("asks"))
    if (
        not wanted
        and not said.asked
        and said.has("mine", "works")
        and (said.has("yours") or said.has("made"))
    ):
        yield "reason_given"
    if wanted:
        yield "needs_info"


def _demands(said: _Sentence) -> bool:
    """An amount of money and what is done with it, or two things that settle a matter."""
    paid = list(said.cues.words["pays"].all(said.text))
    amount = said.has("money") and _FIGURE.search(said.text) is not None
    return bool(paid) and (amount or len(paid) > 1) and not said.negated


def _refuses(said: _Sentence) -> bool:
    finished = said.cues.finished.found_in(said.text)
    return (
        said.has("refuses")
        or (said.has("plain") and said.negated and not finished)
        or (said.has("stance", "stays") and (said.negated or not finished))
    )


def _denies(said: _Sentence) -> bool:
    """Nobody here reported anything, or it does not come from us."""
    of_ours = said.cues.objects.found_in(said.text) and said.has("from_us")
    to_amazon = _AMAZON.search(said.text) is not None and said.has("contacted")
    return of_ours or ((said.has("filed") or to_amazon) and said.has("ourselves"))
