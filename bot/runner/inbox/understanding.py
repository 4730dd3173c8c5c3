"""Takes kept mail one by one: read it, decide what it does to our cases, and record that with the mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.items import ItemClosing, ItemKind, NewItem, mail_subject
from bot.case.match import Candidates, Mail, Matched, SentLetter, frozen, match
from bot.case.model import Case
from bot.case.opening import NoticeMail, Opening, open_cases
from bot.draft.model import Letter
from bot.mail.envelope import RecipientRole
from bot.ports import AlertKind, KeptMail, MailResult, MailStatus
from bot.reading.model import CourtOrEvaluation, Notice, OwnCopy, Understood, Unreadable
from bot.runner.breaker import is_believed, of_another_home, watch_for_another_home
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.inbox.flood import UNKNOWN_REPLY, count_unknown_replies, stopped
from bot.runner.inbox.outside import written_outside
from bot.runner.letters import decide_for, letters_left_behind, letters_proven
from bot.runner.merged import lead_of, passed_on
from bot.runner.office import Office, Practice
from bot.runner.telling import kind_of, tell_items, tell_of_reply

#: How our own Message-IDs look, for the scan of mail that nothing can read.
OUR_MESSAGE_ID = re.compile(rb"<rj\.[A-Z2-7]{16,}@")

#: How long a mail may have been on its way.
SLOW_MAIL = timedelta(days=1)

#: Of a sender or subject, the queue keeps so many characters.
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one mail."""

    mail: KeptMail
    understood: Understood
    result: MailResult
    decisions: tuple[Decision, ...]


def take(office: Office, practice: Practice, mail: KeptMail, understood: Understood) -> Taken:
    """Decide and record in one transaction; read again and decide again when a case moved meanwhile."""
    return again_on_conflict(lambda: _take(office, practice, mail, understood))


def _take(office: Office, practice: Practice, mail: KeptMail, understood: Understood) -> Taken:
    now = office.clock.now()
    held = office.store.mail(mail.mail_id)
    if held.status is not mail.status:
        # Another process took it first, say `ingest` beside a running daemon: what it did stands.
        result = MailResult(
            mail_id=mail.mail_id, status=held.status, kind=held.kind, reason=held.reason, cases=held.cases
        )
        return Taken(mail=held, understood=understood, result=result, decisions=())
    reading = understood.reading
    message_id = understood.head.message_id if understood.head else None
    if isinstance(reading, Unreadable):
        return _park(office, mail, understood, reading, now)
    if _before_us(office, mail, understood):
        result = _result(mail, understood, reason="arrived before this mailbox was watched", cases=())
        office.store.record(change_of([], mails=[result], closings=_no_longer_parked(mail)), now)
        return Taken(mail=mail, understood=understood, result=result, decisions=())
    elsewhere = isinstance(reading, OwnCopy) and of_another_home(office, reading)
    if elsewhere and (_in_sent(practice, mail) or is_believed(understood)):
        watch_for_another_home(office, mail)
    if _in_sent(practice, mail) and (elsewhere or not isinstance(reading, OwnCopy)):
        # The copy of a rehearsal of another home says that it went to them, and it did not.
        rehearsed = office.original_rehearsed if office.restored else practice.safe_mode_to is not None
        counts = not (elsewhere and rehearsed)
        done = written_outside(office, practice, mail, understood, now, counts=counts)
        matched = Matched(note=done.note)
        return _record(office, practice, mail, understood, done.decisions, matched, now, done.letters)
    twin = office.store.seen_before(mail, message_id)
    if twin is not None and twin.kind == type(reading).__name__:
        # Not by Message-ID alone: a fake that guessed the id must not hide the genuine mail.
        result = _result(mail, understood, reason=f"same mail as number {twin.mail_id}", cases=twin.cases)
        office.store.record(change_of([], mails=[result], closings=_no_longer_parked(mail)), now)
        return Taken(mail=mail, understood=understood, result=result, decisions=())
    about = Mail(mail_id=mail.mail_id, account_id=mail.account_id)
    candidates = _candidates(office, mail, understood)
    if isinstance(reading, Notice | CourtOrEvaluation):
        decisions = list(_open(office, practice, mail, reading, understood.store, now))
        matched = _after_closing(mail, decisions)
        events = frozen(about, candidates, now, but=[d.case.case_id for d in decisions])
        decisions += _chain(practice, {c.case_id: c for c in candidates.cases}, events, now)
    else:
        matched = match(understood, about, candidates, now)
        decisions = _chain(practice, {c.case_id: c for c in candidates.cases}, matched.events, now)
    return _record(office, practice, mail, understood, decisions, matched, now)


