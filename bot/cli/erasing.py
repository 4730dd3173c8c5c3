"""`rejoinder erase` and `case legal-hold`: remove somebody from all that is remembered, or prevent it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bot.cli.progress import Progress
from bot.cli.screen import Bit, print_json
from bot.cli.session import Quiet, Session, by_option, common
from bot.cli.text import harmless

if TYPE_CHECKING:
    from bot.runner.desk.erasing import Traces


@click.command(
    short_help="Remove somebody for good.",
    epilog='Example: rejoinder erase ip@rights.example --reason "they asked for it"',
)
@common
@by_option
@click.option("--reason", metavar="TEXT", default="", help="Why; kept with the cases.")
@click.option("--confirm", metavar="ADDRESS", help="The address once more, where nobody can be asked.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.argument("address", metavar="ADDRESS")
@click.pass_obj
def erase(
    session: Session, address: str, reason: str, confirm: str | None, dry_run: bool, by: str | None
) -> None:
    """Remove ADDRESS, its name, every letter to it and every mail that mentions it, from database and disk.

    What happened stays in the diary, by numbers only, and the diary still proves itself. A case under a
    legal hold is never touched; an open one must be closed first. Stop the daemon before. There is no way
    back. Mail in the mailbox itself, backups and older copies of the database are yours to delete.
    """
    from bot.edge.files import load_settings
    from bot.edge.leftovers import files_with
    from bot.edge.lock import StateLock
    from bot.edge.places import LOCK
    from bot.runner.desk import erasing
    from bot.wiring import open_house

    home = session.home()
    state = load_settings(home).state
    with StateLock(state / LOCK), open_house(home, check=False, notifier=Quiet(), light=True) as house:
        name = session.by(house.settings, by)
        with Progress("mails looked through") as progress:
            found = erasing.traces(house.office, address, progress.step)
        told = erasing.obstacles(house.office, found)
        if not session.json:
            _print(session, found)
        if dry_run or found.none or told:
            _end(session, found, told)
            return
        question = "There is no way back. Type the address to erase it"
        session.typed_again(found.address, confirm, question, "nothing was erased")
        erasing.erase(house.office, found, reason.strip(), name)
    left = [str(path.relative_to(state)) for path in files_with(state, found.address)]
    if session.json:
        print_json({**_json(found), "erased": True, "left": left})
    else:
        session.screen.line(Bit("Erased.", "good"))
        _say_left(session, left)
    if left:
        sys.exit(1)


def _json(found: Traces) -> dict[str, object]:
    return {
        "address": found.address,
        "cases": [case.case_id for case in found.cases],
        "letters": len(found.letters),
        "mails": len(found.mails),
        "stop": found.stopped,
    }


def _print(session: Session, found: Traces) -> None:
    screen = session.screen
    if found.none:
        screen.paragraph(f"Nothing here knows {found.address}.")
        return
    screen.line(Bit(f"What is remembered of {found.address}"))
    screen.facts(
        [
            ("cases", ", ".join(case.case_id for case in found.cases) or "none"),
            ("letters", str(len(found.letters))),
            ("mails", f"{len(found.mails)}, with all that else stands in them"),
            ("stop", "set; it goes as well, because it is the address" if found.stopped else "none"),
        ]
    )


def _end(session: Session, found: Traces, told: tuple[str, ...]) -> None:
    """Nothing is erased: because nothing is there, it was only asked, or something stands against it."""
    if session.json:
        print_json({**_json(found), "erased": False, "obstacles": told})
    for sentence in told:
        click.echo(f"rejoinder: {harmless(sentence)}", err=True)
    if told:
        if not session.json:
            click.echo("Nothing was erased.", err=True)
        sys.exit(1)
    if not session.json and not found.none:
        session.screen.paragraph("Nothing was erased: this was only asked.", look="quiet")


def _say_left(session: Session, left: list[str]) -> None:
    screen = session.screen
    if left:
        screen.paragraph("The address still stands in: " + ", ".join(left), indent=2, look="bad")
        screen.paragraph(
            "Older copies of the database are yours to delete. If it is the database itself, somebody wrote "
            "the address into a note of a diary, which cannot be changed.",
            indent=2,
        )
    screen.paragraph("Mail in the mailbox itself, and backups, are yours to delete.", indent=2, look="quiet")


@click.command(
    "legal-hold",
    short_help="Keep its papers.",
    epilog='Example: rejoinder case legal-hold K7Q --reason "their lawyer wrote"',
)
@common
@by_option
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept with the case.")
@click.option("--lift", is_flag=True, help="End it.")
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def hold_papers(session: Session, case_id: str, reason: str, lift: bool, by: str | None) -> None:
    """Put a case under a legal hold: nothing of it can be erased before you lift it.

    It begins by itself when a court or a lawyer is concerned, counterfeits are claimed, or money is demanded.
    """
    from bot.runner.desk import erasing

    if not reason.strip():
        raise click.UsageError('Say why: rejoinder case legal-hold CASE --reason "…"')
    with session.house() as house:
        name = session.by(house.settings, by)
        case = house.office.store.case(case_id.upper())
        erasing.set_legal_hold(house.office, case.case_id, reason.strip(), name, lift=lift)
    if session.json:
        print_json({"case": case.case_id, "legal_hold": not lift})
    elif lift:
        session.screen.paragraph(f"The papers of case {case.case_id} need not be kept any more.", look="good")
    else:
        session.screen.paragraph(f"The papers of case {case.case_id} are kept.", look="good")
