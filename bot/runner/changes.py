"""Turns decisions into the one Change that the store writes, with the review items they open and close."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from bot.case.decide import Decision
from bot.case.items import ItemClosing, ItemKind, NewItem, letter_subject
from bot.case.model import Case
from bot.draft.model import Letter
from bot.errors import Conflict
from bot.ports import Change, MailResult
from bot.review import PENDING, item_changes

T = TypeVar("T")

#: Tries when a person or a mail changes the same case at the same moment.
AGAIN = 20


def change_of(
    decisions: Iterable[Decision],
    *,
    letters: Iterable[Letter] = (),
    mails: Iterable[MailResult] = (),
    items: Iterable[NewItem] = (),
    closings: Iterable[ItemClosing] = (),
) -> Change:
    """Everything the decisions write, in one transaction.

    Several decisions on one case must be chained (each starting from the one before); the last one wins.
    """
    decided = list(decisions)
    letters = tuple(letters)
    first: dict[str, Case | None] = {}
    last: dict[str, Case] = {}
    for decision in decided:
        first.setdefault(decision.case.case_id, decision.before)
        last[decision.case.case_id] = decision.case
    opened: list[NewItem] = list(items)
    closed: list[ItemClosing] = list(closings)
    for case_id, case in last.items():
        new, gone = item_changes(first[case_id], case)
        opened += new
        closed += gone
    kept = {(item.kind, item.subject) for item in opened}
    kept |= {(ItemKind.DRAFT, letter_subject(x.letter_id)) for x in letters if x.state in PENDING}
    return Change(
        cases=tuple(last.values()),
        diary=tuple((decision.case.case_id, event) for decision in decided for event in decision.events),
        letters=letters,
        mails=tuple(mails),
        open_items=tuple(_merged(opened)),
        close_items=tuple(c for c in closed if (c.kind, c.subject) not in kept),
    )


def _merged(items: list[NewItem]) -> list[NewItem]:
    """One item for one subject, naming every case that asks for it."""
    by_subject: dict[tuple[ItemKind, str], NewItem] = {}
    for item in items:
        key = (item.kind, item.subject)
        known = by_subject.get(key)
        if known is None:
            by_subject[key] = item
            continue
        by_subject[key] = replace(
            item,
            cases=tuple(dict.fromkeys((*known.cases, *item.cases))),
            reason=item.reason or known.reason,
            detail=item.detail or known.detail,
        )
    return list(by_subject.values())


def again_on_conflict(work: Callable[[], T]) -> T:
    """Read, decide and record again when a row moved meanwhile; raises Conflict when it never settles."""
    for _ in range(AGAIN - 1):
        try:
            return work()
        except Conflict:
            continue
    return work()
