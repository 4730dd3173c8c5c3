"""`rejoinder quarantine`: mail that could not be read, what is known of it, and another try."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.screen import Bit, Piece, print_json
from bot.cli.session import Session, common, now
from bot.errors import NotPossible

if TYPE_CHECKING:
    from bot.ports import KeptMail
    from bot.runner.inbox.quarantine import Retried
    from bot.runner.office import Office
    from bot.wiring import House

#: Of the header, so many lines are shown, each as it stands.
HEADER_LINES = 30
_HEADER_OCTETS = 16 * 1024


@click.group(short_help="Mail that cannot be read.", epilog="Example: rejoinder quarantine retry")
@common
def quarantine() -> None:
    """List mail that could not be read, show what is known of one, or try again after an upgrade."""


@quarantine.command("list", short_help="Which there is.", epilog="Example: rejoinder quarantine list --all")
@common
@click.option("--all", "everything", is_flag=True, help="Also what a person has marked as read.")
@click.pass_obj
def list_parked(session: Session, everything: bool) -> None:
    """List mail that could not be read or was too large to be kept, oldest first."""
    from bot.cli.words import relative
    from bot.runner.inbox.quarantine import parked

    with session.house() as house:
        office = house.office
        found = [m for name in office.practices for m in parked(office, name, also_read=everything)]
        items = {m.mail_id: _item_number(office, m) for m in found}
    if session.json:
        print_json({"mails": [_told(mail, items[mail.mail_id]) for mail in found]})
        return
    screen, moment = session.screen, now()
    if not found:
        screen.line("Nothing is in quarantine: every mail could be read.")
        return
    rows: list[list[Piece]] = [
        [
            str(mail.mail_id),
            mail.account_id,
            relative(mail.kept_at, moment),
            _size(mail.size),
            _why(mail),
            str(items[mail.mail_id] or ""),
        ]
        for mail in found
    ]
    head = ["MAIL", "ACCOUNT", "ARRIVED", "SIZE", "WHY", "ITEM"]
    screen.table(head, rows, shrink={1: 8, 4: 16})
    screen.line()
    first = found[0].mail_id
    screen.paragraph(
        f"`rejoinder quarantine show {first}` shows one; after an upgrade, `rejoinder quarantine retry` "
        "tries all again.",
        look="quiet",
    )


@quarantine.command("show", short_help="One of them.", epilog="Example: rejoinder quarantine show 7")
@common
@click.option(
    "--sample",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there without its words, to show it to the maintainers.",
)
@click.argument("mail_id", type=click.IntRange(min=1), metavar="MAIL")
@click.pass_obj
def show(session: Session, mail_id: int, sample: Path | None) -> None:
    """Show why a mail could not be read, and its header as it stands.

    With --sample a copy is written in which every letter is an x and every digit a 9: lengths, parts,
    charsets and broken octets are as in the mail, names and texts are not. Look at it before you pass it on.
    """
    from bot.runner.inbox.quarantine import parked_mail

    with session.house() as house:
        mail = parked_mail(house.office, mail_id)
        raw = house.office.raw.get(mail.sha256) if mail.sha256 else b""
        item = _item_number(house.office, mail)
        if sample is not None:
            _write_sample(sample, raw)
        if session.json:
            told = _told(mail, item) | {"header": _header(raw)}
            print_json(told | ({"sample": str(sample)} if sample else {}))
            return
        _print(session, house, mail, item, _header(raw))
    if sample is not None:
        session.screen.line()
        session.screen.paragraph(f"Written without its words: {sample}", look="good")


def _write_sample(file: Path, raw: bytes) -> None:
    from bot.mail.redact import redacted

    if not raw:
        raise NotPossible("this mail was too large to be kept, so there is nothing to make a sample of")
    try:
        with file.open("xb") as stream:
            stream.write(redacted(raw))
    except FileExistsError:
        raise NotPossible(f"{file} is there already; name a new file") from None
    except OSError as error:
        raise NotPossible(f"{file} cannot be written: {error.strerror}") from error


def _print(session: Session, house: House, mail: KeptMail, item: int | None, header: list[str]) -> None:
    from bot.cli.words import when, zone_of

    screen = session.screen
    zone, moment = zone_of(house.settings, mail.account_id), now()
    screen.line(Bit(f"Mail {mail.mail_id}", "title"), " · ", Bit("cannot be read", "title"))
    rows: list[tuple[str, Piece]] = [
        ("why", Bit(_why(mail), "bad")),
        ("account", mail.account_id),
        ("mailbox", mail.mailbox or "given as a file"),
        ("arrived", when(mail.internal_date, moment, zone)),
        ("kept", when(mail.kept_at, moment, zone)),
        ("size", _size(mail.size)),
    ]
    if item is not None:
        rows.append(("in the queue", f"item {item}"))
    screen.facts(rows)
    if header:
        screen.rule("Its header, as it stands")
        for line in header:
            screen.paragraph(line, indent=2)
    screen.rule("What you can do")
    answers = {f"rejoinder quarantine retry {mail.mail_id}": "try again, after an upgrade"}
    if mail.sha256:
        answers[f"rejoinder quarantine show {mail.mail_id} --sample FILE"] = "a copy without its words"
    if item is not None:
        answers[f"rejoinder approve {item}"] = "I have read it in my mail program; letters go on"
    screen.facts(list(answers.items()))


def _header(raw: bytes) -> list[str]:
    """The first lines up to the empty one, as they stand; read by nothing that a mail could upset."""
    from bot.cli.text import cut, one_line

    lines: list[str] = []
    for line in raw[:_HEADER_OCTETS].splitlines():
        if not line.strip():
            break
        lines.append(cut(one_line(line[:1000].decode("utf-8", "replace")), 300))
    more = len(lines) - HEADER_LINES
    return lines[:HEADER_LINES] + ([f"… and {more} more lines"] if more > 0 else [])


def _told(mail: KeptMail, item: int | None) -> dict[str, Any]:
    return {
        "mail": mail.mail_id,
        "account": mail.account_id,
        "mailbox": mail.mailbox,
        "arrived": mail.internal_date,
        "kept_at": mail.kept_at,
        "size": mail.size,
        "status": mail.status,
        "reason": _why(mail),
        "item": item,
    }


def _why(mail: KeptMail) -> str:
    from bot.ports import MailStatus

    return "too large to be kept" if mail.status is MailStatus.OVERSIZE else mail.reason or "cannot be read"


def _size(octets: int) -> str:
    return (
        f"{octets} B"
        if octets < 1000
        else f"{octets / 1000:.0f} kB"
        if octets < 1e6
        else f"{octets / 1e6:.1f} MB"
    )


def _item_number(office: Office, mail: KeptMail) -> int | None:
    from bot.case.items import ItemKind, mail_subject

    for kind in (ItemKind.PARKED, ItemKind.ALARM):
        if (item := office.store.open_item(kind, mail_subject(mail.mail_id))) is not None:
            return item.number
    return None


@quarantine.command("retry", short_help="Try again.", epilog="Example: rejoinder quarantine retry 7 9")
@common
@click.argument("mails", nargs=-1, metavar="[MAIL...]")
@click.pass_obj
def retry(session: Session, mails: tuple[str, ...]) -> None:
    """Put mail through the reader again, all of it or those named, as after an upgrade.

    What can be read now is taken as if it had just arrived: cases are opened, answers hold theirs. The rest
    stays.
    """
    from bot.cli.arguments import numbers_of
    from bot.runner.inbox.quarantine import parked, parked_mail

    numbers = numbers_of(mails) if mails else None
    with session.house(light=False) as house:
        office = house.office
        if numbers is not None:
            found = [parked_mail(office, number) for number in numbers]
        else:
            found = [mail for name in office.practices for mail in parked(office, name) if mail.sha256]
        done = asyncio.run(_retry(house, found))
        told = [_outcome(house, one) for one in done]
    if session.json:
        print_json({"retried": told})
    elif not told:
        session.screen.line("Nothing is in quarantine that could be tried again.")
    for one in () if session.json else told:
        look = "good" if one["read"] else "warn"
        session.screen.paragraph(one["result"], indent=6, first=f"{one['mail']:>4}", look=look)
    if any(not one["read"] for one in told):
        sys.exit(1)


async def _retry(house: House, mails: list[KeptMail]) -> list[Retried]:
    from bot.cli.progress import Progress
    from bot.runner.inbox.quarantine import retry as again
    from bot.runner.office import practice_of
    from bot.runner.steps.drafting import write_drafts
    from bot.wiring import open_reader, reading_plan

    done: list[Retried] = []
    with Progress("mails tried") as progress:
        for account in dict.fromkeys(mail.account_id for mail in mails):
            practice = practice_of(house.office, account)
            plan = reading_plan(house.loaded, house.settings.account(account))
            reader = open_reader(plan, house.settings)
            try:
                for mail in mails:
                    if mail.account_id == account:
                        done.append(await again(house.office, practice, reader, mail))
                        progress.step()
            finally:
                await reader.close()
            while write_drafts(house.office, practice):
                pass
    return done


def _outcome(house: House, one: Retried) -> dict[str, Any]:
    from bot.cli.ingesting import item_about, result_words

    if one.taken is None:
        return {"mail": one.mail.mail_id, "read": False, "result": f"still cannot be read: {one.why}"}
    item = item_about(house, one.taken)
    kind = one.taken.result.kind
    words = f"{kind}: {result_words(one.taken, item)}"
    return {
        "mail": one.mail.mail_id,
        "read": True,
        "kind": kind,
        "result": words,
        "cases": one.taken.result.cases,
    }
