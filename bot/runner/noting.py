"""What a person reports from outside holds what it concerns; clocks and alarms run on."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, PartyRole, State
from bot.errors import NotPossible
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import decide_for, letters_left_behind
from bot.runner.office import Office
from bot.runner.service import practice_of


class Noted(StrEnum):
    """What can be reported."""

    PHONED = "phoned"  #: somebody of ours spoke or wrote to the other side
    LAWYER = "lawyer"  #: your lawyer takes over: nothing more is sent, whoever it would go to
    RETRACTION_SEEN = "retraction-seen"
    LISTING_BACK = "listing-back"


def note(office: Office, case_id: str, what: Noted, by: str) -> Case:
    """Report it; pending steps are stopped, letters that wait withdrawn. Raises NotPossible when closed.

    A letter that is leaving or in doubt is not touched; the case is held as soon as its outcome is known.
    """
    return again_on_conflict(lambda: _note(office, case_id, what, by))


def _note(office: Office, case_id: str, what: Noted, by: str) -> Case:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    tracks = [
        track.track_id
        for track in case.tracks
        if track.state is not State.CLOSED
        and (what is not Noted.PHONED or track.party is not PartyRole.AMAZON)
    ]
    if not tracks:
        raise NotPossible(f"case {case.case_id} has nothing open that this could stop; nothing was noted")
    event: e.Event = e.ContactOutside(at=now, by=by, what=what.value)
    if what is Noted.LAWYER:
        event = e.LawyerTookOver(at=now, by=by)
    if what in (Noted.RETRACTION_SEEN, Noted.LISTING_BACK):
        rung = "listing-back" if what is Noted.LISTING_BACK else "copy-seen"
        event = e.RetractionSeen(at=now, by=by, rung=rung)
    decisions: list[Decision] = []
    for track_id in tracks:
        decisions.append(decide_for(practice, case, replace(event, track=track_id), now))
        case = decisions[-1].case
    left, more = letters_left_behind(practice, office.store, decisions, now)
    office.store.record(change_of([*decisions, *more], letters=left), now)
    return case
