"""One notice that says everything, and the case that comes of it, value by value."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.case import events as e
from bot.case.commands import TellPerson
from bot.case.model import Case, Facts, ListingFact, NumberFact, Party, PartyRole, Source, State
from bot.case.opening import NoticeMail, Opening, matter_of, open_cases
from bot.case.reasons import REASON_TEXT, Reason
from bot.case.routing import Kind, Matter, Route, Routing
from bot.mail.message import Span
from bot.notice.facts import (
    Action,
    Complainant,
    Complaint,
    Deadline,
    Found,
    Listing,
    Right,
    RightNumber,
    Role,
)
from bot.reading.model import CourtOrEvaluation, Notice
from tests.case.ladders import LADDER
from tests.case.test_opening import BASE, complaint, notice, opened, who
from tests.samples import NOW, sample_case, sample_facts, sample_track

DAY = timedelta(days=1)


def at(start: int, value: str) -> Found:
    """A value, and where it stands in part 2."""
    text = f"[{value}]"
    return Found(value=value, span=Span(part="2", start=start, end=start + len(text), text=text))


EVERYTHING = Notice(
    family="patent",
    warning=False,
    automated=False,
    action=Action.LISTING_REMOVED,
    complaints=(
        Complaint(
            complaint_id=at(10, "15234567890"),
            right=Right.UTILITY_PATENT,
            listings=(
                Listing(asin=at(20, "B0EXAMPLE1"), title=at(30, "Blue lamp")),
                Listing(asin=at(40, "B0EXAMPLE2"), title=None),
            ),
            numbers=(RightNumber(kind="utility_patent", number=at(50, "EP1234567"), office="EPO"),),
            complainant=Complainant(
                role=Role.OWNER,
                name=at(60, "Maria Musterfrau"),
                organisation=at(70, "Muster Marken GmbH"),
                addresses=(at(80, "Marken@muster.example"), at(90, "recht@muster.example")),
                phones=(),
            ),
        ),
    ),
    marketplace="DE",
    marketplace_span=at(100, "amazon.de"),
    deadline=Deadline(days=5, business=True, span=Span(part="1", start=1, end=7, text="5 days")),
    retraction_address=at(110, "retraction@market.example"),
    amazon_addresses=(at(110, "retraction@market.example"), at(120, "dispute@market.example")),
    reason_stated=False,
    language="fr",
)


def source(field: str, found: Found) -> Source:
    span = found.span
    return Source(field=field, value=found.value, part="2", start=span.start, end=span.end, text=span.text)


def test_everything_that_a_notice_says_is_in_its_case() -> None:
    (decision,) = opened(EVERYTHING)
    key = b"lamps/complainant/marken@muster.example"
    facts = Facts(
        complaint_id="15234567890",
        family="patent",
        right="utility_patent",
        listings=(
            ListingFact(asin="B0EXAMPLE1", title="Blue lamp"),
            ListingFact(asin="B0EXAMPLE2", title=None),
        ),
        numbers=(NumberFact(kind="utility_patent", number="EP1234567", office="EPO"),),
        reason_stated=False,
        marketplace="DE",
        language="fr",
        notice_mail=9,
        notice_at=NOW,
        retraction_address="retraction@market.example",
        amazon_address="retraction@market.example",
        review_address="dispute@market.example",
        no_letter=None,
        vouched_by=None,
        sources=(
            source("marketplace", at(100, "amazon.de")),
            source("retraction address", at(110, "retraction@market.example")),
            source("Amazon's address", at(110, "retraction@market.example")),
            source("Amazon's address", at(120, "dispute@market.example")),
            source("complaint ID", at(10, "15234567890")),
            source("ASIN", at(20, "B0EXAMPLE1")),
            source("title", at(30, "Blue lamp")),
            source("ASIN", at(40, "B0EXAMPLE2")),
            source("utility patent number", at(50, "EP1234567")),
            source("complainant", at(60, "Maria Musterfrau")),
            source("organisation", at(70, "Muster Marken GmbH")),
            source("complainant's address", at(80, "Marken@muster.example")),
            source("complainant's address", at(90, "recht@muster.example")),
            Source(field="deadline", value="5 business days", part="1", start=1, end=7, text="5 days"),
        ),
    )
    party = Party(
        party_id=hashlib.blake2b(key, digest_size=10).hexdigest(),
        role=PartyRole.COMPLAINANT,
        name="Maria Musterfrau",
        organisation="Muster Marken GmbH",
        addresses=("Marken@muster.example", "recht@muster.example"),
    )
    assert decision.case == Case(
        case_id="CASE1",
        tenant_id=1,
        account_id="lamps",
        opened_at=NOW,
        facts=facts,
        parties=(party,),
        tracks=(sample_track(state=State.READY),),
        deadline=NOW + 7 * DAY,  # Monday to Monday
        last_safe=NOW + 5 * DAY,
        last_safe_is_ours=False,
        rules_hash="hash",
    )
    assert decision.reason is None
    assert decision.events == (
        e.Opened(at=NOW, mail=9),
        e.TrackStarted(
            at=NOW,
            track="1",
            party=PartyRole.COMPLAINANT,
            playbook="inquiry",
            step="inquiry",
            state=State.READY,
        ),
    )


def test_a_notice_that_says_next_to_nothing_opens_a_case_too() -> None:
    (decision,) = opened(notice(action=None))
    facts, case = decision.case.facts, decision.case
    assert (facts.complaint_id, facts.right, facts.listings, facts.numbers) == (None, None, (), ())
    assert (facts.retraction_address, facts.sources, case.parties) == (None, (), ())
    assert (case.deadline, case.last_safe, case.last_safe_is_ours) == (None, NOW + 30 * DAY, True)
    assert decision.events[-1] == e.Held(at=NOW, track="1", reason=Reason.NO_ADDRESS)
    assert decision.commands == (
        TellPerson(case_id="CASE1", reason=Reason.NO_ADDRESS, text=REASON_TEXT[Reason.NO_ADDRESS]),
    )
    assert (decision.reason, case.tracks[0].hold) == (Reason.NO_ADDRESS, Reason.NO_ADDRESS)


@pytest.mark.parametrize(
    ("deadline", "said", "days"),
    [
        (Deadline(days=4, business=False, span=Span(part="1", start=1, end=7, text="4 days")), "4 days", 4),
        (
            Deadline(
                days=4, business=False, span=Span(part="1", start=1, end=2, text="x"), until=date(2026, 3, 8)
            ),
            "4 days",
            6,
        ),
        (
            Deadline(
                days=4, business=False, span=Span(part="1", start=1, end=2, text="x"), until=date(2026, 3, 1)
            ),
            "4 days",
            0,
        ),
    ],
)
def test_a_limit_is_counted_from_the_arrival(deadline: Deadline, said: str, days: int) -> None:
    (decision,) = opened(notice(complaint(), deadline=deadline))
    assert decision.case.deadline == NOW + days * DAY
    assert decision.case.facts.sources[-1].value == said


def test_a_kind_of_mail_that_has_no_letter_says_so_in_its_case() -> None:
    (held,) = opened(notice(complaint(), automated=True))
    assert held.case.facts.no_letter is Reason.AUTOMATED_NOTICE
    (counsel,) = opened(notice(complaint(complainant=who(Role.COUNSEL))))
    assert counsel.case.facts.no_letter is None  # a person may decide to write


def test_a_lawyer_is_a_party_of_another_role() -> None:
    (owner,), (counsel,) = (
        opened(notice(complaint(complainant=who(role))))[0].case.parties
        for role in (Role.OWNER, Role.COUNSEL)
    )
    assert (owner.role, counsel.role) == (PartyRole.COMPLAINANT, PartyRole.COUNSEL)
    assert owner.party_id != counsel.party_id


@pytest.mark.parametrize(
    ("name", "organisation", "key"),
    [("Maria", "Muster GmbH", "muster gmbh"), ("Maria", None, "maria"), (None, None, "unknown")],
)
def test_who_has_no_address_is_known_by_what_they_are_called(
    name: str | None, organisation: str | None, key: str
) -> None:
    somebody = replace(
        who(address=None),
        name=at(1, name) if name else None,
        organisation=at(2, organisation) if organisation else None,
    )
    (party,) = opened(notice(complaint(complainant=somebody)))[0].case.parties
    digest = hashlib.blake2b(f"lamps/complainant/{key}".encode(), digest_size=10).hexdigest()
    assert (party.party_id, party.name, party.organisation) == (digest, name, organisation)


def test_what_routing_looks_at() -> None:
    told = notice(complaint(right=None), right=Right.COPYRIGHT, warning=True, automated=True, action=None)
    plain = Matter(kind=Kind.NOTICE, family="trademark", right="trademark", action="listing_removed")
    assert matter_of(BASE, BASE.complaints[0]) == plain
    assert matter_of(told, told.complaints[0]) == Matter(
        kind=Kind.NOTICE, family="trademark", right="copyright", action=None, warning=True, automated=True
    )
    assert matter_of(notice(), None) == replace(plain, right=None)
    for evaluation, kind in ((True, Kind.EVALUATION), (False, Kind.COURT)):
        court = CourtOrEvaluation(evaluation=evaluation, notice=BASE)
        assert matter_of(court, BASE.complaints[0]).kind is kind
    lawyer = complaint(others=(who(Role.COUNSEL, "law@firm.example"),))
    assert matter_of(notice(lawyer), lawyer).counsel
    assert not matter_of(notice(lawyer), complaint(complainant=None)).counsel


MATTER = Matter(
    kind=Kind.NOTICE, family="trademark", right="trademark", action="listing_removed", warning=True
)


@pytest.mark.parametrize(
    ("route", "against"),
    [
        (Route(name="r"), []),
        (Route(name="r", kinds=frozenset({"notice"}), warning=True, automated=False, counsel=False), []),
        (
            Route(name="r", kinds=frozenset({"court"}), families=frozenset({"patent"})),
            [("kinds", frozenset({"court"}), "notice"), ("families", frozenset({"patent"}), "trademark")],
        ),
        (
            Route(name="r", rights=frozenset({"patent"}), actions=frozenset({"warned"})),
            [
                ("rights", frozenset({"patent"}), "trademark"),
                ("actions", frozenset({"warned"}), "listing_removed"),
            ],
        ),
        (
            Route(name="r", warning=False, automated=True, counsel=True),
            [
                ("warning", frozenset({"false"}), "true"),
                ("automated", frozenset({"true"}), "false"),
                ("counsel", frozenset({"true"}), "false"),
            ],
        ),
    ],
)
def test_what_speaks_against_a_route(route: Route, against: list[tuple[str, frozenset[str], str]]) -> None:
    assert list(route.against(MATTER)) == against
    assert route.fits(MATTER) == (not against)


def test_what_a_notice_does_not_say_fits_no_condition() -> None:
    silent = replace(MATTER, right=None, action=None)
    route = Route(name="r", rights=frozenset({"patent"}), actions=frozenset({"warned"}))
    assert [value for _, _, value in route.against(silent)] == ["", ""]


@pytest.mark.parametrize(
    "condition",
    [
        {"kinds": frozenset({"notice"})},
        {"families": frozenset({"x"})},
        {"rights": frozenset({"x"})},
        {"actions": frozenset({"x"})},
        {"warning": False},
        {"automated": False},
        {"counsel": False},
    ],
)
def test_a_route_with_a_condition_is_no_catch_all(condition: dict[str, object]) -> None:
    assert Route(name="r").catch_all
    assert not Route(name="r", **condition).catch_all  # type: ignore[arg-type]


def test_the_first_route_that_fits_is_taken() -> None:
    routes = (
        Route(name="no", kinds=frozenset({"court"})),
        Route(name="yes", warning=True),
        Route(name="late"),
    )
    assert Routing(routes=routes).choose(MATTER).name == "yes"


def like(**changed: Any) -> Case:
    """A case that a notice without an ID about the same lamp would be taken for."""
    facts = sample_facts(complaint_id=None, **{k: v for k, v in changed.items() if k == "listings"})
    return sample_case(facts=facts, **{k: v for k, v in changed.items() if k != "listings"})


def test_only_a_notice_without_an_id_and_with_listings_is_perhaps_the_same() -> None:
    assert opened(notice(complaint(None)), [like()])[0].reason is Reason.PERHAPS_THE_SAME
    assert opened(notice(complaint("777")), [like()])[0].reason is None
    assert opened(notice(complaint(None, listings=())), [like(listings=())])[0].reason is None
    assert opened(notice(complaint(None)), [like(merged_into="M2")])[0].reason is None


@pytest.mark.parametrize(
    ("ours", "theirs", "twin"),
    [(None, "south", True), ("north", "south", False), ("north", "north", True), ("north", None, True)],
)
def test_a_case_of_another_store_is_not_the_same(ours: str | None, theirs: str | None, twin: bool) -> None:
    opening = Opening(
        tenant_id=3,
        account_id="lamps",
        routing=Routing(routes=(Route(name="all", playbook="inquiry"),)),
        playbooks={"inquiry": LADDER},
        amazon_address=lambda named, marketplace: None,
        new_case_id=lambda: "NEW",
        rules_hash="hash",
        existing=(like(store=theirs),),
        store=ours,
    )
    (decision,) = open_cases(notice(complaint(None)), NoticeMail(mail_id=9, received_at=NOW), opening, NOW)
    assert (decision.case.store, decision.case.tenant_id) == (ours, 3)
    assert decision.case.perhaps_same_as == ("K7QW2M" if twin else None)


@pytest.mark.parametrize(
    ("first", "others", "several"),
    [
        ("a@muster.example", (who(Role.OWNER, "b@other.example"),), True),
        ("a@muster.example", (who(Role.OWNER, "b@muster.example"),), False),
        ("a@muster.example", (who(Role.OWNER, "b@mail.muster.example"),), False),
        ("a@gmail.com", (who(Role.OWNER, "b@gmail.com"),), True),
        ("a@gmail.com", (), False),
        ("a@muster.example", (who(Role.OWNER, None),), False),
    ],
)
def test_addresses_of_different_owners_are_for_a_person(
    first: str, others: tuple[Complainant, ...], several: bool
) -> None:
    (decision,) = opened(notice(complaint(complainant=who(address=first), others=others)))
    assert decision.reason is (Reason.SEVERAL_ADDRESSES if several else None)


def test_one_named_twice_does_not_hide_those_behind_it() -> None:
    decisions = opened(notice(complaint("1"), complaint("1"), complaint("2")))
    assert [decision.case.facts.complaint_id for decision in decisions] == ["1", "2"]


def test_one_doubtful_address_of_two_is_doubtful() -> None:
    sure, doubtful = who().addresses[0], replace(at(1, "recht@muster.example"), confidence=0.6)
    somebody = replace(who(), addresses=(sure, doubtful))
    assert opened(notice(complaint(complainant=somebody)))[0].reason is Reason.ADDRESS_DOUBTFUL


def test_without_an_addressee_the_like_is_one_without_an_addressee() -> None:
    nobody = notice(complaint(None, complainant=None))
    assert opened(nobody, [like(parties=())])[0].case.perhaps_same_as == "K7QW2M"
    assert opened(nobody, [like()])[0].case.perhaps_same_as is None
    assert opened(notice(complaint(None)), [like(parties=())])[0].case.perhaps_same_as is None


def test_a_known_complaint_does_not_hide_a_new_one_behind_it() -> None:
    known = sample_case()
    again, new = opened(notice(complaint("15234567890"), complaint("2")), [known])
    assert (again.before, new.before) == (known, None)
    assert new.case.facts.complaint_id == "2"
