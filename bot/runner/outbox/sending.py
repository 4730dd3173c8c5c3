"""Sends what was approved: claim, ask, note durably that the body begins, hand over, record the answer.

The order is the promise (architecture §6.6). A death before `BodyBegun` is an interrupted attempt and is
tried again; a death after it leaves the letter in doubt, and only evidence or a person settles that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import assert_never

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.items import ItemKind, letter_subject
from bot.case.model import State
from bot.case.reasons import REASON_TEXT, Reason
from bot.draft.model import Letter, LetterAttempt
from bot.errors import Conflict, IllegalTransition, StoreDamaged
from bot.mail.envelope import RecipientRole
from bot.ports import (
    AlertKind,
    Change,
    Outcome,
    Sender,
    SubmissionAccepted,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUnknown,
    SubmissionWithheld,
)
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import after, decide_for, for_all_tracks
from bot.runner.office import Checked, Office, OnStore, Practice
from bot.runner.outbox.gate import Answer, Verdict, ask, look_ahead
from bot.runner.telling import tell_item, tell_items

#: First wait after a deferral, doubled each time up to the longest (RFC 5321 §4.5.4.1 asks for patience).
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
#: The server refuses us, not the letter: a person must act, and we must not get the account locked.
LOGIN_RETRY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one round of sending came to."""

    attempted: int
    waiting: tuple[tuple[str, Reason], ...]  #: letters that wait, and why
    next_at: datetime | None  #: when the next letter may leave, if that is known

    @property
    def must_listen(self) -> bool:
        """True when a letter only waits for the mailbox to be read."""
        return any(reason is Reason.NOT_RECONCILED for _, reason in self.waiting)


async def send_due(
    office: Office,
    practice: Practice,
    sender: Sender,
    on_store: OnStore,
    *,
    go_on: Callable[[], bool] = lambda: True,
) -> Turn:
    """Try every approved letter of the account whose undo window is over, one after the other.

    `go_on` is asked between two letters, so that a daemon that is told to stop finishes only one.
    """
    attempted = 0
    waiting: list[tuple[str, Reason]] = []
    moments: list[datetime] = []
    ids = await on_store(_approved, office, practice)
    claimed: Answer | None = None
    for letter_id, following in zip_longest(ids, ids[1:]):
        if claimed is None:
            if not go_on():
                break
            claimed = await on_store(claim, office, practice, letter_id)
        answer, claimed = claimed, None
        if answer.verdict is Verdict.GO:
            outcome = await _attempt(office, practice, sender, on_store, answer)
            then = following if go_on() else None
            claimed = await on_store(record_outcome, office, practice, letter_id, outcome, then)
            attempted += 1
        elif answer.verdict is Verdict.WAIT and answer.reason:
            waiting.append((letter_id, answer.reason))
            moments += [answer.until] if answer.until else []
    return Turn(attempted=attempted, waiting=tuple(waiting), next_at=min(moments, default=None))


def _approved(office: Office, practice: Practice) -> list[str]:
    letters = office.store.letters(account_id=practice.account_id, states=(State.APPROVED,))
    ids = [letter.letter_id for letter in letters]
    for letter_id, checked in tuple(office.looked_ahead.items()):
        if checked.practice.account_id == practice.account_id and letter_id not in ids:
            del office.looked_ahead[letter_id]
    return ids


def claim(office: Office, practice: Practice, letter_id: str) -> Answer:
    """Ask the gate, and if it says go, claim the letter for one attempt before the first byte."""
    practice = office.practices.get(practice.account_id, practice)  # as it is now, not when the turn began
    now = office.clock.now()
    try:
        with office.store.one_transaction():
            letter = office.store.letter(letter_id)
            answer = _claimed(office, practice, letter, now)
        if answer.reason is Reason.UNDO_WINDOW:
            look_ahead(office, practice, letter, now)
        if answer.verdict is Verdict.VOID and answer.reason:
            void(office, practice, letter, answer.reason, now)
    except (Conflict, IllegalTransition):
        # Somebody recalled it or the world spoke in this very moment: next time round.
        return Answer(verdict=Verdict.WAIT, reason=Reason.WORLD_SPOKE)
    return answer


def _claimed(office: Office, practice: Practice, letter: Letter, now: datetime) -> Answer:
    """The gate's answer; when it is go, the claim is recorded."""
    answer = _asked(office, practice, letter, now)
    if answer.verdict is not Verdict.GO:
        return answer
    office.store.record(_claiming(office, practice, letter, now), now)
    return replace(answer, checked=_written(office, practice, letter.letter_id, answer.raw))


