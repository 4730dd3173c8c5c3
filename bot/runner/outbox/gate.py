"""The last question before a letter leaves, asked before the connection and again after 354.

May it go, must it wait, or is the approval void? Every answer but yes has a named reason. The question is
asked of the store alone, so it can be asked again in the middle of a transaction with the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.case.items import ItemKind
from bot.case.model import PartyRole, State
from bot.case.reasons import Reason
from bot.draft.model import Letter
from bot.mail.envelope import approval_digest
from bot.ports import MailStatus
from bot.runner.breaker import MORE_THAN_THE_CAPS, break_circuit
from bot.runner.checking import envelope_of, errors_of
from bot.runner.inbox.understanding import cites_us
from bot.runner.office import Checked, Office, Practice
from bot.runner.steps.drafting import current_digest
from bot.runner.stops import is_stopped_for

_DAY = timedelta(days=1)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


class Verdict(StrEnum):
    """What may be done with an approved letter."""

    GO = "go"
    WAIT = "wait"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The gate's answer."""

    verdict: Verdict
    reason: Reason | None = None
    until: datetime | None = None  #: when it is worth asking again, if that is known
    raw: bytes = b""  #: the approved bytes, when the verdict is GO
    checked: Checked | None = None  #: as it was written, for a letter that was claimed


def _wait(reason: Reason, until: datetime | None = None) -> Answer:
    return Answer(verdict=Verdict.WAIT, reason=reason, until=until)


def _void(reason: Reason) -> Answer:
    return Answer(verdict=Verdict.VOID, reason=reason)


def ask(
    office: Office,
    practice: Practice,
    letter: Letter,
    state: State,
    now: datetime,
    checked: Checked | None = None,
) -> Answer:
    """May the letter go now? `state` is what its tracks must be in: APPROVED, or SENDING after 354.

    With `checked`, what nothing but those values decides is asked again only when one of them is different;
    bytes, envelope, safe mode, stops, states, times, mailboxes, open claims and the caps are always asked.
    """
    approval = letter.approval
    if approval is None:
        return _void(Reason.WORLD_SPOKE)
    if now < approval.leaves_at:
        return _wait(Reason.UNDO_WINDOW, approval.leaves_at)
    # Of a claimed letter what is asked about is what will leave, while the approval names it.
    raw = checked.raw if checked and checked.letter.approval == approval else None
    if raw is None:
        raw = office.raw.get(approval.raw_sha256)
    with office.store.one_view():
        known = checked is not None and checked.still(office.store, practice, letter)
        return (
            _unchanged(office, practice, letter, state, now, raw)
            or (_wait(Reason.CIRCUIT_OPEN) if office.breaker.tripped() else None)
            or _nobody_stopped_it(office, practice, letter)
            or (None if known else _fitting(office, practice, letter, now))
            or _listened(office, practice, letter, now)
            or _nobody_claims(office, letter)
            or _below_the_caps(office, practice, letter, now)
            or Answer(verdict=Verdict.GO, raw=raw)
        )


def look_ahead(office: Office, practice: Practice, letter: Letter, now: datetime) -> None:
    """Ask what takes long while the letter must wait anyway; the claim then asks it only if need be."""
    store = office.store
    known = office.looked_ahead.pop(letter.letter_id, None)
    with store.one_view():
        if known is None or not known.still(store, practice, letter):
            cases = tuple(store.case(ref.case_id) for ref in letter.tracks)
            known = Checked(practice=practice, letter=letter, cases=cases)
            if not known.still(store, practice, letter) or _fitting(office, practice, letter, now):
                return  # it does not follow from these values alone, or the claim will say what is wrong
    office.looked_ahead[letter.letter_id] = known


def _unchanged(
    office: Office, practice: Practice, letter: Letter, state: State, now: datetime, raw: bytes
) -> Answer | None:
    """The bytes, the envelope, the mode and the states are those the person approved."""
    approval = letter.approval
    assert approval is not None
    if approval_digest(raw, approval.envelope) != approval.digest:
        return _void(Reason.BYTES_DIFFER)
    if approval.envelope.rehearsal != (practice.safe_mode_to is not None):
        return _void(Reason.SAFE_MODE_SWITCHED)
    for ref in letter.tracks:
        track = office.store.case(ref.case_id).track(ref.track_id)
        if track.state is not state or track.letter_id != letter.letter_id or track.noted:
            return _void(Reason.WORLD_SPOKE)
        if track.retry_at and now < track.retry_at:
            return _wait(Reason.RETRY_LATER, track.retry_at)
    if now >= letter.good_until:
        return _void(Reason.OUT_OF_DATE)
    return None


