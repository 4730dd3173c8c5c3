"""The answers a person gives to items of the queue; all but `edit`, which needs an editor."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from bot.cli.arguments import ItemNumber
from bot.cli.screen import print_json
from bot.cli.session import Session, by_option, common
from bot.errors import Conflict, NotPossible, RejoinderError

if TYPE_CHECKING:
    from bot.runner.desk.service import Done
    from bot.wiring import House

number_argument = click.argument("number", type=ItemNumber(), metavar="ID")
Answer = Callable[[int], "Done"]


@click.command(short_help="Let drafts leave.", epilog="Example: rejoinder approve 3,5-7")
@common
@by_option
@click.option("--yes", is_flag=True, help="With all: do not ask.")
@click.option(
    "--revision",
    type=click.IntRange(min=1),
    metavar="R",
    help="The text you read, as `show` numbers it; needed when a letter was written again.",
)
@click.option("--to", "named", metavar="ADDRESS", help="Whom it goes to; needed where no notice proves it.")
@click.argument("items", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def approve(
    session: Session,
    items: tuple[str, ...],
    by: str | None,
    yes: bool,
    revision: int | None,
    named: str | None,
) -> None:
    """Approve drafts as they stand now: each leaves after the undo window, byte for byte.

    ID may be a number, several, or a range as in 3,5-7. `all` means every draft that waits and asks first,
    showing how the letters differ. A claim is approved when the mail belongs to its case; anything to read is
    marked as read. A letter that follows from a notice which nothing proves is approved alone, and by typing
    its addressee.
    """
    from bot.cli.approving import ask_addressee, drafts_to_approve
    from bot.runner.desk.service import approve as answer

    with session.house() as house:
        name = session.by(house.settings, by)
        if items == ("all",):
            seen = drafts_to_approve(session, house, sure=yes)
        else:
            seen = dict.fromkeys(_numbers(items), revision)
        one = items != ("all",) and len(seen) == 1
        if (revision is not None or named is not None) and not one:
            raise click.UsageError("--revision and --to are of one letter: name only that one.")
        if one and named is None:
            named = ask_addressee(session, house, next(iter(seen)))
        _answer(session, house, list(seen), lambda n: answer(house.office, n, name, seen[n], named=named))


@click.command(
    short_help="Do not send it.", epilog='Example: rejoinder reject 3 --reason "we sell no such lamp"'
)
@common
@by_option
@click.option("--reason", metavar="TEXT", help="Why; needed for a letter and kept with its case.")
@click.argument("items", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def reject(session: Session, items: tuple[str, ...], by: str | None, reason: str | None) -> None:
    """Reject drafts: nothing is sent and their cases are held until you decide how to go on.

    A claim is rejected when the mail has nothing to do with the case.
    """
    from bot.case.items import ItemKind
    from bot.runner.desk.service import open_item
    from bot.runner.desk.service import reject as answer

    with session.house() as house:
        name = session.by(house.settings, by)
        office = house.office

        def one(number: int) -> Done:
            if open_item(office, number).kind is ItemKind.DRAFT and not (reason or "").strip():
                raise click.UsageError(f'Say why: rejoinder reject {number} --reason "…"')
            return answer(office, number, (reason or "").strip(), name)

        _answer(session, house, _numbers(items), one)


@click.command(short_help="See it later.", epilog='Example: rejoinder snooze 3 "2 business days"')
@common
@by_option
@number_argument
@click.argument("until", nargs=-1, required=True, metavar="UNTIL")
@click.pass_obj
def snooze(session: Session, number: int, until: tuple[str, ...], by: str | None) -> None:
    """Put an item out of sight until then; Amazon's clock does not pause.

    UNTIL is tomorrow, monday, "friday 14:00", 2026-03-01, "2026-03-01 14:00", "3 days", "5 business days" or
    72h, in the account's time zone; a day without an hour means nine in the morning.
    """
    from bot.cli.words import when, zone_of
    from bot.runner.desk.service import snooze as answer

    with session.house() as house:
        name = session.by(house.settings, by)
        moment = _moment(house, number, until)
        done = answer(house.office, number, moment, name)
        zone = zone_of(house.settings, done.item.account_id)
        words = f"snoozed until {when(moment, house.office.clock.now(), zone)}"
        _print(session, house, [(number, done)], [], words=words, extra={"until": moment})


@click.command(short_help="Take an approval back.", epilog="Example: rejoinder recall 3")
@common
@by_option
@click.argument("items", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def recall(session: Session, items: tuple[str, ...], by: str | None) -> None:
    """Take approvals back while the letters have not left; they are drafts again."""
    from bot.runner.desk.service import recall as answer

    with session.house() as house:
        name = session.by(house.settings, by)
        _answer(session, house, _numbers(items), lambda number: answer(house.office, number, name))


@click.command(short_help="Was it sent?", epilog="Example: rejoinder settle 3 --sent")
@common
@by_option
@click.option("--sent/--not-sent", default=None, help="What you found out.")
@number_argument
@click.pass_obj
def settle(session: Session, number: int, sent: bool | None, by: str | None) -> None:
    """Say whether a letter in doubt was sent. Not sent makes it a draft again; nothing is sent by this."""
    from bot.runner.desk.service import settle as answer

    if sent is None:
        raise click.UsageError("Say which: --sent or --not-sent.")
    with session.house() as house:
        name = session.by(house.settings, by)
        _answer(session, house, [number], lambda one: answer(house.office, one, sent=sent, by=name))


@click.command(short_help="Let it go on.", epilog="Example: rejoinder resume 3 --step reminder-1")
@common
@by_option
@click.option("--step", metavar="NAME", help="Where to go on; else where it stopped.")
@number_argument
@click.pass_obj
def resume(session: Session, number: int, step: str | None, by: str | None) -> None:
    """Let a held case go on; its next letter is drafted at the next turn and waits for your approval."""
    from bot.runner.desk.service import resume as answer

    with session.house() as house:
        name = session.by(house.settings, by)
        _answer(session, house, [number], lambda one: answer(house.office, one, name, step))


@click.command(short_help="Keep waiting.", epilog='Example: rejoinder wait 3 "5 business days"')
@common
@by_option
@number_argument
@click.argument("until", nargs=-1, metavar="[UNTIL]")
@click.pass_obj
def wait(session: Session, number: int, until: tuple[str, ...], by: str | None) -> None:
    """Keep a held case waiting until then; without UNTIL until something happens.

    UNTIL is tomorrow, monday, "friday 14:00", 2026-03-01, "2026-03-01 14:00", "3 days", "5 business days" or
    72h, in the account's time zone; a day without an hour means nine in the morning.
    """
    from bot.runner.desk.service import keep_waiting

    with session.house() as house:
        name = session.by(house.settings, by)
        moment = _moment(house, number, until) if until else None
        if moment is not None and moment <= house.office.clock.now():
            raise NotPossible("that moment is already past; give a later one")
        _answer(session, house, [number], lambda one: keep_waiting(house.office, one, moment, name))


def _numbers(items: tuple[str, ...]) -> list[int]:
    from bot.cli.arguments import numbers_of

    return numbers_of(items)


def _moment(house: House, number: int, until: tuple[str, ...]) -> Any:
    from bot.cli.arguments import moment_of
    from bot.runner.desk.service import open_item
    from bot.runner.office import practice_of

    account_id = open_item(house.office, number).account_id
    practice_of(house.office, account_id)
    calendar = house.loaded.calendar(house.settings.account(account_id))
    return moment_of(" ".join(until), house.office.clock.now(), calendar)


def _answer(session: Session, house: House, numbers: Sequence[int], answer: Answer) -> None:
    """Answer one after the other; what cannot be done is said and does not stop the rest."""
    done: list[tuple[int, Done]] = []
    problems: list[tuple[int, str]] = []
    for number in numbers:
        try:
            done.append((number, _again(answer, number)))
        except RejoinderError as error:
            if session.debug and not isinstance(error, NotPossible):
                raise
            problems.append((number, str(error)))
    _print(session, house, done, problems)
    if problems:
        sys.exit(1)


def _again(answer: Answer, number: int) -> Done:
    """Once more when the daemon changed the case in the same moment: nothing was written then."""
    try:
        return answer(number)
    except Conflict:
        return answer(number)


def _print(
    session: Session,
    house: House,
    done: Sequence[tuple[int, Done]],
    problems: Sequence[tuple[int, str]],
    *,
    words: str = "",
    extra: dict[str, Any] | None = None,
) -> None:
    from bot.cli.approving import done_json, done_words
    from bot.cli.text import harmless

    if session.json:
        told = [done_json(number, one) | (extra or {}) for number, one in done]
        print_json({"done": told, "problems": [{"number": n, "error": text} for n, text in problems]})
    for number, one in () if session.json else done:
        session.screen.paragraph(words or done_words(house, one), indent=6, first=f"{number:>4}", look="good")
        if one.warning:
            session.screen.paragraph(one.warning, indent=6, first="   !", look="warn")
    for number, text in problems:
        lead = "" if text.startswith(f"item {number} ") else f"item {number}: "
        click.echo(f"rejoinder: {lead}{harmless(text)}", err=True)
