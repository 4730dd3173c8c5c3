"""A test mail to oneself, as doctor tells it: where it arrives, and who vouches for own mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.edge.doctor.finding import Finding
from bot.edge.doctor.submission import clock_finding
from bot.edge.imap.settings import ImapSettings
from bot.edge.setup.arrival import Arrival, find_test, send_test
from bot.edge.smtp.settings import SmtpSettings

_WHAT = "test mail"


def look_at_arrival(
    imap: ImapSettings,
    smtp: SmtpSettings,
    address: str,
    mailboxes: Sequence[str],
    sent_mailbox: str | None,
    *,
    message_id: str,
    now: Callable[[], datetime],
    wait: Callable[[float], None],
) -> Iterator[Finding]:
    """Send it, find it, and say what it shows. Sends one mail, to the address itself."""
    sent = send_test(smtp, address, message_id, now)
    if isinstance(sent, Finding):
        yield sent
        return
    found = find_test(imap, sent, mailboxes, sent_mailbox, wait=wait)
    if isinstance(found, Finding):
        yield found
        return
    yield _place(found)
    yield from _verdicts(found)
    yield clock_finding("clock", timedelta(seconds=-found.skew))


def _place(found: Arrival) -> Finding:
    sentence = f"it arrived in {found.mailbox} after {found.seconds:.0f} seconds"
    if found.mailbox.upper() == "INBOX":
        return Finding(what=_WHAT, ok=True, sentence=sentence)
    return Finding(
        what=_WHAT,
        ok=None,
        sentence=f"{sentence}; your own provider takes it for unwanted",
        fix="Mark it as wanted in the browser.",
    )


def _verdicts(found: Arrival) -> Iterator[Finding]:
    """Only what the provider checked can be told; many check nothing of a mail to oneself."""
    if found.authserv_id is None:
        sentence = "your provider checks no mail to oneself; send one to an address elsewhere to see more"
        yield Finding(what="own mail", ok=None, sentence=sentence)
        return
    told = ", ".join(f"{name.upper()} {found.verdict(name)}" for name in ("dkim", "spf", "dmarc"))
    good = "pass" in (found.verdict("dkim"), found.verdict("dmarc"))
    yield Finding(
        what="own mail",
        ok=True if good else None,
        sentence=f"{found.authserv_id or 'Microsoft 365'} says of it: {told}",
        fix="" if good else "Switch on DKIM for your domain at your provider, or letters may land in junk.",
    )
