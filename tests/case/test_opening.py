"""Which case a notice opens, and the first reason that keeps it from a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from bot.case import events as e
from bot.case.commands import TellPerson, WriteDraft
from bot.case.decide import Decision
from bot.case.model import Case, PartyRole, State
from bot.case.opening import NoticeMail, Opening, open_cases
from bot.case.reasons import Reason
from bot.case.routing import Route, Routing
from bot.mail.message import Span
from bot.notice.facts import Action, Complainant, Complaint, Deadline, Found, Listing, Right, Role
from bot.reading.gaps import Gap
from bot.reading.model import CourtOrEvaluation, Notice
from tests.case.ladders import LADDER, after, sent
from tests.samples import NOW, sample_case, sample_facts, sample_track

DAY = timedelta(days=1)
OWNER = "marken@muster.example"
INQUIRY = Route(name="all", playbook="inquiry")


def found(value: str) -> Found:
    return Found(value=value, span=Span(part="1", start=0, end=len(value), text=value))


def who(role: Role = Role.OWNER, address: str | None = OWNER) -> Complainant:
    addresses = (found(address),) if address else ()
    return Complainant(role=role, name=found("Maria"), organisation=None, addresses=addresses, phones=())


def complaint(complaint_id: str | None = "15234567890", **said: Any) -> Complaint:
    values: dict[str, Any] = {
        "complaint_id": found(complaint_id) if complaint_id else None,
        "right": Right.TRADEMARK,
        "listings": (Listing(asin=found("B0EXAMPLE1"), title=None),),
        "numbers": (),
        "complainant": who(),
    }
    return Complaint(**(values | said))


def notice(*complaints: Complaint, **said: Any) -> Notice:
    values: dict[str, Any] = {
        "family": "trademark",
        "warning": False,
        "automated": False,
        "action": Action.LISTING_REMOVED,
        "complaints": complaints,
        "marketplace": "DE",
        "marketplace_span": None,
        "deadline": None,
        "retraction_address": None,
        "amazon_addresses": (),
        "reason_stated": True,
        "language": "de",
    }
    return Notice(**(values | said))


def opened(
    reading: Notice | CourtOrEvaluation,
    existing: Iterable[Case] = (),
    *,
    routes: tuple[Route, ...] = (INQUIRY,),
    stopped: bool = False,
) -> tuple[Decision, ...]:
    numbers = count(1)
    opening = Opening(
        tenant_id=1,
        account_id="lamps",
        routing=Routing(routes=routes),
        playbooks={"inquiry": LADDER},
        amazon_address=lambda named, marketplace: next(iter(named), f"notice@{marketplace}.example"),
        new_case_id=lambda: f"CASE{next(numbers)}",
        rules_hash="hash",
        existing=tuple(existing),
        stopped=stopped,
    )
    return open_cases(reading, NoticeMail(mail_id=9, received_at=NOW), opening, NOW)


def hold(*decisions: Decision) -> Reason | None:
    (decision,) = decisions
    return decision.case.tracks[0].hold


def test_a_notice_with_an_owner_asks_for_a_draft() -> None:
    (decision,) = opened(notice(complaint()))
    case = decision.case
    assert (decision.before, case.tracks[0].state, case.tracks[0].step) == (None, State.READY, "inquiry")
    assert decision.commands == (WriteDraft(case_id="CASE1", track_id="1"),)
    assert [type(event) for event in decision.events] == [e.Opened, e.TrackStarted]
    (party,) = case.parties
    assert (party.role, party.address, party.source) == (PartyRole.COMPLAINANT, OWNER, "mail")
    assert case.facts.amazon_address == "notice@DE.example"  # from the dated table: the notice names none


def test_amazons_address_is_what_the_notice_names_if_it_names_one() -> None:
    (decision,) = opened(notice(complaint(), amazon_addresses=(found("dispute@market.example"),)))
    assert decision.case.facts.amazon_address == "dispute@market.example"


def test_every_value_says_where_it_was_read() -> None:
    (decision,) = opened(notice(complaint()))
    sources = {source.field: source.text for source in decision.case.facts.sources}
    assert sources["complaint ID"] == "15234567890"
    assert sources["complainant's address"] == OWNER


BASE = notice(complaint())
DOUBTED = replace(who(), addresses=(replace(found(OWNER), confidence=0.6),))
EITHER_DAY = Deadline(
    days=2, business=False, span=found("by 03/04").span, until=date(2026, 3, 4), unclear=date(2026, 4, 3)
)


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (CourtOrEvaluation(evaluation=True, notice=BASE), Reason.PATENT_EVALUATION),
        (CourtOrEvaluation(evaluation=False, notice=BASE), Reason.COURT_MATTER),
        (notice(complaint(), action=Action.ACCOUNT_RISK), Reason.ACCOUNT_LEVEL),
        (notice(complaint(), action=Action.FUNDS_HELD), Reason.ACCOUNT_LEVEL),
        (notice(complaint(), automated=True), Reason.AUTOMATED_NOTICE),
        (notice(complaint(), warning=True), Reason.PAGE_WARNING),
        (notice(complaint(complainant=who(Role.COUNSEL))), Reason.COUNSEL_NAMED),
        (notice(complaint(others=(who(Role.COUNSEL, "law@firm.example"),))), Reason.COUNSEL_NAMED),
        (notice(complaint(complainant=None)), Reason.NO_ADDRESS),
        (notice(complaint(complainant=who(address=None))), Reason.NO_ADDRESS),
        (notice(), Reason.NO_ADDRESS),
        (notice(complaint(complainant=None), gaps=(Gap.LETTER_LOCKED,)), Reason.LETTER_UNREAD),
        (notice(complaint(), gaps=(Gap.LETTER_LOCKED,), deadline=EITHER_DAY), Reason.DEADLINE_UNCLEAR),
        (notice(complaint(complainant=DOUBTED)), Reason.ADDRESS_DOUBTFUL),
    ],
)
def test_no_rules_file_makes_an_inquiry_of_these(reading: Notice | CourtOrEvaluation, reason: Reason) -> None:
    (decision,) = opened(reading)
    assert hold(decision) is reason
    assert decision.reason is reason
    assert all(isinstance(command, TellPerson) for command in decision.commands)
    assert len(decision.commands) == 1


def test_a_day_of_the_calendar_stays_that_day_however_late_the_mail_came() -> None:
    late = replace(EITHER_DAY, days=40, until=NOW.date() + timedelta(days=3), unclear=None)
    (decision,) = opened(notice(complaint(), deadline=late))
    assert decision.case.deadline is not None
    assert decision.case.deadline.date() == late.until


def test_the_stop_switch_holds_what_would_have_been_drafted() -> None:
    assert hold(*opened(BASE, stopped=True)) is Reason.STOP_SWITCH
    court = CourtOrEvaluation(evaluation=False, notice=BASE)
    assert hold(*opened(court, stopped=True)) is Reason.COURT_MATTER  # the graver reason is the one shown


def test_routing_may_hold_with_its_own_reason_or_none() -> None:
    routes = (Route(name="no", families=frozenset({"trademark"}), hold=Reason.COUNSEL_NAMED), INQUIRY)
    assert hold(*opened(BASE, routes=routes)) is Reason.COUNSEL_NAMED
    assert hold(*opened(notice(complaint(), family="copyright"), routes=routes)) is None
    assert hold(*opened(BASE, routes=(Route(name="none"),))) is Reason.NOT_ROUTED


def test_three_complaints_open_three_cases() -> None:
    decisions = opened(notice(*(complaint(f"1523456789{n}") for n in range(3))))
    assert [decision.case.facts.complaint_id for decision in decisions] == [
        "15234567890", "15234567891", "15234567892",
    ]  # fmt: skip
    assert len({decision.case.case_id for decision in decisions}) == 3


def test_the_same_owner_is_one_party_and_different_owners_are_two() -> None:
    same = opened(notice(complaint("1"), complaint("2", complainant=who(address=OWNER.upper()))))
    assert len({decision.case.parties[0].party_id for decision in same}) == 1
    other = opened(notice(complaint("1"), complaint("2", complainant=who(address="x@muster.example"))))
    assert len({decision.case.parties[0].party_id for decision in other}) == 2


def test_one_id_twice_is_one_case() -> None:
    assert len(opened(notice(complaint(), complaint()))) == 1


def known(**facts: Any) -> Case:
    return sample_case(
        facts=sample_facts(**({"notice_at": NOW - 7 * DAY} | facts)),
        tracks=(sample_track(state=State.AWAITING, due_at=NOW),),
        version=3,
    )


def test_a_known_complaint_is_held_and_no_second_case_opens() -> None:
    (decision,) = opened(BASE, [known()])
    assert decision.before == known()
    assert hold(decision) is Reason.NOTICE_AGAIN


def test_a_known_complaint_named_twice_is_told_once() -> None:
    assert len(opened(notice(complaint(), complaint()), [known()])) == 1


def test_the_same_id_in_another_marketplace_is_another_case() -> None:
    assert len(opened(notice(complaint(), marketplace="FR"), [known()])) == 1
    (decision,) = opened(notice(complaint(), marketplace="FR"), [known()])
    assert decision.before is None
    for one, other in ((None, "DE"), ("DE", None)):
        (decision,) = opened(notice(complaint(), marketplace=one), [known(marketplace=other)])
        assert decision.before is not None


def test_a_notice_about_a_letter_on_the_line_is_noted() -> None:
    on_line = after(sample_case(), *sent()[:-1])
    (decision,) = opened(BASE, [on_line])
    assert decision.case.tracks[0].state is State.BODY_GONE
    assert len(decision.case.tracks[0].noted) == 1


NAMELESS = notice(complaint(None))


@pytest.mark.parametrize(
    ("facts", "same"),
    [
        ({}, True),
        ({"complaint_id": None}, True),
        ({"right": "copyright"}, False),
        ({"notice_at": NOW - 31 * DAY}, False),
        ({"notice_at": NOW - 30 * DAY}, True),
    ],
)
def test_without_an_id_the_like_of_the_last_thirty_days_is_perhaps_the_same(
    facts: dict[str, Any], same: bool
) -> None:
    (decision,) = opened(NAMELESS, [known(**facts)])
    assert (hold(decision) is Reason.PERHAPS_THE_SAME) == same
    assert (decision.case.perhaps_same_as == "K7QW2M") == same


def test_without_an_id_another_owner_or_listing_is_another_complaint() -> None:
    stranger = notice(complaint(None, complainant=who(address="x@third.example")))
    assert hold(*opened(stranger, [known()])) is None
    listing = Listing(asin=found("B0EXAMPLE2"), title=None)
    assert hold(*opened(notice(complaint(None, listings=(listing,))), [known()])) is None


def test_the_platforms_clock_is_the_notices_or_ours() -> None:
    limit = Deadline(days=10, business=False, span=found("10 days").span)
    (named,) = opened(notice(complaint(), deadline=limit))
    assert (named.case.deadline, named.case.last_safe) == (NOW + 10 * DAY, NOW + 8 * DAY)
    assert not named.case.last_safe_is_ours
    (unnamed,) = opened(BASE)
    assert (unnamed.case.deadline, unnamed.case.last_safe) == (None, NOW + 30 * DAY)
    assert unnamed.case.last_safe_is_ours


def test_a_limit_shorter_than_the_margin_is_safe_only_now() -> None:
    limit = Deadline(days=1, business=False, span=found("one day").span)
    (decision,) = opened(notice(complaint(), deadline=limit))
    assert decision.case.last_safe == NOW
