"""A legal hold begins by what a case is about, what happened in it, or a person; the newest word counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.case import events as e
from bot.case.keeping import GROUND_TEXT, Ground, legal_hold
from bot.case.model import Case, Party, PartyRole
from bot.case.reasons import Reason
from tests.samples import NOW, sample_case, sample_facts, sample_party

COUNSEL = Party(
    party_id="p9",
    role=PartyRole.COUNSEL,
    name="Lund & Roe",
    organisation=None,
    addresses=("roe@law.example",),
)
SET, LIFTED = e.LegalHoldSet(at=NOW, by="Ada", why="x"), e.LegalHoldLifted(at=NOW, by="Ada", why="y")
SETTLEMENT = e.Answered(at=NOW, mail=2, says="settlement")


def about(**facts: object) -> Case:
    return sample_case(facts=replace(sample_facts(), **facts))  # type: ignore[arg-type]


def test_an_ordinary_case_is_under_none() -> None:
    diary = (e.Opened(at=NOW, mail=1), e.Answered(at=NOW, mail=2, says="refused"), e.Answered(at=NOW, mail=3))
    assert legal_hold(sample_case(), diary) is None


@pytest.mark.parametrize(
    ("case", "ground"),
    [
        (about(no_letter=Reason.COURT_MATTER), Ground.COURT),
        (about(right="counterfeit"), Ground.COUNTERFEIT),
        (about(family="counterfeit", right=None), Ground.COUNTERFEIT),
        (sample_case(parties=(COUNSEL,)), Ground.COUNSEL),
        (sample_case(parties=(sample_party(), COUNSEL)), Ground.COUNSEL),
    ],
)
def test_what_it_is_about(case: Case, ground: Ground) -> None:
    assert legal_hold(case, ()) is ground
    assert legal_hold(case, (LIFTED,)) is None
    assert legal_hold(case, (LIFTED, SET)) is Ground.PERSON


@pytest.mark.parametrize(
    ("event", "ground"),
    [
        (SETTLEMENT, Ground.SETTLEMENT),
        (e.Answered(at=NOW, mail=2, says="represented"), Ground.COUNSEL),
        (e.LawyerTookOver(at=NOW, track="1"), Ground.COUNSEL),
        (e.Held(at=NOW, track="1", reason=Reason.COUNSEL_NAMED), Ground.COUNSEL),
        (e.Held(at=NOW, track="1", reason=Reason.COURT_MATTER), Ground.COURT),
        (e.CounterNoticeFiled(at=NOW, filed_at=NOW), Ground.COUNTER_NOTICE),
        (SET, Ground.PERSON),
    ],
)
def test_what_happened_in_it(event: e.Event, ground: Ground) -> None:
    assert (
        legal_hold(sample_case(), (e.Opened(at=NOW, mail=1), event, e.FellDue(at=NOW, track="1"))) is ground
    )


def test_what_comes_after_it_was_lifted_begins_it_anew() -> None:
    assert legal_hold(sample_case(), (SETTLEMENT, LIFTED)) is None
    assert legal_hold(sample_case(), (SET, LIFTED, SETTLEMENT)) is Ground.SETTLEMENT


def test_every_ground_has_its_words() -> None:
    assert set(GROUND_TEXT) == set(Ground)
