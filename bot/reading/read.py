"""Bytes in, one of the twelve readings out; pure, and raises nothing but MemoryError."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UnreadableMail
from bot.mail.authentication import Checks, Proof, Verdict, trusted_authserv_of_file, verify
from bot.mail.dsn import Wording, read_report, tagged_ids
from bot.mail.message import Head, Message
from bot.mail.parse import parse_message
from bot.mail.signatures import Keys, Opinion, opinion_of, seals_hold
from bot.mail.thread import is_alert, is_ours, message_ids, ours_in
from bot.reading.amazon import read_amazon
from bot.reading.claims import Claim, claim_of
from bot.reading.look import View, asins_anywhere, view_of
from bot.reading.model import (
    CourtOrEvaluation,
    DeliveryReport,
    Doubt,
    FailedRecipient,
    Notice,
    OwnCopy,
    Reading,
    Suspect,
    Understood,
    Unreadable,
)
from bot.reading.others import read_automatic, read_other
from bot.reading.rules import ReadingRules
from bot.reading.stores import StoreMarks, store_of
from bot.reading.suspects import read_forwarded, read_malformed, read_suspect


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingContext:
    """What is known of the account whose mail is read."""

    rules: ReadingRules
    own_addresses: frozenset[str]
    pinned_authserv: str | None
    believe_file: bool = False  #: trust the receiving host that the mail itself names: for looking at a file
    sealers: tuple[str, ...] = ()  #: domains whose ARC seals count
    stores: tuple[StoreMarks, ...] = ()  #: that share the mailbox


def read(raw: bytes, context: ReadingContext, keys: Keys | None = None) -> Understood:
    """What a mail is and says; what cannot be understood is Unreadable, with the reason.

    `keys` are those that its DKIM signatures need, see `bot.mail.signatures`; None when nobody looked.

    Raises nothing but MemoryError: whoever runs out of memory must not go on with the next mail.
    """
    try:
        message = parse_message(raw)
        understood = _understand(message, context, _checks(raw, message, context, keys), raw)
        return _nothing_taken(understood, raw) if _is_malformed(understood) else understood
    except UnreadableMail as problem:
        return _unreadable(str(problem))
    except MemoryError:
        raise
    except Exception as problem:
        return _unreadable(f"reading this mail failed ({_where(problem)})")


def _where(problem: Exception) -> str:
    """Kind of error and line of code, never its text: that may quote the mail, and reasons reach the logs."""
    step = problem.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return type(problem).__name__
    file = step.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{type(problem).__name__} in {file}:{step.tb_lineno}"


def _unreadable(reason: str) -> Understood:
    return Understood(head=None, verdict=None, reading=Unreadable(reason=reason), correspondent=None)


def _checks(raw: bytes, message: Message, context: ReadingContext, keys: Keys | None) -> Checks:
    """Our own look at the signatures, as far as keys could be had."""
    author = message.head.from_[0].domain if message.head.from_ else None
    if author is None or keys is None:
        return Checks(sealers=context.sealers)
    seals = seals_hold(raw, keys) if context.sealers else Opinion.NONE
    signature = opinion_of(raw, author, keys)
    if signature is Opinion.ABSENT and not context.rules.senders.speaks_for_amazon(author):
        signature = Opinion.NONE  # of others no key is asked for, so that none can be missed
    return Checks(sealers=context.sealers, signature=signature, seals=seals)


def _understand(message: Message, context: ReadingContext, checks: Checks, raw: bytes) -> Understood:
    pinned = context.pinned_authserv
    if context.believe_file and pinned is None:
        pinned = trusted_authserv_of_file(message)
    verdict = verify(message, pinned, checks)
    view = view_of(message, verdict, context.rules, context.own_addresses)
    reading, verdict = _reading(view, verdict, raw)
    head = message.head
    report_id = reading.original_message_id if isinstance(reading, DeliveryReport) else None
    cites = dict.fromkeys((*head.cites, *tagged_ids(message), *([report_id] if report_id else [])))
    return Understood(
        head=head,
        verdict=verdict,
        reading=reading,
        correspondent=head.from_[0] if len(head.from_) == 1 else None,
        raw_cites=tuple(cites),
        complaint_ids=tuple(found.value for found in view.every_complaint_id),
        store=_store(message, view, reading, context.stores),
    )


def _store(message: Message, view: View, reading: Reading, stores: tuple[StoreMarks, ...]) -> str | None:
    """Of a mail that opens cases, which store it is about."""
    if not stores or not isinstance(reading, Notice | CourtOrEvaluation):
        return None
    notice = reading.notice if isinstance(reading, CourtOrEvaluation) else reading
    text = f"{message.head.subject}\n{view.source.text}"
    return store_of(message, text, notice.marketplace, stores)


def _is_malformed(understood: Understood) -> bool:
    return isinstance(understood.reading, Suspect) and understood.reading.doubt is Doubt.MALFORMED


def _nothing_taken(understood: Understood, raw: bytes) -> Understood:
    """Only what freezes a case counts: a Message-ID of ours, in whichever of its headers it stands."""
    cites = dict.fromkeys((*understood.raw_cites, *ours_in(raw)))
    return replace(understood, raw_cites=tuple(cites), complaint_ids=())


def _reading(view: View, verdict: Verdict, raw: bytes) -> tuple[Reading, Verdict]:
    """The order in which the twelve are asked: what headers prove first, what words suggest last."""
    head = view.message.head
    if view.from_us and (ours := _our_id(view.message)) is not None:
        return OwnCopy(message_id=ours), verdict
    report = _delivery_report(view, raw)
    if report is not None:
        return report, verdict
    claim = claim_of(view)
    if view.message.malformed and not head.automatic:
        return read_malformed(view, claim), verdict
    if claim is Claim.PROVEN:
        if head.automatic:
            return read_automatic(view, head.automatic), verdict
        return read_amazon(view), verdict
    if claim is Claim.FORWARDED:
        forwarded = read_forwarded(view)
        if forwarded is not None:
            return forwarded, _because(verdict, Proof.FORWARDED)
    if claim in (Claim.UNPROVEN, Claim.LOOK_ALIKE, Claim.FAKE):
        why = Proof.LOOK_ALIKE if claim is Claim.LOOK_ALIKE else verdict.proof
        return read_suspect(view, claim), _because(verdict, why)
    if head.automatic:
        return read_automatic(view, head.automatic), verdict
    return read_other(view), verdict


#: Where providers that write a Message-ID of their own keep the one that was handed to them.
_ORIGINAL_ID = ("X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID")


def _our_id(message: Message) -> str | None:
    """The Message-ID that we gave the mail, if we did; of what is about an alert, the one it has."""
    if _about_alert(message.head):
        return message.head.message_id or ""
    original = [ident for name in _ORIGINAL_ID for body in message.all(name) for ident in message_ids(body)]
    return next((one for one in (message.head.message_id, *original) if is_ours(one)), None)


def _about_alert(head: Head) -> bool:
    """An alert to the operator, or what came back on it from an address of ours: never worth an alert."""
    return is_alert(head.message_id) or (bool(head.cites) and all(map(is_alert, head.cites)))


def _because(verdict: Verdict, proof: Proof) -> Verdict:
    """The same verdict with the reason why the mail is not believed."""
    if proof is verdict.proof:
        return verdict
    return Verdict(proven=verdict.proven, proof=proof, domain=verdict.domain, authserv_id=verdict.authserv_id)


def _delivery_report(view: View, raw: bytes) -> DeliveryReport | None:
    words = view.rules.lexicon.machines
    report = read_report(view.message, raw, Wording(bounces=words.bounces, delays=words.delays))
    if report is None:
        return None
    return DeliveryReport(
        original_message_id=report.original_message_id,
        recipients=tuple(
            FailedRecipient(address=r.address, action=r.action, status=r.status, diagnostic=r.diagnostic)
            for r in report.recipients
        ),
        language=view.language,
        complaint_ids=view.every_complaint_id,
        asins=asins_anywhere(view),
    )