def _after_closing(mail: KeptMail, decisions: list[Decision]) -> Matched:
    """A further notice about a closed case moves nothing; it is something to read."""
    closed = tuple(
        d.case.case_id
        for d in decisions
        if d.before is not None and d.before.closed and not d.before.merged_into
    )
    if not closed:
        return Matched()
    item = NewItem(
        kind=ItemKind.ALARM,
        subject=mail_subject(mail.mail_id),
        account_id=mail.account_id,
        cases=closed,
        reason="after-closing",
    )
    return Matched(items=(item,))


def _in_sent(practice: Practice, mail: KeptMail) -> bool:
    """Written by us: by hand, or by another home of ours, unless it is a letter or an alert of this one."""
    return bool(mail.mailbox) and mail.mailbox == practice.sent


def _before_us(office: Office, mail: KeptMail, understood: Understood) -> bool:
    """Old mail that a renumbered mailbox shows again: observed at the first run, adopted only by a person.

    A server that moved house may date everything anew; then the Date field tells, with a day for slow mail.
    """
    row = office.store.mailbox(mail.account_id, mail.mailbox) if mail.mailbox else None
    if row is None or row.renumbered is None or mail.uidvalidity != row.cursor.uidvalidity:
        return False
    old = row.renumbered
    written = understood.head.date if understood.head else None
    written_long_before = written is not None and written < old.older_than - SLOW_MAIL
    return mail.uid < old.below_uid and (mail.internal_date < old.older_than or written_long_before)


def _record(
    office: Office,
    practice: Practice,
    mail: KeptMail,
    understood: Understood,
    decisions: list[Decision],
    matched: Matched,
    now: datetime,
    by_hand: Iterable[Letter] = (),
) -> Taken:
    decisions += passed_on(practice, office.store, decisions, now)
    letters, follow_up = letters_left_behind(practice, office.store, decisions, now)
    letters += letters_proven(practice, office.store, decisions, letters)
    decisions += follow_up
    cases = tuple(
        dict.fromkeys([d.case.case_id for d in decisions] + [c for i in matched.items for c in i.cases])
    )
    result = _result(mail, understood, reason=matched.note or None, cases=cases)
    items = [_from_mail(item, understood) for item in matched.items]
    change = change_of(
        decisions,
        letters=[*letters, *by_hand],
        mails=[result],
        items=items,
        closings=_no_longer_parked(mail),
    )
    numbers = office.store.record(change, now)
    kind = kind_of(understood.reading, decisions)
    if not tell_items(office, change, numbers, kind) and kind is AlertKind.REPLY:
        tell_of_reply(office, decisions)
    if any(item.reason == UNKNOWN_REPLY for item in matched.items):
        count_unknown_replies(office, practice, mail, now)
    return Taken(mail=mail, understood=understood, result=result, decisions=tuple(decisions))


def _no_longer_parked(mail: KeptMail) -> tuple[ItemClosing, ...]:
    """Once a mail can be read, after an upgrade, nobody need look at it as it stands."""
    if mail.kind != "Unreadable":
        return ()
    subject = mail_subject(mail.mail_id)
    return (ItemClosing(kind=ItemKind.PARKED, subject=subject, outcome="read after all"),)


def _from_mail(item: NewItem, understood: Understood) -> NewItem:
    """With who wrote and about what, so that the queue can tell several apart."""
    head = understood.head
    if head is None:
        return item
    sender = head.from_[0].addr_spec if head.from_ else ""
    return replace(item, sender=sender[:LONGEST_SHOWN], title=head.subject[:LONGEST_SHOWN])


def _result(
    mail: KeptMail, understood: Understood, *, reason: str | None, cases: tuple[str, ...]
) -> MailResult:
    return MailResult(
        mail_id=mail.mail_id,
        was=mail.status,
        status=MailStatus.READ,
        kind=type(understood.reading).__name__,
        reason=reason,
        message_id=understood.head.message_id if understood.head else None,
        cases=cases,
    )


def _park(
    office: Office, mail: KeptMail, understood: Understood, reading: Unreadable, now: datetime
) -> Taken:
    result = MailResult(
        mail_id=mail.mail_id,
        was=mail.status,
        status=MailStatus.PARKED,
        kind="Unreadable",
        reason=reading.reason,
    )
    item = NewItem(
        kind=ItemKind.PARKED,
        subject=mail_subject(mail.mail_id),
        account_id=mail.account_id,
        reason="parked",
        detail=reading.reason,
    )
    change = change_of([], mails=[result], items=[item])
    tell_items(office, change, office.store.record(change, now))
    return Taken(mail=mail, understood=understood, result=result, decisions=())


