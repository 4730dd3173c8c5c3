"""`rejoinder status`: whether it works, how fresh the mailboxes are, and what waits for whom."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, Piece, Screen, plain, print_json
from bot.cli.session import Session, common, now

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.standing import MailboxAge, Standing, Waits


@click.command(short_help="Does it work, and who owes what.", epilog="Example: rejoinder status --json")
@common
@click.pass_obj
def status(session: Session) -> None:
    """Say whether the daemon runs, when each mailbox was last read, and what waits for whom.

    Exit status 1 when something is wrong: as a check by a monitor, or in your prompt.
    """
    from bot.cli.desk import open_desk
    from bot.cli.standing import standing_of

    moment = now()
    with open_desk(session.home()) as (settings, store):
        found = standing_of(settings, store, moment)
    if session.json:
        print_json({"well": not found.problems, **plain(found)})
    else:
        _print(session.screen, found, moment)
    if found.problems:
        sys.exit(1)


def _print(screen: Screen, found: Standing, moment: datetime) -> None:
    for problem in found.problems:
        screen.paragraph(problem, indent=2, first="!", look="bad")
    for note in found.notes:
        screen.paragraph(note, indent=2, first="!", look="test" if note.startswith("TEST") else "warn")
    if not found.problems:
        screen.line(Bit("All is well.", "good"))
    screen.rule("Mailboxes")
    if found.mailboxes:
        rows: list[list[Piece]] = [_mailbox(one, moment) for one in found.mailboxes]
        screen.table(["ACCOUNT", "MAILBOX", "LAST READ", "NEWS BY"], rows, shrink={0: 10, 1: 10})
    else:
        screen.line("  rejoinder.yaml names no account yet.")
    screen.rule("What waits for whom")
    screen.facts([(who, _wait_words(waits, moment)) for who, waits in _who(found)])


def _mailbox(one: MailboxAge, moment: datetime) -> list[Piece]:
    from bot.cli.words import relative

    read = relative(one.read_at, moment) if one.read_at else "never"
    return [one.account, one.mailbox, Bit(read, "" if one.fresh else "bad"), one.mode]


def _who(found: Standing) -> list[tuple[str, Waits]]:
    return [
        ("for you", found.you),
        ("for a complainant", found.complainant),
        ("for Amazon", found.amazon),
        ("for the undo window", found.leaving),
    ]


#: The words of `Waits` that are said otherwise of one.
_ONE = {
    "drafts": "draft",
    "claims": "claim",
    "suspects": "suspect",
    "complainants owe an answer": "complainant owes an answer",
    "cases before Amazon": "case before Amazon",
    "approved letters": "approved letter",
}


def _wait_words(waits: Waits, moment: datetime) -> str:
    from bot.cli.words import relative, until

    if not waits.what:
        return "nothing"
    what = [(count, _ONE.get(name, name) if count == 1 else name) for name, count in waits.what.items()]
    words = ", ".join(f"{count} {name}" for count, name in what)
    if waits.since is not None:
        words += f"; the oldest since {relative(waits.since, moment).removesuffix(' ago')}"
    if waits.until is not None:
        words += f"; {waits.until_is} {until(waits.until, moment)}"
    return words
