"""Somebody is away: a reminder waits until they are back, the step to Amazon never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.case import events as e
from bot.case.ladder import Ladder
from bot.case.model import Case, PartyRole, State, Track

_DAY = timedelta(days=1)


def put_off(case: Case, happened: e.AutomaticResponse, playbook: Ladder) -> list[e.Event]:
    """The events that move reminders to the day after the date of return; none when nothing moves.

    So that the step to Amazon keeps its day, its own track begins now, with the date that it would have had.
    A return on that day or later moves nothing: the letter would come too late to be of use.
    """
    return [event for track in case.tracks for event in _moved(case, track, happened, playbook)]


def _moved(case: Case, track: Track, happened: e.AutomaticResponse, playbook: Ladder) -> list[e.Event]:
    waiting = track.state is State.AWAITING and track.party is PartyRole.COMPLAINANT
    if not waiting or track.due_at is None or track.playbook != playbook.name or happened.returns_on is None:
        return []
    days = (happened.returns_on + _DAY - track.due_at.date()).days
    to_amazon = _amazons_turn(track.step, track.due_at, playbook)
    moved = track.due_at + max(days, 0) * _DAY
    if moved <= track.due_at or playbook.playbook.step(track.step).to is not track.party:
        return []
    calendar = playbook.calendar.describe()
    later = e.Planned(at=happened.at, track=track.track_id, step=track.step, due_at=moved, calendar=calendar)
    if to_amazon is None:
        return [later]
    step, due_at = to_amazon
    if moved >= due_at:
        return []
    if any(other.party is not track.party and other.playbook == track.playbook for other in case.tracks):
        return [later]  # it has a track, and a date, of its own
    number = str(1 + max(int(one.track_id) for one in case.tracks))
    begun = e.TrackStarted(
        at=happened.at,
        track=number,
        party=playbook.playbook.step(step).to,
        playbook=playbook.name,
        step=step,
        state=State.AWAITING,
    )
    return [later, begun, replace(later, track=number, step=step, due_at=due_at)]


def _amazons_turn(step: str, due_at: datetime, playbook: Ladder) -> tuple[str, datetime] | None:
    """The first step that is not to the complainant, and when it falls due if each letter leaves on time."""
    following = playbook.after(step)
    due_at = playbook.falls_due(step, due_at)
    while following is not None and following.to is PartyRole.COMPLAINANT:
        due_at = playbook.falls_due(following.name, due_at)
        following = playbook.after(following.name)
    return (following.name, due_at) if following is not None else None


def told(before: Case, after: Case, happened: e.AutomaticResponse) -> str | None:
    """A sentence for the person when a reminder was put off."""
    old = {track.track_id: track.due_at for track in before.tracks}
    moved = [track for track in after.tracks if old.get(track.track_id, track.due_at) != track.due_at]
    if not moved or moved[0].due_at is None:
        return None
    return (
        f"they are away until {happened.returns_on}: the reminder waits until {moved[0].due_at.date()}; "
        "the step to Amazon keeps its day"
    )
