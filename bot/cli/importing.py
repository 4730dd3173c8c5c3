"""`rejoinder import`: older mail from the server, kept and understood, and not acted upon."""

from __future__ import annotations

import sys

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common


@click.command(
    "import",
    short_help="Fetch older mail; nothing follows from it.",
    epilog="Example: rejoinder import --since 2026-01-01",
)
@common
@click.option("--account", metavar="NAME", help="Only of this account.")
@click.option("--since", metavar="DATE", required=True, help='From when on: 2026-01-01, or "120 days".')
@click.pass_obj
def import_(session: Session, since: str, account: str | None) -> None:
    """Keep the mail that lay in the watched mailboxes before Rejoinder came, and say what it is.

    No case is opened, nothing is drafted, nobody is told. `rejoinder adopt` lists the notices among it. What
    is kept already is not fetched again; the mailboxes are not changed.
    """
    from bot.cli.older import accounts_of, look

    with session.house(light=False) as house:
        found = look(house, accounts_of(house, account), since, offline=False)
    if session.json:
        told = [
            {
                "account": one.account,
                "found": one.imported.found if one.imported else None,
                "kept": one.imported.kept if one.imported else None,
                "too_large": one.imported.too_large if one.imported else None,
                "notices": len(one.offers),
                "problem": one.problem,
            }
            for one in found
        ]
        print_json({"accounts": told})
    screen = session.screen
    for one in () if session.json else found:
        if one.imported is not None:
            large = f", {one.imported.too_large} too large to be kept" if one.imported.too_large else ""
            screen.line(
                Bit(one.account, "title"),
                f": {_mails(one.imported.found)} since then, {one.imported.kept} kept now{large}",
            )
        open_ones = [offer for offer in one.offers if not offer.cases]
        if open_ones:
            screen.paragraph(
                f"Notices among it that are no case yet: {len(open_ones)}. `rejoinder adopt` asks which to "
                "take on.",
                indent=2,
            )
        elif one.imported is not None:
            screen.paragraph("No notice among it that is not a case already.", indent=2, look="quiet")
    problems = [one.problem for one in found if one.problem]
    for problem in problems:
        click.echo(f"rejoinder: {problem}", err=True)
    if problems:
        sys.exit(1)


def _mails(count: int) -> str:
    return f"{count} mail{'s' * (count != 1)}"
