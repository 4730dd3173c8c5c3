"""`rejoinder doctor`: asks servers and state whether the daemon could work, and says how to mend what not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common, now

if TYPE_CHECKING:
    from bot.edge.doctor.finding import Finding
    from bot.settings.values import Account, Settings


@click.command(short_help="Look at servers and state.", epilog="Example: rejoinder doctor --account shop")
@common
@click.option("--account", "only", metavar="NAME", help="This account only.")
@click.pass_obj
def doctor(session: Session, only: str | None) -> None:
    """Ask the servers of each account, and look at its profile, the disk, database and lock.

    Signs in once at each server, opens mailboxes read-only and sends nothing. Every finding that is wrong
    comes with what to do. Exit status 1 when something is wrong.
    """
    from bot.edge.files import load_settings

    settings = load_settings(session.home())
    names = [account.name for account in settings.accounts]
    if only is not None and only not in names:
        raise click.UsageError(f"There is no account {only}; there are: {', '.join(names) or 'none yet'}.")
    findings = []
    place = ""
    for where, finding in _findings(settings, only):
        findings.append({"account": where or None, "finding": finding})
        if not session.json:
            if where != place:
                session.screen.rule(where)
            place = where
            show_finding(session, finding)
    wrong = sum(_is_wrong(row["finding"]) for row in findings)
    if session.json:
        print_json({"well": not wrong, "findings": findings})
    else:
        session.screen.line()
        verdict = Bit("All is well.", "good") if not wrong else Bit(f"{wrong} to mend.", "bad")
        session.screen.line(verdict)
    if wrong:
        sys.exit(1)


def _is_wrong(finding: object) -> bool:
    return getattr(finding, "ok", None) is False


def _findings(settings: Settings, only: str | None) -> Iterator[tuple[str, Finding]]:
    """Account ("" for the state) and finding, each as soon as it is made."""
    from bot.edge.doctor.state import look_at_state

    for finding in look_at_state(settings.state):
        yield "", finding
    for account in settings.accounts:
        if only in (None, account.name):
            for finding in _of_account(account):
                yield account.name, finding


def _of_account(account: Account) -> Iterator[Finding]:
    from bot.edge.doctor.seller import look_at_profile

    yield from look_at_profile(account)
    yield from of_servers(account)


def of_servers(account: Account) -> Iterator[Finding]:
    """What the two servers of an account say, each finding as soon as it is made."""
    from bot.edge.doctor.mailbox import Watched, look_at_mailbox
    from bot.edge.doctor.submission import look_at_submission
    from bot.wiring import imap_settings, smtp_settings

    watched = Watched(
        mailboxes=account.mailboxes, watch_junk=account.watch_junk, authserv_id=account.authserv_id
    )
    yield from look_at_mailbox(imap_settings(account), watched, now())
    yield from look_at_submission(smtp_settings(account))


def show_finding(session: Session, finding: Finding) -> None:
    """One finding with its fix."""
    mark, look = {True: ("ok", "good"), False: ("wrong", "bad"), None: ("note", "warn")}[finding.ok]
    session.screen.line(Bit(f"{mark:<7}", look), f"{finding.what}")
    session.screen.paragraph(finding.sentence, indent=7)
    if finding.fix:
        session.screen.paragraph(f"→ {finding.fix}", indent=7)
