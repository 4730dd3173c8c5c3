"""`rejoinder case`: the cases there are, one of them told from its beginning, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from bot.cli.erasing import hold_papers
from bot.cli.holding import hold, merge, release, store, unmerge
from bot.cli.noting import note
from bot.cli.rebasing import rebase
from bot.cli.screen import Bit, Piece, Screen, print_json
from bot.cli.session import Session, by_option, common, now

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.case.model import Case, Track
    from bot.evidence.timeline import Line
    from bot.settings.values import Settings


@click.group(short_help="Cases.", epilog="Example: rejoinder case list   rejoinder case show K7QW2M")
@common
def case() -> None:
    """List cases, show one from its beginning, note what happened outside, hold, close or reopen one."""


case.add_command(hold)
case.add_command(note)
case.add_command(rebase)
case.add_command(release)
case.add_command(hold_papers)
case.add_command(store)
case.add_command(merge)
case.add_command(unmerge)


@case.command("list", short_help="Which cases there are.", epilog="Example: rejoinder case list --all")
@common
@click.option("--all", "everything", is_flag=True, help="Also closed ones.")
@click.option("--account", metavar="NAME", help="Only of this account.")
@click.pass_obj
def list_cases(session: Session, everything: bool, account: str | None) -> None:
    """List cases, newest first, with who owes the next move and until when."""
    from bot.cli.desk import open_desk

    with open_desk(session.home()) as (settings, store):
        if account is not None and account not in {known.name for known in settings.accounts}:
            names = ", ".join(known.name for known in settings.accounts) or "none yet"
            raise click.UsageError(f"There is no account {account}; there are: {names}.")
        cases = store.cases(account, open_only=not everything)
        moment = now()
        if session.json:
            told = [{"case": one, "stands": stands(one), "closed": one.closed} for one in cases]
            print_json({"cases": told})
            return
        screen = session.screen
        if not cases:
            screen.line("There are no cases." if everything else "There are no open cases.")
            screen.line()
            screen.paragraph(
                "A case is opened when a notice arrives that Amazon's domain is proven to have sent; "
                "`rejoinder ingest FILE.eml` takes one from a file.",
                look="quiet",
            )
            return
        rows = [_row(one, moment, settings, wide=screen.width >= 110) for one in cases]
        head = ["CASE", "ABOUT", "WITH", "STANDS", "NEXT", "UNTIL"]
        screen.table(head, rows, shrink={1: 11, 2: 12, 3: 14})


def _row(one: Case, moment: datetime, settings: Settings, *, wide: bool) -> list[Piece]:
    from bot.case.model import PartyRole
    from bot.cli.words import absolute, listed, zone_of
    from bot.cli.words import until as how_long

    facts = one.facts
    party = one.party(PartyRole.COMPLAINANT)
    whom = (party.organisation or party.address or party.name or "") if party else ""
    owes, until = _next_move(one)
    when = how_long(until, moment) if until else ""
    if wide and until:
        when = f"{absolute(until, zone_of(settings, one.account_id))} ({when})"
    about = facts.complaint_id or listed(list(facts.asins), 1) or facts.family
    return [one.case_id, about, whom, stands(one), owes, when]


def _next_move(one: Case) -> tuple[str, datetime | None]:
    """Who owes it, and until when."""
    from bot.case.model import State

    if one.closed:
        return "", None
    states = {track.state for track in one.tracks}
    if states & {State.HELD, State.DRAFTED, State.IN_DOUBT}:
        return "you", one.last_safe or one.deadline
    if State.AWAITING in states:
        return "they", one.next_due
    return "we", None


def stands(one: Case) -> str:
    """The open tracks of a case in a few words."""
    from bot.case.model import State

    if one.merged_into:
        return f"merged into {one.merged_into}"
    words = [_track_words(track) for track in one.tracks if track.state is not State.CLOSED]
    return "; ".join(words) or "closed"


def _track_words(track: Track) -> str:
    from bot.case.model import State

    match track.state:
        case State.HELD:
            return f"held: {track.hold.value.replace('-', ' ') if track.hold else 'by you'}"
        case State.AWAITING if track.attempts:
            return f"{track.attempts[-1].step} sent"
        case State.AWAITING:
            return f"{track.step} later"
        case State.DRAFTED:
            return f"{track.step} drafted"
        case State.APPROVED:
            return f"{track.step} approved"
        case State.IN_DOUBT:
            return f"{track.step} in doubt"
        case _:
            return f"{track.step} under way"


@case.command("show", short_help="One case.", epilog="Example: rejoinder case show K7Q")
@common
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def show_case(session: Session, case_id: str) -> None:
    """Tell one case from its beginning; the first letters of its id are enough."""
    from bot.cli.desk import open_desk
    from bot.cli.seller_central import print_texts, texts_of
    from bot.cli.words import zone_of
    from bot.evidence.timeline import timeline

    with open_desk(session.home()) as (settings, store):
        one = store.case(case_id.upper())
        ids = {attempt.letter_id for attempt in one.attempts} | {
            t.letter_id for t in one.tracks if t.letter_id
        }
        diary = store.diary(one.case_id)
        ids |= {letter for event in diary if (letter := getattr(event, "letter", None))}
        letters = [store.letter(letter_id) for letter_id in sorted(ids)]
        zone = zone_of(settings, one.account_id)
        lines = timeline(one, diary, letters, zone)
        items = [item for item in store.items(account_id=one.account_id) if one.case_id in item.cases]
        texts = texts_of(settings.state, store, diary)
        if session.json:
            told = {"case": one, "stands": stands(one), "timeline": lines, "items": items, "texts": texts}
            print_json(told)
            return
        _print_case(session.screen, one, zone)
        _print_timeline(session.screen, lines, zone)
        print_texts(session.screen, texts)
        if items:
            numbers = ", ".join(str(item.number) for item in items)
            session.screen.line()
            session.screen.line(f"Waiting in the queue: {numbers}. `rejoinder show {items[0].number}`")


def _print_case(screen: Screen, one: Case, zone: ZoneInfo) -> None:
    from bot.cli.seller_central import two_facts
    from bot.cli.text import one_line
    from bot.cli.words import PARTY_WORDS, when

    facts, moment = one.facts, now()
    screen.line(Bit(f"Case {one.case_id}", "title"), f" · {stands(one)}")
    rows: list[tuple[str, Piece]] = [
        ("account", one.account_id),
        *([("store", one.store)] if one.store else []),
        *[("merged into this", taken.case_id) for taken in one.merged],
        ("complaint", facts.complaint_id or "no ID"),
        ("kind", " ".join(filter(None, (facts.family, facts.marketplace)))),
    ]
    rows += [("listing", f"{item.asin} {one_line(item.title or '')}".strip()) for item in facts.listings]
    rows += [(f"{n.kind.replace('_', ' ')}", one_line(n.number)) for n in facts.numbers]
    for party in one.parties:
        who = [party.name, party.organisation, *party.addresses]
        rows.append(
            (PARTY_WORDS[party.role], ", ".join(one_line(word) for word in who if word) or "not named")
        )
    rows.append(
        ("Amazon's deadline", when(one.deadline, moment, zone) if one.deadline else "the notice names none")
    )
    if one.last_safe:
        ours = "; our own guess" if one.last_safe_is_ours else ""
        rows.append(("last safe date", when(one.last_safe, moment, zone) + ours))
    for track in one.tracks:
        due = f", {track.step} due {when(track.due_at, moment, zone)}" if track.due_at else ""
        rows.append((f"towards {PARTY_WORDS[track.party]}", _track_words(track) + due))
    rows += two_facts(one, moment, zone)
    screen.facts(rows)


def _print_timeline(screen: Screen, lines: tuple[Line, ...], zone: ZoneInfo) -> None:
    """One line for each thing that happened, the day only where it changes."""
    screen.rule(f"What happened ({zone.key})")
    day = ""
    for line in lines:
        local = line.at.astimezone(zone)
        today = f"{local:%a} {local.day} {local:%b %Y}"
        by = f" — {line.by}" if line.by not in ("rejoinder", "amazon") else ""
        mail = f" (mail {line.mail})" if line.mail else ""
        first = f"  {today if today != day else '':<16}  {local:%H:%M}"
        screen.paragraph(f"{line.text}{by}{mail}", indent=27, first=first)
        day = today


@case.command(
    "close", short_help="End a case.", epilog='Example: rejoinder case close K7Q --reason "listing is back"'
)
@common
@by_option
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept with the case.")
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def close(session: Session, case_id: str, reason: str, by: str | None) -> None:
    """End a case: its drafts are withdrawn and nothing more is sent. Later mail for it comes to the queue."""
    from bot.runner.desk.service import close_case

    if not reason.strip():
        raise click.UsageError('Say why: rejoinder case close CASE --reason "…"')
    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper())
        done = close_case(house.office, found.case_id, reason.strip(), name)
        if session.json:
            print_json({"case": done.case_id, "result": "closed"})
        else:
            session.screen.line(Bit(f"Case {done.case_id} is closed.", "good"))


@case.command("reopen", short_help="Open a closed case again.", epilog="Example: rejoinder case reopen K7Q")
@common
@by_option
@click.argument("case_id", metavar="CASE")
@click.pass_obj
def reopen(session: Session, case_id: str, by: str | None) -> None:
    """Open a closed case again. It is held, with an item in the queue, until you say how to go on."""
    from bot.runner.desk.service import reopen_case

    with session.house() as house:
        name = session.by(house.settings, by)
        found = house.office.store.case(case_id.upper())
        done = reopen_case(house.office, found.case_id, name)
        if session.json:
            print_json({"case": done.case_id, "result": "reopened"})
        else:
            session.screen.line(Bit(f"Case {done.case_id} is open again and held.", "good"))
