"""One mail over an open line: MAIL, every RCPT, DATA, the question at 354, the body, the verdict.

Theory. SMTP has one moment of doubt: from the first byte of the body until the answer after the dot, a lost
line leaves nobody knowing (RFC 1047). Before it every trouble means "not sent"; at its end every 2yz, 4yz and
5yz is final. So the only question that matters about a fault is on which side of `line.body` it fell.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.edge.smtp.addresses import fault_in, needs_smtputf8
from bot.edge.smtp.content import as_data, has_8bit_header, is_8bit
from bot.edge.smtp.content import fault_in as fault_in_bytes
from bot.edge.smtp.line import Line, LineLost, Reply
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.smtp.stages import NotSent, lost, not_sent, refused_by_us
from bot.mail.envelope import Envelope
from bot.ports import Outcome, SubmissionAccepted, SubmissionUnknown, SubmissionWithheld

#: After a refusal the answer to RSET is not worth waiting long for; without it the line is dropped.
_RESET_TIMEOUT = 10.0


class StaleLine(NotSent):
    """The line was dead before MAIL was taken: a fresh line may be tried."""


def check(envelope: Envelope, raw: bytes) -> None:
    """Raise NotSent when the paths or the bytes could not go out exactly as they are; asks nobody."""
    if fault := fault_in(envelope.mail_from):
        raise refused_by_us(553, f"the sender's address cannot be used, {fault}.", "mail")
    if not envelope.recipients:
        raise refused_by_us(554, "the envelope has no recipient.", "rcpt")
    for recipient in envelope.recipients:
        if fault := fault_in(recipient.address):
            raise refused_by_us(
                553, f"a recipient's address cannot be used, {fault}.", "rcpt", recipient.address
            )
    if fault := fault_in_bytes(raw):
        raise refused_by_us(554, f"the mail cannot be sent byte for byte, {fault}.", "body")


async def transact(
    line: Line,
    settings: SmtpSettings,
    envelope: Envelope,
    raw: bytes,
    body_may_begin: Callable[[], Awaitable[bool]],
    *,
    reused: bool,
) -> Outcome:
    """Hand `raw` to every recipient or to nobody; the line is left alive only when it is clean.

    Raises StaleLine for a `reused` line that turns out dead at MAIL, and whatever `body_may_begin` raises.
    """
    talk = _Talk(line, settings.command_timeout)
    try:
        await _mail(talk, envelope, raw, reused=reused)
        await _recipients(talk, envelope)
        await _data(talk)
    except StaleLine:
        raise
    except NotSent as stop:
        await _reset(line)
        return stop.outcome
    if not await body_may_begin():
        line.drop()  # RSET is no command any more after 354, so silence is the only way to take it back
        return SubmissionWithheld()
    if not line.ready_for_body():
        line.drop()
        return lost("the line was lost before the body began", "data").outcome
    return await _body(line, raw, settings.body_timeout)


class _Talk:
    """Asks, and turns a lost line into NotSent with the stage."""

    def __init__(self, line: Line, seconds: float) -> None:
        self.line = line
        self._seconds = seconds

    async def ask(self, stage: str, *words: bytes) -> Reply:
        try:
            return await self.line.command(*words, seconds=self._seconds)
        except LineLost as error:
            raise lost(str(error), stage) from error


async def _mail(talk: _Talk, envelope: Envelope, raw: bytes, *, reused: bool) -> None:
    options = _mail_options(talk.line, envelope, raw)
    stop: NotSent | None = None
    try:
        reply = await talk.ask("mail", b"MAIL", b"FROM:<" + envelope.mail_from.encode() + b">", *options)
    except NotSent as error:
        stop = error
    else:
        if reply.positive:
            return
        stop = not_sent(reply, "mail")
    # 421 also closes the line (RFC 5321 §3.8): "idle too long", "enough mails on this connection".
    if reused and stop.outcome.code in (None, 421):
        raise StaleLine(stop.outcome)
    raise stop


def _mail_options(line: Line, envelope: Envelope, raw: bytes) -> list[bytes]:
    options: list[bytes] = []
    if line.offers("SIZE"):
        # RFC 1870 §4: octets with CRLF, without the doubled dots. The limit is the server's to judge.
        options.append(b"SIZE=%d" % len(raw))
    if is_8bit(raw):
        if not line.offers("8BITMIME"):
            raise refused_by_us(
                554, "the mail has 8-bit bytes and the server takes only 7 (no 8BITMIME).", "body"
            )
        options.append(b"BODY=8BITMIME")
    paths = (envelope.mail_from, *(r.address for r in envelope.recipients))
    foreign = next((path for path in paths if needs_smtputf8(path)), None)
    if foreign is not None or has_8bit_header(raw):
        if not line.offers("SMTPUTF8"):
            raise refused_by_us(
                553,
                "an address or a header field is not ASCII and the server has no SMTPUTF8.",
                "rcpt",
                foreign,
            )
        options.append(b"SMTPUTF8")
    return options


async def _recipients(talk: _Talk, envelope: Envelope) -> None:
    """Ask for everybody before judging, so that the one permanent refusal is not hidden by greylisting."""
    worst: NotSent | None = None
    for recipient in envelope.recipients:
        try:
            reply = await talk.ask("rcpt", b"RCPT", b"TO:<" + recipient.address.encode() + b">")
        except NotSent as gone:  # lost, perhaps after a 421
            if worst is None:
                raise
            raise worst from gone
        if reply.positive:
            continue
        stop = not_sent(reply, "rcpt", recipient.address)
        if worst is None or (reply.permanent and worst.outcome.code is not None and worst.outcome.code < 500):
            worst = stop
    if worst is not None:
        raise worst


async def _data(talk: _Talk) -> None:
    reply = await talk.ask("data", b"DATA")
    if reply.code == 354 and talk.line.ready_for_body():
        return
    if reply.temporary or reply.permanent:
        raise not_sent(reply, "data")
    # After a 2yz or another 3yz we do not know whether the server now reads lines or a body.
    talk.line.drop()
    raise lost(f"the server answered DATA with {reply.code} {reply.text}", "data")


async def _body(line: Line, raw: bytes, seconds: float) -> Outcome:
    try:
        reply = await line.body(as_data(raw), seconds)
    except LineLost as error:
        return SubmissionUnknown(text=str(error))
    if reply.positive:
        return SubmissionAccepted(code=reply.code, text=reply.text)
    if reply.temporary or reply.permanent:
        return not_sent(reply, "body").outcome
    line.drop()
    return SubmissionUnknown(text=f"the server answered the body with {reply.code} {reply.text}")


async def _reset(line: Line) -> None:
    """Clear the transaction (RFC 5321 §4.1.1.5), or drop a line that does not want to."""
    try:
        reply = await line.command(b"RSET", seconds=_RESET_TIMEOUT)
    except LineLost:
        return
    if not reply.positive:
        line.drop()