def _asked(office: Office, practice: Practice, letter: Letter, now: datetime) -> Answer:
    try:
        return ask(office, practice, letter, State.APPROVED, now, office.looked_ahead.get(letter.letter_id))
    except StoreDamaged:
        return Answer(verdict=Verdict.VOID, reason=Reason.BYTES_DIFFER)


def _claiming(office: Office, practice: Practice, letter: Letter, now: datetime) -> Change:
    started = e.SendStarted(at=now, letter=letter.letter_id)
    decisions = for_all_tracks(practice, office.store, letter, started, now)
    attempts = (*letter.attempts, LetterAttempt(started_at=now))
    return change_of(decisions, letters=[replace(letter, state=State.SENDING, attempts=attempts)])


def _written(office: Office, practice: Practice, letter_id: str, raw: bytes) -> Checked:
    """Letter and cases as the store has them now, and the bytes that will leave."""
    letter = office.store.letter(letter_id)
    cases = tuple(office.store.case(ref.case_id) for ref in letter.tracks)
    return Checked(practice=practice, letter=letter, cases=cases, raw=raw)


def void(office: Office, practice: Practice, letter: Letter, reason: Reason, now: datetime) -> None:
    """The approval no longer holds: back to a draft, with the reason."""
    decisions = for_all_tracks(practice, office.store, letter, e.Voided(at=now, reason=reason), now)
    draft = letter.without_approval()
    if reason in (Reason.FACTS_CHANGED, Reason.OUT_OF_DATE):
        draft = replace(draft, facts_digest="")  # to be written again at the next turn
    office.store.record(change_of(decisions, letters=[draft]), now)
    item = office.store.open_item(ItemKind.DRAFT, letter_subject(letter.letter_id))
    if item is not None:  # pragma: no branch - a letter that waits for a person has its item
        tell_item(office, item, AlertKind.NEW_ITEM, f"an approval is void: {REASON_TEXT[reason]}")


async def _attempt(
    office: Office, practice: Practice, sender: Sender, on_store: OnStore, answer: Answer
) -> Outcome:
    assert answer.checked is not None
    letter = answer.checked.letter
    assert letter.approval is not None

    async def body_may_begin() -> bool:
        return await on_store(begin_body, office, practice, letter.letter_id, answer.checked)

    return await asyncio.shield(
        sender.submit(letter.approval.envelope, answer.raw, body_may_begin=body_may_begin)
    )


def begin_body(office: Office, practice: Practice, letter_id: str, checked: Checked | None = None) -> bool:
    """After 354: ask the gate again and, on yes, note durably that the body begins.

    `checked` is what the claim left behind; see there for what it spares.
    """
    practice = office.practices.get(practice.account_id, practice)
    now = office.clock.now()
    try:
        with office.store.one_transaction():
            letter = office.store.letter(letter_id)
            if ask(office, practice, letter, State.SENDING, now, checked).verdict is not Verdict.GO:
                return False
            decisions = for_all_tracks(practice, office.store, letter, e.BodyBegun(at=now), now)
            gone = replace(letter, state=State.BODY_GONE)
            office.store.record(change_of(decisions, letters=[gone]), now)
    except (Conflict, IllegalTransition):
        return False
    return True


def record_outcome(
    office: Office, practice: Practice, letter_id: str, outcome: Outcome, then: str | None = None
) -> Answer | None:
    """Write down what the server said; tried again when a mail changes one of the cases meanwhile.

    With `then`, an acceptance is written together with the claim of that letter, if it may go: one commit
    instead of two. The answer is that claim; None when `then` is still to be claimed.
    """
    written: _Written | None = None
    if then is not None and isinstance(outcome, SubmissionAccepted):
        # Whatever is wrong with the next letter must not cost us this outcome: nothing was written, so it is
        # written below without the claim, and the claim by itself meets the same trouble and says so.
        with suppress(Exception):
            written = _write_outcome(office, practice, letter_id, outcome, then)
    if written is None:
        written = again_on_conflict(lambda: _write_outcome(office, practice, letter_id, outcome))
    tell_items(office, written.change, written.numbers, written.news)
    if isinstance(outcome, SubmissionRefused):
        text = f"the mail server refused at {outcome.stage} with {outcome.code}"
        office.notifier.tell(AlertKind.NEW_ITEM, practice.account_id, text, detail=outcome.text)
    return written.claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """An outcome that is in the store, and what is to be told of it."""

    change: Change
    numbers: tuple[int, ...]  #: of items that are new
    news: AlertKind
    claimed: Answer | None  #: when the next letter was claimed in the same commit


