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


#: Columns of a finding's name and the space behind it; a mailbox may have a longer one.
_WIDE = 17


@click.command(short_help="Look at servers and state.", epilog="Example: rejoinder doctor --account shop")
@common
@click.option("--account", "only", metavar="NAME", help="This account only.")
@click.option("--test-mail", is_flag=True, help="Also send one mail from each account to itself.")
@click.pass_obj
def doctor(session: Session, only: str | None, test_mail: bool) -> None:
    """Ask the servers of each account, and look at its profile, the disk, database and lock.

    Signs in once at each server and opens mailboxes read-only. Sends nothing without --test-mail, which shows
    how a mail to oneself arrives. Every finding that is wrong comes with what to do. Exit status 1 when
    something is wrong.
    """
    from bot.edge.files import load_settings

    settings = load_settings(session.home())
    names = [account.name for account in settings.accounts]
    if only is not None and only not in names:
        raise click.UsageError(f"There is no account {only}; there are: {', '.join(names) or 'none yet'}.")
    findings = []
    place = ""
    for where, finding in _findings(settings, only, test_mail=test_mail):
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


def _findings(settings: Settings, only: str | None, *, test_mail: bool) -> Iterator[tuple[str, Finding]]:
    """Account ("" for the state) and finding, each as soon as it is made."""
    from bot.edge.doctor.state import look_at_state

    for finding in look_at_state(settings.state):
        yield "", finding
    for account in settings.accounts:
        if only in (None, account.name):
            for finding in _of_account(account, test_mail=test_mail):
                yield account.name, finding


def _of_account(account: Account, *, test_mail: bool) -> Iterator[Finding]:
    from bot.edge.doctor.seller import look_at_profile

    yield from look_at_profile(account)
    well = True
    for finding in of_servers(account):
        well = well and not (
            finding.ok is False and finding.what.endswith((" line", " tls", " sign-in", " name"))
        )
        yield finding
    if test_mail and well:
        yield from _test_mail(account)


def _test_mail(account: Account) -> Iterator[Finding]:
    from bot.cli.setup.trial import pause
    from bot.edge.doctor.roundtrip import look_at_arrival
    from bot.edge.ids import RandomIds
    from bot.edge.setup.folders import choose
    from bot.edge.setup.sign_in import Inside, try_mailbox
    from bot.wiring import imap_settings, smtp_settings

    imap, smtp = imap_settings(account), smtp_settings(account)
    inside = try_mailbox(imap)
    listed = inside.mailboxes if isinstance(inside, Inside) else ()
    junk = choose("\\Junk", listed).name
    mailboxes = [*account.mailboxes, *([junk] if account.watch_junk and junk else [])]
    sent = account.sent_mailbox or choose("\\Sent", listed).name
    message_id = RandomIds().alert_message_id(account.address.rpartition("@")[2])
    yield from look_at_arrival(
        imap, smtp, account.address, mailboxes, sent, message_id=message_id, now=now, wait=pause
    )


def of_servers(account: Account) -> Iterator[Finding]:
    """What the two servers of an account say, each finding as soon as it is made."""
    from bot.edge.doctor.mailbox import Watched, look_at_mailbox
    from bot.edge.doctor.submission import look_at_submission
    from bot.wiring import imap_settings, smtp_settings

    watched = Watched(
        mailboxes=account.mailboxes,
        watch_junk=account.watch_junk,
        authserv_id=account.authserv_id,
        sent_mailbox=account.sent_mailbox,
    )
    yield from look_at_mailbox(imap_settings(account), watched, now())
    yield from look_at_submission(smtp_settings(account), now())


def show_finding(session: Session, finding: Finding) -> None:
    """One finding with its fix: in columns, or below each other where it is narrow."""
    from bot.cli.text import columns, padded, wrapped

    screen = session.screen
    mark, look = {True: ("ok", "good"), False: ("wrong", "bad"), None: ("note", "warn")}[finding.ok]
    lead = Bit(f"{mark:<7}", look)
    indent = 7 + _WIDE if screen.width >= 60 else 7
    if indent == 7 or columns(finding.what) >= _WIDE:
        screen.line(lead, finding.what)
        screen.paragraph(finding.sentence, indent=indent)
    else:
        first, *rest = wrapped(finding.sentence, screen.width - indent)
        screen.line(lead, padded(finding.what, _WIDE - 1), " ", first)
        for line in rest:
            screen.line(" " * indent, line)
    if finding.fix:
        screen.paragraph(f"→ {finding.fix}", indent=indent)
