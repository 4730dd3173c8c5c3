"""Families that never fit, and names in them that nothing fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from bot.errors import Problem
from bot.mail.text import fold_words
from bot.notice.facts import Action, Right
from bot.notice.labels import LabelsFile
from bot.notice.lexicon import squeeze
from bot.reading.families import Condition, FamilyFile
from bot.settings.text import Document, Loc

#: Fields that are read without any label.
_UNLABELLED = frozenset({"contact"})
_VALUES = {"right": tuple(right.value for right in Right), "action": tuple(action.value for action in Action)}
Families = Mapping[str, tuple[Document, FamilyFile]]


def family_remarks(families: Families, labels: Sequence[LabelsFile]) -> Iterator[Problem]:
    """Remarks about every family that is on."""
    said = {name for file in labels for name, phrases in file.says.items() if phrases}
    labelled = {name for file in labels for name, phrases in file.labels.items() if phrases}
    filled = {"says": frozenset(said), "labels": frozenset(labelled) | _UNLABELLED}
    on = {name: both for name, both in families.items() if not both[1].off}
    for name, (document, family) in on.items():
        for loc, message, hint in _conditions(family.when, ("when",), filled):
            yield document.problem(message, document.values.get(loc), hint)
        if other := _taken_by(name, family, on):
            yield document.problem(
                f"{other} (order {on[other][1].order}) takes every mail that fits this family",
                document.values.get(("order",)),
                "Give it a lower order, or narrow the other",
            )


def _conditions(
    condition: Condition, loc: Loc, filled: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Loc, str, str]]:
    yield from _names(condition, loc, filled)
    for word, group in (("all", condition.all_), ("any", condition.any_), ("none", condition.none)):
        for number, inner in enumerate(group or ()):
            yield from _conditions(inner, (*loc, word, number), filled)
    for number, inner in enumerate(condition.any_ or ()):
        if (
            inner.none
            and inner.of is None
            and not inner.all_
            and not inner.any_
            and len(condition.any_ or ()) > 1
        ):
            yield (
                (*loc, "any", number),
                "none within any fits almost every mail",
                "Put none beside any, so that both must hold",
            )
    for number, inner in enumerate(condition.all_ or ()):
        if any(_implies(inner, barred) for barred in condition.none or ()):
            yield (
                (*loc, "all", number),
                "this can never hold: none below excludes the same",
                "Leave out one of the two",
            )


def _names(
    condition: Condition, loc: Loc, filled: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Loc, str, str]]:
    """Names that no label file fills, and values that nothing has."""
    of = condition.of or ""
    for number, name in enumerate(condition.contains or () if of in filled else ()):
        if name not in filled[of]:
            yield (
                (*loc, "contains", number),
                f'"{name}" is never filled: no label file has words for it',
                f"Add {of}: {name}: to a file in rules/labels",
            )
    for number, value in enumerate(condition.is_ or () if of in _VALUES else ()):
        if value not in _VALUES[of]:
            near = get_close_matches(value, _VALUES[of], 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(_VALUES[of])}"
            yield (*loc, "is", number), f'no mail has the {of} "{value}"', hint
    for number, phrase in enumerate(condition.contains or () if of not in filled else ()):
        if not phrase.strip("* "):
            yield (*loc, "contains", number), "a phrase without a word fits nothing", "Leave it out"


def _taken_by(name: str, family: FamilyFile, families: Families) -> str | None:
    """An earlier family that fits whenever this one does."""
    mine = (family.order, name)
    for other, (_, file) in families.items():
        if (file.order, other) < mine and _implies(family.when, file.when):
            return other
    return None


def _implies(narrow: Condition, wide: Condition) -> bool:
    """True when every mail that fulfils `narrow` fulfils `wide`; False when that is not plain to see."""
    if wide.of is None:
        return (
            all(_implies(narrow, part) for part in wide.all_ or ())
            and (not wide.any_ or any(_implies(narrow, part) for part in wide.any_))
            and all(_excludes(narrow, part) for part in wide.none or ())
        )
    if narrow.of is None:
        if any(_implies(part, wide) for part in narrow.all_ or ()):
            return True
        return bool(narrow.any_) and all(_implies(part, wide) for part in narrow.any_ or ())
    return narrow.of == wide.of and any(
        mine is not None and theirs is not None and _folded(mine) <= _folded(theirs)
        for mine, theirs in (
            (narrow.is_, wide.is_),
            (narrow.contains, wide.contains),
            (narrow.matches, wide.matches),
            (narrow.regex, wide.regex),
        )
    )


def _excludes(narrow: Condition, barred: Condition) -> bool:
    """True when no mail that fulfils `narrow` fulfils `barred`."""
    if narrow.of is not None:
        return False
    return any(_implies(barred, part) for part in narrow.none or ()) or any(
        _excludes(part, barred) for part in narrow.all_ or ()
    )


def _folded(phrases: Sequence[str]) -> set[str]:
    return {fold_words(phrase) for phrase in phrases}


def lost_labels(files: Sequence[tuple[Document, LabelsFile]]) -> Iterator[Problem]:
    """Labels that have no effect, because an earlier file gives the same words to another field."""
    held: dict[str, tuple[str, str]] = {}
    for document, file in sorted(files, key=lambda both: (both[1].language != "en", both[1].language)):
        for field, phrases in file.labels.items():
            for number, phrase in enumerate(phrases):
                other, language = held.setdefault(squeeze(phrase), (field, file.language))
                if other != field:
                    yield document.problem(
                        f'"{phrase}" has no effect here: rules/labels/{language}.yaml reads it as {other}',
                        document.values.get(("labels", field, number)),
                        "Leave it out, or choose longer words",
                    )
