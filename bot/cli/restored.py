"""`rejoinder restored`: what to check in a copy restored from a backup, and the end of its safe mode."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Quiet, Session, by_option, common

if TYPE_CHECKING:
    from bot.draft.model import Letter
    from bot.edge.backup.mark import Mark
    from bot.wiring import House

#: What a look into Sent came to, per letter.
FOUND, NOT_FOUND, NOT_ASKED = "in Sent", "not in Sent", "not looked for"


@click.command(
    short_help="End a restored copy's safe mode.", epilog="Example: rejoinder restored --i-have-checked"
)
@common
@by_option
@click.option("--i-have-checked", "checked", is_flag=True, help="End it; stop the daemon first.")
@click.option("--without-mailbox", is_flag=True, help="Do not look into Sent; you have done so yourself.")
@click.pass_obj
def restored(session: Session, checked: bool, without_mailbox: bool, by: str | None) -> None:
    """In a copy restored from a backup: list the letters that the original may have sent since.

    Each is looked for in the Sent mailbox. With --i-have-checked those found there are taken as sent (a draft
    is set aside and its case held), and from then on the settings decide about safe mode again. Letters that
    were drafted after the backup are not known here; look for them in Sent yourself.
    """
    from contextlib import nullcontext

    from bot.edge.backup.mark import read_mark, take_mark_away
    from bot.edge.files import load_settings
    from bot.edge.lock import StateLock
    from bot.edge.places import LOCK
    from bot.wiring import open_house

    home = session.home()
    state = load_settings(home).state
    mark = read_mark(state)
    if mark is None:
        if session.json:
            print_json({"restored": False})
        else:
            session.screen.line("This is no copy restored from a backup, or it has been checked already.")
        return
    with (
        StateLock(state / LOCK) if checked else nullcontext(),
        open_house(home, notifier=Quiet(), light=True) as house,
    ):
        name = session.by(house.settings, by) if checked else ""
        letters = _letters(house, mark)
        seen, problems = asyncio.run(_look(house, letters)) if not without_mailbox else ({}, [])
        done = checked and not problems
        if done:
            _end(house, letters, seen, name)
            take_mark_away(state)
    _print(session, mark, letters, seen, problems, done=done)
    if problems:
        sys.exit(1)


def _letters(house: House, mark: Mark) -> tuple[Letter, ...]:
    from bot.runner.desk.restored import letters_that_may_have_left

    return letters_that_may_have_left(house.office, mark.taken_at)


async def _look(house: House, letters: Sequence[Letter]) -> tuple[dict[str, str], list[str]]:
    """What Sent says of each letter, and the accounts whose mailbox could not be asked."""
    from bot.errors import RejoinderError
    from bot.runner.desk.restored import found_in_sent
    from bot.wiring import open_lines

    seen: dict[str, str] = {}
    problems: list[str] = []
    async with open_lines(house) as lines:
        for account, line in lines.items():
            mine = [letter for letter in letters if letter.account_id == account]
            if not mine:
                continue
            try:
                found = await found_in_sent(line.source, mine, house.office.practices[account].sent_mailbox)
            except RejoinderError as error:
                why = str(error).rstrip(".")
                problems.append(
                    f"account {account}: {why}. Sent was not looked into; try again, or look into it "
                    "yourself and add --without-mailbox"
                )
                continue
            for letter in mine:
                seen[letter.letter_id] = FOUND if letter.letter_id in found else NOT_FOUND
    return seen, problems


def _end(house: House, letters: Sequence[Letter], seen: Mapping[str, str], by: str) -> None:
    from bot.runner.desk.restored import note_as_left
    from bot.runner.office import practice_of

    for letter in letters:
        if seen.get(letter.letter_id) == FOUND:
            practice = practice_of(house.office, letter.account_id)
            note_as_left(house.office, practice, letter, by)


def _print(
    session: Session,
    mark: Mark,
    letters: Sequence[Letter],
    seen: Mapping[str, str],
    problems: Sequence[str],
    *,
    done: bool,
) -> None:
    rows = [
        {
            "letter": letter.letter_id,
            "account": letter.account_id,
            "to": letter.to,
            "subject": letter.subject,
            "state": letter.state.value,
            "sent": seen.get(letter.letter_id, NOT_ASKED),
            "message_id": letter.message_id,
        }
        for letter in letters
    ]
    if session.json:
        told = {"restored": True, "taken_at": mark.taken_at, "checked": done, "letters": rows}
        print_json({**told, "problems": problems})
        return
    screen = session.screen
    if done:
        screen.line(Bit("Checked.", "good"), " From now on safe_mode in rejoinder.yaml decides again.")
    else:
        screen.paragraph(f"This copy was taken {mark.taken_at:%Y-%m-%d %H:%M} UTC and is in safe mode.")
    if rows:
        screen.line()
        screen.table(
            ["TO", "SUBJECT", "NOW", "SENT"],
            [[row["to"], row["subject"], row["state"], row["sent"]] for row in rows],
            shrink={0: 16, 1: 16},
        )
    for problem in problems:
        click.echo(f"rejoinder: {problem}", err=True)
    if not done:
        screen.line()
        screen.paragraph(
            "Look into Sent for letters since then, also to other addresses: what was drafted after the "
            "backup is not known here. Stop the original for good. Then: rejoinder restored --i-have-checked"
        )
