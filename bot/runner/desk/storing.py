"""A person says which of the stores that share a mailbox a case is about."""

from __future__ import annotations

from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, State, Track
from bot.case.reasons import Reason
from bot.case.states import ON_THE_LINE
from bot.errors import NotPossible
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import decide_for, letters_left_behind
from bot.runner.office import Office, practice_of


def name_store(office: Office, case_id: str, store: str, by: str) -> Case:
    """Name it; what was held only because it was unclear goes on. Raises NotPossible.

    A draft in the name of another store is withdrawn, an approval of it is void, and a new one is written.
    """
    return again_on_conflict(lambda: _name_store(office, case_id, store, by))


def _name_store(office: Office, case_id: str, store: str, by: str) -> Case:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    _refuse(case, store, tuple(practice.stores))
    now = office.clock.now()
    decisions: list[Decision] = [decide_for(practice, case, e.StoreNamed(at=now, by=by, store=store), now)]
    case = decisions[-1].case
    for track in case.tracks:
        for event in _moves(track, store, by, now):
            decisions.append(decide_for(practice, case, event, now))
            case = decisions[-1].case
    left, more = letters_left_behind(practice, office.store, decisions, now)
    office.store.record(change_of([*decisions, *more], letters=left), now)
    return case


def _moves(track: Track, store: str, by: str, now: datetime) -> list[e.Event]:
    """What waited for the name goes on; a draft is left, for it may speak for cases of the other store."""
    resumed = e.Resumed(at=now, by=by, track=track.track_id, step=track.step)
    if track.state is State.HELD and track.hold is Reason.STORE_UNCLEAR:
        return [resumed]
    if track.state in (State.DRAFTED, State.APPROVED):
        why = f"the case is about the store {store}"
        return [e.HoldAsked(at=now, by=by, track=track.track_id, why=why), resumed]
    return []


def _refuse(case: Case, store: str, known: tuple[str, ...]) -> None:
    if not known:
        raise NotPossible(
            f"account {case.account_id} is one store; several that share its mailbox stand under stores: in "
            "rejoinder.yaml"
        )
    if store not in known:
        raise NotPossible(
            f"there is no store {store} in account {case.account_id}; there are: {', '.join(known)}"
        )
    if case.store == store:
        raise NotPossible(f"case {case.case_id} is about {store} already")
    if case.attempts:
        raise NotPossible(
            f"a letter for {case.store or 'another store'} has left in case {case.case_id}, "
            "so it stays with that"
        )
    if any(track.state in ON_THE_LINE for track in case.tracks):
        raise NotPossible("a letter of this case is on the line or in doubt; settle it first")
