"""`rejoinder queue`: what waits for a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from bot.cli.screen import NARROW, Bit, Piece, Screen, print_json
from bot.cli.session import Session, common, now
from bot.cli.text import address_cut, columns, cut

if TYPE_CHECKING:
    from bot.cli.rows import Row
    from bot.settings.values import Settings


@click.command(short_help="What waits for you.", epilog="Example: rejoinder queue --all --json")
@common
@click.option("--all", "everything", is_flag=True, help="Also what is snoozed.")
@click.option("--account", metavar="NAME", help="Only of this account.")
@click.pass_obj
def queue(session: Session, everything: bool, account: str | None) -> None:
    """List what waits for you, most urgent first.

    NEXT says who owes the next move: you, or we (a letter that leaves by itself). UNTIL is the last safe date
    before Amazon's deadline, or when the letter leaves.
    """
    from bot.cli.notes import notes_of
    from bot.cli.rows import rows_of
    from bot.edge.backup.mark import read_mark
    from bot.edge.files import load_settings
    from bot.edge.glance import glance
    from bot.edge.places import DATABASE

    moment = now()
    settings = load_settings(session.home())
    if account is not None and account not in {known.name for known in settings.accounts}:
        names = ", ".join(known.name for known in settings.accounts) or "none yet"
        raise click.UsageError(f"There is no account {account}; there are: {names}.")
    seen = glance(settings.state / DATABASE)
    notes = notes_of(settings, seen, moment, restored=read_mark(settings.state) is not None)
    rows = [row for row in rows_of(seen, moment) if account in (None, row.account)]
    hidden = 0 if everything else sum(row.snoozed_until is not None for row in rows)
    if not everything:
        rows = [row for row in rows if row.snoozed_until is None]
    if session.json:
        print_json({"items": rows, "notes": notes, "snoozed": hidden})
        return
    page = session.screen
    for note in notes:
        look = "test" if note.name in ("safe-mode", "restored") else "warn"
        page.paragraph(note.text, indent=2, first="!", look=look)
    if notes:
        page.line()
    if rows and page.width < NARROW:
        _narrow(page, rows, moment, several=len(settings.accounts) > 1)
    elif rows:
        _table(page, rows, moment, settings)
    else:
        _empty(page, snoozed=hidden)
    if hidden and rows:
        page.line()
        page.line(Bit(f"{hidden} more snoozed; `rejoinder queue --all` shows them.", "quiet"))


def _narrow(page: Screen, rows: list[Row], moment: datetime, *, several: bool) -> None:
    """For a telephone: what and until when, and below it to whom and about what."""
    lines: list[list[Piece]] = []
    under: dict[int, str] = {}
    for n, row in enumerate(rows):
        until = Bit(_until(row, moment), "bad" if row.overdue else "")
        lines.append([str(row.number), Bit(row.what, _look(row)), until])
        room = page.width - 4
        about = " ".join(text for text in (row.account if several else "", row.about_short) if text)
        whom = address_cut(row.whom, room - columns(about) - 2 if about else room)
        under[n] = row.under(room) or cut("  ".join(text for text in (about, whom) if text), room)
    page.table(["#", "WHAT", "UNTIL"], lines, shrink={1: 14, 2: 10}, under=under)


def _until(row: Row, moment: datetime) -> str:
    from bot.cli.rows import until_words
    from bot.cli.words import relative

    if row.snoozed_until is not None:
        return "snoozed, back " + relative(row.snoozed_until, moment)
    return until_words(row, moment)


def _table(page: Screen, rows: list[Row], moment: datetime, settings: Settings) -> None:
    from bot.cli.words import absolute, zone_of

    wide = page.width >= 110
    head = ["#", "WHAT", "TO", "ABOUT", "NEXT", "UNTIL"]
    lines: list[list[Piece]] = []
    for row in rows:
        until = _until(row, moment)
        if row.snoozed_until is None and wide and row.until is not None and row.until_is != "leaves":
            until = f"{absolute(row.until, zone_of(settings, row.account))} ({until})"
        looks = (_look(row), "bad" if row.overdue else "")
        lines.append(
            [
                str(row.number),
                Bit(row.what, looks[0]),
                row.whom if not wide or row.party is None else f"{row.whom} {row.to}".rstrip(),
                row.about if wide else row.about_short,
                row.owes,
                Bit(until, looks[1]),
            ]
        )
    if len(settings.accounts) > 1:
        head.insert(1, "ACCOUNT")
        for line, row in zip(lines, rows, strict=True):
            line.insert(1, row.account)
    shift = len(head) - 6
    under = {n: text for n, row in enumerate(rows) if (text := row.under(page.width - 4))}
    page.table(head, lines, shrink={1 + shift: 22, 2 + shift: 14, 3 + shift: 11}, under=under)


def _look(row: Row) -> str:
    if row.urgency[0] == 0:
        return "bad"
    if row.owes == "we":
        return "good"
    return "warn" if row.kind.value in ("suspect", "claim", "unreadable") else ""


def _empty(page: Screen, *, snoozed: int) -> None:
    if snoozed:
        page.line(f"Nothing waits for you now; {snoozed} snoozed (`rejoinder queue --all`).")
        return
    page.line("Nothing waits for you.")
    page.line()
    page.paragraph(
        "A draft comes here when a notice of Amazon's arrives or a reminder falls due. `rejoinder run` "
        "watches the mailbox, `rejoinder ingest FILE.eml` takes a mail from a file, and "
        "`rejoinder case list` shows the cases there are.",
        look="quiet",
    )