def _nobody_stopped_it(office: Office, practice: Practice, letter: Letter) -> Answer | None:
    """A stop may be set at any moment, so it is asked of the store each time."""
    return _void(Reason.RECIPIENT_NOT_ALLOWED) if is_stopped_for(office, practice, letter) else None


def _fitting(office: Office, practice: Practice, letter: Letter, now: datetime) -> Answer | None:
    """The letter says what the cases say now, goes to whom it should and contains nothing forbidden."""
    assert letter.approval is not None
    if letter.facts_digest != current_digest(office, practice, letter, now):
        return _void(Reason.FACTS_CHANGED)
    envelope = letter.approval.envelope
    if envelope != envelope_of(practice, letter):
        return _void(Reason.BYTES_DIFFER)
    if errors_of(office, practice, letter):
        return _void(Reason.RECIPIENT_NOT_ALLOWED)
    return None


def _listened(office: Office, practice: Practice, letter: Letter, now: datetime) -> Answer | None:
    """Every watched mailbox was read since the step fell due, and nothing read is still unread or unclear."""
    rows = {row.mailbox: row for row in office.store.mailboxes(practice.account_id)}
    since = max(letter.drafted_at, now - practice.limits.reconcile_age)
    if practice.sent is None:
        return _wait(Reason.NOT_RECONCILED)  # the server was not asked yet where sent mail lies
    for mailbox in practice.listened_to or ("",):
        row = rows.get(mailbox)
        # A moment in the future was noted by a clock that was wrong: it proves nothing.
        if row is None or row.reconciled_at is None or not since <= row.reconciled_at <= now:
            return _wait(Reason.NOT_RECONCILED)
    if office.store.mails(practice.account_id, status=MailStatus.UNREAD, limit=1):
        return _wait(Reason.MAIL_UNREAD)
    for mail in office.store.mails(practice.account_id, status=MailStatus.PARKED):
        if mail.sha256 is None or cites_us(office.raw.get(mail.sha256)):
            return _wait(Reason.PARKED_MAIL_CITES_US)
    return None


def _nobody_claims(office: Office, letter: Letter) -> Answer | None:
    cases = {ref.case_id for ref in letter.tracks}
    for item in office.store.items(account_id=letter.account_id, kind=ItemKind.CLAIM):
        if cases & set(item.cases):
            return _wait(Reason.CLAIM_OPEN)
    return None


def _below_the_caps(office: Office, practice: Practice, letter: Letter, now: datetime) -> Answer | None:
    """Letters, not complaints, are counted; a rehearsal reaches nobody and counts for nothing."""
    assert letter.approval is not None
    if letter.approval.envelope.rehearsal:
        return None
    account, since, limits = practice.account_id, now - _DAY, practice.limits
    ours = office.store.accepted_since(account, since)
    if ours >= limits.letters_per_day:
        return _wait(Reason.DAILY_CAP)
    in_all = office.store.accepted_since(None, since)
    if in_all > limits.letters_per_day_in_all:
        break_circuit(office, account, MORE_THAN_THE_CAPS)
    if in_all >= limits.letters_per_day_in_all:
        return _wait(Reason.CAP_OF_ALL)
    if letter.party is not PartyRole.COMPLAINANT or not letter.to:
        return None
    # No more letters went to one address, nor to new ones, than went at all: mostly that settles it.
    to_one, to_new = limits.letters_per_address_per_day, limits.new_addresses_per_day
    if ours >= to_one and office.store.accepted_since(account, since, to=letter.to) >= to_one:
        return _wait(Reason.DAILY_CAP)
    if ours < to_new or office.store.new_addresses_since(account, since) < to_new:
        return None
    if office.store.accepted_since(account, _EVER, to=letter.to) == 0:
        return _wait(Reason.NEW_ADDRESS_CAP)
    return None
