"""`approve all`: which drafts those are and how they differ; and what an answer came to, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

import click

from bot.case.items import ItemKind
from bot.case.model import State
from bot.cli.screen import Bit, Screen, plain
from bot.cli.session import Session
from bot.cli.text import cut, one_line
from bot.cli.words import absolute, relative, zone_of
from bot.draft.model import Letter
from bot.errors import NotPossible
from bot.review import Item
from bot.runner.checking import findings_of
from bot.runner.desk.approving import must_be_named
from bot.runner.desk.service import Done
from bot.runner.office import practice_of
from bot.wiring import House

#: More differing lines than this are counted, not shown.
_MOST_LINES = 12


def drafts_to_approve(session: Session, house: House, *, sure: bool) -> dict[int, int | None]:
    """Number and revision of every draft that waits, after the person saw how they differ and said yes.

    Raises NotPossible when there are none, UsageError where nobody can be asked, Abort on a no.
    """
    store, now = house.office.store, house.office.clock.now()
    letters = {letter.letter_id: letter for letter in store.letters(states=(State.DRAFTED,))}
    waiting = [
        (item, letters[letter_id])
        for item in store.items()
        if item.kind is ItemKind.DRAFT
        and (letter_id := item.subject.partition(":")[2]) in letters
        and not (item.snoozed_until and item.snoozed_until > now)
    ]
    if not waiting:
        raise NotPossible("no draft waits for approval; `rejoinder queue` shows what does")
    if not sure:
        _print_differences(session.screen, house, waiting)
        count = f"these {len(waiting)} letters" if len(waiting) > 1 else "this letter"
        if not session.ask(f"Approve {count}?"):
            raise click.Abort
    # What was shown is what is approved: a draft written again meanwhile is refused, and told. Where nothing
    # was shown, so is every draft that was ever written again.
    return {item.number: None if sure else letter.revision for item, letter in waiting}


def ask_addressee(session: Session, house: House, number: int) -> str | None:
    """Where only a person's word says who complains: the addressee, typed at the terminal if there is one."""
    item = house.office.store.item(number)
    if item.kind is not ItemKind.DRAFT or item.closed_at is not None or not session.may_ask:
        return None
    letter = house.office.store.letter(item.subject.partition(":")[2])
    if letter.state is not State.DRAFTED or not must_be_named(house.office, letter):
        return None
    session.screen.paragraph(
        "Nothing proves the notice behind this letter. Type the address that Account Health shows for this "
        "complaint; the letter leaves only when it goes there."
    )
    typed: str = click.prompt("Address", type=str)
    return typed.strip()


def _print_differences(screen: Screen, house: House, waiting: Sequence[tuple[Item, Letter]]) -> None:
    first_of: dict[tuple[str, str], tuple[Item, Letter]] = {}
    for item, letter in waiting:
        first, whole = first_of.setdefault((letter.step, letter.language), (item, letter))
        alone = first.number == item.number
        screen.line()
        screen.line(
            Bit(f"Item {item.number}", "title"), f" {letter.step} to {letter.to or 'Amazon, to be pasted'}"
        )
        practice = practice_of(house.office, item.account_id)
        for finding in findings_of(house.office, practice, letter):
            screen.paragraph(finding.sentence, indent=4, first="  !", look="bad" if finding.error else "warn")
        screen.line("  ", Bit("subject: ", "quiet"), cut(one_line(letter.subject), screen.width - 12))
        lines = letter.body.split("\n") if alone else list(_differing(whole.body, letter.body))
        title = "the letter" if alone else f"where it differs from item {first.number}"
        screen.line("  ", Bit(title, "quiet"))
        for line in lines if alone else lines[:_MOST_LINES]:
            screen.paragraph(line, indent=4)
        if not alone and len(lines) > _MOST_LINES:
            screen.line("    ", Bit(f"… and {len(lines) - _MOST_LINES} lines more", "quiet"))
    screen.line()


def _differing(before: str, after: str) -> Iterator[str]:
    """Lines of `after` that `before` does not have at that place; lines left out with a minus sign."""
    old, new = before.split("\n"), after.split("\n")
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        yield from (f"+ {line}" for line in new[j1:j2]) if j2 > j1 else (f"- {line}" for line in old[i1:i2])


def done_words(house: House, done: Done) -> str:
    """`approved, leaves Thu 5 Mar 2026 14:10 CET (in 10:00); recall 3 takes it back`."""
    letter = done.letter
    if letter is None or letter.approval is None or letter.state is not State.APPROVED:
        return done.text
    now, approval = house.office.clock.now(), letter.approval
    zone = zone_of(house.settings, letter.account_id)
    leaves = f"{absolute(approval.leaves_at, zone)} ({relative(approval.leaves_at, now)})"
    whom = ", ".join(recipient.address for recipient in approval.envelope.recipients)
    test = "TEST, only " if approval.envelope.rehearsal else ""
    return (
        f"{done.text}: {letter.step} to {test}{whom}; leaves {leaves}, "
        f"`rejoinder recall {done.item.number}` takes it back. Hash {approval.digest[:16]}"
    )


def done_json(number: int, done: Done) -> dict[str, Any]:
    """The same for a program."""
    letter = done.letter
    approval = letter.approval if letter else None
    return {
        "number": number,
        "kind": done.item.kind.value,
        "cases": list(done.item.cases),
        "result": done.text,
        "warning": done.warning,
        "letter": letter.letter_id if letter else None,
        "state": letter.state.value if letter else None,
        "revision": letter.revision if letter else None,
        "leaves_at": plain(approval.leaves_at) if approval else None,
        "hash": approval.digest if approval else None,
        "test": approval.envelope.rehearsal if approval else None,
    }
