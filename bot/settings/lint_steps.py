"""Steps of a playbook that cannot fire, and waits that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from bot.case.model import PartyRole
from bot.case.playbook import Playbook, Unit, Wait
from bot.errors import Problem
from bot.settings.text import Document, Loc

#: Hours of one unit; five business days are a week.
_HOURS = {Unit.MINUTES: 1 / 60, Unit.HOURS: 1.0, Unit.DAYS: 24.0, Unit.BUSINESS_DAYS: 24 * 7 / 5}


def playbook_remarks(document: Document, playbook: Playbook) -> Iterator[Problem]:
    """Everything that a playbook says and cannot mean."""

    def at(*loc: str | int) -> tuple[int, int] | None:
        where: Loc = loc
        return document.values.get(where) or document.keys.get(where)

    for number, message, hint in _cannot_fire(playbook):
        yield document.problem(message, at("steps", number, "name"), hint)
    for number, message, hint in _waits(playbook):
        yield document.problem(message, at("steps", number, "wait"), hint)
    last = playbook.steps[-1]
    if last.to is PartyRole.COMPLAINANT:
        yield document.problem(
            f'nothing follows step "{last.name}": when nobody answers it, the case waits without a date',
            at("steps", len(playbook.steps) - 1, "name"),
            "Add a step to: amazon at the end",
        )


def _cannot_fire(playbook: Playbook) -> Iterator[tuple[int, str, str]]:
    seen: list[PartyRole] = []
    letters = 0
    for number, step in enumerate(playbook.steps):
        if step.to is PartyRole.COUNSEL:
            yield (
                number,
                f'step "{step.name}" cannot fire: a case that names a lawyer is held before any letter',
                "Leave it out",
            )
        elif step.to in seen[:-1] and step.to is not seen[-1]:
            yield (
                number,
                f'step "{step.name}" cannot fire: the ladder does not go back to the {step.to.value}',
                f"Put the steps to the {step.to.value} together",
            )
        elif step.to is PartyRole.COMPLAINANT:
            letters += 1
            if letters > playbook.letter_limit:
                yield (
                    number,
                    f'step "{step.name}" cannot fire: no more than {playbook.letter_limit} letters go to a '
                    "complainant",
                    "Leave it out, or raise letter_limit (three at most)",
                )
        if not seen or seen[-1] is not step.to:
            seen.append(step.to)


def _waits(playbook: Playbook) -> Iterator[tuple[int, str, str]]:
    spent = 0.0
    for number, step in enumerate(playbook.steps[:-1]):
        following = playbook.steps[number + 1]
        if not step.wait.amount:
            yield (
                number,
                f'nobody has time to answer "{step.name}": "{following.name}" falls due at once',
                "Write a wait",
            )
        elif step.to is PartyRole.COMPLAINANT and hours(playbook.reply_by) > hours(step.wait):
            yield (
                number,
                f'"{following.name}" falls due after {step.wait}, but "{step.name}" asks for an answer '
                f"within {playbook.reply_by}",
                "Make reply_by no longer than the shortest wait",
            )
        spent += hours(step.wait)
        escalates = following.to is PartyRole.AMAZON and step.to is not PartyRole.AMAZON
        if escalates and spent > hours(playbook.last_safe_default):
            yield (
                number,
                f'"{following.name}" comes after the last safe date of a notice that names no deadline '
                f"({playbook.last_safe_default})",
                "Shorten the waits before it, or set last_safe_default",
            )


def hours(wait: Wait) -> float:
    """About how long a wait is, to compare two."""
    return wait.amount * _HOURS[wait.unit]
