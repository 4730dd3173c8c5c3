"""Keeps each letter in step with the tracks it speaks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision, decide
from bot.case.model import Case, State
from bot.case.reasons import Reason
from bot.case.states import ON_THE_LINE
from bot.draft.model import Letter, TrackRef
from bot.ports import Change, Store
from bot.runner.changes import change_of
from bot.runner.office import Practice

_WAITING = (State.DRAFTED, State.APPROVED)


def decide_for(practice: Practice, case: Case, event: e.Event, now: datetime) -> Decision:
    """`decide` with the playbook of the track that the event concerns."""
    track = case.track(event.track) if event.track else case.tracks[0]
    return decide(case, event, practice.of(case).playbooks[track.playbook], now)


def for_all_tracks(
    practice: Practice, store: Store, letter: Letter, event: e.Event, now: datetime
) -> list[Decision]:
    """The same event on every track that the letter speaks for, chained within each case."""
    decisions: list[Decision] = []
    latest: dict[str, Case] = {}
    for ref in letter.tracks:
        case = latest.get(ref.case_id) or store.case(ref.case_id)
        decision = decide_for(practice, case, replace(event, track=ref.track_id), now)
        latest[ref.case_id] = decision.case
        decisions.append(decision)
    return decisions


def letters_left_behind(
    practice: Practice, store: Store, decisions: Iterable[Decision], now: datetime
) -> tuple[list[Letter], list[Decision]]:
    """Letters whose tracks moved on by themselves, and what that means for the tracks that stay.

    A letter that speaks for nobody any more is set aside (HELD; a person may restore it). One that still
    speaks for other tracks becomes a stale draft without them, to be written again: its approval is void.
    """
    latest = {d.case.case_id: d.case for d in decisions}
    touched = {x for d in decisions for x in _left(d)}
    letters: list[Letter] = []
    follow_up: list[Decision] = []
    for letter_id in sorted(touched):
        letter = store.letter(letter_id)
        remaining = [ref for ref in letter.tracks if _still(store, latest, ref, letter_id)]
        if not remaining:
            letters.append(replace(letter, state=State.HELD, approval=None))
            continue
        for ref in remaining:
            case = latest.get(ref.case_id) or store.case(ref.case_id)
            if case.track(ref.track_id).state is State.APPROVED:
                event = e.Voided(at=now, track=ref.track_id, reason=Reason.CASE_LEFT_LETTER)
                decision = decide_for(practice, case, event, now)
                latest[ref.case_id] = decision.case
                follow_up.append(decision)
        stale = replace(letter.without_approval(), tracks=tuple(remaining), facts_digest="")
        letters.append(stale)
    return letters, follow_up


def after(
    practice: Practice, store: Store, letter: Letter, decisions: list[Decision], now: datetime
) -> tuple[Letter, Change]:
    """What becomes of a letter that was on the line or in doubt once `decisions` say how it ended.

    Also returns all that is to be written: with it the letters that its tracks left behind meanwhile, and
    what that means for the tracks which stay with those.
    """
    left, more = letters_left_behind(practice, store, decisions, now)
    aside = next((one for one in left if one.letter_id == letter.letter_id), None)
    state = aside.state if aside else _state_of(letter, decisions)
    if state is State.AWAITING:
        letter = as_sent(practice, letter)
    elif state in (State.DRAFTED, State.HELD):
        letter = replace(aside or letter, state=state, approval=None, attempts=letter.attempts)
    else:
        letter = replace(letter, state=state)
    others = [one for one in left if one.letter_id != letter.letter_id]
    return letter, change_of([*decisions, *more], letters=[letter, *others])


def _state_of(letter: Letter, decisions: Iterable[Decision]) -> State:
    """The letter's own state: accepted stays accepted whatever its tracks do next."""
    latest = {decision.case.case_id: decision.case for decision in decisions}
    tracks = [latest[ref.case_id].track(ref.track_id) for ref in letter.tracks]
    if any(a.letter_id == letter.letter_id for track in tracks for a in track.attempts):
        return State.AWAITING
    return tracks[0].state


def letters_proven(
    practice: Practice, store: Store, decisions: Iterable[Decision], but: Iterable[Letter] = ()
) -> list[Letter]:
    """Letters that were in doubt and that this mail proves to have left, except those in `but`."""
    known = {letter.letter_id for letter in but}
    ids = {
        decision.before.track(event.track).letter_id
        for decision in decisions
        for event in decision.events
        if isinstance(event, e.Proven) and event.track and decision.before
    }
    return [as_sent(practice, store.letter(one)) for one in sorted(x for x in ids if x) if one not in known]


def as_sent(practice: Practice, letter: Letter) -> Letter:
    """The letter once it is known to have left, with what is to become of the copy in Sent."""
    return replace(
        letter, state=State.AWAITING, sent_copy="provider" if practice.provider_files_sent else "wanted"
    )


def _left(decision: Decision) -> list[str]:
    """Letters that a track of this decision had, never saw accepted, and let go."""
    return [
        track.letter_id
        for track in (decision.before.tracks if decision.before else ())
        if track.letter_id
        and track.state in (*_WAITING, *ON_THE_LINE)
        and (after := decision.case.track(track.track_id)).state in (State.HELD, State.CLOSED)
        and all(attempt.letter_id != track.letter_id for attempt in after.attempts)
    ]


def _still(store: Store, latest: dict[str, Case], ref: TrackRef, letter_id: str) -> bool:
    case = latest.get(ref.case_id) or store.case(ref.case_id)
    track = case.track(ref.track_id)
    return track.state in _WAITING and track.letter_id == letter_id
