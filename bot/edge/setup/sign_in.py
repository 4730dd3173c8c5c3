"""Tries both servers of an account before anything about it is kept, and looks around once inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.edge.doctor.authserv import LAST_MAILS
from bot.edge.doctor.finding import Finding
from bot.edge.doctor.mailbox import PATIENCE, not_let_in
from bot.edge.doctor.names import look_up
from bot.edge.doctor.submission import sign_in
from bot.edge.imap.guard import ImapGuard
from bot.edge.imap.settings import ImapSettings
from bot.edge.setup.folders import Listed
from bot.edge.smtp.settings import SmtpSettings
from bot.errors import ControlCharacter, MailboxError, SecretUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What a mailbox looks like to somebody who was let in."""

    mailboxes: tuple[Listed, ...]
    idle: bool
    inbox: int  #: mails in INBOX
    heads: tuple[bytes, ...]  #: Authentication-Results of the newest mails in INBOX, oldest first


def try_mailbox(settings: ImapSettings) -> Inside | Finding:
    """Sign in, list the mailboxes, look at the newest mails; changes nothing. A Finding when that fails."""
    settings = replace(settings, connect_timeout=PATIENCE, read_timeout=PATIENCE)
    name = look_up("imap", settings.host, settings.port)
    if not name.ok:
        return name
    line = ImapGuard(settings)
    try:
        line.open(settings.secret())
        mailboxes = tuple(Listed(name=name, attributes=flags) for name, flags in line.mailboxes())
        idle = line.has_capability("IDLE")
        inbox = line.examine("INBOX").exists
        newest = line.uids_after(0)[-LAST_MAILS:]
        fields = line.fields(newest, "AUTHENTICATION-RESULTS")
        heads: Sequence[bytes] = [fields[uid] for uid in newest if uid in fields]
    except (MailboxError, SecretUnavailable, ControlCharacter) as error:
        return not_let_in(error, settings.auth)
    finally:
        line.log_out()
    return Inside(mailboxes=mailboxes, idle=idle, inbox=inbox, heads=tuple(heads))


def try_submission(settings: SmtpSettings) -> Finding:
    """Sign in and leave; nothing is sent."""
    settings = replace(settings, connect_timeout=PATIENCE, command_timeout=PATIENCE)
    name = look_up("smtp", settings.host, settings.port)
    return sign_in(settings) if name.ok else name
