"""The IMAP server of an account: name, TLS, login, IDLE, special use, mailboxes and who vouches for mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.edge.doctor.authserv import LAST_MAILS, vouching
from bot.edge.doctor.finding import REFUSED, Finding, count
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
    sent_mailbox: str | None = None  #: as rejoinder.yaml names it


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
        yield not_let_in(error, settings.auth)
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


def not_let_in(error: Exception, auth: str = "password") -> Finding:
    """Why a line to an IMAP server could not be opened, and what to do."""
    what, fix = "imap sign-in", "Give the password or token anew where rejoinder.yaml says that it is."
    if isinstance(error, CertificateRefused):
        what, fix = "imap tls", "Write the host as its certificate has it, or name the authority: ca_file."
    elif isinstance(error, MailboxUnreachable):
        what, fix = "imap line", "Check host, port and security in rejoinder.yaml, and any firewall between."
    elif isinstance(error, LoginRefused):
        fix = REFUSED[auth]
    return Finding(what=what, ok=False, sentence=str(error), fix=fix)


def _look_inside(line: ImapGuard, watched: Watched, now: datetime) -> Iterator[Finding]:
    if line.has_capability("IDLE"):
        yield Finding(what="imap idle", ok=True, sentence="the server tells of new mail at once")
    else:
        yield Finding(
            what="imap idle", ok=None, sentence="the server has no IDLE; new mail is looked for now and then"
        )
    yield _sent(line, watched.sent_mailbox)
    mailboxes = list(watched.mailboxes)
    if watched.watch_junk:
        junk = line.special_use("\\Junk")
        yield _junk(junk)
        mailboxes += [junk] if junk is not None and junk not in mailboxes else []
    seen: list[_Head] = []
    for mailbox in mailboxes:
        finding, heads = _look_at_one(line, mailbox)
        yield finding
        seen += heads
    seen.sort(key=lambda head: head.at)
    yield _clock([head.at for head in seen], now)
    yield vouching([head.results for head in seen[-LAST_MAILS:]], watched.authserv_id)


def _sent(line: ImapGuard, named: str | None) -> Finding:
    what, marked = "imap sent", line.special_use("\\Sent")
    if named is None and marked is not None:
        return Finding(what=what, ok=True, sentence=f"the server marks {marked} as Sent")
    there = {name for name, _ in line.mailboxes()}
    used = named or "Sent"
    if used not in there:
        return Finding(
            what=what,
            ok=False,
            sentence=f"there is no mailbox {used}, so copies of letters cannot be filed",
            fix="Make it, or write the right one: sent_mailbox: its name.",
        )
    why = "named in rejoinder.yaml" if named else "so called; the server marks none as Sent"
    return Finding(what=what, ok=True if named else None, sentence=f"{used} is used, {why}")


def _junk(marked: str | None) -> Finding:
    what = "imap junk"
    if marked is not None:
        return Finding(what=what, ok=True, sentence=f"the server marks {marked} as Junk, and it is watched")
    return Finding(
        what=what,
        ok=False,
        sentence="no mailbox is marked as Junk, so it cannot be watched, and notices land there",
        fix="Write watch_junk: false, and name it: mailboxes: [INBOX, its name].",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What one mail shows without being opened."""

    at: datetime  #: INTERNALDATE
    results: bytes  #: the Authentication-Results fields, as `topmost_id` reads them


def _look_at_one(line: ImapGuard, mailbox: str) -> tuple[Finding, list[_Head]]:
    what = f"mailbox {mailbox}"
    try:
        state = line.examine(mailbox)
    except MailboxMissing as error:
        fix = "Write its name in mailboxes as the server has it."
        return Finding(what=what, ok=False, sentence=str(error), fix=fix), []
    uids = line.uids_after(0)[-LAST_MAILS:]
    dates, fields = line.announced(uids), line.fields(uids, "AUTHENTICATION-RESULTS")
    heads = [
        _Head(at=dates[uid].internal_date, results=fields[uid])
        for uid in uids
        if uid in dates and uid in fields
    ]
    return Finding(what=what, ok=True, sentence=count(state.exists, "mail")), heads


def _clock(dates: list[datetime], now: datetime) -> Finding:
    """INTERNALDATE is the server's clock at a moment that has passed: it can only show that ours is slow."""
    if dates and dates[-1] > now + _SKEW:
        minutes = int((dates[-1] - now).total_seconds() // 60)
        return Finding(
            what="imap clock",
            ok=False,
            sentence=f"the newest mail arrived {minutes} minutes from now, by the clock of this computer",
            fix="Set the clock of this computer: timedatectl set-ntp true.",
        )
    sentence = "no mail comes from the future; a test mail (--test-mail) shows whether the clock is fast"
    return Finding(what="imap clock", ok=True, sentence=sentence)
