"""The questions of `rejoinder adopt`: which notices, what was done already, and what somebody saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli.adopt_page import print_offer, print_offers, print_past
from bot.cli.adopting import Report, Said, already_of, take_on
from bot.cli.asking import Asker
from bot.cli.older import Looked, look_back_at, since_of
from bot.cli.session import Session
from bot.cli.words import zone_of
from bot.errors import NotPossible, RejoinderError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.case.model import Case
    from bot.runner.desk.adopting import Vouched
    from bot.runner.desk.offers import Offer
    from bot.wiring import House

#: More than these are not shown before the question; `--list` shows all.
MOST_SHOWN = 40


def choose(session: Session, house: House, looked: Looked, by: str, report: Report) -> None:
    """Show what is open in one account, ask which to take on, and do so one after the other."""
    screen, now = session.screen, house.office.clock.now()
    zone = zone_of(house.settings, looked.account)
    ask = Asker(screen)
    open_ones = [offer for offer in looked.offers if not offer.cases]
    shown = [offer for offer in open_ones if offer.proven][:MOST_SHOWN]
    shown += [offer for offer in open_ones if not offer.proven][:MOST_SHOWN]
    print_offers(screen, shown, now, zone, since_of(house, looked.account, None, now))
    if len(shown) < len(open_ones):
        screen.paragraph(
            f"… and {len(open_ones) - len(shown)} older ones: `rejoinder adopt --list` shows all.",
            look="quiet",
        )
    if not open_ones:
        ask.say("Nothing to take on. What arrives from now on becomes a case by itself.")
        return
    screen.line()
    known = {offer.mail.mail_id: offer for offer in open_ones}
    likely = [str(o.mail.mail_id) for o in shown if o.proven and not o.since]
    default = ",".join(likely) if 0 < len(likely) <= 3 else "none"
    numbers = ask.text(
        "Which to take on? (numbers, all, or none)", lambda typed: _chosen(typed, known), default
    )
    for number in numbers:
        offer = known[number]
        try:
            report.cases += _one(ask, house, looked.account, offer, by, zone)
        except (click.Abort, KeyboardInterrupt):
            ask.say(f"\nYou stopped at mail {number}. `rejoinder adopt` asks again about what is left.")
            raise
        except RejoinderError as error:
            ask.wrong(f"Mail {number}: {error}.")


def _chosen(typed: str, known: dict[int, Offer]) -> list[int]:
    """Numbers of the list. `all` are the proven ones that nothing has ended. Raises ValueError."""
    from bot.cli.arguments import numbers_of

    if typed.casefold() in ("none", ""):
        return []
    if typed.casefold() == "all":
        return [number for number, offer in known.items() if offer.proven and not offer.since]
    try:
        numbers = numbers_of((typed.replace(" ", ","),))
    except click.UsageError:
        raise ValueError("Type numbers of the column MAIL, such as 12 or 3,7-9, or all, or none.") from None
    wrong = [number for number in numbers if number not in known]
    if wrong:
        raise ValueError(f"There is no mail {wrong[0]} in the list.")
    return numbers


def _one(ask: Asker, house: House, account: str, offer: Offer, by: str, zone: ZoneInfo) -> tuple[Case, ...]:
    """Ask what was done about one, and take it on."""
    now = house.office.clock.now()
    print_offer(ask.screen, offer, now, zone)
    said, vouched = Said(), None
    if not offer.proven:
        vouched = _vouch(ask, house, account, offer)
        if vouched is None:
            ask.say("Left alone.", look="quiet")
            return ()
        said = Said(address=vouched.address)
    addresses = (vouched.address,) if vouched and vouched.address else None
    (past,) = look_back_at(house, account, [(offer, addresses)])
    print_past(ask.screen, past, now, zone)
    said = _done_already(ask, house, account, offer, said, found=bool(past.wrote))
    return take_on(house, account, offer, already_of(house, account, offer, said, past), by, vouched, past)


def _done_already(ask: Asker, house: House, account: str, offer: Offer, said: Said, *, found: bool) -> Said:
    """One question for each thing that changes where the case begins."""
    from dataclasses import replace

    if ask.yes("Does a lawyer of yours have it already?", default=False):
        ask.say("Then nothing is ever sent from here; its dates are watched all the same.")
        return replace(said, lawyer=True)
    if found:
        said = replace(said, not_written=not ask.yes("Is what you wrote about this complaint?"))
    elif said.address or (offer.proven and offer.addresses):
        day = _day(ask, house, account, "Did you write to them from elsewhere? The day, or Enter for no")
        said = replace(said, wrote=(day,) if day else ())
    day = _day(ask, house, account, "Did you file an appeal in Seller Central? The day, or Enter for no")
    said = replace(said, appealed=day or None)
    return replace(said, listing_deleted=ask.yes("Did you take the listing down yourself?", default=False))


def _day(ask: Asker, house: House, account: str, question: str) -> str:
    import click

    from bot.cli.noting import past_moment

    def read(typed: str) -> str:
        if typed.casefold() in ("", "no", "n"):
            return ""
        try:
            past_moment(house, account, typed)
        except click.UsageError as error:
            raise ValueError(error.message) from None
        return typed

    return ask.text(question, read)


def _vouch(ask: Asker, house: House, account: str, offer: Offer) -> Vouched | None:
    """What a person must type who saw the complaint of an unproven mail; None when they did not."""
    from bot.runner.desk.adopting import Vouched, refuse_address, same_number

    if not offer.complaint_ids:
        ask.wrong("It names no complaint ID, so nothing ties it to what stands in Seller Central.")
        return None
    ask.say(
        "Nothing proves that Amazon sent this. Open Seller Central yourself, by no link of the mail: "
        "Performance, Account Health, Received Intellectual Property Complaints."
    )
    if not ask.yes("Does the complaint stand there?", default=False):
        return None
    for _ in range(3):
        typed = ask.text("Type its complaint ID as Seller Central shows it", _something)
        if any(same_number(typed, one) for one in offer.complaint_ids):
            break
        ask.wrong("That is not the number of the mail. Compare the two once more.")
    else:
        return None
    seen_in = ask.text("Where did you see it?", _something, "Account Health")
    practice = house.office.practices[account]

    def contact(typed: str) -> str | None:
        try:
            return refuse_address(practice, typed) if typed else None
        except NotPossible as error:
            raise ValueError(str(error)) from None

    address = ask.text("Type the contact address that stands there (Enter: none)", contact)
    day = _day(ask, house, account, "The day of the complaint there (Enter: when the mail came)")
    from bot.cli.noting import past_moment

    return Vouched(
        complaint_id=typed,
        seen_in=seen_in,
        seen_at=house.office.clock.now(),
        address=address,
        noticed_at=past_moment(house, account, day) if day else None,
    )


def _something(typed: str) -> str:
    if not typed:
        raise ValueError("This is needed.")
    return typed
