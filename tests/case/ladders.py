"""A ladder and a few moves, for tests of what follows from what; plain days instead of holidays."""

from __future__ import annotations

from datetime import datetime

from bot.case import events as e
from bot.case.calendar import Calendar
from bot.case.decide import Decision, decide
from bot.case.ladder import Ladder
from bot.case.model import Case, PartyRole
from bot.case.playbook import Playbook, Step, Unit, Wait
from tests.samples import NOW


def _step(name: str, to: PartyRole, days: int) -> Step:
    return Step(
        name=name,
        to=to,
        copy_amazon=to is not PartyRole.AMAZON,
        template=name,
        wait=Wait(days, Unit.DAYS),
    )


LADDER = Ladder(
    playbook=Playbook(
        name="inquiry",
        steps=(
            _step("inquiry", PartyRole.COMPLAINANT, 3),
            _step("reminder-1", PartyRole.COMPLAINANT, 5),
            _step("reminder-2", PartyRole.COMPLAINANT, 7),
            _step("escalation", PartyRole.AMAZON, 7),
        ),
        calendar="account",
        last_safe_margin=Wait(2, Unit.DAYS),
        last_safe_default=Wait(30, Unit.DAYS),
        reply_by=Wait(3, Unit.DAYS),
        good_for=Wait(3, Unit.DAYS),
        letter_limit=3,
    ),
    calendar=Calendar(name="utc", time_zone="UTC", country="GB"),
)


def after(case: Case, *events: e.Event, at: datetime = NOW) -> Case:
    """The case after all these happened, one after the other."""
    for event in events:
        case = decide(case, event, LADDER, at).case
    return case


def decided(case: Case, event: e.Event, at: datetime = NOW) -> Decision:
    """What follows from one event."""
    return decide(case, event, LADDER, at)


def sent(track: str = "1", letter: str = "L1", at: datetime = NOW) -> tuple[e.Event, ...]:
    """From the draft to the server's 250."""
    return (*on_the_line(track, letter, at), e.Accepted(at=at, track=track, letter=letter))


def on_the_line(track: str = "1", letter: str = "L1", at: datetime = NOW) -> tuple[e.Event, ...]:
    """From the draft until the body is about to go."""
    return (
        e.Drafted(at=at, track=track, letter=letter),
        e.Approved(at=at, by="Ada", track=track, letter=letter, digest="d", leaves_at=at),
        e.SendStarted(at=at, track=track, letter=letter),
        e.BodyBegun(at=at, track=track),
    )
