"""Decides what follows from what happened: a pure function of the case, the event, the playbook and now.

The event is applied to the tracks it concerns; then the consequences follow, each an event of its own:
a letter proven by the mail that cites it, the next step planned from the moment of acceptance, what was
noted while a letter was on the line, the limit of letters. Nothing here asks the clock or the world.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case import events as e
from bot.case.absence import put_off, told
from bot.case.commands import Command, TellPerson, WriteDraft
from bot.case.ladder import Ladder
from bot.case.model import Case, Clocks, Noted, PartyRole, State, TakenIn, Track
from bot.case.reasons import REASON_TEXT, Reason
from bot.case.states import ON_THE_LINE, REMARKS, WORLD, apply, started

#: What moves no track is only written down; a plan alone is a track's.
_OF_THE_CASE = REMARKS - {e.Planned}
#: Mails by hand within it are one attempt.
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A case after something happened, what to write in its diary, and what to do."""

    before: Case | None  #: None when the case is new
    case: Case
    events: tuple[e.Event, ...]
    commands: tuple[Command, ...] = ()
    reason: Reason | None = None


def decide(case: Case, happened: e.Event, playbook: Ladder, now: datetime) -> Decision:
    """What follows from the event. Raises IllegalTransition when a person or we ask for an illegal move.

    An event without a track concerns every track of the case.
    """
    events: list[e.Event] = []
    after = _remark(case, happened)
    if type(happened) in _OF_THE_CASE or (happened.track is None and not case.tracks):
        events.append(happened)
        if isinstance(happened, e.AutomaticResponse):
            for following in put_off(case, happened, playbook):
                after = _follow(after, following, playbook, now, events)
    elif happened.track is not None:
        after = _follow(after, happened, playbook, now, events)
    else:
        after = _on_every_track(after, happened, playbook, now, events)
    return Decision(
        before=case,
        case=after,
        events=tuple(events),
        commands=_commands(case, after, happened),
        reason=_reason(case, after),
    )


def _remark(case: Case, event: e.Event) -> Case:
    match event:
        case e.DeadlineNeared():
            return replace(case, deadline_neared=True)
        case e.DeadlinePassed():
            return replace(case, deadline_passed=True)
        case e.LawyerTookOver():
            return replace(case, lawyer=True)
        case e.LawyerDone():
            return replace(case, lawyer=False)
        case e.StoreNamed(store=store):
            return replace(case, store=store)
        case e.MailedAmazon(sent_at=sent_at):
            return replace(case, mailed_amazon_at=max(sent_at, case.mailed_amazon_at or sent_at))
        case e.FiledInSellerCentral(filed_at=filed_at):
            return replace(case, filed_at=max(filed_at, case.filed_at or filed_at))
        case e.CounterNoticeFiled(filed_at=filed_at):
            return replace(case, counter_notice_at=max(filed_at, case.counter_notice_at or filed_at))
        case _:
            return _merging(case, event)


def _merging(case: Case, event: e.Event) -> Case:
    match event:
        case e.Merged(into=into):
            return replace(case, merged_into=into)
        case e.Unmerged():
            return replace(case, merged_into=None)
        case e.TookIn():
            clocks = Clocks(deadline=event.deadline, last_safe=event.last_safe, ours=event.ours)
            taken = TakenIn(case_id=event.other, clocks=clocks, letters=event.letters)
            return case.with_taken_in((*case.merged, taken))
        case e.LetGo(other=other):
            return case.with_taken_in(tuple(one for one in case.merged if one.case_id != other))
        case _:
            return case


def _on_every_track(
    case: Case, happened: e.Event, playbook: Ladder, now: datetime, done: list[e.Event]
) -> Case:
    """Apply it to each track; what the world does also concerns a track that only now begins.

    An answer that proves the last reminder starts the track to Amazon, and holds it in the same moment.
    """
    reached: set[str] = set()
    while waiting := [t.track_id for t in case.tracks if t.track_id not in reached]:
        if reached and not isinstance(happened, e.WorldEvent):
            break
        for track_id in waiting:
            case = _follow(case, replace(happened, track=track_id), playbook, now, done)
        reached.update(waiting)
    return case


def _follow(case: Case, event: e.Event, playbook: Ladder, now: datetime, done: list[e.Event]) -> Case:
    """Apply the event and, before anything else, all that follows from it; record each in `done`."""
    for proof in _proof_first(case, event):
        case = _follow(case, proof, playbook, now, done)
    done.append(event)
    if isinstance(event, e.TrackStarted):
        return case.with_track(started(event))
    assert event.track is not None
    before = case.track(event.track)
    case = case.with_track(apply(before, event))
    for following in _consequences(case, before, event, playbook, now):
        case = _follow(case, following, playbook, now, done)
    return case


def _proof_first(case: Case, event: e.Event) -> list[e.Event]:
    """A mail that cites the very letter in doubt proves it accepted, before it does anything else."""
    if not isinstance(event, e.WorldEvent) or event.track is None:
        return []
    track = case.track(event.track)
    if track.state is not State.IN_DOUBT:
        return []
    if track.letter_id not in event.cites:
        return []
    return [_proven(track, event)]


def _proven(track: Track, event: e.WorldEvent) -> e.Proven:
    evidence = "bounce" if isinstance(event, e.Bounced) else "reply"
    return e.Proven(at=event.at, track=track.track_id, evidence=evidence, mail=event.mail)


