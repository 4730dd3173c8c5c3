"""Which cases must be kept as they are: a legal hold, begun by what happened or by a person.

Papers of a dispute that may come before a court are not erased while it may (field guide: counterfeit claims,
orders, settlements and counter-notices are where sellers needed every mail of years ago).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from bot.case import events as e
from bot.case.model import Case, PartyRole
from bot.case.reasons import Reason


class Ground(StrEnum):
    """Why a case is under a legal hold."""

    COURT = "court"
    COUNSEL = "counsel"
    COUNTERFEIT = "counterfeit"
    SETTLEMENT = "settlement"
    COUNTER_NOTICE = "counter-notice"
    PERSON = "person"


GROUND_TEXT: dict[Ground, str] = {
    Ground.COURT: "a court is concerned",
    Ground.COUNSEL: "a lawyer acts in it",
    Ground.COUNTERFEIT: "it is about counterfeits",
    Ground.SETTLEMENT: "money or an undertaking was demanded",
    Ground.COUNTER_NOTICE: "a counter-notice was filed",
    Ground.PERSON: "a person said so",
}


def legal_hold(case: Case, diary: Iterable[e.Event]) -> Ground | None:
    """Why the case must be kept, or None. The newest of all that speaks for or against it counts."""
    ground = _by_itself(case)
    for event in diary:
        match event:
            case e.LegalHoldSet():
                ground = Ground.PERSON
            case e.LegalHoldLifted():
                ground = None
            case _:
                ground = _ground_of(event) or ground
    return ground


def _by_itself(case: Case) -> Ground | None:
    """What the case is about from its beginning; a person can only lift it after that."""
    if case.facts.no_letter is Reason.COURT_MATTER:
        return Ground.COURT
    if "counterfeit" in (case.facts.right, case.facts.family):
        return Ground.COUNTERFEIT
    if any(party.role is PartyRole.COUNSEL for party in case.parties):
        return Ground.COUNSEL
    return None


def _ground_of(event: e.Event) -> Ground | None:
    match event:
        case e.Held(reason=Reason.COURT_MATTER):
            return Ground.COURT
        case e.Held(reason=Reason.COUNSEL_NAMED) | e.LawyerTookOver() | e.Answered(says="represented"):
            return Ground.COUNSEL
        case e.Answered(says="settlement"):
            return Ground.SETTLEMENT
        case e.CounterNoticeFiled():
            return Ground.COUNTER_NOTICE
        case _:
            return None
