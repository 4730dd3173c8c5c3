"""`rejoinder go-on`: letters leave again after the circuit breaker."""

from __future__ import annotations

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common, now


@click.command(short_help="Let letters leave again.", epilog="Example: rejoinder go-on")
@common
@click.pass_obj
def go_on(session: Session) -> None:
    """Let letters leave again after the circuit breaker stopped them all.

    It trips on what should be impossible: a second Rejoinder writes from one of your mailboxes, more letters
    left than the limits allow, very many answers to letters that nobody wrote. Find out which first; what was
    approved leaves after this without being asked for again.
    """
    from bot.cli.words import span
    from bot.edge.breaker import FileBreaker
    from bot.edge.files import load_settings

    breaker = FileBreaker(load_settings(session.home()).state)
    tripped = breaker.why()
    breaker.close()
    if session.json:
        print_json({"tripped": tripped})
        return
    if tripped is None:
        session.screen.line("Nothing was stopped: letters leave as you approve them.")
        return
    page = session.screen
    page.line(Bit("Letters leave again.", "good"))
    page.paragraph(f"They were stopped {span(now() - tripped.at)} ago: {tripped.why}.", indent=2)
