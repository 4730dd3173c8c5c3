"""Every pair of state and event against the table of the design, and what each move does to a track."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.case import events as e
from bot.case.model import Attempt, Noted, PartyRole, State
from bot.case.reasons import Reason
from bot.case.states import apply, next_state, replay, started
from bot.errors import IllegalTransition
from tests.case.table import LEGAL, sample_event
from tests.samples import NOW, sample_track

HOUR = timedelta(hours=1)
KINDS = [kind for kind in e.EVENTS if kind is not e.TrackStarted]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_is_as_the_design_says(state: State, kind: type[e.Event]) -> None:
    event = sample_event(kind)
    after = LEGAL.get((state.name, kind.__name__))
    if after is None:
        with pytest.raises(IllegalTransition):
            next_state(state, event)
    else:
        assert next_state(state, event) is State[after]


def test_no_state_but_those_of_the_design() -> None:
    assert {state for state, _ in LEGAL} == set(State.__members__)
    assert set(LEGAL.values()) <= set(State.__members__)


def track(state: State, **said: Any) -> Any:
    """A track in a state, with the fields that this state brings."""
    if state is State.HELD:
        said.setdefault("hold", Reason.ANSWERED)
    if state is State.AWAITING:
        said.setdefault("due_at", NOW)
    said.setdefault("letter_id", None if state is State.READY else "L1")
    return sample_track(state=state, **said)


@given(state=st.sampled_from(State), kind=st.sampled_from(KINDS))
def test_the_fields_fit_the_state_after_any_legal_move(state: State, kind: type[e.Event]) -> None:
    if kind is e.Planned:
        return  # only `decide` plans, and only for what waits
    before = track(state)
    try:
        after = apply(before, sample_event(kind))
    except IllegalTransition:
        return
    assert (after.hold is not None) == (after.state is State.HELD)
    assert after.due_at is None or after.state is State.AWAITING
    assert not after.noted or after.state in (State.SENDING, State.BODY_GONE, State.IN_DOUBT)
    assert after.attempts[: len(before.attempts)] == before.attempts
    attempts = (e.Accepted, e.Proven, e.JudgedSent, e.WroteByHand)
    assert len(after.attempts) - len(before.attempts) == (kind in attempts)


def test_what_others_do_on_the_line_is_noted_with_what_it_cites() -> None:
    before = track(State.BODY_GONE)
    after = apply(before, e.Answered(at=NOW, track="1", mail=7, cites=("L1",)))
    assert after.noted == (Noted(event="Answered", mail=7, cites=("L1",)),)
    assert after.state is State.BODY_GONE


def test_a_letter_proven_later_was_accepted_when_its_body_went_out() -> None:
    before = track(State.IN_DOUBT, letter_at=NOW)
    after = apply(before, e.Proven(at=NOW + 50 * HOUR, track="1", evidence="own-copy"))
    assert after.attempts == (Attempt(step="inquiry", letter_id="L1", at=NOW),)


def test_deferrals_are_counted_but_not_those_that_refuse_us() -> None:
    before = track(State.SENDING, tries=2)
    retry_at = NOW + HOUR
    assert apply(before, e.Deferred(at=NOW, track="1", code=451, retry_at=retry_at)).tries == 3
    refused = e.Deferred(at=NOW, track="1", code=535, retry_at=retry_at, counted=False)
    assert apply(before, refused).tries == 2
    again = apply(track(State.DRAFTED, tries=3), sample_event(e.Approved))
    assert again.tries == 0


@pytest.mark.parametrize("kind", [e.Restored, e.Edited])
def test_a_letter_once_accepted_is_never_a_draft_again(kind: type[e.Event]) -> None:
    accepted = (Attempt(step="inquiry", letter_id="L1", at=NOW),)
    with pytest.raises(IllegalTransition):
        apply(track(State.HELD, attempts=accepted), sample_event(kind))
    assert apply(track(State.HELD), sample_event(kind)).state is State.DRAFTED


def test_a_reason_stays_as_long_as_the_hold() -> None:
    held = apply(track(State.DRAFTED), e.Rejected(at=NOW, track="1", why="too friendly"))
    assert (held.hold, held.detail) == (Reason.REJECTED, "too friendly")
    bounced = apply(held, e.Bounced(at=NOW, track="1", mail=2))
    assert (bounced.hold, bounced.detail) == (Reason.BOUNCED, None)
    resumed = apply(bounced, e.Resumed(at=NOW, track="1", step="inquiry"))
    assert (resumed.hold, resumed.letter_id) == (None, None)


def test_a_diary_that_cannot_be_is_refused() -> None:
    begun = e.TrackStarted(
        at=NOW, track="1", party=PartyRole.COMPLAINANT, playbook="inquiry", step="inquiry", state=State.READY
    )
    assert replay((begun,)) == (started(begun),)
    with pytest.raises(IllegalTransition):
        replay((begun, sample_event(e.Accepted)))


def test_an_event_without_a_track_reaches_every_track() -> None:
    begun = [
        e.TrackStarted(at=NOW, track=one, party=party, playbook="inquiry", step="s", state=State.AWAITING)
        for one, party in (("1", PartyRole.COMPLAINANT), ("2", PartyRole.AMAZON))
    ]
    tracks = replay((*begun, e.Answered(at=NOW, mail=3)))
    assert [one.hold for one in tracks] == [Reason.ANSWERED, Reason.ANSWERED]


def test_an_event_of_one_track_reaches_that_track_alone() -> None:
    begun = [
        e.TrackStarted(at=NOW, track=one, party=party, playbook="inquiry", step="s", state=State.AWAITING)
        for one, party in (("1", PartyRole.COMPLAINANT), ("2", PartyRole.AMAZON))
    ]
    tracks = replay((*begun, e.Answered(at=NOW, mail=3, track="2")))
    assert [one.hold for one in tracks] == [None, Reason.ANSWERED]
