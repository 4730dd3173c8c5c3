"""`rejoinder case note`: what happened outside Rejoinder, as a person reports it."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, Screen, print_json
from bot.cli.session import Session, by_option, common
from bot.errors import NotPossible

if TYPE_CHECKING:
    from bot.case.model import Case
    from bot.wiring import House

WHAT = (
    "phoned",
    "wrote",
    "appealed",
    "counter-notice",
    "mailed-amazon",
    "listing-deleted",
    "listing-back",
    "retraction-seen",
    "lawyer",
)


@click.command(
    "note",
    short_help="Report what happened outside.",
    epilog="Example: rejoinder case note K7Q lawyer   rejoinder case note K7Q appealed --file appeal.txt",
)
@common
@by_option
@click.option("--on", "when", metavar="DATE", help="When it happened, if not now: 2026-03-01 or with a time.")
@click.option(
    "--text", metavar="TEXT", help="With appealed and counter-notice: what you filed, word for word."
)
@click.option(
    "--file",
    "source",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="The same from a file (- is standard input).",
)
@click.argument("case_id", metavar="CASE")
@click.argument("what", type=click.Choice(WHAT))
@click.pass_obj
def note(
    session: Session,
    case_id: str,
    what: str,
    when: str | None,
    text: str | None,
    source: Path | None,
    by: str | None,
) -> None:
    """Report what happened outside Rejoinder; what it concerns is held, and clocks and alarms run on.

    phoned and wrote stop what is planned towards the other side, mailed-amazon what is planned towards
    Amazon, lawyer all sending on the case. appealed holds nothing: an appeal was filed in Seller Central,
    which alone meets Amazon's deadline. counter-notice says that a DMCA counter-notice was: the deadline is
    met too, all is held, and the papers are kept. The text of both is kept; in a terminal, without --text or
    --file, your editor opens for it.
    """
    from bot.cli.cases import stands
    from bot.runner.desk.noting import Noted
    from bot.runner.desk.noting import note as report

    given = _text(session, what, text, source)
    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper())
        at = past_moment(house, found.account_id, when) if when else None
        done = report(house.office, found.case_id, Noted(what), name, at=at, text=given)
    if session.json:
        told = {"case": done.case_id, "noted": what, "stands": stands(done)}
        when_told = {
            name: getattr(done, name) for name in ("filed_at", "counter_notice_at", "mailed_amazon_at")
        }
        print_json(told | when_told)
        return
    screen = session.screen
    screen.line(Bit(f"Case {done.case_id}: {stands(done)}.", "good"))
    if what == "appealed":
        words = "The appeal is noted as filed in Seller Central, so the alarms of Amazon's deadline end."
        screen.paragraph(words + (" Its text is kept with the case." if given else ""))
    if what == "counter-notice":
        _print_counter_notice(screen, done, kept=bool(given))
    if what == "mailed-amazon" and not done.met:
        screen.paragraph("A mail files nothing in Seller Central: Amazon's deadline and its alarms run on.")


def _print_counter_notice(screen: Screen, case: Case, *, kept: bool) -> None:
    """What it changes here and what comes next there."""
    from bot.cli.seller_central import what_comes_next

    assert case.counter_notice_at is not None
    words = "Noted as filed in Seller Central: the alarms of Amazon's deadline end, and a legal hold begins"
    screen.paragraph(f"{words}. {'Its text is kept with the case.' if kept else ''}".rstrip())
    screen.paragraph(f"{what_comes_next(case.counter_notice_at)}. What they answer comes to the queue.")
    if case.facts.right not in (None, "copyright"):
        screen.paragraph(
            f"A DMCA counter-notice is for copyright; this notice was read as {case.facts.right}. Make sure "
            "that it is the right case.",
            look="warn",
        )


def past_moment(house: House, account_id: str, text: str) -> datetime:
    """`2026-03-01`, also with a time, in the zone of the account. Raises UsageError for the future."""
    from bot.cli.arguments import moment_of

    now = house.office.clock.now()
    calendar = house.loaded.calendar(house.settings.account(account_id))
    moment = moment_of(text, now, calendar)
    if moment > now and moment.date() == now.date():
        return now  # today, before nine in the morning
    if moment > now:
        raise click.UsageError(f'"{text}" is still to come; write the day on which it happened.')
    return moment


def _text(session: Session, what: str, text: str | None, source: Path | None) -> str | None:
    """What was filed: from the option, a file, standard input or the editor; None when nobody gives it."""
    if text is not None and source is not None:
        raise click.UsageError("Give --text or --file, not both.")
    if what not in ("appealed", "counter-notice"):
        if text is not None or source is not None:
            raise click.UsageError(
                f"Only appealed and counter-notice keep a text; leave --text and --file out with {what}."
            )
        return None
    if text is None and source is None:
        if not session.may_ask:
            return None
        text = click.edit(_PROMPT, extension=".txt", require_save=False) if _has_editor() else None
        text = (text or "").removeprefix(_PROMPT)
    elif source is not None:
        text = read_text(source)
    return text if (text or "").strip() else None


_PROMPT = "Paste below this line what you filed in Seller Central; leave it empty to keep no text.\n"


def _has_editor() -> bool:
    return bool(os.environ.get("VISUAL") or os.environ.get("EDITOR"))


def read_text(source: Path) -> str:
    """A file or, for `-`, standard input, as text. Raises NotPossible, OSError."""
    raw = sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotPossible(f"{source} is not UTF-8; save it with that encoding and try again") from None
