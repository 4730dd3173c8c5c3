"""`rejoinder password`: a new password for an account, tried out and put where the settings say."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bot.cli.screen import print_json
from bot.cli.session import Session, common
from bot.errors import NotPossible

if TYPE_CHECKING:
    from bot.cli.asking import Asker
    from bot.settings.values import Account, SecretFrom, Settings


@click.command(short_help="Put in a new password.", epilog="Example: rejoinder password --account shop")
@common
@click.option("--account", "name", metavar="NAME", help="Whose; needed when there are several accounts.")
@click.option("--offline", is_flag=True, help="Do not try it at the servers first.")
@click.pass_obj
def password(session: Session, name: str | None, offline: bool) -> None:
    """Ask for a password, try it at both servers, and put it where rejoinder.yaml says.

    Without a terminal the first line of standard input is the password. A running daemon uses it at its next
    sign-in. What comes from a variable or a command is changed there, not here.
    """
    from bot.cli.asking import Asker
    from bot.edge.files import load_settings

    account = _account(load_settings(session.home()), name)
    source = _source(account)
    ask = Asker(session.screen)
    typed = _typed(session, ask, account)
    if not offline:
        _try(session, ask, account, typed)
    _keep(source, typed)
    where = f"the file {source.file}" if source.file is not None else "the keyring"
    if session.json:
        print_json({"account": account.name, "kept_in": where})
        return
    session.screen.line(f"Kept in {where}.")


def _account(settings: Settings, name: str | None) -> Account:
    names = [account.name for account in settings.accounts]
    if name is None and len(names) == 1:
        return settings.accounts[0]
    if name is None or name not in names:
        said = f"There is no account {name}" if name is not None else "Say whose: --account NAME"
        raise click.UsageError(f"{said}; there are: {', '.join(names) or 'none yet'}.")
    return settings.account(name)


def _source(account: Account) -> SecretFrom:
    """Where it is to be put. Raises NotPossible when that is not ours to change."""
    sources = {server.password for server in (account.imap, account.smtp) if server.password is not None}
    if len(sources) != 1:
        raise NotPossible(
            f"account {account.name} has a password of its own for each server, or none; put it in by hand "
            "where rejoinder.yaml says"
        )
    (source,) = sources
    if source.env is not None:
        raise NotPossible(f"rejoinder.yaml takes it from the variable {source.env}; set that one anew")
    if source.command is not None:
        raise NotPossible(f"rejoinder.yaml takes it from the program {source.command[0]}; change it there")
    return source


def _typed(session: Session, ask: Asker, account: Account) -> str:
    if session.may_ask:
        return ask.secret(f"Password of {account.imap.user or account.address} (not shown while you type)")
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("There is no terminal to ask at, and no line on standard input.")
    return line


def _try(session: Session, ask: Asker, account: Account, typed: str) -> None:
    """Raises NotPossible when a server refuses it; nothing is kept then."""
    from bot.cli.asking import sentence
    from bot.edge.doctor.finding import Finding
    from bot.edge.setup.sign_in import try_mailbox, try_submission
    from bot.wiring import imap_settings, smtp_settings

    seen = try_mailbox(replace(imap_settings(account), secret=lambda: typed))
    sending = try_submission(replace(smtp_settings(account), secret=lambda: typed))
    for found in (seen, sending):
        if isinstance(found, Finding) and found.ok is False:
            raise NotPossible(
                f"{sentence(found.sentence)} {found.fix} Nothing was kept; --offline keeps it untried"
            )
    if not session.json:
        ask.good("Both servers let us in.")


def _keep(source: SecretFrom, typed: str) -> None:
    from bot.edge.setup.home import write_private
    from bot.edge.setup.keyring import keep_in_keyring

    if source.keyring is not None:
        keep_in_keyring(source.keyring, typed)
        return
    assert source.file is not None
    source.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(source.file, typed + "\n")
