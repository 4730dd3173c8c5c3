"""`rejoinder read`: what mails are and say, with the default rules; no home, no state, nothing is kept."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.progress import Progress
from bot.cli.rules_files import shipped_rules
from bot.cli.screen import Bit, Piece, Screen, print_json
from bot.cli.session import Session, common
from bot.cli.text import harmless, one_line

if TYPE_CHECKING:
    from bot.edge.home import Loaded
    from bot.reading.model import Understood

#: Files read before the first answers are printed; also how many are held in memory at once.
AT_ONCE = 64

KINDS: Mapping[str, str] = {
    "notice": "a notice: somebody complains",
    "warning": "a warning: nothing was removed, or the whole account is meant",
    "apex": "an invitation to Amazon's patent evaluation",
    "lawsuit_notice": "about a court matter",
    "amazon_reply": "an answer of Amazon's",
    "retraction": "a withdrawal of a complaint",
    "rights_owner_reply": "an answer of the other side",
    "legal_letter": "a letter of a law firm",
    "auto_reply": "an automatic response",
    "bounce": "a delivery report",
    "phishing": "a fake",
    "other": "something else",
}


@click.command(
    short_help="Say what mails are.",
    epilog="Example: rejoinder read --json notice.eml | jq .complaint_ids",
)
@common
@click.argument("files", nargs=-1, required=True, metavar="FILE.eml...")
@click.pass_obj
def read(session: Session, files: tuple[str, ...]) -> None:
    """Read mails from files and say what they are: who complains, about what, and where that stands.

    The authentication results inside a file are believed, because nobody can tell whose server wrote them;
    mail of an account is judged more strictly. `-` is standard input. Needs no home and keeps nothing; with
    --home the rules of that home are used.
    """
    sys.exit(asyncio.run(_read(session, files)))


async def _read(session: Session, files: Sequence[str]) -> int:
    from bot.wiring import open_reader, reading_plan

    reader = open_reader(reading_plan(_rules(session.home_flag), None, believe_file=True))
    status = 0
    progress = Progress("reading", len(files))
    try:
        for start in range(0, len(files), AT_ONCE):
            some = [(name, *_bytes(name)) for name in files[start : start + AT_ONCE]]
            answers = iter(await reader.read_many([raw for _, raw, _ in some if raw is not None]))
            progress.clear()
            for name, raw, problem in some:
                if raw is None:
                    status = 1
                    _say_unreadable(session, name, problem)
                else:
                    _say(session, name, next(answers))
            progress.step(len(some))
    finally:
        progress.clear()
        await reader.close()
    return status


def _rules(home: Path | None) -> Loaded:
    """The rules of a home, else those we ship."""
    from bot.edge.files import find_home
    from bot.edge.home import load_home

    return shipped_rules() if home is None else load_home(find_home(home))


def _bytes(name: str) -> tuple[bytes | None, str]:
    try:
        return (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()), ""
    except OSError as error:
        return None, error.strerror or str(error)


def _say_unreadable(session: Session, name: str, problem: str) -> None:
    click.echo(f"rejoinder: {harmless(name)}: {problem}", err=True)
    if session.json:
        print_json({"file": name, "error": problem})


def _say(session: Session, name: str, understood: Understood) -> None:
    from bot.cli.likeness import say_likeness
    from bot.reading.label import label
    from bot.reading.model import Suspect

    told = label(understood)
    if session.json:
        print_json({"file": name, **told})
        return
    page = session.screen
    page.line(Bit(one_line(name), "title"))
    page.facts(_told(told, understood))
    if isinstance(understood.reading, Suspect) and understood.reading.likeness:
        say_likeness(page, understood.reading.likeness)
    _say_sources(page, told)
    page.line()


def _told(told: Mapping[str, Any], understood: Understood) -> Iterator[tuple[str, Piece]]:
    from bot.mail.authentication import PROOF_TEXT

    kind = told["kind"]
    about = ", ".join(
        str(told[key]).replace("_", " ") for key in ("ip_type", "action", "marketplace") if told.get(key)
    )
    words = KINDS.get(kind, kind.replace("_", " "))
    yield "is", Bit(words + (f" ({about})" if about else ""), "bad" if kind == "phishing" else "title")
    if understood.head:
        yield "subject", one_line(understood.head.subject) or "(none)"
    if understood.correspondent:
        yield "from", understood.correspondent.addr_spec
    if understood.verdict:
        proven = understood.verdict.proven
        yield "proof", Bit(PROOF_TEXT[understood.verdict.proof], "good" if proven else "warn")
    opens = bool(told.get("may_open_case"))
    yield "opens a case", ("yes: " if opens else "no: ") + str(told.get("may_open_case_reason") or "")
    if told.get("deadline"):
        days = told["deadline"].get("days")
        unit = "business days" if told["deadline"].get("business") else "days"
        on = f": {told['deadline_on']}" if told.get("deadline_on") else ""
        other = f", or {told['deadline_or_on']}" if told.get("deadline_or_on") else ""
        yield "deadline", f"{days} {unit}{on}{other}"
    if told.get("notes"):
        yield "note", str(told["notes"])
    for owner in told.get("rights_owners") or ():
        parts = [owner.get("name"), owner.get("organisation"), *(owner.get("emails") or ())]
        yield "who complains", ", ".join(str(part) for part in parts if part)
    for gap in told.get("gaps") or ():
        yield "ask", Bit(str(gap["text"]), "warn")


def _say_sources(page: Screen, told: Mapping[str, Any]) -> None:
    """Each value with the words of the mail it was read from."""
    rows: list[tuple[str, Piece]] = [
        (one_line(str(name)).replace("_", " "), _place(place))
        for name, places in (told.get("sources") or {}).items()
        for place in (places if isinstance(places, list) else [places])
    ]
    if rows:
        page.line("  ", Bit("read from", "quiet"))
        page.facts(rows, indent=4)


def _place(place: Any) -> str:
    from bot.notice.facts import SURE

    if not isinstance(place, Mapping):
        return one_line(str(place))
    words, value = one_line(str(place.get("text", ""))), one_line(str(place.get("value", "")))
    where = f" (part {place['part']})" if place.get("part") else ""
    where += ", with doubt" if place.get("confidence", 1) < SURE else ""
    return (f'{value}: "{words}"' if value and value != words else f'"{words}"') + where
