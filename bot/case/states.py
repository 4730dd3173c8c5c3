"""The one table of states: which event may move a track from where to where, and how its fields change.

What *we* do is legal in one or two states. What *others* do (`WORLD`) is answered in every state. A pair
that is missing is an `IllegalTransition`. The picture in docs/architecture.md is drawn from this table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.case import events as e
from bot.case.model import Attempt, Noted, State, Track
from bot.case.reasons import Reason
from bot.errors import IllegalTransition
from bot.frozen import copy_with

S = State

TRANSITIONS: Final[dict[State, dict[type[e.Event], State]]] = {
    S.READY: {e.Drafted: S.DRAFTED, e.Held: S.HELD, e.WroteByHand: S.AWAITING},
    S.DRAFTED: {
        e.Approved: S.APPROVED, e.Edited: S.DRAFTED, e.Redrafted: S.DRAFTED, e.Snoozed: S.DRAFTED,
        e.Rejected: S.HELD, e.Held: S.HELD,
    },
    S.APPROVED: {
        e.Recalled: S.DRAFTED, e.Edited: S.DRAFTED, e.Voided: S.DRAFTED, e.GaveUp: S.HELD,
        e.SendStarted: S.SENDING,
    },
    S.SENDING: {
        e.Interrupted: S.APPROVED, e.Deferred: S.APPROVED, e.Voided: S.DRAFTED, e.Refused: S.HELD,
        e.BodyBegun: S.BODY_GONE,
    },
    S.BODY_GONE: {
        e.Accepted: S.AWAITING, e.Rehearsed: S.DRAFTED, e.Deferred: S.APPROVED, e.Refused: S.HELD,
        e.OutcomeUnknown: S.IN_DOUBT,
    },
    S.IN_DOUBT: {e.Proven: S.AWAITING, e.JudgedSent: S.AWAITING, e.JudgedNotSent: S.DRAFTED},
    S.AWAITING: {e.FellDue: S.READY, e.WroteByHand: S.AWAITING},
    S.HELD: {
        e.Resumed: S.READY, e.KeptWaiting: S.AWAITING, e.Restored: S.DRAFTED, e.Edited: S.DRAFTED,
        e.Closed: S.CLOSED, e.WroteByHand: S.HELD,
    },
    S.CLOSED: {e.Reopened: S.HELD},
}  # fmt: skip

#: The world's events, and the hold each one brings.
WORLD: Final[dict[type[e.Event], Reason]] = {
    e.Answered: Reason.ANSWERED,
    e.Bounced: Reason.BOUNCED,
    e.RetractionSeen: Reason.RETRACTION_SEEN,
    e.NoticeAgain: Reason.NOTICE_AGAIN,
    e.ContactOutside: Reason.CONTACT_OUTSIDE,
    # Said by the operator, but at any moment, also while a letter is on the line; so they belong here.
    e.HoldAsked: Reason.HELD_BY_YOU,
    e.LawyerTookOver: Reason.LAWYER,
}
#: Where the world's events hold the track at once.
FREEZABLE: Final = frozenset({S.READY, S.DRAFTED, S.APPROVED, S.AWAITING, S.HELD})
#: A letter is on the line or in doubt: the world's events are noted and applied after the outcome.
ON_THE_LINE: Final = frozenset({S.SENDING, S.BODY_GONE, S.IN_DOUBT})
#: Legal everywhere, move nothing.
REMARKS: Final[frozenset[type[e.Event]]] = frozenset({
    e.Opened, e.Planned, e.BounceNoted, e.AutomaticResponse, e.LawyerDone, e.StoreNamed, e.Merged, e.TookIn,
    e.Unmerged, e.LetGo, e.Adopted,
    e.ContactGiven, e.MailedAmazon, e.FiledInSellerCentral, e.CounterNoticeFiled, e.LegalHoldSet,
    e.LegalHoldLifted, e.Erased, e.DeadlineNeared, e.DeadlinePassed,
    e.Rebased,
})  # fmt: skip

_OF_A_LETTER = e.Drafted | e.Restored | e.Edited | e.WroteByHand


def next_state(state: State, event: e.Event) -> State:
    """Where the event leads a track from this state. Raises IllegalTransition."""
    kind = type(event)
    if kind in REMARKS:
        return state
    if kind in WORLD:
        return State.HELD if state in FREEZABLE else state
    if kind is e.CaseClosed:
        if state in ON_THE_LINE:
            raise IllegalTransition(state, "CaseClosed")
        return State.CLOSED
    try:
        return TRANSITIONS[state][kind]
    except KeyError:
        raise IllegalTransition(state, kind.__name__) from None


def started(event: e.TrackStarted) -> Track:
    """The track that `TrackStarted` begins."""
    assert event.track is not None
    return Track(
        track_id=event.track,
        party=event.party,
        playbook=event.playbook,
        state=event.state,
        step=event.step,
    )


def apply(track: Track, event: e.Event) -> Track:
    """The track after the event: the only place where a track changes. Raises IllegalTransition."""
    after = _with(track, state=next_state(track.state, event))
    if isinstance(event, _OF_A_LETTER) and event.letter in _accepted_letters(track):
        raise IllegalTransition(track.state, f"{type(event).__name__} of a letter that was accepted")
    if isinstance(event, e.WorldEvent):
        return _world(track, after, event)
    if after.state is not State.HELD:
        after = _with(after, hold=None, detail=None)
    if track.state in ON_THE_LINE and after.state not in ON_THE_LINE:
        after = _with(after, noted=())  # `decide` follows up with what was noted
    return _fields(after, event)


def _with(track: Track, **fields: object) -> Track:
    """As `replace`, but the same track when nothing of it would be different: that is the usual thing."""
    if all(getattr(track, name) == value for name, value in fields.items()):
        return track
    return copy_with(track, **fields)


def _accepted_letters(track: Track) -> set[str]:
    return {attempt.letter_id for attempt in track.attempts}


def _world(before: Track, after: Track, event: e.WorldEvent) -> Track:
    if before.state in ON_THE_LINE:
        note = Noted(event=type(event).__name__, mail=event.mail, cites=event.cites, why=_why(event))
        return replace(after, noted=(*before.noted, note))
    if before.state is State.CLOSED:
        return after
    hold = WORLD[type(event)]
    return replace(after, hold=hold, detail=_why(event) or None, due_at=None, snoozed_until=None)


def _why(event: e.WorldEvent) -> str:
    return event.why if isinstance(event, e.HoldAsked | e.LawyerTookOver) else ""


def _fields(track: Track, event: e.Event) -> Track:  # noqa: C901 - one flat list of what each event sets
    match event:
        case e.Planned(step=step, due_at=due_at):
            return replace(track, step=step, due_at=due_at)
        case e.Drafted(letter=letter) | e.Restored(letter=letter):
            return replace(track, letter_id=letter, due_at=None, tries=0)
        case e.Edited(letter=letter) | e.Redrafted(letter=letter):
            return replace(track, letter_id=letter, retry_at=None, snoozed_until=None)
        case e.Snoozed(until=until):
            return replace(track, snoozed_until=until)
        case e.Approved():
            return replace(track, snoozed_until=None, retry_at=None, tries=0)
        case e.Held(reason=reason, detail=detail):
            return replace(track, hold=reason, detail=detail, due_at=None)
        case e.Rejected(why=why):
            return replace(track, hold=Reason.REJECTED, detail=why or None)
        case e.GaveUp():
            return replace(track, hold=Reason.GAVE_UP, detail=None)
        case e.Refused(code=code, stage=stage):
            return replace(track, hold=Reason.REFUSED_BY_SERVER, detail=f"{code} at {stage}", letter_at=None)
        case e.Reopened():
            return replace(track, hold=Reason.REOPENED, detail=None)
        case e.SendStarted():
            return _with(track, retry_at=None)
        case e.Deferred(retry_at=retry_at, counted=counted):
            return replace(track, retry_at=retry_at, tries=track.tries + counted, letter_at=None)
        case e.BodyBegun(at=at):
            return replace(track, letter_at=at)
        case e.Accepted() | e.Proven() | e.JudgedSent():
            return _accepted(track, event)
        case e.WroteByHand():
            return _wrote_by_hand(track, event)
        case e.Rehearsed() | e.JudgedNotSent():
            return replace(track, letter_at=None)
        case e.FellDue():
            return replace(track, due_at=None, letter_id=None, letter_at=None)
        case e.Resumed(step=step):
            return replace(track, step=step, due_at=None, letter_id=None, letter_at=None)
        case e.KeptWaiting(due_at=due_at):
            return replace(track, due_at=due_at)
        case e.Closed() | e.CaseClosed():
            return replace(track, due_at=None, snoozed_until=None, retry_at=None)
        case _:
            return track


def _accepted(track: Track, event: e.Event) -> Track:
    # A letter proven later was accepted when its body went out; waits count from that moment.
    at = event.at if isinstance(event, e.Accepted) else (track.letter_at or event.at)
    assert track.letter_id is not None
    attempt = Attempt(step=track.step, letter_id=track.letter_id, at=at)
    return replace(track, attempts=(*track.attempts, attempt), due_at=None, retry_at=None)


def _wrote_by_hand(track: Track, event: e.WroteByHand) -> Track:
    attempts = (*track.attempts, Attempt(step=event.step, letter_id=event.letter, at=event.sent_at))
    if track.state is State.HELD:
        return replace(track, attempts=attempts)  # a person decides how to go on
    return replace(track, attempts=attempts, step=event.step, due_at=None)


def replay(diary: tuple[e.Event, ...]) -> tuple[Track, ...]:
    """The tracks that a diary leads to; must equal the row. Raises IllegalTransition for a broken diary."""
    tracks: dict[str, Track] = {}
    for event in diary:
        if isinstance(event, e.TrackStarted):
            track = started(event)
            tracks[track.track_id] = track
            continue
        for track_id in [event.track] if event.track else list(tracks):
            tracks[track_id] = apply(tracks[track_id], event)
    return tuple(tracks.values())