def _write_outcome(
    office: Office, practice: Practice, letter_id: str, outcome: Outcome, then: str | None = None
) -> _Written:
    now = office.clock.now()
    claimed: Answer | None = None
    with office.store.one_transaction():
        letter = office.store.letter(letter_id)
        event, change = _outcome(office, practice, letter, outcome, now)
        numbers = office.store.record(change, now)
        if then is not None:
            as_we_work_now = office.practices.get(practice.account_id, practice)
            claimed = _claimed(office, as_we_work_now, office.store.letter(then), now)
    return _Written(
        change=change,
        numbers=tuple(numbers),
        news=AlertKind.IN_DOUBT if isinstance(event, e.OutcomeUnknown) else AlertKind.NEW_ITEM,
        claimed=claimed if claimed is not None and claimed.verdict is Verdict.GO else None,
    )


def _outcome(
    office: Office, practice: Practice, letter: Letter, outcome: Outcome, now: datetime
) -> tuple[e.Event, Change]:
    """What the server's answer means for the tracks of the letter, and all that is to be written."""
    assert letter.approval is not None
    event, word = _event(outcome, letter, now, rehearsal=letter.approval.envelope.rehearsal)
    if isinstance(outcome, SubmissionWithheld):
        answer = ask(office, practice, letter, State.SENDING, now)
        if answer.verdict is not Verdict.WAIT:
            event = e.Voided(at=now, reason=answer.reason or Reason.WORLD_SPOKE)
    decisions = for_all_tracks(practice, office.store, letter, event, now)
    if isinstance(event, e.Deferred):
        decisions = _give_up(practice, decisions, now)
    ended = replace(
        letter.attempts[-1],
        ended_at=now,
        outcome=word,
        code=getattr(outcome, "code", None),
        text=getattr(outcome, "text", ""),
    )
    letter = replace(letter, attempts=(*letter.attempts[:-1], ended))
    _, change = after(practice, office.store, letter, decisions, now)
    return event, change


def _event(outcome: Outcome, letter: Letter, now: datetime, *, rehearsal: bool) -> tuple[e.Event, str]:
    """Our word for the server's answer."""
    match outcome:
        case SubmissionAccepted():
            if rehearsal:
                return e.Rehearsed(at=now), "rehearsed"
            return e.Accepted(at=now, letter=letter.letter_id), "accepted"
        case SubmissionDeferred(code=code, stage=stage):
            counted = stage != "auth"
            retry_at = now + _patience(letter, stage)
            return e.Deferred(at=now, code=code, retry_at=retry_at, counted=counted), "deferred"
        case SubmissionRefused(code=code, stage="connect" | "tls" | "auth"):
            return e.Deferred(at=now, code=code, retry_at=now + LOGIN_RETRY, counted=False), "deferred"
        case SubmissionRefused(code=code, stage=stage, recipient=recipient):
            return e.Refused(at=now, code=code, stage=stage + _whose(letter, recipient)), "refused"
        case SubmissionUnknown():
            return unknown(letter, now), "rehearsed" if rehearsal else "in-doubt"
        case SubmissionWithheld():
            return e.Interrupted(at=now), "withheld"
        case _:
            assert_never(outcome)


def _whose(letter: Letter, recipient: str | None) -> str:
    """For a refused copy, whose copy it was: a role, because a diary names no address."""
    assert letter.approval is not None
    roles = {one.address: one.role for one in letter.approval.envelope.recipients}
    role = roles.get(recipient or "", RecipientRole.TO)
    return "" if role is RecipientRole.TO else f", {role.value}"


def unknown(letter: Letter, now: datetime) -> e.Event:
    """The line was lost after the body: in doubt, but for a rehearsal, which could only have reached us."""
    assert letter.approval is not None
    return e.Rehearsed(at=now) if letter.approval.envelope.rehearsal else e.OutcomeUnknown(at=now)


def _patience(letter: Letter, stage: str) -> timedelta:
    if stage == "auth":
        return LOGIN_RETRY
    deferred = sum(attempt.outcome == "deferred" for attempt in letter.attempts)
    return min(LONGEST_RETRY, FIRST_RETRY * (1 << min(deferred, 10)))


def _give_up(practice: Practice, decisions: list[Decision], now: datetime) -> list[Decision]:
    """Deferred too often: hold and ask, rather than trying for ever."""
    more: list[Decision] = []
    for decision in decisions:
        for track in decision.case.tracks:
            if track.state is State.APPROVED and track.tries >= practice.limits.deferred_tries:
                event = e.GaveUp(at=now, track=track.track_id)
                more.append(decide_for(practice, decision.case, event, now))
    return [*decisions, *more]
