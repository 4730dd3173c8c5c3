"""`rejoinder stop`: addresses that nobody writes to any more, in no case of any account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, Piece, print_json
from bot.cli.session import Session, by_option, common

if TYPE_CHECKING:
    from bot.runner.desk.stopping import Stopped


@click.command(
    short_help="Write there no more.",
    epilog='Example: rejoinder stop ip@rights.example --reason "they asked us to"   rejoinder stop --list',
)
@common
@by_option
@click.option("--reason", metavar="TEXT", default="", help="Why; kept with the stop.")
@click.option("--list", "listing", is_flag=True, help="Show which stops are set.")
@click.option("--remove", is_flag=True, help="Take the stop for ADDRESS back.")
@click.argument("address", metavar="[ADDRESS]", required=False)
@click.pass_obj
def stop(
    session: Session, address: str | None, reason: str, listing: bool, remove: bool, by: str | None
) -> None:
    """Write to ADDRESS no more, in all cases of all accounts, from now on; @DOMAIN for everybody there.

    Waiting letters to it are withdrawn and their cases held. A daemon that runs obeys at once.
    """
    if listing:
        if address is not None or remove or reason:
            raise click.UsageError("--list stands alone.")
        _list(session)
        return
    if address is None:
        raise click.UsageError("Name an address or @domain, or use --list.")
    from bot.runner.desk import stopping

    with session.house() as house:
        if remove:
            if reason:
                raise click.UsageError("--remove takes no --reason.")
            removed = stopping.allow(house.office, address)
            if session.json:
                print_json({"removed": removed})
            else:
                session.screen.paragraph(
                    f"{removed} may be written to again. Cases held for it wait for `rejoinder resume`."
                )
            return
        name = session.by(house.settings, by)
        _print(session, stopping.stop(house.office, address, reason, name))


def _print(session: Session, done: Stopped) -> None:
    if session.json:
        print_json({"stopped": done.stop, "held": done.cases, "on_the_line": done.on_the_line})
        return
    session.screen.line(Bit(f"Nobody writes to {done.stop.address} any more.", "good"))
    if done.cases:
        session.screen.paragraph("Held, with their letters withdrawn: " + ", ".join(done.cases))
    if done.on_the_line:
        session.screen.paragraph(
            "A letter is leaving or in doubt and may still arrive: " + ", ".join(done.on_the_line),
            look="warn",
        )


def _list(session: Session) -> None:
    from bot.cli.desk import open_desk

    with open_desk(session.home()) as (_, store):
        stops = store.stopped_addresses()
    if session.json:
        print_json({"stopped": stops})
        return
    if not stops:
        session.screen.line("No stop is set.")
        return
    rows: list[list[Piece]] = [[one.address, f"{one.at:%Y-%m-%d}", one.by, one.why] for one in stops]
    session.screen.table(["ADDRESS", "SINCE", "BY", "WHY"], rows, shrink={0: 20, 3: 12})
