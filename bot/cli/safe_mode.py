"""`rejoinder safe-mode`: letters go to yourself only, or to those whom they are for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, Piece, print_json
from bot.cli.session import Session, common
from bot.errors import ConfigurationError, NotPossible

if TYPE_CHECKING:
    from pathlib import Path

    from bot.runner.desk.rehearsed import Switched
    from bot.settings.values import Settings


@click.command("safe-mode", short_help="Letters to yourself only.", epilog="Example: rejoinder safe-mode off")
@common
@click.option("--yes", is_flag=True, help="With off: do not ask.")
@click.argument("switch", type=click.Choice(["on", "off"]), required=False, metavar="[on|off]")
@click.pass_obj
def safe_mode(session: Session, switch: str | None, yes: bool) -> None:
    """Say whether safe mode is on, or switch it; every approval given before is void then.

    The word in rejoinder.yaml is changed and a daemon that runs follows within seconds. off asks first, and
    then lists the letters that went to yourself as a test: approve each anew to send it for real.
    """
    from bot.edge.backup.mark import read_mark

    home = session.home()
    settings = _settings(home)
    restored = read_mark(settings.state) is not None
    if switch is None:
        _print_state(session, settings, restored=restored)
        return
    if restored:
        raise NotPossible(
            "this is a copy restored from a backup, so safe mode is on whatever the settings say; "
            "`rejoinder restored` says what to check before it ends"
        )
    if switch == "off" and settings.safe_mode and not yes:
        question = "From now on, what you approve goes to the complainants and Amazon. Switch safe mode off?"
        if not session.ask(question):
            session.screen.line("Nothing was changed.")
            return
    _switch(session, home, settings, on=switch == "on")


def _settings(home: Path) -> Settings:
    """As the file says; what is set from outside would win over it. Raises NotPossible."""
    from bot.edge.files import read_settings

    document, settings = read_settings(home, environment=os.environ, flags=None)
    if (outside := document.overrides.get(("safe_mode",))) is not None:
        raise NotPossible(f"{outside} is set and wins over rejoinder.yaml; change or remove it there")
    if settings is None:
        raise ConfigurationError(tuple(document.problems))
    return settings


def _print_state(session: Session, settings: Settings, *, restored: bool) -> None:
    on = settings.safe_mode or restored
    if session.json:
        print_json({"safe_mode": on, "restored": restored})
        return
    whom = ", ".join(sorted({settings.rehearsal_address(account) for account in settings.accounts}))
    if not on:
        session.screen.paragraph("Safe mode is off: what you approve goes to those whom it is for.")
        session.screen.paragraph("`rejoinder safe-mode on` ends that at once.", look="quiet")
        return
    session.screen.paragraph(f"Safe mode is on: what you approve goes to {whom or 'yourself'} only.")
    how = "`rejoinder restored` says what to check." if restored else "`rejoinder safe-mode off` ends it."
    session.screen.paragraph(how, look="quiet")


def _switch(session: Session, home: Path, settings: Settings, *, on: bool) -> None:
    from bot.edge.switch import write_safe_mode
    from bot.runner.desk.rehearsed import after_switch

    changed = settings.safe_mode != on
    if changed:
        write_safe_mode(home, on)
    with session.house() as house:
        done = after_switch(house.office)
    if session.json:
        print_json({"safe_mode": on, "changed": changed, **_told(done)})
        return
    _print(session, settings, done, on=on, changed=changed)


def _told(done: Switched) -> dict[str, object]:
    return {
        "void": [item.number for item in done.void],
        "tested": [
            {"number": one.item.number, "to": one.letter.to, "subject": one.letter.subject, "at": one.at}
            for one in done.tested
        ],
        "leaving": [letter.letter_id for letter in done.leaving],
    }


def _print(session: Session, settings: Settings, done: Switched, *, on: bool, changed: bool) -> None:
    from bot.cli.arguments import ranges
    from bot.cli.words import absolute, zone_of

    screen = session.screen
    state = f"Safe mode is {'on' if on else 'off'}" + ("." if changed else " already.")
    screen.line(Bit(state, "good"))
    if done.void:
        numbers = ranges(sorted(item.number for item in done.void))
        screen.paragraph(
            f"Approvals that are void now; the letters are drafts again: {numbers}.", look="warn"
        )
    for letter in done.leaving:
        screen.paragraph(
            f"A letter to {letter.to} is being handed over in this moment; it goes as it was approved.",
            look="warn",
        )
    if on or not done.tested:
        return
    screen.rule("Went to you as a test; approve anew to send them for real")
    rows: list[list[Piece]] = [
        [
            str(one.item.number),
            one.letter.step,
            one.letter.to or "(to be pasted)",
            absolute(one.at, zone_of(settings, one.letter.account_id)),
        ]
        for one in done.tested
    ]
    screen.table(["#", "STEP", "TO", "TESTED"], rows, shrink={2: 14, 3: 11, 1: 8})
    screen.line()
    first = done.tested[0].item.number
    screen.paragraph(
        f"`rejoinder show {first}` shows one, `rejoinder approve {first}` sends it.", look="quiet"
    )
