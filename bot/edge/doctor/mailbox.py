"""The IMAP server of an account: name, TLS, login, IDLE, special use, mailboxes and who vouches for mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.edge.doctor.authserv import LAST_MAILS, vouching
from bot.edge.doctor.finding import Finding
from bot.edge.doctor.names import look_up
from bot.edge.imap.faults import CertificateRefused
from bot.edge.imap.guard import ImapGuard
from bot.edge.imap.settings import ImapSettings
from bot.errors import (
    ControlCharacter,
    LoginRefused,
    MailboxError,
    MailboxMissing,
    MailboxUnreachable,
    SecretUnavailable,
)

#: Seconds; a person is watching.
PATIENCE = 10.0
#: A clock may be off by so much before anybody need care.
_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is expected of the mailbox of an account."""

    mailboxes: tuple[str, ...]
    watch_junk: bool
    authserv_id: str | None


def look_at_mailbox(settings: ImapSettings, watched: Watched, now: datetime) -> Iterator[Finding]:
    """Findings as they are made, over one line with one login; changes nothing on the server."""
    settings = replace(settings, connect_timeout=PATIENCE, read_timeout=PATIENCE)
    name = look_up("imap", settings.host, settings.port)
    yield name
    if not name.ok:
        return
    line = ImapGuard(settings)
    try:
        line.open(settings.secret())
    except (MailboxError, SecretUnavailable, ControlCharacter) as error:
        yield not_let_in(error)
        return
    try:
        secured = "plain text on this computer" if settings.security == "none" else "TLS, certificate trusted"
        yield Finding(what="imap sign-in", ok=True, sentence=f"{settings} lets us in ({secured})")
        yield from _look_inside(line, watched, now)
    except MailboxError as error:
        yield Finding(
            what="imap", ok=False, sentence=str(error), fix="Try again; if it stays, ask your mail provider."
        )
    finally:
        line.log_out()


def not_let_in(error: Exception) -> Finding:
    """Why a line to an IMAP server could not be opened, and what to do."""
    what, fix = "imap sign-in", "Give the password or token anew where rejoinder.yaml says that it is."
    if isinstance(error, CertificateRefused):
        what, fix = "imap tls", "Write the host as its certificate has it, or name the authority: ca_file."
    elif isinstance(error, MailboxUnreachable):
        what, fix = "imap line", "Check host, port and security in rejoinder.yaml, and any firewall between."
    elif isinstance(error, LoginRefused):
        fix = "Check user and password; many providers want a password made for this program only."
    return Finding(what=what, ok=False, sentence=str(error), fix=fix)


def _look_inside(line: ImapGuard, watched: Watched, now: datetime) -> Iterator[Finding]:
    if line.has_capability("IDLE"):
        yield Finding(what="imap idle", ok=True, sentence="the server tells of new mail at once")
    else:
        yield Finding(
            what="imap idle", ok=None, sentence="the server has no IDLE; new mail is looked for now and then"
        )
    yield _special("\\Sent", line, needed=False)
    if watched.watch_junk:
        yield _special("\\Junk", line, needed=True)
    for mailbox in watched.mailboxes:
        yield from _look_at_one(line, mailbox, watched, now)


def _special(attribute: str, line: ImapGuard, *, needed: bool) -> Finding:
    found, what = line.special_use(attribute), f"imap {attribute[1:].lower()}"
    if found is not None:
        return Finding(what=what, ok=True, sentence=f"{attribute} is the mailbox {found}")
    if needed:
        return Finding(
            what=what,
            ok=False,
            sentence=f"no mailbox is marked {attribute}, so it cannot be watched",
            fix="Mark the mailbox at your provider, or write watch_junk: false and name it in mailboxes.",
        )
    return Finding(
        what=what,
        ok=None,
        sentence=f"no mailbox is marked {attribute}; the one named Sent is used",
        fix="Make a mailbox Sent if there is none.",
    )


def _look_at_one(line: ImapGuard, mailbox: str, watched: Watched, now: datetime) -> Iterator[Finding]:
    what = f"mailbox {mailbox}"
    try:
        state = line.examine(mailbox)
    except MailboxMissing as error:
        yield Finding(
            what=what, ok=False, sentence=str(error), fix="Write its name in mailboxes as the server has it."
        )
        return
    yield Finding(what=what, ok=True, sentence=f"{state.exists} mails")
    if mailbox != watched.mailboxes[0]:
        return
    uids = line.uids_after(0)[-LAST_MAILS:]
    dates = [mail.internal_date for mail in line.announced(uids).values()]
    yield _clock(dates, now)
    yield vouching(list(line.fields(uids, "AUTHENTICATION-RESULTS").values()), watched.authserv_id)


def _clock(dates: list[datetime], now: datetime) -> Finding:
    """INTERNALDATE is the server's clock at a moment that has passed: it can only show that ours is slow."""
    if dates and max(dates) > now + _SKEW:
        minutes = int((max(dates) - now).total_seconds() // 60)
        return Finding(
            what="clock",
            ok=False,
            sentence=f"the newest mail arrived {minutes} minutes from now, by the clock of this computer",
            fix="Set the clock of this computer: timedatectl set-ntp true.",
        )
    sentence = "no mail from the future; more cannot be known, because the server does not tell its time"
    return Finding(what="clock", ok=None, sentence=sentence)
