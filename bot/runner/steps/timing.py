"""What time alone brings about: steps that fall due, and the platform's clock that never pauses."""

from __future__ import annotations

from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, State
from bot.errors import Conflict
from bot.ports import AlertKind
from bot.runner.changes import change_of
from bot.runner.letters import decide_for
from bot.runner.office import Office
from bot.runner.telling import named

#: How many due cases are looked at in one turn.
AT_ONCE = 100


def pass_time(office: Office) -> int:
    """Let everything that is due happen; how many cases changed.

    After a long stop many steps are due at once: each becomes a draft that waits for a person, so there is
    no burst.
    """
    now = office.clock.now()
    changed = 0
    for case in _due(office, now):
        decisions = _decisions(office, case, now)
        if not decisions:
            continue
        try:
            office.store.record(change_of(decisions), now)
        except Conflict:
            continue  # somebody changed the case in this moment; it is still due next time
        changed += 1
        _tell(office, case, decisions)
    return changed


def _due(office: Office, now: datetime) -> tuple[Case, ...]:
    """Due cases of accounts that the settings still name; those of others rest and stand in nobody's way."""
    limit = AT_ONCE
    while True:
        cases = office.store.due(now, limit)
        ours = tuple(case for case in cases if case.account_id in office.practices)
        if ours or len(cases) < limit:
            return ours
        limit *= 4


def _decisions(office: Office, case: Case, now: datetime) -> list[Decision]:
    practice = office.practices.get(case.account_id)
    if practice is None:
        return []  # the account was taken out of the settings; its cases rest
    happened: list[e.Event] = [
        e.FellDue(at=now, track=track.track_id)
        for track in case.tracks
        if track.state is State.AWAITING and track.due_at is not None and track.due_at <= now
    ]
    if case.last_safe and case.last_safe <= now and not (case.deadline_neared or case.met):
        happened.append(e.DeadlineNeared(at=now))
    if case.deadline and case.deadline <= now and not (case.deadline_passed or case.met):
        happened.append(e.DeadlinePassed(at=now))
    decisions: list[Decision] = []
    for event in happened:
        decision = decide_for(practice, case, event, now)
        decisions.append(decision)
        case = decision.case
    return decisions


def _tell(office: Office, case: Case, decisions: list[Decision]) -> None:
    for decision in decisions:
        for event in decision.events:
            if isinstance(event, e.DeadlineNeared | e.DeadlinePassed):
                kind, text = _words(case, event)
                office.notifier.tell(kind, case.account_id, text, detail=named(case))


def _words(case: Case, event: e.Event) -> tuple[AlertKind, str]:
    about = f"case {case.case_id}"
    if isinstance(event, e.DeadlinePassed):
        return AlertKind.DEADLINE_PASSED, f"{about}: Amazon's deadline is over"
    if case.last_safe_is_ours:
        text = f"{about}: no end in sight; the notice names no limit, so this is our own date to act"
        return AlertKind.LAST_SAFE, text
    return AlertKind.DEADLINE_NEAR, f"{about}: the last safe date before Amazon's deadline has come"


def next_due(office: Office) -> datetime | None:
    """The next moment at which `pass_time` has something to do."""
    return office.store.next_due(tuple(office.practices))
