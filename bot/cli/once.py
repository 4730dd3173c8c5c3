"""`rejoinder once`: one turn of the wheel, for real with --send, else rehearsed on a copy of the state."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, Screen, print_json
from bot.cli.session import Quiet, Session, common
from bot.cli.text import harmless

if TYPE_CHECKING:
    from bot.cli.turn import Told
    from bot.wiring import House


@click.command(
    short_help="One turn of the wheel.", epilog="Example: rejoinder once   then: rejoinder once --send"
)
@common
@click.option("--send", is_flag=True, help="Do it, and send approved letters that are due.")
@click.pass_obj
def once(session: Session, send: bool) -> None:
    """Read the mailboxes, understand what is new, let time pass and draft, once.

    Without --send it is a rehearsal: the same turn on a copy of the state, which is thrown away; it prints
    what would happen, and nothing is changed or sent.
    """
    with _house(session, send=send) as house:
        told = asyncio.run(_turn(house, send=send))
    if session.json:
        print_json({"rehearsal": not send, **told.json})
    else:
        _print(session.screen, told, send=send)
    if told.problems:
        for problem in told.problems:
            click.echo(f"rejoinder: {harmless(problem)}", err=True)
        sys.exit(1)


@contextmanager
def _house(session: Session, *, send: bool) -> Iterator[House]:
    """The state itself under its lock, or a copy that vanishes."""
    from bot.edge.files import load_settings
    from bot.edge.lock import StateLock
    from bot.edge.places import DATABASE, LOCK, RAW
    from bot.edge.rehearsal import OverlayRawStore, copy_database
    from bot.edge.store import open_store
    from bot.wiring import open_house

    home = session.home()
    state = load_settings(home).state
    if send:
        with StateLock(state / LOCK) as lock, open_house(home, notifier=Quiet(), lock=lock) as house:
            yield house
        return
    with tempfile.TemporaryDirectory(prefix="rejoinder-") as folder:
        copy = Path(folder)
        copy_database(state / DATABASE, copy / DATABASE)
        store = open_store(copy / DATABASE, check=False)
        try:
            raw = OverlayRawStore(copy / RAW, state / RAW)
            with open_house(home, store=store, raw=raw, notifier=Quiet()) as house:
                yield house
        finally:
            store.close()


async def _turn(house: House, *, send: bool) -> Told:
    from bot.cli.turn import Before, turn
    from bot.edge.store.writer import StoreThread
    from bot.wiring import open_lines

    before = Before.of(house.office.store)
    thread = StoreThread()
    try:
        async with open_lines(house) as lines:
            problems = await turn(house.office, lines, thread, send=send, say=_progress)
    finally:
        thread.close()
    return before.told(house, problems)


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"{words} …", err=True)


def _print(screen: Screen, told: Told, *, send: bool) -> None:
    lead = "" if send else "Rehearsal on a copy: nothing was changed and nothing was sent. "
    if told.nothing:
        known = "Nothing is new." if send else "Nothing would happen now."
        screen.paragraph(lead + ("Not everything could be asked, see below." if told.problems else known))
        return
    if lead:
        screen.paragraph(lead + "This would happen:", look="warn")
    for mail in told.mails:
        screen.line("  ", Bit("mail  ", "quiet"), mail)
    for case_id, lines in told.diary.items():
        screen.line("  ", Bit("case  ", "quiet"), Bit(case_id, "title"))
        for line in lines:
            screen.paragraph(line, indent=10)
    for item in told.items:
        screen.line("  ", Bit("queue ", "quiet"), item)
    for letter in told.waiting:
        screen.line("  ", Bit("waits ", "quiet"), letter)
