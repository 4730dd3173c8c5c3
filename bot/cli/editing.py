"""`rejoinder edit`: a draft in the person's editor, as subject, blank line, body."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.arguments import ItemNumber
from bot.cli.screen import print_json
from bot.cli.session import Session, at_terminal, by_option, common
from bot.cli.text import harmless
from bot.errors import Conflict, NotPossible, RejoinderError

if TYPE_CHECKING:
    from bot.wiring import House


@click.command(short_help="Change a draft.", epilog="Example: EDITOR=nano rejoinder edit 3")
@common
@by_option
@click.option(
    "--file",
    "source",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Take the text from a file (- is standard input) instead of an editor.",
)
@click.argument("number", type=ItemNumber(), metavar="ID")
@click.pass_obj
def edit(session: Session, number: int, source: Path | None, by: str | None) -> None:
    """Change a draft in $VISUAL or $EDITOR: the first line is the subject, then a blank line, then the text.

    Left unchanged or empty, nothing happens. An approval given before is void: approve the new text again.
    """
    from bot.cli.approving import done_json
    from bot.runner.desk.service import edit as answer
    from bot.runner.desk.service import letter_of, open_item

    with session.house() as house:
        name, office = session.by(house.settings, by), house.office
        letter = letter_of(office, open_item(office, number))
        if not letter.editable:
            raise NotPossible(f"item {number} is {letter.state.value} and can no longer be edited")
        before = f"{letter.subject}\n\n{letter.body}"
        after = _from_file(source) if source else _from_editor(before)
        if after is None or not after.strip() or _same(before, after):
            _say(session, number, "nothing changed", {"number": number, "result": "nothing changed"})
            return
        subject, body = _parts(after, letter.body)
        try:
            if office.store.letter(letter.letter_id).revision != letter.revision:
                raise Conflict(f"item {number} was written again while you edited it; look at it once more")
            done = answer(office, number, subject, body, name)
        except RejoinderError as error:
            raise NotPossible(f"{error}. {_kept(after)}") from error
        warnings = _warnings(house, number)
        _say(session, number, done.text, done_json(number, done) | {"findings": warnings})


def _from_editor(before: str) -> str | None:
    has_editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not has_editor and not at_terminal():
        raise click.UsageError(
            "There is no terminal for an editor: set EDITOR, or give the text with --file."
        )
    try:
        return click.edit(before, extension=".txt", require_save=False)
    except click.ClickException:
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        raise NotPossible(
            f"the editor {harmless(editor)} did not start or ended with a fault, so nothing was changed; set "
            "EDITOR to one that works, or give the text with --file"
        ) from None


def _from_file(source: Path) -> str:
    raw = sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotPossible(f"{source} is not UTF-8; save it with that encoding and try again") from None


def _same(before: str, after: str) -> bool:
    return [line.rstrip() for line in before.rstrip().splitlines()] == [
        line.rstrip() for line in after.rstrip().splitlines()
    ]


def _parts(text: str, old_body: str) -> tuple[str, str]:
    """Subject and body; the body ends as the old one did, since editors add a last line end."""
    lines = text.replace("\r\n", "\n").lstrip("\n").split("\n")
    subject, rest = lines[0].strip(), lines[1:]
    if rest and rest[0].strip():
        raise NotPossible(
            f"the second line must be blank, so that the subject cannot run into the text. {_kept(text)}"
        )
    body = "\n".join(rest[1:]).rstrip()
    return subject, body + ("\n" if old_body.endswith("\n") else "")


def _kept(text: str) -> str:
    """Where the person's words are, when they could not be used."""
    descriptor, name = tempfile.mkstemp(prefix="rejoinder-edit-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return f"Your text is kept in {name}; use it with --file"


def _warnings(house: House, number: int) -> list[str]:
    from bot.runner.checking import findings_of
    from bot.runner.desk.service import letter_of, open_item
    from bot.runner.office import practice_of

    item = open_item(house.office, number)
    practice = practice_of(house.office, item.account_id)
    found = findings_of(house.office, practice, letter_of(house.office, item))
    return [("stops approval: " if f.error else "") + f.sentence for f in found]


def _say(session: Session, number: int, words: str, told: dict[str, object]) -> None:
    if session.json:
        print_json(told)
        return
    session.screen.paragraph(words, indent=6, first=f"{number:>4}", look="good")
    findings = told.get("findings")
    for warning in findings if isinstance(findings, list) else ():
        session.screen.paragraph(str(warning), indent=6, first="   !", look="warn")
