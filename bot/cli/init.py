"""`rejoinder init`: a home of one's own, asked for at the terminal or written from an address alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common

if TYPE_CHECKING:
    from bot.edge.gaps import Gap
    from bot.settings.values import Settings
    from bot.settings.writing import NewAccount

#: What a home begins with that nobody was asked about; `rejoinder check` accepts it as it is.
SETTINGS = """\
# yaml-language-server: $schema=schemas/rejoinder.schema.json
#
# The settings of this home; `rejoinder check` reads them. Take the # off the account and make it yours.
#
# accounts:
#   shop:
#     address: ip@shop.example          # the address tied to your seller account
#     imap: { host: imap.shop.example }
#     smtp: { host: smtp.shop.example }
#     password: { env: SHOP_PASSWORD }  # or file: … or keyring: … or command: [program, argument]
#     # First word after Authentication-Results: of a mail received there; without it no notice opens a case.
#     authserv_id: mx.shop.example
#     time_zone: Europe/Berlin
#     country: DE
#     profile:
#       legal_name: Shop GmbH
#       signatory: Alex Beispiel
#       postal_address: [Musterweg 1, 12345 Musterstadt]
#       stores: { amazon.de: Shop }

accounts: {}

safe_mode: true # letters go to yourself only, and every screen says TEST, until you switch this off
undo_window: 10 min
"""


@click.command(
    short_help="Make a home.",
    epilog="Example: rejoinder init ~/rejoinder   Without questions: rejoinder init DIR --address A --yes",
)
@common
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--address", metavar="ADDRESS", help="The address that Amazon writes to.")
@click.option("--offline", is_flag=True, help="Ask no server: no provider by DNS, no sign-in, no test mail.")
@click.option("--yes", is_flag=True, help="Ask nothing; what cannot be known is named as a gap.")
@click.pass_obj
def init(session: Session, folder: Path, address: str | None, offline: bool, yes: bool) -> None:
    """Make a home: ask for mailbox and seller, try them out, and write a rejoinder.yaml with comments.

    Finds the servers from the address, signs in, looks which mailbox is for what and sends one test mail from
    you to yourself. Nothing is written before the end. A home that is there already is left as it is. Without
    a terminal nothing is asked.
    """
    from bot.edge.setup.home import refuse_unfit

    folder = folder.expanduser()
    refuse_unfit(folder)
    if yes or not session.may_ask:
        _without_questions(session, folder, address, offline=offline)
        return
    from bot.cli.setup.wizard import run_wizard

    run_wizard(session, folder, address, offline=offline)


def _without_questions(session: Session, folder: Path, address: str | None, *, offline: bool) -> None:
    from bot.edge.setup.home import write_home
    from bot.settings.writing import settings_text

    new = None if address is None else _account_for(address, offline=offline)
    settings = write_home(folder, SETTINGS if new is None else settings_text(new))
    gaps = [*(guesses_of(new) if new else ()), *read_gaps(folder)]
    if session.json:
        print_json({"home": folder.absolute(), "settings": settings.absolute(), "gaps": gaps})
        return
    session.screen.line(Bit("Made a home", "good"), f" in {folder}")
    if address is None:
        steps = [f"fill in the account in {settings}", f"rejoinder check --home {folder}"]
    else:
        show_gaps(session, gaps)
        steps = [f"fill in what is missing in {settings}", f"rejoinder password --home {folder}"]
        steps += [f"rejoinder doctor --home {folder}"]
    steps.append(f"rejoinder once --home {folder}")
    for number, step in enumerate(steps, 1):
        # Not broken at the width: a command is copied, and its terminal breaks it without a new line.
        session.screen.line("  ", Bit(f"{number}  ", "quiet"), step)


def _account_for(address: str, *, offline: bool) -> NewAccount:
    from bot.cli.asking import field
    from bot.cli.setup.answers import Answers, guessed_servers, servers_of
    from bot.cli.setup.mailbox import find_provider
    from bot.cli.setup.seller import guess_place
    from bot.edge.home import load_providers
    from bot.settings.parts import AddressField

    try:
        address = field(AddressField)(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    domain = address.rpartition("@")[2]
    provider, _ = find_provider(domain, load_providers(None), offline=offline)
    imap, smtp = servers_of(provider, provider.sign_in[0]) if provider else guessed_servers(domain)
    answers = Answers(address=address, provider=provider, imap=imap, smtp=smtp)
    guess_place(answers)
    answers.place_guessed, answers.country_name = True, None
    return answers.account()


def guesses_of(new: NewAccount) -> Iterator[Gap]:
    """What was written though nobody said it."""
    from bot.edge.gaps import Gap

    for name, server in (("imap", new.imap), ("smtp", new.smtp)):
        if server.guessed:
            yield Gap(key=name, sentence=f"{server.host} is a guess; your provider names its servers")
    if new.place_guessed:
        where = f"{new.time_zone} and {new.country}"
        yield Gap(
            key="time_zone, country", sentence=f"{where} are guesses; holidays and times depend on them"
        )


def read_gaps(folder: Path) -> list[Gap]:
    """What the home that was just written still lacks; reads it as every command will."""
    from bot.edge.gaps import gaps_of
    from bot.edge.home import load_home

    settings: Settings = load_home(folder).settings
    return [gap for account in settings.accounts for gap in gaps_of(account)]


def show_gaps(session: Session, gaps: list[Gap]) -> None:
    """One sentence each."""
    for gap in gaps:
        session.screen.paragraph(f"{gap.key}: {gap.sentence}.", indent=4, first="  !", look="warn")
