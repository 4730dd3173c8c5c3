"""`rejoinder ingest`: mails that a person gives as files, kept and understood like any other."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.progress import Progress
from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common
from bot.cli.text import harmless

if TYPE_CHECKING:
    from bot.runner.office import Practice
    from bot.runner.understanding import Taken
    from bot.wiring import House


@click.command(
    short_help="Take mails from files.", epilog="Example: rejoinder ingest --account shop notice.eml"
)
@common
@click.option("--account", metavar="NAME", help="Whose mail it is; may be left out when there is only one.")
@click.argument("files", nargs=-1, required=True, metavar="FILE.eml...")
@click.pass_obj
def ingest(session: Session, files: tuple[str, ...], account: str | None) -> None:
    """Keep mails from files in an account, understand them, and draft what follows.

    They are judged like mail from the server: only results of the account's authserv_id prove a sender. The
    same bytes are kept once. `-` is standard input. Nothing is sent.
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


async def _ingest(session: Session, house: House, practice: Practice, files: Sequence[str]) -> int:
    from bot.runner.drafting import write_drafts
    from bot.wiring import open_reader, reading_plan

    before = {item.number for item in house.office.store.items()}
    reader = open_reader(reading_plan(house.loaded, house.settings.account(practice.account_id)))
    told: list[dict[str, Any]] = []
    progress = Progress("taking in", len(files))
    try:
        for name in files:
            told.append(await _one(house, practice, reader, name))
            progress.step()
            if not session.json:
                progress.clear()
                _say(session, told[-1])
    finally:
        progress.clear()
        await reader.close()
    while write_drafts(house.office, practice):
        pass
    items = [item for item in house.office.store.items() if item.number not in before]
    if session.json:
        print_json({"files": told, "items": items})
    elif items:
        numbers = ", ".join(str(item.number) for item in items)
        session.screen.line(f"New in the queue: {numbers}. See them with `rejoinder show {items[0].number}`.")
    return 1 if any("error" in one for one in told) else 0


async def _one(house: House, practice: Practice, reader: Any, name: str) -> dict[str, Any]:
    from bot.mail.received import received_at
    from bot.runner.intake import keep_file
    from bot.runner.understanding import take

    try:
        raw = _bytes(name)
    except OSError as error:
        return {"file": name, "error": error.strerror or str(error)}
    if not raw.strip():
        return {"file": name, "error": "there is no mail in it"}
    mail = keep_file(house.office, practice, raw, received_at(raw, house.office.clock.now()))
    if mail is None:
        return {"file": name, "result": "already kept, nothing to do", "cases": []}
    understood = (await reader.read_many([raw]))[0]
    taken = take(house.office, practice, mail, understood)
    return {
        "file": name,
        "mail": mail.mail_id,
        "kind": taken.result.kind,
        "result": _result(taken, house),
        "proof": understood.verdict.proof.value if understood.verdict else None,
        "cases": list(taken.result.cases),
    }


def _bytes(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _result(taken: Taken, house: House) -> str:
    """What came of it, in words."""
    from bot.case.items import mail_subject
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
    item = next(
        (x for x in house.office.store.items() if x.subject == mail_subject(taken.mail.mail_id)), None
    )
    if item is not None:
        return f"item {item.number}: {reason_text(item.reason)}"
    if taken.result.cases:
        return f"belongs to case {', '.join(taken.result.cases)}"
    return taken.result.reason or "kept; nothing follows from it"


def _say(session: Session, one: dict[str, Any]) -> None:
    if "error" in one:
        click.echo(f"rejoinder: {harmless(one['file'])}: {one['error']}", err=True)
        return
    session.screen.line(Bit(one["file"], "title"), f" {one.get('kind') or ''}")
    session.screen.paragraph(one["result"], indent=2)
