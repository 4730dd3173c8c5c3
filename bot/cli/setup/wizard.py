"""The order of the questions of `rejoinder init`, and what is written when all are answered."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.asking import Asker, sentence
from bot.cli.init import read_gaps, show_gaps
from bot.cli.screen import Bit
from bot.cli.session import Session
from bot.cli.setup.answers import Answers
from bot.cli.setup.mailbox import AnotherAddress, ask_mailbox, choose_folders, sign_in
from bot.cli.setup.seller import ask_alerts, ask_keeping, ask_seller, guess_place
from bot.cli.setup.trial import pin, try_arrival
from bot.edge.home import effective_files, load_providers
from bot.edge.setup.home import write_home
from bot.errors import NotPossible, RejoinderError
from bot.settings.writing import settings_text


def run_wizard(session: Session, folder: Path, address: str | None, *, offline: bool) -> None:
    """Ask everything, then write everything. Ctrl-C before the end leaves nothing, and ends with status 1."""
    try:
        answers = _ask_everything(session, folder, address, offline=offline)
        home = _write(session, folder, answers)
    except (click.Abort, KeyboardInterrupt):  # at a question, or while a server is asked
        click.echo("\nStopped. Nothing was written; begin again whenever you like.", err=True)
        sys.exit(1)
    _offer_adopting(session, home, answers)
    next_steps(session, home)


def _offer_adopting(session: Session, home: Path, answers: Answers) -> None:
    """Yesterday's notice is why most people are here; what goes wrong now can be done again by itself."""
    if answers.inside is None or "env" in answers.kept:
        return  # nobody signed in, or the password is not there before the next start
    from bot.cli.adopting import adopt_after_setup

    session.screen.rule("Notices that are there already")
    ask = Asker(session.screen)
    ask.say("What lies in the mailbox is left alone until you say so. Taking on a notice sends nothing.")
    try:
        if ask.yes("Look for notices of the last 90 days now?"):
            adopt_after_setup(session, home)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped. Your home stands; `rejoinder adopt` asks again.", err=True)
    except (RejoinderError, OSError) as error:
        ask.wrong(f"{sentence(str(error))} `rejoinder adopt` tries it again.")


def _ask_everything(session: Session, folder: Path, address: str | None, *, offline: bool) -> Answers:
    ask = Asker(session.screen)
    session.screen.line(Bit("A home for Rejoinder", "title"))
    ask.say(
        "Some ten minutes. Enter takes what stands in brackets. Ctrl-C stops: nothing is written before the "
        "end."
    )
    answers = _mailbox(ask, address, offline=offline)
    last = 3 if offline else 5
    ask.step(last - 1, last, "You as a seller")
    guess_place(answers)
    ask_seller(ask, answers, _languages())
    ask.step(last, last, "Keeping it")
    ask_alerts(ask, answers)
    ask_keeping(ask, answers, folder)
    return answers


def _mailbox(ask: Asker, address: str | None, *, offline: bool) -> Answers:
    known = load_providers(None)
    while True:
        ask.step(1, 3 if offline else 5, "Your mailbox")
        answers = ask_mailbox(ask, known, address, offline=offline)
        if offline:
            return answers
        ask.step(2, 5, "Signing in")
        try:
            inside = sign_in(ask, answers) and answers.inside
        except AnotherAddress:
            address = None
            continue
        if inside:
            choose_folders(ask, answers, inside)
            ask.step(3, 5, "A test mail to yourself")
            try_arrival(ask, answers)
            pin(ask, answers)
        return answers


def _languages() -> frozenset[str]:
    """Those that we have letters in."""
    texts = effective_files(Path("/nowhere"), "templates", ".txt")
    return frozenset(name.partition("/")[0] for name in texts)


def _write(session: Session, folder: Path, answers: Answers) -> Path:
    """Make the home there, or where else the person says when that cannot be; gives where it is."""
    new = answers.account()
    in_a_file = answers.password is not None and "file" in new.secret
    secrets = {answers.secret_file: answers.password or ""} if in_a_file else {}
    screen = session.screen
    while True:
        try:
            settings = write_home(folder, settings_text(new), secrets)
            break
        except (NotPossible, OSError) as error:
            ask = Asker(screen)
            ask.wrong(sentence(str(error)))
            folder = ask.text("Another folder", lambda typed: Path(typed).expanduser(), str(folder))
    screen.line()
    screen.paragraph(f"Made a home in {folder}", look="good")
    gaps = read_gaps(folder)
    show_gaps(session, gaps)
    screen.line()
    screen.paragraph(
        "It starts in safe mode: whatever you approve goes to yourself only, and every screen says TEST. To "
        f"change anything, edit {settings}; `rejoinder check` finds slips of the pen.",
        indent=2,
    )
    return folder


def next_steps(session: Session, folder: Path) -> None:
    """What to type now."""
    session.screen.rule("Next")
    session.screen.line(f"  cd {folder}")
    session.screen.facts(
        [
            ("rejoinder adopt", "take on a notice that came before, such as yesterday's"),
            ("rejoinder run", "watch the mailbox; leave it running"),
            ("rejoinder queue", "in a second window: what waits for you"),
        ]
    )