def _open(
    office: Office,
    practice: Practice,
    mail: KeptMail,
    reading: Notice | CourtOrEvaluation,
    store: str | None,
    now: datetime,
) -> tuple[Decision, ...]:
    where = NoticeMail(mail_id=mail.mail_id, received_at=mail.internal_date)
    return open_cases(reading, where, opening_of(office, practice, reading, now, store=store), now)


def opening_of(
    office: Office,
    practice: Practice,
    reading: Notice | CourtOrEvaluation,
    now: datetime,
    *,
    chosen: bool = False,
    store: str | None = None,
) -> Opening:
    """What opening the cases of a notice needs; a notice that a person chose never meets the stop switch.

    `store` is which of those that share the mailbox it is about, as far as that is clear.
    """
    notice = reading.notice if isinstance(reading, CourtOrEvaluation) else reading
    ids = tuple(c.complaint_id.value for c in notice.complaints if c.complaint_id)
    known = office.store.cases_of_complaint(practice.account_id, ids)
    if any(c.complaint_id is None for c in notice.complaints):
        known = (*known, *office.store.cases(practice.account_id))
    return Opening(
        tenant_id=practice.tenant_id,
        account_id=practice.account_id,
        routing=practice.routing,
        playbooks=practice.playbooks,
        ladder_of=lambda case: practice.of(case).playbooks[case.tracks[0].playbook],
        amazon_address=practice.amazon_address,
        new_case_id=office.ids.case_id,
        rules_hash=practice.rules_hash,
        existing=known,
        store=store if store in practice.stores else None,
        stopped=not chosen and stopped(office, practice, notice, known, now),
    )


def _candidates(office: Office, mail: KeptMail, understood: Understood) -> Candidates:
    """Everything in the store that the mail can be linked to."""
    store, account = office.store, mail.account_id
    cites = understood.raw_cites
    if isinstance(understood.reading, OwnCopy):
        cites = (*cites, understood.reading.message_id)
    letters = [x for message_id in cites if (x := store.letter_of_message_id(account, message_id))]
    by_complaint = store.cases_of_complaint(account, understood.complaint_ids)
    sender = understood.correspondent.addr_spec if understood.correspondent else None
    by_address = store.cases_of_address(account, sender) if sender else ()
    cited = tuple(
        SentLetter(
            letter_id=letter.letter_id,
            message_id=letter.message_id,
            tracks=tuple((ref.case_id, ref.track_id) for ref in letter.tracks),
            recipients=_recipients(letter),
            rehearsed=_rehearsed(letter),
        )
        for letter in dict.fromkeys(letters)
    )
    # What only claims to belong to a case that was merged claims to belong to the one that goes on.
    by_complaint = tuple(lead_of(store, case) for case in by_complaint)
    by_address = tuple(lead_of(store, case) for case in by_address)
    cases: dict[str, Case] = {case.case_id: case for case in (*by_complaint, *by_address)}
    for letter in cited:
        for case_id, _ in letter.tracks:
            cases.setdefault(case_id, store.case(case_id))
    return Candidates(
        cases=tuple(cases.values()),
        cited=cited,
        by_complaint=frozenset(case.case_id for case in by_complaint),
        by_address=frozenset(case.case_id for case in by_address),
    )


def _rehearsed(letter: Letter) -> bool:
    """True when a copy of the letter may be of a rehearsal, which has the same bytes."""
    on_the_line = letter.approval is not None and letter.approval.envelope.rehearsal
    return on_the_line or any(attempt.outcome == "rehearsed" for attempt in letter.attempts)


def _recipients(letter: Letter) -> tuple[tuple[str, RecipientRole], ...]:
    if letter.approval is not None:
        return tuple((one.address, one.role) for one in letter.approval.envelope.recipients)
    return ((letter.to, RecipientRole.TO),) if letter.by_hand else ()


def _chain(
    practice: Practice, cases: dict[str, Case], events: tuple[tuple[str, e.Event], ...], now: datetime
) -> list[Decision]:
    """Decide the events one after the other, each on the case as the one before left it."""
    decisions: list[Decision] = []
    for case_id, event in events:
        decision = decide_for(practice, cases[case_id], event, now)
        cases[case_id] = decision.case
        decisions.append(decision)
    return decisions


def cites_us(raw: bytes) -> bool:
    """True when the bytes hold anything that looks like a Message-ID of ours: for parked mail."""
    return OUR_MESSAGE_ID.search(raw) is not None
