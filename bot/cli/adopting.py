"""`rejoinder adopt`: older notices, taken on where they really stand; asked for, or said by options."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.screen import print_json
from bot.cli.session import Session, by_option, common
from bot.errors import NotPossible, RejoinderError

if TYPE_CHECKING:
    from bot.case.model import Case
    from bot.cli.older import Looked
    from bot.runner.desk.adopting import Already, Vouched
    from bot.runner.desk.looking_back import Past
    from bot.runner.desk.offers import Offer
    from bot.wiring import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the options say was done already, and who saw what."""

    wrote: tuple[str, ...] = ()
    not_written: bool = False
    appealed: str | None = None
    listing_deleted: bool = False
    lawyer: bool = False
    complaint_id: str | None = None
    seen_in: str | None = None
    noticed: str | None = None
    address: str | None = None

    @property
    def of_unproven(self) -> bool:
        """Options that make sense for a mail that nothing proves only."""
        return any((self.complaint_id, self.seen_in, self.noticed, self.address))


@dataclass(kw_only=True)
class Report:
    """What was taken on, and what was not."""

    cases: list[Case] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@click.command(
    short_help="Take on notices that came before.",
    epilog="Example: rejoinder adopt   rejoinder adopt --list   rejoinder adopt 12 --appealed 2026-02-20",
)
@common
@by_option
@click.option("--account", metavar="NAME", help="Only of this account.")
@click.option(
    "--since", metavar="DATE", help='How far to look back: 2026-01-01, or "120 days" (else 90 days).'
)
@click.option("--list", "listing", is_flag=True, help="Only list them.")
@click.option("--offline", is_flag=True, help="Do not ask the server: what was imported must do.")
@click.option(
    "--wrote", multiple=True, metavar="DATE", help="You wrote to them then, and Sent does not have it."
)
@click.option("--not-written", is_flag=True, help="What was found in Sent is about something else.")
@click.option("--appealed", metavar="DATE", help="You filed an appeal in Seller Central then.")
@click.option("--listing-deleted", is_flag=True, help="You took the listing down.")
@click.option("--lawyer", is_flag=True, help="A lawyer has it: nothing is ever sent from here.")
@click.option(
    "--complaint-id", metavar="ID", help="Unproven mail: the complaint ID as Seller Central shows it."
)
@click.option("--seen-in", metavar="TEXT", help="Unproven mail: where you saw the complaint.")
@click.option("--address", metavar="ADDRESS", help="Unproven mail: the contact that stands there.")
@click.option("--noticed", metavar="DATE", help="Unproven mail: the day that stands there.")
@click.argument("mails", nargs=-1, metavar="[MAIL]...")
@click.pass_obj
def adopt(
    session: Session,
    /,
    mails: tuple[str, ...],
    account: str | None,
    since: str | None,
    listing: bool,
    offline: bool,
    by: str | None,
    **options: Any,
) -> None:
    """List the notices of the last 90 days and ask which to take on, and what was done about them already.

    Sent is searched for mail to whoever complains: what you wrote by hand counts as a letter, from its own
    day. With MAIL, a number of the list, nothing is asked and the options say what was done. A mail that
    nothing proves is taken on by somebody who saw its complaint in Seller Central: type the complaint ID.
    """
    said = Said(**options)
    if listing and (mails or said != Said()):
        raise click.UsageError("--list only lists: leave the numbers and the other options out.")
    if not mails and said != Said():
        raise click.UsageError(
            "Say which mail: rejoinder adopt MAIL … (`rejoinder adopt --list` numbers them)."
        )
    asking = not (mails or listing) and session.may_ask
    with session.house(light=False) as house:
        name = session.by(house.settings, by) if mails or asking else ""
        report = adopt_in(session, house, mails, said, name, account, since, offline=offline, asking=asking)
    for problem in report.problems:
        click.echo(f"rejoinder: {problem}", err=True)
    if report.problems:
        sys.exit(1)


def adopt_after_setup(session: Session, home: Path) -> None:
    """The dialogue, for the end of `rejoinder init`: what went wrong is said, and ends nothing."""
    from bot.cli.session import Quiet
    from bot.wiring import open_house

    with open_house(home, check=False, notifier=Quiet()) as house:
        name = session.by(house.settings, None)
        report = adopt_in(session, house, (), Said(), name, None, None, offline=False, asking=True)
    for problem in report.problems:
        session.screen.paragraph(f"{problem}.", indent=4, first="  !", look="warn")


def adopt_in(
    session: Session,
    house: House,
    mails: Sequence[str],
    said: Said,
    by: str,
    account: str | None,
    since: str | None,
    *,
    offline: bool,
    asking: bool,
) -> Report:
    """List, ask where there is somebody to ask, take on, and print what came of it."""
    from bot.cli.adopt_dialogue import choose
    from bot.cli.older import accounts_of, look

    looked = look(house, accounts_of(house, account), since, offline=offline)
    report = Report(problems=[one.problem for one in looked if one.problem])
    if mails:
        _by_number(house, looked, mails, said, by, report, offline=offline)
    elif asking:
        for one in looked:
            if one.problem is None:
                choose(session, house, one, by, report)
    else:
        _list(session, house, looked, since)
    if mails or asking:
        _drafted(house)
        _print(session, house, report)
    return report


