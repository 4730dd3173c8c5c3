"""Moves a case from the rules that it began with to those of today, when a person asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.ladder import Ladder
from bot.case.model import Case, State, Track
from bot.case.states import ON_THE_LINE, apply
from bot.errors import NotPossible
from bot.runner.changes import change_of
from bot.runner.office import Office, Practice
from bot.runner.steps.drafting import refresh_drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A case that goes on by today's rules."""

    case: Case
    before: str  #: hash of the rules it went on by until now
    planned: tuple[e.Planned, ...]  #: waits that end at another moment now


def rebase(office: Office, case_id: str, by: str) -> Moved:
    """Let the case go on by today's rules: steps, waits and templates. Raises NotPossible.

    Nothing moves on: a wait ends when it would have ended under the new rules, and a draft that no longer
    fits is written again and waits for a person. An approval is void when its letter would read otherwise.
    """
    now = office.clock.now()
    case = office.store.case(case_id)
    practice = office.practices.get(case.account_id)
    if practice is None:
        raise NotPossible(f"rejoinder.yaml names no account {case.account_id} any more")
    if case.closed:
        raise NotPossible(f"case {case.case_id} is closed; `rejoinder case reopen {case.case_id}` first")
    if case.rules_hash == practice.rules_hash:
        raise NotPossible(f"case {case.case_id} goes on by today's rules already; nothing was changed")
    for track in case.tracks:
        _refuse_what_does_not_fit(practice, case, track)
    planned = [one for track in case.tracks if (one := _planned(practice, case, track, by, now))]
    after = replace(case, rules_hash=practice.rules_hash)
    for event in planned:
        assert event.track is not None
        after = after.with_track(apply(after.track(event.track), event))
    moved = e.Rebased(at=now, by=by, rules_hash=practice.rules_hash, before=case.rules_hash)
    decision = Decision(before=case, case=after, events=(moved, *planned))
    office.store.record(change_of([decision]), now)
    refresh_drafts(office, practice)
    return Moved(case=office.store.case(case.case_id), before=case.rules_hash, planned=tuple(planned))


def _refuse_what_does_not_fit(practice: Practice, case: Case, track: Track) -> None:
    if track.state is State.CLOSED:
        return
    if track.state in ON_THE_LINE:
        raise NotPossible(
            f"a letter of case {case.case_id} is leaving or in doubt; first see how that ends, then try again"
        )
    ladder = practice.playbooks.get(track.playbook)
    if ladder is None:
        known = ", ".join(practice.playbooks)
        raise NotPossible(f"today's rules have no playbook {track.playbook}; they have {known}")
    if track.step not in {step.name for step in ladder.playbook.steps}:
        known = ", ".join(step.name for step in ladder.playbook.steps)
        raise NotPossible(
            f"today's playbook {track.playbook} has no step {track.step}, and case {case.case_id} stands "
            f"there; it has {known}"
        )


def _planned(practice: Practice, case: Case, track: Track, by: str, now: datetime) -> e.Planned | None:
    """When the wait of this track ends by the new rules, if that is another moment."""
    if track.state is not State.AWAITING or track.due_at is None:
        return None
    ladder = practice.playbooks[track.playbook]
    last = next((a for a in reversed(case.attempts) if _leads_to(ladder, a.step, track.step)), None)
    if last is None:
        return None  # a person set the date, or the step came from somewhere else
    due_at = ladder.falls_due(last.step, last.at)
    if due_at == track.due_at:
        return None
    return e.Planned(
        at=now,
        by=by,
        track=track.track_id,
        step=track.step,
        due_at=due_at,
        calendar=ladder.calendar.describe(),
    )


def _leads_to(ladder: Ladder, step: str, following: str) -> bool:
    try:
        after = ladder.after(step)
    except KeyError:
        return False
    return after is not None and after.name == following
