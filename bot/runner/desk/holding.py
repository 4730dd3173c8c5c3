"""A person holds a case, or takes it back from the lawyer; drafts are withdrawn, clocks and alarms run on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, State
from bot.case.reasons import Reason
from bot.case.states import ON_THE_LINE
from bot.errors import NotPossible
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import decide_for, letters_left_behind
from bot.runner.office import Office, practice_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCase:
    """A case that was held."""

    case: Case
    withdrawn: tuple[str, ...]  #: letters that waited and are set aside
    on_the_line: bool  #: a letter is leaving or in doubt; what it belongs to is held after its outcome


def hold(office: Office, case_id: str, why: str, by: str) -> HeldCase:
    """Hold whatever is open in the case. Raises NotPossible when nothing is."""
    return again_on_conflict(lambda: _hold(office, case_id, why, by))


def _hold(office: Office, case_id: str, why: str, by: str) -> HeldCase:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    going = [t for t in case.tracks if t.state not in (State.HELD, State.CLOSED)]
    if not going:
        how = "closed" if case.closed else "held already"
        raise NotPossible(f"case {case.case_id} is {how}; `rejoinder case show {case.case_id}`")
    decisions: list[Decision] = []
    for track in going:
        event = e.HoldAsked(at=now, by=by, track=track.track_id, why=why)
        decisions.append(decide_for(practice, case, event, now))
        case = decisions[-1].case
    left, more = letters_left_behind(practice, office.store, decisions, now)
    office.store.record(change_of([*decisions, *more], letters=left), now)
    return HeldCase(
        case=case,
        withdrawn=tuple(letter.letter_id for letter in left if letter.state is State.HELD),
        on_the_line=any(track.state in ON_THE_LINE for track in going),
    )


def take_back(office: Office, case_id: str, why: str, by: str) -> Case:
    """The lawyer gave the case back: it stays held, and may be resumed again. Raises NotPossible."""
    return again_on_conflict(lambda: _take_back(office, case_id, why, by))


def _take_back(office: Office, case_id: str, why: str, by: str) -> Case:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    if not case.lawyer:
        raise NotPossible(f"no lawyer was noted for case {case.case_id}; there is nothing to take back")
    now = office.clock.now()
    decisions = [decide_for(practice, case, e.LawyerDone(at=now, by=by, why=why), now)]
    case = decisions[-1].case
    asked = e.HoldAsked(at=now, by=by, why=why)
    for track in case.tracks:
        if track.hold is Reason.LAWYER:
            decisions.append(decide_for(practice, case, replace(asked, track=track.track_id), now))
            case = decisions[-1].case
    office.store.record(change_of(decisions), now)
    return case
