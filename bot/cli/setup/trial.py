"""The wizard's test mail: how mail arrives, which server vouches for it, and which authserv-id is pinned."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bot.cli.asking import Asker
from bot.cli.session import now
from bot.cli.setup.answers import Answers

if TYPE_CHECKING:
    from bot.edge.doctor.finding import Finding
    from bot.edge.setup.arrival import Arrival

#: Seconds by which clocks may differ before a person need care.
_SKEW = 120


def try_arrival(ask: Asker, answers: Answers) -> None:
    """Send one mail to oneself and show how it arrived, as often as the person likes."""
    from bot.edge.doctor.finding import Finding
    from bot.edge.setup.arrival import Arrival
    from bot.errors import RejoinderError

    ask.say("One mail from you to yourself shows how mail arrives, and which server vouches for it.")
    while ask.yes("Send it now?"):
        try:
            found = _send_and_find(ask, answers)
        except RejoinderError as error:
            found = Finding(what="test mail", ok=False, sentence=str(error))
        if isinstance(found, Arrival):
            answers.arrival = found
            show_arrival(ask, found)
            return
        ask.finding(found)
        if found.ok is None:
            return
        ask.say("You can try again, or go on without it.")


def _send_and_find(ask: Asker, answers: Answers) -> Arrival | Finding:
    from bot.edge.doctor.finding import Finding
    from bot.edge.ids import RandomIds
    from bot.edge.setup.arrival import find_test, send_test

    message_id = RandomIds().alert_message_id(answers.address.rpartition("@")[2])
    sent = send_test(answers.smtp_settings(), answers.address, message_id, now)
    if isinstance(sent, Finding):
        return sent
    mailboxes = list(answers.mailboxes)
    if answers.watch_junk and answers.inside is not None:
        from bot.edge.setup.folders import choose

        junk = choose("\\Junk", answers.inside.mailboxes).name
        mailboxes += [junk] if junk else []
    ask.say("Accepted. Waiting for it to arrive …", "quiet")
    return find_test(answers.imap_settings(), sent, mailboxes, answers.sent, wait=pause)


def pause(seconds: float) -> None:
    """Let time pass; a dot where somebody watches."""
    if sys.stderr.isatty():
        click.echo(".", nl=False, err=True)
    time.sleep(seconds)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def show_arrival(ask: Asker, found: Arrival) -> None:
    """Folder, seconds, who vouches, and the verdicts."""
    taken = "within a second" if found.seconds < 1 else f"after {found.seconds:.0f} seconds"
    ask.good(f"It arrived in {found.mailbox} {taken}.")
    if found.mailbox != "INBOX":
        ask.wrong(
            "Your own provider takes mail from you for unwanted. Mark it as wanted there, in the browser."
        )
    if found.authserv_id is None:
        ask.say(
            "Nobody vouches for it: your provider wrote no authentication results into a mail to yourself."
        )
    else:
        verdicts = ", ".join(f"{name.upper()} {found.verdict(name)}" for name in ("dkim", "spf", "dmarc"))
        ask.say(f"Vouched for by {found.authserv_id or 'Microsoft 365, without a name'}: {verdicts}.")
    if abs(found.skew) > _SKEW:
        slow = "slow" if found.skew > 0 else "fast"
        ask.wrong(
            f"The clock of this computer is {abs(found.skew) / 60:.0f} minutes {slow}, so deadlines would be "
            "shown wrong. Set it: timedatectl set-ntp true"
        )


def pin(ask: Asker, answers: Answers) -> None:
    """Whose word makes a notice genuine: as the mails in the inbox show, confirmed by a person in doubt."""
    from bot.edge.doctor.authserv import pin_of
    from bot.mail.authentication import is_written_by

    heads = answers.inside.heads if answers.inside is not None else ()
    found = pin_of(heads, answers.arrival.authserv_id if answers.arrival is not None else None)
    if found is None:
        ask.wrong(
            "No mail here says who vouches for it, so a genuine notice cannot be told from a fake yet. When "
            "mail has come, `rejoinder doctor` says what to do. Until then a notice opens no case by itself."
        )
        return
    hint = answers.provider.authserv_id if answers.provider is not None else None
    if hint is not None and is_written_by(found.authserv_id, hint):
        found = replace(found, authserv_id=hint, sure=True)
    if found.sure:
        ask.good(f"Notices are believed when {found.authserv_id} vouches for them ({found.why}).")
        answers.authserv_id = found.authserv_id
        return
    ask.say(
        f"Your mails do not agree who vouches for them ({found.why}). Only the server of your own provider "
        "may be believed: with a stranger's name, a fake notice would be taken for genuine."
    )
    if ask.yes(f"Is {found.authserv_id} a server of your provider?", default=False):
        answers.authserv_id = found.authserv_id
    else:
        ask.say("Then nothing is pinned yet. `rejoinder doctor` shows the names again.")
