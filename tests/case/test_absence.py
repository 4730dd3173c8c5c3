"""A date of return may put off a reminder, and never the step to Amazon."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.case import events as e
from bot.case.commands import TellPerson
from bot.case.decide import decide
from bot.case.model import Case, PartyRole, State
from tests.case.ladders import LADDER, after, decided, sent
from tests.samples import NOW, sample_case, sample_track

DAY = timedelta(days=1)
#: The days on which the steps fall due when nobody is away: 3, then 5, then 7 days after the one before.
FIRST, SECOND, AMAZON = NOW + 3 * DAY, NOW + 8 * DAY, NOW + 15 * DAY


def asked() -> Case:
    return after(sample_case(tracks=(sample_track(),)), *sent(letter="L1"))


def away(back: date | None) -> e.AutomaticResponse:
    return e.AutomaticResponse(at=NOW, mail=7, returns_on=back)


def amazons(case: Case) -> datetime | None:
    return next((track.due_at for track in case.tracks if track.party is PartyRole.AMAZON), None)


def test_the_reminder_waits_until_the_day_after_and_amazons_step_keeps_its_day() -> None:
    decision = decided(asked(), away((NOW + 6 * DAY).date()))
    mine, theirs = decision.case.tracks
    assert (mine.step, mine.due_at) == ("reminder-1", NOW + 7 * DAY)
    assert (theirs.step, theirs.state, theirs.due_at) == ("escalation", State.AWAITING, AMAZON)
    assert [type(event).__name__ for event in decision.events] == [
        "AutomaticResponse", "Planned", "TrackStarted", "Planned",
    ]  # fmt: skip
    (told,) = decision.commands
    assert isinstance(told, TellPerson)
    assert "2026-03-09" in told.text


def test_later_letters_do_not_move_amazons_day() -> None:
    case = after(asked(), away((NOW + 6 * DAY).date()))
    for number, moment in ((2, NOW + 7 * DAY), (3, NOW + 12 * DAY)):
        case = after(case, e.FellDue(at=moment, track="1"), *sent(letter=f"L{number}", at=moment), at=moment)
    assert len(case.tracks) == 2
    assert amazons(case) == AMAZON


def test_a_second_absence_moves_the_reminder_again_and_begins_no_further_track() -> None:
    case = after(asked(), away((NOW + 4 * DAY).date()), away((NOW + 6 * DAY).date()))
    assert case.tracks[0].due_at == NOW + 7 * DAY
    assert [track.party for track in case.tracks] == [PartyRole.COMPLAINANT, PartyRole.AMAZON]
    assert amazons(case) == AMAZON


@pytest.mark.parametrize(
    "back",
    [None, NOW.date(), FIRST.date() - DAY, AMAZON.date() - DAY, AMAZON.date(), date(2099, 1, 1)],
    ids=["no date", "today", "back in time", "on amazon's day", "too late", "in another life"],
)
def test_nothing_moves(back: date | None) -> None:
    decision = decided(asked(), away(back))
    assert len(decision.events) == 1
    assert decision.case.tracks == asked().tracks
    assert decision.commands == ()


@pytest.mark.parametrize("state", [State.READY, State.DRAFTED, State.HELD])
def test_only_a_track_that_waits_is_moved(state: State) -> None:
    case = sample_case(tracks=(sample_track(state=state, step="reminder-1", due_at=None),))
    assert decided(case, away((NOW + 6 * DAY).date())).case.tracks == case.tracks


def test_an_answer_after_the_absence_holds_both_tracks() -> None:
    case = after(asked(), away((NOW + 6 * DAY).date()))
    held = decided(case, e.Answered(at=NOW + DAY, mail=8, cites=("L1",))).case
    assert {track.state for track in held.tracks} == {State.HELD}


def test_amazon_is_never_put_off() -> None:
    case = after(asked(), away((NOW + 6 * DAY).date()), away((NOW + 12 * DAY).date()))
    assert amazons(case) == AMAZON
    alone = sample_track(
        track_id="1", party=PartyRole.AMAZON, state=State.AWAITING, step="escalation", due_at=NOW
    )
    assert decided(sample_case(tracks=(alone,)), away((NOW + 6 * DAY).date())).case.tracks == (alone,)


def test_where_no_step_to_amazon_follows_only_the_reminder_moves() -> None:
    steps = LADDER.playbook.steps[:3]
    ladder = replace(LADDER, playbook=replace(LADDER.playbook, steps=steps))
    case = decide(asked(), away((NOW + 40 * DAY).date()), ladder, NOW).case
    (track,) = case.tracks
    assert track.due_at == NOW + 41 * DAY


def test_the_track_to_amazon_has_a_number_of_its_own_and_says_what_counted() -> None:
    elsewhere = sample_track(track_id="7", party=PartyRole.AMAZON, playbook="other", state=State.HELD)
    decision = decided(asked().with_track(elsewhere), away((NOW + 6 * DAY).date()))
    assert [track.track_id for track in decision.case.tracks] == ["1", "7", "8"]
    planned = [event for event in decision.events if isinstance(event, e.Planned)]
    assert [event.calendar for event in planned] == [LADDER.calendar.describe()] * 2
