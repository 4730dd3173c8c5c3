"""Which families are worth asking: what each cannot do without is looked for in one go for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.mail.matching import PatternSet, Phrasebook
from bot.reading.families import Check, Family, Look

#: One of these must be found in a mail, or the family cannot fit it: what is looked at, and a phrase, a
#: pattern or a name.
_Trigger = tuple[str, str]
_TEXTS = ("text", "subject")


class Sieve:
    """Made once for the families in their order; asking costs by what a mail says and not by their number."""

    def __init__(self, families: Iterable[Family], book: Phrasebook) -> None:
        """Find what each family cannot do without, its phrases filed in a book with others."""
        self._families = tuple(families)
        self._phrases: dict[str, dict[str, None]] = {of: {} for of in _TEXTS}
        self._patterns: dict[str, dict[str, None]] = {of: {} for of in _TEXTS}
        self._always: list[int] = []
        self._by_trigger: dict[_Trigger, list[int]] = {}
        for position, family in enumerate(self._families):
            triggers = self._triggers(family.check)
            if triggers is None:
                self._always.append(position)
            for one in triggers or ():
                self._by_trigger.setdefault(one, []).append(position)
        self._matchers = {of: book.matcher(phrases) for of, phrases in self._phrases.items()}
        self._sets: dict[str, PatternSet] = {}

    def first_match(self, look: Look) -> Family | None:
        """The first family, in written order, whose condition holds."""
        worth = set(self._always)
        for trigger in self._found_in(look):
            worth.update(self._by_trigger.get(trigger, ()))
        asked = (self._families[position] for position in sorted(worth))
        return next((family for family in asked if family.check.holds(look)), None)

    def _found_in(self, look: Look) -> Iterator[_Trigger]:
        """Everything of a mail by which families are filed."""
        if not self._sets:  # they take long to compile, and most commands read no mail
            self._sets = {of: PatternSet(tuple(patterns)) for of, patterns in self._patterns.items()}
        for of in _TEXTS:
            text, patterns = look.value(of), tuple(self._patterns[of])
            yield from ((of, phrase.text) for phrase in self._matchers[of].likely_in(text))
            found = self._sets[of].found_in(text)
            # A set that ran dry says nothing: each may be there.
            yield from ((of, patterns[n]) for n in (range(len(patterns)) if found is None else found))
        for of in ("says", "labels"):
            yield from ((of, name) for name in look.named(of))

    def _triggers(self, check: Check) -> frozenset[_Trigger] | None:
        """The smallest set of things of which one must be there; None when nothing must."""
        if check.of is not None:
            return self._of_one(check)
        choices = [self._triggers(inner) for inner in check.all_]
        either = [self._triggers(inner) for inner in check.any_]
        known = [one for one in either if one is not None]
        if either and len(known) == len(either):
            choices.append(frozenset().union(*known))
        return min((one for one in choices if one is not None), key=len, default=None)

    def _of_one(self, check: Check) -> frozenset[_Trigger] | None:
        of = check.of or ""
        if of in ("says", "labels"):
            return frozenset((of, name) for name in check.exactly)
        if of not in _TEXTS or check.exactly:
            return None
        phrases = check.words.folded if check.words is not None else ()
        patterns = [one.pattern for one in check.patterns]
        self._phrases[of].update(dict.fromkeys(phrases))
        self._patterns[of].update(dict.fromkeys(patterns))
        return frozenset((of, one) for one in (*phrases, *patterns))
