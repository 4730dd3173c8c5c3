"""`rejoinder case hold` and `case release`: a person holds a case, or takes it back from the lawyer."""

from __future__ import annotations

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, by_option, common


@click.command(
    "hold", short_help="Stop here.", epilog='Example: rejoinder case hold K7Q --reason "on holiday"'
)
@common
@by_option
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept with the case.")
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def hold(session: Session, case_id: str, reason: str, by: str | None) -> None:
    """Hold a case: its drafts are withdrawn and nothing goes on before you say so. Amazon's clock runs on.

    A letter that is leaving in this moment, or is in doubt, is not touched; its case is held after that.
    """
    from bot.runner.desk import holding

    if not reason.strip():
        raise click.UsageError('Say why: rejoinder case hold CASE --reason "…"')
    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper())
        done = holding.hold(house.office, found.case_id, reason.strip(), name)
    if session.json:
        told = {"case": done.case.case_id, "result": "held", "withdrawn": done.withdrawn}
        print_json({**told, "on_the_line": done.on_the_line})
        return
    screen = session.screen
    screen.line(Bit(f"Case {done.case.case_id} is held.", "good"))
    if done.withdrawn:
        screen.paragraph(f"Letters withdrawn: {len(done.withdrawn)}.")
    if done.on_the_line:
        screen.paragraph(
            "A letter is leaving or in doubt; what it belongs to is held as soon as its fate is known.",
            look="warn",
        )
    screen.paragraph("`rejoinder queue` has it; `rejoinder resume` lets it go on.", look="quiet")


@click.command("merge", short_help="Two cases are one.", epilog="Example: rejoinder case merge M7QW NODL")
@common
@by_option
@click.argument("case_id", metavar="CASE")
@click.argument("into", metavar="INTO")
@click.pass_obj
def merge(session: Session, case_id: str, into: str, by: str | None) -> None:
    """Put CASE into INTO, because both are one complaint: INTO goes on, CASE is closed and stays findable.

    The earlier dates of both count in INTO, letters of both count for the limit, and what arrives for CASE
    goes to INTO. `case unmerge CASE` takes it back.
    """
    from bot.runner.desk import merging

    with session.house() as house:
        name = session.by(house.settings, by)
        cases = house.office.store
        ids = cases.case(case_id.upper()).case_id, cases.case(into.upper()).case_id
        away, lead = merging.merge(house.office, *ids, name)
    if session.json:
        print_json({"case": away.case_id, "merged_into": lead.case_id})
        return
    session.screen.line(Bit(f"Case {away.case_id} is merged into {lead.case_id}.", "good"))
    session.screen.paragraph(f"`rejoinder case unmerge {away.case_id}` takes it out again.", look="quiet")


@click.command("unmerge", short_help="They are two.", epilog="Example: rejoinder case unmerge M7QW")
@common
@by_option
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def unmerge(session: Session, case_id: str, by: str | None) -> None:
    """Take CASE out of the one it was merged into. If it was open before, it is held until you say more."""
    from bot.runner.desk import merging

    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper()).case_id
        case, lead = merging.unmerge(house.office, found, name)
    if session.json:
        print_json({"case": case.case_id, "out_of": lead.case_id, "closed": case.closed})
        return
    how = "closed, as it was" if case.closed else "held"
    session.screen.line(Bit(f"Case {case.case_id} stands by itself again, {how}.", "good"))


@click.command("store", short_help="Which store is meant.", epilog="Example: rejoinder case store K7Q north")
@common
@by_option
@click.argument("case_id", metavar="CASE")
@click.argument("store", metavar="STORE")
@click.pass_obj
def store(session: Session, case_id: str, store: str, by: str | None) -> None:
    """Say which of the stores that share a mailbox a case is about; STORE as under stores: in rejoinder.yaml.

    What was held only because that was unclear goes on; its letter is drafted at the next turn.
    """
    from bot.runner.desk.storing import name_store

    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper())
        done = name_store(house.office, found.case_id, store, name)
    if session.json:
        print_json({"case": done.case_id, "store": done.store})
    else:
        session.screen.line(Bit(f"Case {done.case_id} is about {done.store}.", "good"))


@click.command(
    "release",
    short_help="Take it back from your lawyer.",
    epilog='Example: rejoinder case release K7Q2M5AB --reason "settled, we go on ourselves"',
)
@common
@by_option
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept with the case.")
@click.option("--confirm", metavar="CASE", help="The whole case id once more, where nobody can be asked.")
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def release(session: Session, case_id: str, reason: str, confirm: str | None, by: str | None) -> None:
    """End what `case note CASE lawyer` began: the case stays held, but may go on again when you resume it.

    You are asked to type the case id in full, so that nobody writes past a lawyer by accident.
    """
    from bot.runner.desk import holding

    if not reason.strip():
        raise click.UsageError('Say why: rejoinder case release CASE --reason "…"')
    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper())
        if found.lawyer:
            question = f"Your lawyer has this case. Type {found.case_id} to take it back"
            session.typed_again(found.case_id, confirm, question, "nothing was changed")
        done = holding.take_back(house.office, found.case_id, reason.strip(), name)
    if session.json:
        print_json({"case": done.case_id, "result": "released"})
    else:
        session.screen.paragraph(
            f"Case {done.case_id} is yours again, and held. `rejoinder queue` has it.", look="good"
        )
