"""What each move does to a track, field by field: all that is not named here stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import Attempt, Noted, State, Track
from bot.case.reasons import Reason
from bot.case.states import apply
from bot.errors import IllegalTransition
from tests.samples import NOW, sample_track

HOUR = timedelta(hours=1)
THEN, LATER = NOW + HOUR, NOW + 5 * HOUR
FIRST = Attempt(step="inquiry", letter_id="L0", at=NOW - 9 * HOUR)
NOTE = Noted(event="Answered", mail=3, cites=("L0",))


def full(state: State, **changed: object) -> Track:
    """A track with something in every field, so that what is cleared and what is kept both show."""
    filled = sample_track(
        state=state,
        step="reminder-1",
        due_at=NOW,
        letter_id="L1",
        letter_at=NOW - HOUR,
        hold=Reason.NOTICE_AGAIN,
        detail="of old",
        snoozed_until=NOW + 2 * HOUR,
        retry_at=NOW + 3 * HOUR,
        tries=2,
        attempts=(FIRST,),
        noted=(NOTE,),
    )
    return replace(filled, **changed)  # type: ignore[arg-type]


def wrote(step: str, letter: str, at: object) -> dict[str, object]:
    return {"attempts": (FIRST, Attempt(step=step, letter_id=letter, at=at))}  # type: ignore[arg-type]


FREE = {"hold": None, "detail": None}
CALM = {"due_at": None, "snoozed_until": None}
BY_HAND = wrote("reminder-2", "H1", THEN)
S = State
HAND = e.WroteByHand(at=LATER, track="1", letter="H1", step="reminder-2", sent_at=THEN)

MOVES: list[tuple[State, e.Event, State, dict[str, object]]] = [
    (S.READY, e.Drafted(at=THEN, track="1", letter="L9"), S.DRAFTED,
     FREE | {"letter_id": "L9", "due_at": None, "tries": 0}),
    (S.READY, e.Held(at=THEN, track="1", reason=Reason.DRAFT_INCOMPLETE, detail="who"), S.HELD,
     {"hold": Reason.DRAFT_INCOMPLETE, "detail": "who", "due_at": None}),
    (S.READY, HAND, S.AWAITING, FREE | BY_HAND | {"step": "reminder-2", "due_at": None}),
    (S.DRAFTED, e.Approved(at=THEN, track="1", letter="L1", digest="d", leaves_at=LATER), S.APPROVED,
     FREE | {"snoozed_until": None, "retry_at": None, "tries": 0}),
    (S.DRAFTED, e.Edited(at=THEN, track="1", letter="L9", revision=2), S.DRAFTED,
     FREE | {"letter_id": "L9", "retry_at": None, "snoozed_until": None}),
    (S.DRAFTED, e.Redrafted(at=THEN, track="1", letter="L9", revision=2), S.DRAFTED,
     FREE | {"letter_id": "L9", "retry_at": None, "snoozed_until": None}),
    (S.DRAFTED, e.Snoozed(at=THEN, track="1", until=LATER), S.DRAFTED, FREE | {"snoozed_until": LATER}),
    (S.DRAFTED, e.Rejected(at=THEN, track="1", why="too kind"), S.HELD,
     {"hold": Reason.REJECTED, "detail": "too kind"}),
    (S.DRAFTED, e.Rejected(at=THEN, track="1", why=""), S.HELD, {"hold": Reason.REJECTED, "detail": None}),
    (S.APPROVED, e.Edited(at=THEN, track="1", letter="L9", revision=2), S.DRAFTED,
     FREE | {"letter_id": "L9", "retry_at": None, "snoozed_until": None}),
    (S.APPROVED, e.Recalled(at=THEN, track="1"), S.DRAFTED, FREE),
    (S.APPROVED, e.Voided(at=THEN, track="1", reason=Reason.OUT_OF_DATE), S.DRAFTED, FREE),
    (S.APPROVED, e.GaveUp(at=THEN, track="1"), S.HELD, {"hold": Reason.GAVE_UP, "detail": None}),
    (S.APPROVED, e.SendStarted(at=THEN, track="1", letter="L1"), S.SENDING, FREE | {"retry_at": None}),
    (S.SENDING, e.Interrupted(at=THEN, track="1"), S.APPROVED, FREE | {"noted": ()}),
    (S.SENDING, e.Deferred(at=THEN, track="1", code=451, retry_at=LATER), S.APPROVED,
     FREE | {"noted": (), "retry_at": LATER, "tries": 3, "letter_at": None}),
    (S.SENDING, e.Deferred(at=THEN, track="1", code=535, retry_at=LATER, counted=False), S.APPROVED,
     FREE | {"noted": (), "retry_at": LATER, "letter_at": None}),
    (S.SENDING, e.Voided(at=THEN, track="1", reason=Reason.OUT_OF_DATE), S.DRAFTED, FREE | {"noted": ()}),
    (S.SENDING, e.Refused(at=THEN, track="1", code=550, stage="rcpt"), S.HELD,
     {"noted": (), "hold": Reason.REFUSED_BY_SERVER, "detail": "550 at rcpt", "letter_at": None}),
    (S.SENDING, e.BodyBegun(at=THEN, track="1"), S.BODY_GONE, FREE | {"letter_at": THEN}),
    (S.BODY_GONE, e.Accepted(at=THEN, track="1", letter="L1"), S.AWAITING,
     FREE | wrote("reminder-1", "L1", THEN) | {"noted": (), "due_at": None, "retry_at": None}),
    (S.BODY_GONE, e.Rehearsed(at=THEN, track="1"), S.DRAFTED, FREE | {"noted": (), "letter_at": None}),
    (S.BODY_GONE, e.OutcomeUnknown(at=THEN, track="1"), S.IN_DOUBT, FREE),
    (S.IN_DOUBT, e.Proven(at=LATER, track="1", evidence="own-copy"), S.AWAITING,
     FREE | wrote("reminder-1", "L1", NOW - HOUR) | {"noted": (), "due_at": None, "retry_at": None}),
    (S.IN_DOUBT, e.JudgedSent(at=LATER, track="1"), S.AWAITING,
     FREE | wrote("reminder-1", "L1", NOW - HOUR) | {"noted": (), "due_at": None, "retry_at": None}),
    (S.IN_DOUBT, e.JudgedNotSent(at=LATER, track="1"), S.DRAFTED, FREE | {"noted": (), "letter_at": None}),
    (S.AWAITING, e.FellDue(at=THEN, track="1"), S.READY,
     FREE | {"due_at": None, "letter_id": None, "letter_at": None}),
    (S.AWAITING, HAND, S.AWAITING,
     FREE | BY_HAND | {"step": "reminder-2", "due_at": None}),
    (S.HELD, e.Resumed(at=THEN, track="1", step="inquiry"), S.READY,
     FREE | {"step": "inquiry", "due_at": None, "letter_id": None, "letter_at": None}),
    (S.HELD, e.KeptWaiting(at=THEN, track="1", due_at=LATER), S.AWAITING, FREE | {"due_at": LATER}),
    (S.HELD, e.Restored(at=THEN, track="1", letter="L9"), S.DRAFTED,
     FREE | {"letter_id": "L9", "due_at": None, "tries": 0}),
    (S.HELD, e.Edited(at=THEN, track="1", letter="L9", revision=2), S.DRAFTED,
     FREE | {"letter_id": "L9", "retry_at": None, "snoozed_until": None}),
    (S.HELD, e.Closed(at=THEN, track="1"), S.CLOSED, FREE | CALM | {"retry_at": None}),
    (S.HELD, HAND, S.HELD, BY_HAND),
    (S.CLOSED, e.Reopened(at=THEN, track="1"), S.HELD, {"hold": Reason.REOPENED, "detail": None}),
    (S.AWAITING, e.CaseClosed(at=THEN, track="1"), S.CLOSED, FREE | CALM | {"retry_at": None}),
    (S.AWAITING, e.Planned(at=THEN, track="1", step="escalation", due_at=LATER), S.AWAITING,
     FREE | {"step": "escalation", "due_at": LATER}),
    (S.HELD, e.DeadlinePassed(at=THEN), S.HELD, {}),
    # what others do, where it holds the track, where it is noted, and where nothing moves any more
    (S.DRAFTED, e.Answered(at=THEN, track="1", mail=7), S.HELD,
     CALM | {"hold": Reason.ANSWERED, "detail": None}),
    (S.HELD, e.Bounced(at=THEN, track="1", mail=7), S.HELD, CALM | {"hold": Reason.BOUNCED, "detail": None}),
    (S.APPROVED, e.HoldAsked(at=THEN, track="1", why="holiday"), S.HELD,
     CALM | {"hold": Reason.HELD_BY_YOU, "detail": "holiday"}),
    (S.READY, e.LawyerTookOver(at=THEN, track="1", why="Dr. Gold"), S.HELD,
     CALM | {"hold": Reason.LAWYER, "detail": "Dr. Gold"}),
    (S.SENDING, e.Bounced(at=THEN, track="1", mail=7, cites=("L1",)), S.SENDING,
     {"noted": (NOTE, Noted(event="Bounced", mail=7, cites=("L1",)))}),
    (S.IN_DOUBT, e.LawyerTookOver(at=THEN, track="1", why="Dr. Gold"), S.IN_DOUBT,
     {"noted": (NOTE, Noted(event="LawyerTookOver", mail=None, cites=(), why="Dr. Gold"))}),
    (S.BODY_GONE, e.HoldAsked(at=THEN, track="1", why="holiday"), S.BODY_GONE,
     {"noted": (NOTE, Noted(event="HoldAsked", mail=None, cites=(), why="holiday"))}),
    (S.CLOSED, e.NoticeAgain(at=THEN, track="1", mail=7), S.CLOSED, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "event", "after", "changed"),
    MOVES,
    ids=[f"{state.value}-{type(event).__name__}" for state, event, _, _ in MOVES],
)
def test_a_move_changes_these_fields_and_no_other(
    state: State, event: e.Event, after: State, changed: dict[str, object]
) -> None:
    assert apply(full(state), event) == full(after, **changed)


@pytest.mark.parametrize(
    "event", [e.Proven(at=LATER, track="1", evidence="x"), e.JudgedSent(at=LATER, track="1")]
)
def test_without_the_moment_of_its_body_a_letter_counts_from_the_proof(event: e.Event) -> None:
    proven = apply(full(S.IN_DOUBT, letter_at=None), event)
    assert proven.attempts[-1].at == LATER


@pytest.mark.parametrize(
    "event",
    [
        e.Drafted(at=THEN, track="1", letter="L0"),
        e.WroteByHand(at=THEN, track="1", letter="L0", step="inquiry", sent_at=THEN),
    ],
)
def test_a_letter_that_counts_already_never_counts_again(event: e.Event) -> None:
    with pytest.raises(IllegalTransition, match="of a letter that was accepted"):
        apply(full(S.READY), event)
