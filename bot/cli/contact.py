"""`rejoinder contact`: whom to write to, when the notice does not say, out of what Account Health shows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.screen import Bit, Piece, print_json
from bot.cli.session import Session, by_option, common

if TYPE_CHECKING:
    from bot.case.model import Case
    from bot.reading.pasted import PastedContact
    from bot.runner.desk.contacting import Contact
    from bot.wiring import House


@click.command(
    short_help="Whom to write to.",
    epilog="Example: rejoinder contact 3   rejoinder contact K7Q --address ip@rights.example --yes",
)
@common
@by_option
@click.option("--address", metavar="ADDRESS", help="The contact; of a pasted text, which of its addresses.")
@click.option("--text", metavar="TEXT", help="What Account Health shows.")
@click.option(
    "--file",
    "source",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="The same from a file (- is standard input).",
)
@click.option("--name", metavar="NAME", help="Who reads there, if the text does not say.")
@click.option("--none", "nobody", is_flag=True, help="You looked, and nobody is named.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("which", metavar="ID|CASE")
@click.pass_obj
def contact(
    session: Session,
    which: str,
    address: str | None,
    text: str | None,
    source: Path | None,
    name: str | None,
    nobody: bool,
    yes: bool,
    by: str | None,
) -> None:
    """Give the complainant's address to a case that is held for want of one; it then goes on.

    Paste what stands at the complaint in Seller Central, or name the address. What is read from it is shown
    first. The text is kept with the case, and the value says that it came from you. Addresses that no
    complainant has, such as Amazon's, are refused. --none ends the line to the complainant and drafts the
    request to Amazon.
    """
    if nobody and (address or text or source or name):
        raise click.UsageError("--none stands alone: nobody is named.")
    if text is not None and source is not None:
        raise click.UsageError("Give --text or --file, not both.")
    with session.house(light=False) as house:
        by_whom = session.by(house.settings, by)
        case = _case(house, which)
        if nobody:
            done = _nobody(session, house, case, by_whom, sure=yes)
        else:
            done = _given(
                session, house, case, by_whom, _words(session, text, source, address), address, name, sure=yes
            )
        if done is None:
            click.echo("Nothing was changed.", err=True)
            sys.exit(1)
        _print(session, house, done)


def _case(house: House, which: str) -> Case:
    """By the number of its item, or the beginning of its id. Raises NotPossible."""
    from bot.errors import NotPossible

    store = house.office.store
    if not which.isdecimal():
        return store.case(which.upper())
    item = store.item(int(which))
    if len(item.cases) != 1:
        raise NotPossible(f"item {which} is not about one case; name the case itself")
    return store.case(item.cases[0])


def _words(session: Session, text: str | None, source: Path | None, address: str | None) -> str | None:
    """The pasted text; None when only an address was given. Raises UsageError."""
    from bot.cli.noting import read_text

    if text is not None:
        return text
    if source is not None:
        return read_text(source)
    if address is not None:
        return None
    if not session.may_ask:
        raise click.UsageError("Give --address, --text, --file or --none; there is no terminal to paste at.")
    session.screen.paragraph(
        "In Seller Central open Performance, Account Health, Received Intellectual Property Complaints, and "
        "the complaint. Paste what stands there, then a line with a single dot."
    )
    lines: list[str] = []
    while (line := sys.stdin.readline()) and line.strip() != ".":
        lines.append(line)
    return "".join(lines)


def _given(
    session: Session,
    house: House,
    case: Case,
    by: str,
    text: str | None,
    address: str | None,
    name: str | None,
    *,
    sure: bool,
) -> Case | None:
    from bot.runner.desk.contacting import give_contact, waiting_track

    waiting_track(case)  # before anybody is asked for anything
    found = _read(house, case, text) if text else None
    chosen = _chosen(session, found, address)
    one = _contact(found, chosen, text, name)
    if not session.json:
        rows: list[tuple[str, Piece]] = [("address", Bit(one.address, "title"))]
        rows += [("name", one.name)] if one.name else []
        rows += [("organisation", one.organisation)] if one.organisation else []
        rows += (
            [("acts as", Bit("a lawyer; the case stays held for you to decide who writes", "warn"))]
            if one.counsel
            else []
        )
        session.screen.facts(rows)
    if not sure and not session.ask(f"Write to them about {_about(case)}?"):
        return None
    return give_contact(house.office, case.case_id, one, by)


def _about(case: Case) -> str:
    return f"complaint {case.facts.complaint_id}" if case.facts.complaint_id else f"case {case.case_id}"


def _read(house: House, case: Case, text: str) -> PastedContact:
    from bot.reading.pasted import read_pasted
    from bot.reading.prepare import prepare
    from bot.wiring import reading_plan

    plan = reading_plan(house.loaded, house.settings.account(case.account_id))
    return read_pasted(text, prepare(plan))


def _chosen(session: Session, found: PastedContact | None, address: str | None) -> str:
    """The one address. Raises NotPossible, and UsageError where it must be named."""
    from bot.errors import NotPossible
    from bot.mail.address import same_address

    if found is None:
        assert address is not None
        return address
    values = [one.value for one in found.addresses]
    if address is not None:
        if not any(same_address(address, one) for one in values):
            barred = any(same_address(address, one.value) for one in found.barred)
            why = "is never a complainant's" if barred else "does not stand in the text"
            raise NotPossible(f"{address} {why}; nothing was changed")
        return address
    if not values:
        refused = ", ".join(one.value for one in found.barred)
        more = f" ({refused} is Amazon's, yours, or one that nobody reads)" if refused else ""
        raise NotPossible(
            f"no address of a complainant stands in the text{more}; when Account Health names nobody, use "
            "--none"
        )
    if len(values) == 1:
        return values[0]
    if not session.may_ask:
        raise click.UsageError(f"The text names several: {', '.join(values)}. Say which with --address.")
    from bot.cli.asking import Asker

    return Asker(session.screen).choose("Which one?", [(one, one) for one in values])


def _contact(found: PastedContact | None, address: str, text: str | None, name: str | None) -> Contact:
    from bot.notice.facts import Role
    from bot.runner.desk.contacting import Contact

    person = found.person_of(address) if found else None
    place = (
        next((a.span for a in found.addresses if a.value.casefold() == address.casefold()), None)
        if found
        else None
    )
    return Contact(
        address=address,
        name=name or (person.name.value if person and person.name else None),
        organisation=person.organisation.value if person and person.organisation else None,
        counsel=person is not None and person.role is Role.COUNSEL,
        text=text,
        place=(place.start, place.end) if place else (0, 0),
        complaint_ids=found.complaint_ids if found else (),
    )


def _nobody(session: Session, house: House, case: Case, by: str, *, sure: bool) -> Case | None:
    from bot.runner.desk.contacting import nobody_named, waiting_track

    waiting_track(case)
    question = "Is really nobody named? Then Amazon is asked to review it, and nobody else is written to."
    if not sure and not session.ask(question):
        return None
    return nobody_named(house.office, case.case_id, by)


def _print(session: Session, house: House, case: Case) -> None:
    from bot.cli.adopt_page import items_of, print_adopted
    from bot.cli.cases import stands
    from bot.cli.words import zone_of
    from bot.runner.steps.drafting import write_drafts

    practice = house.office.practices[case.account_id]
    while write_drafts(house.office, practice):
        pass
    case = house.office.store.case(case.case_id)
    if session.json:
        told: dict[str, Any] = {"case": case.case_id, "stands": stands(case), "items": items_of(house, case)}
        print_json(told | {"address": case.parties[0].address if case.parties else None})
        return
    print_adopted(session.screen, house, [case], zone_of(house.settings, case.account_id))
