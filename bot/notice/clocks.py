"""Time limits that a mail sets to us; waits of others, lives of records and holding periods are none."""

from __future__ import annotations

import math
import re

from bot.mail.text import fold_words
from bot.notice.facts import Deadline
from bot.notice.lexicon import Lexicon
from bot.notice.source import Source

_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n|[。！？]")


def deadline_of(source: Source, lexicon: Lexicon, start: int = 0, end: int | None = None) -> Deadline | None:
    """The first time limit set to us in a range of the original text."""
    clock = lexicon.clock
    if clock.pattern is None:
        return None
    flow = source.folded.flow
    for match in clock.pattern.finditer(flow):
        at, until = source.folded.place(*match.span())
        if at < start or (end is not None and until > end):
            continue
        values = [match.group(i) for i in range(1, len(match.groups()) + 1) if match.group(i) is not None]
        if len(values) < 2 or clock.not_ours.found_in(_sentence(flow, match.start(), match.end())):
            continue
        days = _days(values[0], clock.numbers)
        unit = clock.units.get(fold_words(values[1]))
        if days is None or unit is None:
            continue
        return Deadline(days=max(1, math.ceil(days * unit[0])), business=unit[1], span=source.span(at, until))
    return None


def _days(text: str, numbers: object) -> int | None:
    first = text.split("(")[0].strip()
    if first.isdigit():
        return int(first)
    return numbers.get(first) if isinstance(numbers, dict) else None


def _sentence(flow: str, start: int, end: int) -> str:
    before = 0
    for stop in _SENTENCE_END.finditer(flow, max(0, start - 400), start):
        before = stop.end()
    after = _SENTENCE_END.search(flow, end)
    return flow[max(before, start - 400) : after.start() if after else min(len(flow), end + 300)]
