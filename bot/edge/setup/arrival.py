"""A test mail to oneself: sent over the account's own server, then looked for, to see how it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from bot.edge.alerts.wording import AlertMail
from bot.edge.doctor.finding import Finding
from bot.edge.imap.guard import ImapGuard
from bot.edge.imap.settings import ImapSettings
from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.errors import MailboxError, MailboxMissing, RejoinderError
from bot.mail.authentication import Method, topmost_results
from bot.mail.compose import compose
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.mail.parse import parse_message
from bot.ports import SubmissionAccepted, SubmissionUnknown

#: Seconds between two looks; a person is watching, and most mail to oneself is there within five.
_BETWEEN = 1.0
_BODY = """\
This is a test of Rejoinder, sent by you to yourself. It can be deleted.

It shows in which folder mail arrives, how long it takes, and which server vouches for it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A test mail that the server accepted."""

    message_id: str
    at: datetime  #: when it was accepted, by this computer's clock
    began: float  #: the same on the monotonic clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How it arrived."""

    mailbox: str
    seconds: float  #: from the acceptance to the moment it was seen
    authserv_id: str | None  #: of the topmost results; "" when they name none, None when there are none
    methods: tuple[Method, ...]
    skew: float  #: seconds by which the server's clock was ahead of ours when it arrived, to a few seconds
    filed_in_sent: bool  #: a copy lay in Sent, though nobody but the provider could have put it there

    def verdict(self, method: str) -> str:
        """`pass`, `fail` … of `dkim`, `spf` or `dmarc`, the best of several; else `not checked`."""
        results = [one.result for one in self.methods if one.name == method]
        return "pass" if "pass" in results else next(iter(results), "not checked")


def send_test(
    settings: SmtpSettings, address: str, message_id: str, now: Callable[[], datetime]
) -> Sent | Finding:
    """Send it from the address to the address and to nobody else; a Finding when it was not accepted."""
    mail = AlertMail(
        mail_from=address, to=address, subject="A test of Rejoinder", body=_BODY, message_id=message_id
    )
    raw = compose(mail, now(), automatic=True)
    recipient = Recipient(address=address, role=RecipientRole.OWN_COPY)
    envelope = Envelope(mail_from=address, recipients=(recipient,), rehearsal=True)
    outcome = asyncio.run(_submit(settings, envelope, raw))
    if isinstance(
        outcome, SubmissionAccepted | SubmissionUnknown
    ):  # of an unknown one we look whether it came
        return Sent(message_id=message_id, at=now(), began=monotonic())
    return Finding(
        what="test mail",
        ok=False,
        sentence=f"the server did not take it: {getattr(outcome, 'text', 'it was withheld')}",
        fix="Check that this login may send from this address.",
    )


async def _submit(settings: SmtpSettings, envelope: Envelope, raw: bytes) -> object:
    async def yes() -> bool:
        return True

    sender = SmtpSender(settings)
    try:
        return await sender.submit(envelope, raw, body_may_begin=yes)
    finally:
        await sender.close()


def find_test(
    settings: ImapSettings,
    sent: Sent,
    mailboxes: Sequence[str],
    sent_mailbox: str | None,
    *,
    patience: float = 60.0,
    wait: Callable[[float], None],
) -> Arrival | Finding:
    """Look for it in these mailboxes until it is there; a Finding when it is not after `patience` seconds.

    `wait` is told how many seconds to let pass between two looks, and may show that we wait.
    """
    line = ImapGuard(replace(settings, connect_timeout=10.0, read_timeout=20.0))
    try:
        line.open(settings.secret())
        while True:
            for mailbox in mailboxes:
                found = _found(line, mailbox, sent)
                if found is not None:
                    filed = sent_mailbox is not None and _lies_in(line, sent_mailbox, sent.message_id)
                    return replace(found, filed_in_sent=filed)
            if monotonic() - sent.began > patience:
                break
            wait(_BETWEEN)
        if sent_mailbox is not None and _lies_in(line, sent_mailbox, sent.message_id):
            return _only_in_sent(sent_mailbox)
    except RejoinderError as error:
        return Finding(what="test mail", ok=False, sentence=str(error), fix="Try again in a moment.")
    finally:
        line.log_out()
    return Finding(
        what="test mail",
        ok=False,
        sentence=f"it was accepted, but for {patience:.0f} seconds it was in none of {', '.join(mailboxes)}",
        fix="Look for it in the browser: a rule may have moved it to another folder.",
    )


def _only_in_sent(sent_mailbox: str) -> Finding:
    return Finding(
        what="test mail",
        ok=None,
        sentence=f"it lies in {sent_mailbox} only: this provider keeps one copy of a mail to oneself",
        fix="Send yourself a mail from another address to see how that arrives.",
    )


def _found(line: ImapGuard, mailbox: str, sent: Sent) -> Arrival | None:
    try:
        line.examine(mailbox)
    except MailboxMissing:
        return None
    uids = line.uids_of(sent.message_id)
    if not uids:
        return None
    seconds = monotonic() - sent.began
    raw = line.bodies(uids[-1:], 1_000_000).get(uids[-1], b"")
    announced = line.announced(uids[-1:])[uids[-1]]
    results = topmost_results(parse_message(raw).fields)
    return Arrival(
        mailbox=mailbox,
        seconds=seconds,
        authserv_id=None if results is None else results.authserv_id or "",
        methods=results.methods if results is not None else (),
        skew=(announced.internal_date - sent.at).total_seconds(),
        filed_in_sent=False,
    )


def _lies_in(line: ImapGuard, mailbox: str, message_id: str) -> bool:
    try:
        line.examine(mailbox)
        return line.has_message_id(message_id)
    except MailboxError:
        return False