def _by_number(
    house: House,
    looked: Sequence[Looked],
    mails: Sequence[str],
    said: Said,
    by: str,
    report: Report,
    *,
    offline: bool,
) -> None:
    from bot.cli.arguments import numbers_of

    known = {offer.mail.mail_id: (one.account, offer) for one in looked for offer in one.offers}
    numbers = numbers_of(tuple(mails))
    if said.of_unproven and len(numbers) > 1:
        raise click.UsageError("What you saw in Seller Central is of one complaint: name one mail.")
    for number in numbers:
        if number not in known:
            report.problems.append(
                f"mail {number} is no notice of that time; `rejoinder adopt --list` numbers them, and "
                "--since looks further back"
            )
            continue
        account, offer = known[number]
        try:
            report.cases += adopt_one(house, account, offer, said, by, offline=offline)
        except RejoinderError as error:
            report.problems.append(f"mail {number}: {error}")


def adopt_one(
    house: House, account: str, offer: Offer, said: Said, by: str, *, offline: bool = False
) -> tuple[Case, ...]:
    """Take one on as the options say. Raises RejoinderError and UsageError."""
    from bot.cli.older import look_back_at
    from bot.runner.desk.looking_back import Past

    vouched = _vouched(house, account, offer, said)
    past = Past()
    if not offline and not offer.cases:
        addresses = (vouched.address,) if vouched and vouched.address else None
        (past,) = look_back_at(house, account, [(offer, addresses)])
    return take_on(house, account, offer, already_of(house, account, offer, said, past), by, vouched, past)


def take_on(
    house: House,
    account: str,
    offer: Offer,
    already: Already,
    by: str,
    vouched: Vouched | None,
    past: Past,
) -> tuple[Case, ...]:
    """Open the cases. Raises NotPossible."""
    from bot.runner.desk.adopting import adopt as open_cases

    practice = house.office.practices[account]
    return open_cases(house.office, practice, offer, already, by, vouched=vouched, came=past.came)


def already_of(house: House, account: str, offer: Offer, said: Said, past: Past) -> Already:
    """What the mailboxes show and the options say. Raises UsageError."""
    from bot.runner.desk.adopting import Already
    from bot.runner.inbox.by_hand import HandWritten

    wrote = () if said.not_written else past.wrote
    addresses = [said.address] if said.address else [] if not offer.proven else list(offer.addresses)
    if said.wrote and not addresses:
        raise click.UsageError("--wrote needs somebody to have written to; this notice names no address.")
    told = [
        HandWritten(sent_at=_moment(house, account, day), to=address)
        for day in said.wrote
        for address in addresses
    ]
    return Already(
        wrote=(*wrote, *told),
        mailed_amazon=past.mailed_amazon,
        filed_at=_moment(house, account, said.appealed) if said.appealed else None,
        listing_deleted=said.listing_deleted,
        lawyer=said.lawyer,
    )


def _moment(house: House, account: str, text: str) -> datetime:
    from bot.cli.noting import past_moment

    return past_moment(house, account, text)


def _vouched(house: House, account: str, offer: Offer, said: Said) -> Vouched | None:
    from bot.runner.desk.adopting import Vouched

    if offer.proven:
        if said.of_unproven:
            raise NotPossible(
                "it is proven to be Amazon's, so nothing need be typed; leave --complaint-id and its like out"
            )
        return None
    if not said.complaint_id or not said.seen_in:
        return None  # refused with the reason
    return Vouched(
        complaint_id=said.complaint_id,
        seen_in=said.seen_in,
        seen_at=house.office.clock.now(),
        address=said.address,
        noticed_at=_moment(house, account, said.noticed) if said.noticed else None,
    )


def _drafted(house: House) -> None:
    """Let what is due fall due and write the letters, so that they wait when the command ends."""
    from bot.runner.steps.drafting import write_drafts
    from bot.runner.steps.timing import pass_time

    pass_time(house.office)
    for practice in tuple(house.office.practices.values()):
        while write_drafts(house.office, practice):
            pass


def _print(session: Session, house: House, report: Report) -> None:
    from bot.cli.adopt_page import items_of, print_adopted
    from bot.cli.cases import stands
    from bot.cli.words import zone_of

    cases = [house.office.store.case(case.case_id) for case in report.cases]
    report.cases = cases
    if session.json:
        told = [{"case": case, "stands": stands(case), "items": items_of(house, case)} for case in cases]
        print_json({"adopted": told, "problems": report.problems})
        return
    for case in cases:
        print_adopted(session.screen, house, [case], zone_of(house.settings, case.account_id))


def _list(session: Session, house: House, looked: Sequence[Looked], since: str | None) -> None:
    from bot.cli.adopt_page import offer_json, print_offers
    from bot.cli.older import since_of
    from bot.cli.words import zone_of

    now = house.office.clock.now()
    if session.json:
        told = [
            {
                "account": one.account,
                "since": since_of(house, one.account, since, now),
                "notices": [offer_json(offer, now) for offer in one.offers],
                "problem": one.problem,
            }
            for one in looked
        ]
        print_json({"accounts": told})
        return
    screen = session.screen
    for one in looked:
        if len(looked) > 1:
            screen.rule(f"Account {one.account}")
        zone = zone_of(house.settings, one.account)
        day = since_of(house, one.account, since, now)
        print_offers(screen, one.offers, now, zone, day, asked=one.problem is None)
    if any(not o.cases and (o.proven or o.complaint_ids) for one in looked for o in one.offers):
        screen.line()
        screen.paragraph(
            "`rejoinder adopt MAIL` takes one on; without a number, at a terminal, it asks.", look="quiet"
        )
