"""Why a mail was taken for what it was: every family, and every condition with what it met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.mail.authentication import Proof, Verdict
from bot.mail.parse import parse_message
from bot.reading.families import Condition, Family, Look, make_check
from bot.reading.look import look_of, view_of
from bot.reading.rules import ReadingRules

Loc = tuple[str | int, ...]

_AROUND = 30  #: characters shown on both sides of a phrase that was found
_NAMED = ("says", "labels")
_UNJUDGED = Verdict(proven=False, proof=Proof.NOT_PINNED, domain=None, authserv_id=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One condition that looks at something, and how it came out."""

    loc: Loc  #: where it stands in the family's file, from `when` on
    of: str
    word: str  #: is | contains | matches | regex
    wanted: tuple[str, ...]
    value: str  #: what was there; of a long text what was found in it, else ""
    holds: bool
    unwanted: bool  #: it stands under `none`: what holds there excludes the mail
    first_failing: bool = False  #: the first condition of its family for which the mail does not fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One family, in the order they are asked."""

    family: Family
    fits: bool
    taken: bool  #: the first that fits
    tested: tuple[Tested, ...]


def ask_families(raw: bytes, rules: ReadingRules, own_addresses: frozenset[str]) -> tuple[Asked, ...]:
    """Every family with its conditions. Raises UnreadableMail."""
    view = view_of(parse_message(raw), _UNJUDGED, rules, own_addresses)
    look = look_of(rules, view.message.head.subject, view.sender, view.source, view.facts)
    asked: list[Asked] = []
    for family in rules.families:
        fits = family.check.holds(look)
        taken = fits and not any(other.taken for other in asked)
        culprit = None if fits else _first_failing(family.file.when, ("when",), look)
        tested = tuple(_tested(family.file.when, ("when",), look, culprit, unwanted=False))
        asked.append(Asked(family=family, fits=fits, taken=taken, tested=tested))
    return tuple(asked)


def _groups(condition: Condition) -> tuple[tuple[str, list[Condition]], ...]:
    groups = (("all", condition.all_), ("any", condition.any_), ("none", condition.none))
    return tuple((word, group) for word, group in groups if group)


def _first_failing(condition: Condition, loc: Loc, look: Look) -> Loc | None:
    """Where the first condition stands that keeps this one from holding."""
    if condition.of is not None:
        return loc
    for word, group in _groups(condition):
        holding = [make_check(inner).holds(look) for inner in group]
        if word == "none" and True in holding:
            number = holding.index(True)
            return _first_leaf(group[number], (*loc, word, number))
        if (word == "all" and False in holding) or (word == "any" and True not in holding):
            number = holding.index(False)
            return _first_failing(group[number], (*loc, word, number), look)
    return None


def _first_leaf(condition: Condition, loc: Loc) -> Loc:
    while condition.of is None:
        word, group = _groups(condition)[0]
        condition, loc = group[0], (*loc, word, 0)
    return loc


def _tested(
    condition: Condition, loc: Loc, look: Look, culprit: Loc | None, *, unwanted: bool
) -> Iterator[Tested]:
    if condition.of is None:
        for word, group in _groups(condition):
            for number, inner in enumerate(group):
                here = (*loc, word, number)
                yield from _tested(inner, here, look, culprit, unwanted=unwanted != (word == "none"))
        return
    word, wanted = next(
        (word, phrases)
        for word, phrases in (
            ("is", condition.is_),
            ("contains", condition.contains),
            ("matches", condition.matches),
            ("regex", condition.regex),
        )
        if phrases is not None
    )
    yield Tested(
        loc=loc,
        of=condition.of,
        word=word,
        wanted=tuple(wanted),
        value=_value(condition, look),
        holds=make_check(condition).holds(look),
        unwanted=unwanted,
        first_failing=loc == culprit,
    )


def _value(condition: Condition, look: Look) -> str:
    """What was compared: the names or the value, and of the text the words that were found."""
    of = condition.of or ""
    if of in _NAMED:
        return ", ".join(sorted(look.named(of)))
    value = look.value(of)
    if of != "text":
        return value
    place = make_check(condition).place(value)
    if place is None:
        return ""
    start, end = max(0, place[0] - _AROUND), min(len(value), place[1] + _AROUND)
    cut = " ".join(value[start:end].split())
    return ("…" if start else "") + cut + ("…" if end < len(value) else "")
