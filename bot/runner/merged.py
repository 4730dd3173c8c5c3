"""The case that goes on for one that was put into it: which that is, and what is passed on to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, PartyRole, State
from bot.ports import Store
from bot.runner.letters import decide_for
from bot.runner.office import Practice


def lead_of(store: Store, case: Case) -> Case:
    """The case that goes on for this one: itself, unless it was put into another."""
    return store.case(case.merged_into) if case.merged_into else case


def passed_on(
    practice: Practice, store: Store, decisions: Iterable[Decision], now: datetime
) -> list[Decision]:
    """What the world did in a case that was put away, once more in the case that goes on for it."""
    known = list(decisions)
    latest = {decision.case.case_id: decision.case for decision in known}
    reached = {decision.case.case_id for decision in known}
    more: list[Decision] = []
    for decision in known:
        into = decision.case.merged_into
        event = next((x for x in decision.events if isinstance(x, e.WorldEvent)), None)
        if into is None or event is None or into in reached:
            continue
        lead = latest.get(into) or store.case(into)
        for one in _for_lead(lead, event):
            more.append(decide_for(practice, lead, one, now))
            lead = latest[into] = more[-1].case
        reached.add(into)
    return more


def _for_lead(lead: Case, event: e.WorldEvent) -> list[e.WorldEvent]:
    """A bounce concerns the complainant's line, everything else the whole case."""
    if not isinstance(event, e.Bounced):
        return [replace(event, track=None)]
    tracks = [t.track_id for t in lead.tracks if t.party is PartyRole.COMPLAINANT]
    return [
        replace(event, track=track_id)
        for track_id in tracks
        if lead.track(track_id).state is not State.CLOSED
    ]
