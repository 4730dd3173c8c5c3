"""`rejoinder ingest`: mails that a person gives as files, kept and understood like any other."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.progress import Progress
from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common
from bot.cli.text import harmless

if TYPE_CHECKING:
    from bot.edge.mailfiles import Given
    from bot.ports import Reader
    from bot.review import Item
    from bot.runner.inbox.understanding import Taken
    from bot.runner.office import Practice
    from bot.wiring import House


@dataclass(kw_only=True)
class Counts:
    """What one source came to."""

    source: str
    mails: int = 0
    cases: int = 0  #: opened
    known: int = 0  #: kept before, or the same mail again
    problems: int = 0  #: mails, or the source itself, that could not be taken in


@click.command(
    short_help="Take mails from files.", epilog="Example: rejoinder ingest --account shop notice.eml old.mbox"
)
@common
@click.option("--account", metavar="NAME", help="Whose mail it is; may be left out when there is only one.")
@click.argument("files", nargs=-1, required=True, metavar="SOURCE...")
@click.pass_obj
def ingest(session: Session, files: tuple[str, ...], account: str | None) -> None:
    """Keep mails from files in an account, understand them, and draft what follows.

    A SOURCE is a mail in a file, an mbox, a Maildir folder, or `-` for standard input (a mail or an mbox);
    none of them is changed. Mails are judged like mail from the server: only results of the account's
    authserv_id prove a sender. The same bytes are kept once. Nothing is sent.
    """
    with session.house(light=False) as house:
        practice = _practice(house, account)
        sys.exit(asyncio.run(_ingest(session, house, practice, files)))


def _practice(house: House, account: str | None) -> Practice:
    names = [known.name for known in house.settings.accounts]
    if account is None and len(names) == 1:
        account = names[0]
    if account is None:
        which = f"one of {', '.join(names)}" if names else "but rejoinder.yaml has no account yet"
        raise click.UsageError(f"Say whose mail it is with --account NAME: {which}.")
    if account not in names:
        raise click.UsageError(f"There is no account {account}; there are: {', '.join(names) or 'none yet'}.")
    return house.office.practices[account]


async def _ingest(session: Session, house: House, practice: Practice, sources: Sequence[str]) -> int:
    from bot.runner.steps.drafting import write_drafts
    from bot.wiring import open_reader, reading_plan

    before = {item.number for item in house.office.store.items()}
    plan = reading_plan(house.loaded, house.settings.account(practice.account_id))
    reader = open_reader(plan, house.settings)
    told: list[dict[str, Any]] = []
    sums: list[Counts] = []
    try:
        with Progress("mails taken in") as progress:
            for name in sources:
                counts, single = Counts(source=name), True
                for given in _given(name):
                    single = not given.place
                    told.append(await _one(house, practice, reader, name, given))
                    _count(counts, told[-1])
                    progress.step()
                    if not session.json and (single or told[-1]["worth_telling"]):
                        progress.clear()
                        _say(session, told[-1])
                sums.append(counts)
                if not (single or session.json):
                    progress.clear()
                    session.screen.line(Bit(name, "title"), f": {_sum(counts)}")
    finally:
        await reader.close()
    while write_drafts(house.office, practice):
        pass
    items = [item for item in house.office.store.items() if item.number not in before]
    if session.json:
        print_json({"files": told, "sources": [asdict(one) for one in sums], "items": items})
    elif items:
        from bot.cli.arguments import ranges

        numbers = ranges([item.number for item in items])
        session.screen.paragraph(
            f"New in the queue: {numbers}. `rejoinder queue` lists them; `rejoinder show {items[0].number}` "
            "shows the first."
        )
    return 1 if any(one.problems for one in sums) else 0


def _given(name: str) -> Iterator[Given]:
    """The mails of a source, one at a time; what cannot be read is a problem like any other."""
    from bot.edge.mailfiles import Given, mails_of_path, mails_of_stream

    try:
        yield from mails_of_stream(sys.stdin.buffer) if name == "-" else mails_of_path(Path(name))
    except OSError as error:
        yield Given("", problem=error.strerror or str(error))


async def _one(house: House, practice: Practice, reader: Reader, name: str, given: Given) -> dict[str, Any]:
    from bot.mail.received import received_at
    from bot.runner.inbox.intake import keep_file
    from bot.runner.inbox.understanding import take

    told: dict[str, Any] = {"file": name} | ({"place": given.place} if given.place else {})
    if given.problem is not None:
        return told | {"error": given.problem, "worth_telling": True}
    mail = keep_file(house.office, practice, given.raw, received_at(given.raw, house.office.clock.now()))
    if mail is None:
        result = "already kept, nothing to do"
        return told | {"result": result, "cases": [], "known": True, "worth_telling": False}
    understood = (await reader.read_many([given.raw]))[0]
    taken = take(house.office, practice, mail, understood)
    item = item_about(house, taken)
    return told | {
        "mail": mail.mail_id,
        "kind": taken.result.kind,
        "result": result_words(taken, item),
        "proof": understood.verdict.proof.value if understood.verdict else None,
        "cases": list(taken.result.cases),
        "opened": sum(decision.before is None for decision in taken.decisions),
        "known": (taken.result.reason or "").startswith("same mail as"),
        "worth_telling": item is not None or bool(taken.decisions),
    }


def _count(counts: Counts, one: dict[str, Any]) -> None:
    if "error" in one:
        counts.problems += 1
        return
    counts.mails += 1
    counts.cases += one.get("opened", 0)
    counts.known += one["known"]


def _sum(counts: Counts) -> str:
    words = [f"{counts.mails} mail{'s' * (counts.mails != 1)}"]
    words += [f"{counts.cases} case{'s' * (counts.cases != 1)} opened"]
    words += [f"{counts.known} known already"] if counts.known else []
    words += [f"{counts.problems} not taken in"] if counts.problems else []
    return ", ".join(words)


def item_about(house: House, taken: Taken) -> Item | None:
    """The open item about the mail itself."""
    from bot.case.items import ItemKind, mail_subject

    subject = mail_subject(taken.mail.mail_id)
    found = (house.office.store.open_item(kind, subject) for kind in ItemKind)
    return next((item for item in found if item is not None), None)


def result_words(taken: Taken, item: Item | None) -> str:
    """What came of it, in words."""
    from bot.case.reasons import REASON_TEXT
    from bot.cli.words import reason_text
    from bot.mail.authentication import PROOF_TEXT
    from bot.reading.model import Suspect

    if taken.result.status.value == "parked":
        return f"cannot be read: {taken.result.reason}"
    reading, verdict = taken.understood.reading, taken.understood.verdict
    if isinstance(reading, Suspect):
        why = f": {PROOF_TEXT[verdict.proof]}" if verdict and not verdict.proven else ""
        return f"suspect, so no case was opened{why}"
    opened = [d.case for d in taken.decisions if d.before is None]
    if opened:
        holds = [REASON_TEXT[t.hold] for case in opened for t in case.tracks if t.hold]
        cases = ", ".join(case.case_id for case in opened)
        return f"opened case {cases}" + (f", held: {holds[0]}" if holds else "")
    if item is not None:
        return f"item {item.number}: {reason_text(item.reason)}"
    if taken.result.cases:
        return f"belongs to case {', '.join(taken.result.cases)}"
    return taken.result.reason or "kept; nothing follows from it"


def _say(session: Session, one: dict[str, Any]) -> None:
    name = one["file"] + (f" {one['place']}" if "place" in one else "")
    if "error" in one:
        click.echo(f"rejoinder: {harmless(name)}: {one['error']}", err=True)
        return
    session.screen.line(Bit(name, "title"), f" {one.get('kind') or ''}")
    session.screen.paragraph(one["result"], indent=2)
