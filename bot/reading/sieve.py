"""Which families are worth asking: all phrases of all families are looked for at once (RE2 sets)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.mail.matching import PatternSet
from bot.reading.families import Check, Family, Look

#: One of these must be found in a mail, or the family cannot fit it: (what is looked at, number or name).
_Triggers = frozenset[tuple[str, int | str]]


class Sieve:
    """Made once for the families in their order; asking costs by what a mail says and not by their number."""

    def __init__(self, families: Iterable[Family]) -> None:
        """Find what each family cannot do without; the sets are compiled with the first mail."""
        self._families = tuple(families)
        self._patterns: dict[str, list[str]] = {"text": [], "subject": []}
        self._always: list[int] = []
        self._by_trigger: dict[tuple[str, int | str], list[int]] = {}
        for position, family in enumerate(self._families):
            triggers = self._triggers(family.check)
            if triggers is None:
                self._always.append(position)
            for one in triggers or ():
                self._by_trigger.setdefault(one, []).append(position)
        self._sets: dict[str, PatternSet] = {}

    def first_match(self, look: Look) -> Family | None:
        """The first family, in written order, whose condition holds."""
        if not self._sets:
            self._sets = {of: PatternSet(patterns) for of, patterns in self._patterns.items()}
        worth = set(self._always)
        for of, patterns in self._sets.items():
            found = patterns.found_in(look.value(of))
            if found is None:  # then each is asked
                worth = set(range(len(self._families)))
                break
            for number in found:
                worth.update(self._by_trigger.get((of, number), ()))
        for of in ("says", "labels"):
            for name in look.named(of):
                worth.update(self._by_trigger.get((of, name), ()))
        asked = (self._families[position] for position in sorted(worth))
        return next((family for family in asked if family.check.holds(look)), None)

    def _triggers(self, check: Check) -> _Triggers | None:
        """The smallest set of things of which one must be there; None when nothing must."""
        if check.of is not None:
            return self._of_one(check)
        choices = [self._triggers(inner) for inner in check.all_]
        either = [self._triggers(inner) for inner in check.any_]
        known = [one for one in either if one is not None]
        if either and len(known) == len(either):
            choices.append(frozenset().union(*known))
        return min((one for one in choices if one is not None), key=len, default=None)

    def _of_one(self, check: Check) -> _Triggers | None:
        of = check.of or ""
        if of in ("says", "labels"):
            return frozenset((of, name) for name in check.exactly)
        if of not in self._patterns or check.exactly:
            return None
        words = [check.words.pattern] if check.words is not None and check.words.pattern is not None else []
        return frozenset((of, self._numbered(of, one.pattern)) for one in (*words, *check.patterns))

    def _numbered(self, of: str, pattern: str) -> int:
        """The number of a pattern in its set."""
        known = self._patterns[of]
        if pattern not in known:
            known.append(pattern)
        return known.index(pattern)
