"""`rejoinder case rebase`: a case goes on by today's rules."""

from __future__ import annotations

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, by_option, common


@click.command("rebase", short_help="Go on by today's rules.", epilog="Example: rejoinder case rebase K7QW2M")
@common
@click.argument("case_id", metavar="CASE")
@by_option
@click.pass_obj
def rebase(session: Session, case_id: str, by: str | None) -> None:
    """Move a case from the rules that it began with to those of today: steps, waits and templates.

    A case keeps its rules when you change the files. After this, a wait ends when it would have ended by the
    new ones, a draft that reads otherwise is written again, and an approval of it is void. Nothing is sent.
    """
    from bot.cli.words import absolute, zone_of
    from bot.runner.desk.rebasing import rebase as move

    with session.house(light=False) as house:
        moved = move(house.office, case_id, session.by(house.settings, by))
        zone = zone_of(house.settings, moved.case.account_id)
    if session.json:
        print_json({"case": moved.case, "before": moved.before, "planned": moved.planned})
        return
    page = session.screen
    page.line(f"Case {moved.case.case_id} ", Bit("goes on by today's rules", "good"), ".")
    for event in moved.planned:
        when = absolute(event.due_at, zone) if event.due_at else "not by itself"
        page.line(f"  {event.step} now falls due {when}")
