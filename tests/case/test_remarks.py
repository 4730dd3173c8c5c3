"""What is said of a whole case: lawyer, store, what went to Amazon, cases that are put into others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.case import events as e
from bot.case.model import Attempt, Case, Clocks, Party, PartyRole, State, TakenIn
from bot.case.reasons import Reason
from tests.case.ladders import after, decided, on_the_line, sent
from tests.samples import NOW, sample_case, sample_party, sample_track

DAY = timedelta(days=1)


def said(event: e.Event, **before: Any) -> Case:
    """A case without tracks after one remark; the diary has the remark and nothing else."""
    decision = decided(sample_case(tracks=(), **before), event)
    assert decision.events == (event,)
    return decision.case


def test_a_lawyer_has_the_case_until_they_have_it_no_more() -> None:
    taken = said(e.LawyerTookOver(at=NOW))
    assert taken == sample_case(tracks=(), lawyer=True)
    assert said(e.LawyerDone(at=NOW), lawyer=True) == sample_case(tracks=())


def test_while_a_lawyer_has_it_no_letter_is_asked_for() -> None:
    case = after(sample_case(), e.LawyerTookOver(at=NOW, why="Dr. Gold"))
    assert case.lawyer
    assert (case.tracks[0].hold, case.tracks[0].detail) == (Reason.LAWYER, "Dr. Gold")
    again = after(case, e.Resumed(at=NOW, by="Ada", track="1", step="inquiry"))
    assert (again.tracks[0].state, again.tracks[0].hold) == (State.HELD, Reason.LAWYER)
    done = after(case, e.LawyerDone(at=NOW), e.Resumed(at=NOW, by="Ada", track="1", step="inquiry"))
    assert done.tracks[0].state is State.READY


def test_a_case_may_be_named_to_a_store() -> None:
    assert said(e.StoreNamed(at=NOW, store="north")) == sample_case(tracks=(), store="north")


@pytest.mark.parametrize(
    ("kind", "moment", "field"),
    [
        (e.MailedAmazon, "sent_at", "mailed_amazon_at"),
        (e.FiledInSellerCentral, "filed_at", "filed_at"),
        (e.CounterNoticeFiled, "filed_at", "counter_notice_at"),
    ],
)
def test_what_went_to_amazon_last_is_remembered(kind: type[e.Event], moment: str, field: str) -> None:
    first, second = NOW - 2 * DAY, NOW - DAY
    for order in ((first, second), (second, first)):
        case = sample_case(tracks=())
        for at in order:
            case = decided(case, kind(at=NOW, **{moment: at})).case  # type: ignore[arg-type]
        assert case == sample_case(tracks=(), **{field: second})


def test_only_what_was_filed_meets_the_deadline() -> None:
    assert not sample_case(mailed_amazon_at=NOW).met
    assert sample_case(filed_at=NOW).met
    assert sample_case(counter_notice_at=NOW).met


def test_a_case_put_into_another_and_taken_out_again() -> None:
    gone = said(e.Merged(at=NOW, into="M2"))
    assert gone == sample_case(tracks=(), merged_into="M2")
    assert decided(gone, e.Unmerged(at=NOW, out_of="M2")).case == sample_case(tracks=())


def took(
    other: str, *, deadline: int | None, safe: int | None, ours: bool = False, letters: int = 0
) -> e.TookIn:
    return e.TookIn(
        at=NOW,
        other=other,
        deadline=None if deadline is None else NOW + deadline * DAY,
        last_safe=None if safe is None else NOW + safe * DAY,
        ours=ours,
        letters=letters,
    )


def test_the_earliest_clock_of_all_that_were_put_into_one_counts() -> None:
    mine = {"deadline": NOW + 9 * DAY, "last_safe": NOW + 7 * DAY, "last_safe_is_ours": True}
    one = said(took("A", deadline=5, safe=3, letters=2), **mine, deadline_neared=True, deadline_passed=True)
    own = Clocks(deadline=NOW + 9 * DAY, last_safe=NOW + 7 * DAY, ours=True)
    taken = TakenIn(
        case_id="A", clocks=Clocks(deadline=NOW + 5 * DAY, last_safe=NOW + 3 * DAY, ours=False), letters=2
    )
    assert one == sample_case(
        tracks=(),
        deadline=NOW + 5 * DAY,
        last_safe=NOW + 3 * DAY,
        last_safe_is_ours=False,
        deadline_neared=False,
        deadline_passed=False,
        merged=(taken,),
        own_clocks=own,
    )
    two = decided(one, took("B", deadline=8, safe=2, ours=True)).case
    assert [(inner.case_id, inner.letters) for inner in two.merged] == [("A", 2), ("B", 0)]
    assert (two.deadline, two.last_safe, two.last_safe_is_ours) == (NOW + 5 * DAY, NOW + 2 * DAY, True)
    back = decided(two, e.LetGo(at=NOW, other="B")).case
    assert back == one
    assert decided(back, e.LetGo(at=NOW, other="A")).case == sample_case(tracks=(), **mine)


def test_what_was_told_of_a_date_that_stays_is_not_told_again() -> None:
    mine = {
        "deadline": NOW + 2 * DAY,
        "last_safe": NOW + DAY,
        "deadline_neared": True,
        "deadline_passed": True,
    }
    case = said(took("A", deadline=9, safe=9), **mine)
    assert (case.deadline_neared, case.deadline_passed) == (True, True)
    untold = said(
        took("A", deadline=9, safe=9), **{**mine, "deadline_neared": False, "deadline_passed": False}
    )
    assert (untold.deadline_neared, untold.deadline_passed) == (False, False)


def test_a_date_said_by_one_is_not_ours_only_because_the_other_has_none() -> None:
    none = {"deadline": None, "last_safe": None}
    case = said(took("A", deadline=4, safe=3, ours=False), **none, last_safe_is_ours=True)
    assert (case.deadline, case.last_safe, case.last_safe_is_ours) == (NOW + 4 * DAY, NOW + 3 * DAY, False)
    assert said(took("A", deadline=None, safe=None), **none).last_safe is None
    same_day = said(took("A", deadline=4, safe=3), last_safe=NOW + 3 * DAY, last_safe_is_ours=True)
    assert not same_day.last_safe_is_ours


def test_letters_of_a_case_that_was_put_in_count_for_the_limit() -> None:
    case = after(sample_case(), *sent(letter="L1"))
    for letters, held in ((1, False), (2, True)):
        merged = after(case, took("A", deadline=None, safe=None, letters=letters))
        fallen = after(merged, e.FellDue(at=NOW, track="1"))
        assert (fallen.tracks[0].hold is Reason.LETTER_LIMIT) == held


def test_a_remark_with_tracks_moves_none_of_them() -> None:
    case = after(sample_case(), *on_the_line())
    for event in (e.StoreNamed(at=NOW, store="n"), e.LawyerDone(at=NOW), e.Merged(at=NOW, into="M2")):
        decision = decided(case, event)
        assert decision.case.tracks == case.tracks
        assert (decision.events, decision.commands) == ((event,), ())


def test_tracks_and_parties_are_found_by_their_names() -> None:
    other = sample_track(track_id="2", party=PartyRole.AMAZON)
    amazon = Party(party_id="a", role=PartyRole.AMAZON, name=None, organisation=None, addresses=())
    case = sample_case(tracks=(sample_track(), other), parties=(sample_party(), amazon))
    assert case.track("2") is other
    assert case.party(PartyRole.AMAZON) is amazon
    assert sample_case(parties=()).party(PartyRole.AMAZON) is None
    assert (sample_party().address, amazon.address) == ("marken@muster.example", None)
    changed = replace(other, step="escalation")
    assert case.with_track(changed).tracks == (sample_track(), changed)
    third = sample_track(track_id="3")
    assert case.with_track(third).tracks == (sample_track(), other, third)


def test_a_case_is_closed_when_all_its_tracks_are() -> None:
    closed, held = sample_track(state=State.CLOSED), sample_track(track_id="2", state=State.HELD)
    assert sample_case(tracks=(closed,)).closed
    assert not sample_case(tracks=(closed, held)).closed


def test_the_next_moment_is_the_earliest_of_what_waits() -> None:
    def track(number: str, state: State, days: int | None) -> Any:
        return sample_track(track_id=number, state=state, due_at=None if days is None else NOW + days * DAY)

    tracks = (track("1", State.AWAITING, 3), track("2", State.AWAITING, 2), track("3", State.HELD, 1))
    assert sample_case(tracks=(*tracks, track("4", State.AWAITING, None))).next_due == NOW + 2 * DAY
    assert sample_case(tracks=()).next_due is None


def test_all_that_was_accepted_is_told_oldest_first() -> None:
    early, late = (
        Attempt(step="s", letter_id=name, at=NOW + day * DAY) for name, day in (("a", 1), ("b", 2))
    )
    tracks = (sample_track(attempts=(late,)), sample_track(track_id="2", attempts=(early,)))
    assert sample_case(tracks=tracks).attempts == (early, late)
