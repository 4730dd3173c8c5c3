"""Many mails at once, genuine or not: nobody is written to, and a person is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.ports import AlertKind, Cursor
from bot.review import ItemKind
from tests.stories.mails import OWNER, notice, reply
from tests.stories.stage import Stage


def held_by_the_switch(stage: Stage) -> int:
    tracks = [track for case in stage.store.cases() for track in case.tracks]
    return sum(track.hold is Reason.STOP_SWITCH for track in tracks)


def flood(stage: Stage, number: int, first: int = 0) -> list[bytes]:
    """Genuine notices, each naming another victim."""
    return [
        notice(str(18000000000 + n), stage.now, asin=f"B0ZG{n:06d}", owner=f"victim{n}@bystander{n}.example")
        for n in range(first, first + number)
    ]


def test_two_hundred_notices_naming_two_hundred_victims_send_nothing(stage: Stage) -> None:
    stage.arrives(*flood(stage, 200))
    stage.passes(timedelta(hours=1))
    stage.passes(timedelta(days=2))
    assert len(stage.store.cases()) == 200
    assert held_by_the_switch(stage) == 180
    assert len(stage.store.letters(states=(State.DRAFTED,))) == 20
    assert stage.server.bodies == []
    assert stage.told(AlertKind.STOP_SWITCH)
    stage.balances()


@pytest.mark.timeout(400)
def test_a_thousand_notices_naming_a_thousand_victims_send_nothing_without_a_person(stage: Stage) -> None:
    for start in range(0, 1000, 100):
        stage.arrives(*flood(stage, 100, first=start))
        stage.clock.moment += timedelta(minutes=6)
    cases = stage.store.cases()
    victims = {address for case in cases for party in case.parties for address in party.addresses}
    assert (len(cases), len(victims)) == (1000, 1000)
    assert held_by_the_switch(stage) == 800
    for _ in range(4):
        stage.passes(timedelta(days=10))
    assert stage.server.bodies == []
    assert stage.told(AlertKind.STOP_SWITCH)


@pytest.fixture
def approved(stage: Stage) -> Stage:
    """Of a hundred victims the stop switch lets twenty through, and a tired person approves them all."""
    stage.arrives(*flood(stage, 100))
    drafts = stage.items(ItemKind.DRAFT)
    assert len(drafts) == 20
    for item in drafts:
        stage.approve(item.number)
    return stage


def test_even_a_person_who_approves_everything_writes_to_few(approved: Stage) -> None:
    """Ten new addresses a day and account, as the settings ship; the rest waits with the named reason."""
    turn = approved.passes(timedelta(minutes=11))
    shipped = approved.house.loaded.settings.limits
    assert len(approved.server.bodies) == shipped.new_addresses_per_day == 10
    assert {reason for _, reason in turn.waiting} == {Reason.NEW_ADDRESS_CAP}
    approved.passes(timedelta(hours=23))
    assert len(approved.server.bodies) == 10
    approved.passes(timedelta(hours=2))
    assert len(approved.server.bodies) == 20


def test_the_flood_feels_a_cap_that_is_off(approved: Stage) -> None:
    """The planted fault: without the cap every approved letter leaves at once."""
    approved.changes(limits=replace(approved.practice.limits, new_addresses_per_day=1000))
    for item in approved.items(ItemKind.DRAFT):
        if approved.store.letter(item.subject.partition(":")[2]).state is State.DRAFTED:
            approved.approve(item.number)
    approved.passes(timedelta(minutes=11))
    assert len(approved.server.bodies) == 20


def test_five_complaints_of_one_owner_are_one_letter_to_the_caps(stage: Stage) -> None:
    stage.changes(limits=replace(stage.practice.limits, letters_per_day=1, new_addresses_per_day=1))
    blocks = "\n\n".join(
        f"ASIN: B0ZG{n:06d}\nInfringement type: Trademark\nComplaint ID: {18000000000 + n}" for n in range(5)
    )
    stage.arrives(notice("18000000000", stage.now, items=blocks))
    stage.sends_out()
    assert len(stage.store.cases()) == 5
    assert len(stage.server.bodies) == 1


def test_a_known_address_is_written_to_when_new_ones_wait(stage: Stage) -> None:
    stage.inquires("17340981261")
    stage.changes(
        limits=replace(stage.practice.limits, new_addresses_per_day=1, letters_per_address_per_day=9)
    )
    stage.inquires("17340981262", owner="other@stranger.example")
    assert [reason for _, reason in stage.send().waiting] == [Reason.NEW_ADDRESS_CAP]
    stage.inquires("17340981263")
    assert len(stage.sent()) == 2


def test_the_ceiling_holds_over_all_accounts(stage: Stage) -> None:
    stage.changes(limits=replace(stage.practice.limits, letters_per_day_in_all=1))
    stage.inquires("17340981261")
    stage.inquires("17340981262", owner="other@stranger.example")
    assert [reason for _, reason in stage.send().waiting] == [Reason.CAP_OF_ALL]


def test_a_flood_is_told_once_and_not_once_a_notice(stage: Stage) -> None:
    stage.arrives(*flood(stage, 60))
    assert len(stage.told(AlertKind.STOP_SWITCH)) == 1
    stage.clock.moment += timedelta(minutes=5)
    stage.arrives(*flood(stage, 30, first=100))
    assert len(stage.told(AlertKind.STOP_SWITCH)) == 2


def test_one_address_in_many_cases_is_held(stage: Stage) -> None:
    """Slowly, so that the number a minute says nothing, and in any case of letters."""
    for n in range(18):
        stage.clock.moment += timedelta(minutes=10)
        owner = OWNER.upper() if n % 2 else OWNER
        stage.arrives(notice(str(18000000000 + n), stage.now, asin=f"B0ZG{n:06d}", owner=owner))
    assert held_by_the_switch(stage) == 3
    (told,) = stage.told(AlertKind.STOP_SWITCH)
    assert OWNER in told
    stage.balances()


def test_one_mail_with_too_many_complaints_of_one_address_is_held(stage: Stage) -> None:
    stage.changes(limits=replace(stage.practice.limits, new_cases_per_minute=1000))
    blocks = "\n\n".join(
        f"ASIN: B0ZG{n:06d}\nInfringement type: Trademark\nComplaint ID: {18000000000 + n}" for n in range(16)
    )
    stage.arrives(notice("18000000000", stage.now, items=blocks))
    assert held_by_the_switch(stage) == len(stage.store.cases()) == 16


def test_the_count_of_an_address_starts_anew_after_a_day(stage: Stage) -> None:
    for n in range(18):
        stage.clock.moment += timedelta(hours=2)
        stage.arrives(notice(str(18000000000 + n), stage.now, asin=f"B0ZG{n:06d}"))
    assert held_by_the_switch(stage) == 0


def test_many_answers_to_letters_we_do_not_know_ring_the_alarm(stage: Stage) -> None:
    unknown = "<rj.ABCDEFGHIJKLMNOPQRST@brindlecove.example>"
    for n in range(25):
        stage.arrives(
            reply(unknown, stage.now, "No, we will not.\n", sender=f"a{n}@stranger.example", token=str(n))
        )
    assert len(stage.items()) == 25  # each is there to be read
    (told,) = stage.told(AlertKind.STOP_SWITCH)
    assert "20" in told
    assert stage.server.bodies == []


def test_a_server_that_moves_house_and_dates_all_mail_anew_starts_nothing(stage: Stage) -> None:
    """A new UIDVALIDITY, and INTERNALDATE is the day of the move: three hundred old notices, no draft."""
    months_ago = stage.now - timedelta(days=90)
    for n in range(300):
        stage.inbox.put(notice(str(18000000000 + n), months_ago, asin=f"B0ZG{n:06d}"), months_ago)
    uidnext = len(stage.inbox.mails) + 1
    stage.store.set_cursor("shop", "INBOX", Cursor(uidvalidity=1, last_uid=uidnext - 1))  # observed only
    stage.listen()
    assert stage.store.mails("shop") == ()
    stage.clock.moment += timedelta(hours=6)
    stage.inbox.uidvalidity = 2
    moved = [replace(mail, uidvalidity=2, internal_date=stage.now) for mail in stage.inbox.mails]
    stage.inbox.mails = moved
    stage.arrives(notice("17340981265", stage.now))
    assert [case.facts.complaint_id for case in stage.store.cases()] == ["17340981265"]
    assert len(stage.store.mails("shop")) == 301