def _consequences(
    case: Case, before: Track, event: e.Event, playbook: Ladder, now: datetime
) -> list[e.Event]:
    track = case.track(before.track_id)
    following: list[e.Event] = []
    if isinstance(event, e.Accepted | e.Proven | e.JudgedSent):
        following += _plan_next(case, track, playbook, now)
    if isinstance(event, e.WroteByHand) and track.state is State.AWAITING:
        following += _plan_next(case, track, playbook, now, again=True)
    if isinstance(event, e.WroteByHand) and track.state is State.HELD and event.step == track.step:
        following += _written_meanwhile(track, playbook, now)
    if before.state in (State.AWAITING, State.HELD) and track.state in (State.READY, State.DRAFTED):
        following += _not_allowed(case, track, playbook, now)
    noted = _noted(before, track, now)
    following += noted
    # A track that begins with this outcome is held by what was noted, too; a bounce is one track's.
    following += [
        replace(event, track=begun.track)
        for begun in following
        if isinstance(begun, e.TrackStarted)
        for event in noted
        if isinstance(event, e.WorldEvent) and not isinstance(event, e.Bounced)
    ]
    return following


def _plan_next(
    case: Case, track: Track, playbook: Ladder, at: datetime, *, again: bool = False
) -> list[e.Event]:
    """The step after the one just done; a step towards somebody else walks on a track of its own.

    `again`: a track towards them that has done nothing yet is planned anew.
    """
    step = playbook.after(track.step)
    if step is None:
        return []
    due_at = playbook.falls_due(track.step, track.attempts[-1].at)
    planned = e.Planned(
        at=at, track=track.track_id, step=step.name, due_at=due_at, calendar=playbook.calendar.describe()
    )
    if step.to is track.party:
        return [planned]
    other = next((t for t in case.tracks if t.party is step.to and t.playbook == playbook.name), None)
    if other is not None:
        # The person resumed an earlier step: the other party's track keeps the plan it has.
        idle = again and other.state is State.AWAITING and not other.attempts
        return [replace(planned, track=other.track_id)] if idle else []
    track_id = str(1 + max(int(t.track_id) for t in case.tracks))
    begun = e.TrackStarted(
        at=at, track=track_id, party=step.to, playbook=playbook.name, step=step.name, state=State.AWAITING
    )
    return [begun, replace(planned, track=track_id)]


def _written_meanwhile(track: Track, playbook: Ladder, at: datetime) -> list[e.Event]:
    """They wrote the letter of this step by hand: whoever goes on goes on with the next one.

    A second mail of a day is no further step.
    """
    step = playbook.after(track.step)
    if step is None or step.to is not track.party:
        return []
    if len(track.attempts) > 1 and track.attempts[-1].at - track.attempts[-2].at < _A_DAY:
        return []
    return [e.Planned(at=at, track=track.track_id, step=step.name, due_at=None)]


def _not_allowed(case: Case, track: Track, playbook: Ladder, at: datetime) -> list[e.Event]:
    """A letter that must not be written, or is one too many: the track is held again at once."""
    if case.lawyer:
        return [e.Held(at=at, track=track.track_id, reason=Reason.LAWYER)]
    if case.facts.no_letter is not None:
        return [e.Held(at=at, track=track.track_id, reason=case.facts.no_letter)]
    if track.party is not PartyRole.COMPLAINANT:
        return []
    written = sum(len(t.attempts) for t in case.tracks if t.party is PartyRole.COMPLAINANT)
    written += sum(one.letters for one in case.merged)
    if written < playbook.letter_limit:
        return []
    return [e.Held(at=at, track=track.track_id, reason=Reason.LETTER_LIMIT)]


_WORLD_BY_NAME = {kind.__name__: kind for kind in WORLD}


def _noted(before: Track, track: Track, at: datetime) -> list[e.Event]:
    """What the world did while the letter was on the line, now that its outcome is known.

    While the letter is in doubt only mail that cites it moves anything: it proves the letter first.
    """
    events = [_as_it_was(note, track.track_id, at) for note in before.noted]
    if track.state not in ON_THE_LINE:
        return list(events)
    if track.state is not State.IN_DOUBT or before.state is State.IN_DOUBT:
        return []
    proof = next((event for event in events if track.letter_id in event.cites), None)
    return [_proven(track, proof)] if proof else []


def _as_it_was(note: Noted, track_id: str, at: datetime) -> e.WorldEvent:
    event = _WORLD_BY_NAME[note.event](at=at, track=track_id)
    assert isinstance(event, e.WorldEvent)
    event = replace(event, mail=note.mail, cites=note.cites)
    return replace(event, why=note.why) if isinstance(event, e.HoldAsked | e.LawyerTookOver) else event


def _commands(before: Case, after: Case, happened: e.Event) -> tuple[Command, ...]:
    old = {track.track_id: track for track in before.tracks}
    commands: list[Command] = [
        WriteDraft(case_id=after.case_id, track_id=track.track_id)
        for track in after.tracks
        if track.state is State.READY
    ]
    for track in after.tracks:
        was = old.get(track.track_id)
        if track.state is State.HELD and (was is None or was.state is not State.HELD) and track.hold:
            commands.append(
                TellPerson(case_id=after.case_id, reason=track.hold, text=REASON_TEXT[track.hold])
            )
    if isinstance(happened, e.DeadlineNeared):
        commands.append(TellPerson(case_id=after.case_id, reason=None, text="the last safe date has come"))
    if isinstance(happened, e.DeadlinePassed):
        commands.append(TellPerson(case_id=after.case_id, reason=None, text="Amazon's deadline is over"))
    if isinstance(happened, e.AutomaticResponse) and (text := told(before, after, happened)):
        commands.append(TellPerson(case_id=after.case_id, reason=None, text=text))
    return tuple(commands)


def _reason(before: Case, after: Case) -> Reason | None:
    held = {t.track_id: t.hold for t in before.tracks}
    return next((t.hold for t in after.tracks if t.hold and held.get(t.track_id) is not t.hold), None)
