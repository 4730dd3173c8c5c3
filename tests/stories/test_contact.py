"""The notice without an address, completed by what a person pastes out of Account Health."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.case import events as e
from bot.case.model import PartyRole, State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.reading.pasted import read_pasted
from bot.reading.read import ReadingContext
from bot.runner.desk.contacting import Contact, give_contact, nobody_named
from bot.runner.desk.noting import Noted, note
from bot.runner.desk.stopping import stop
from bot.runner.inbox.pasted import text_of
from bot.runner.steps.drafting import write_drafts
from tests.stories.mails import OWNER, bounce, notice
from tests.stories.stage import Stage

ID = "17340981265"
PASTED = f"""Complaint ID: {ID}
Rights owner name: Tilo Brandauer
Rights owner email: {OWNER}
Submitted through notice-dispute@amazon.com
"""


def gives(stage: Stage, **said: Any) -> None:
    contact = Contact(**{"address": OWNER, "text": PASTED} | said)
    give_contact(stage.office, stage.case().case_id, contact, "Ada")
    write_drafts(stage.office, stage.practice)


@pytest.fixture
def nameless(stage: Stage) -> Stage:
    stage.arrives(notice(ID, stage.now, owner=None))
    assert stage.hold() is Reason.NO_ADDRESS
    return stage


def test_what_is_pasted_is_read_as_a_notice_is(reading: ReadingContext) -> None:
    found = read_pasted(PASTED, reading)
    assert [one.value for one in found.addresses] == [OWNER]
    assert [one.value for one in found.barred] == ["notice-dispute@amazon.com"]
    person = found.person_of(OWNER)
    assert person is not None
    assert person.name is not None
    assert (person.name.value, found.complaint_ids) == ("Tilo Brandauer", (ID,))


def test_the_held_track_goes_on_and_the_value_says_who_gave_it(nameless: Stage) -> None:
    gives(nameless, name="Tilo Brandauer")
    letter = nameless.draft()
    assert (letter.step, letter.to, letter.to_name) == ("inquiry", OWNER, "Tilo Brandauer")
    assert "named this address as the contact" not in letter.body
    (party,) = nameless.case().parties
    assert party.source == "person"
    source = next(one for one in nameless.case().facts.sources if one.field == "complainant's address")
    assert source.text == "given by Ada on 2026-01-12, as Account Health shows it"
    (given,) = nameless.happened(e.ContactGiven)
    assert text_of(nameless.office, given.mail or 0) == PASTED
    nameless.sends_out()
    assert nameless.server.taken[0][0].recipients[0].address == OWNER


@pytest.mark.parametrize(
    "address",
    [
        "notice-dispute@amazon.com",
        "shop@brindlecove.example",
        "noreply@ferrowick.example",
        "a@amaz0n.example",
    ],
)
def test_role_rules_hold_for_it_as_well(nameless: Stage, address: str) -> None:
    with pytest.raises(NotPossible, match="never a complainant's"):
        gives(nameless, address=address)
    assert nameless.hold() is Reason.NO_ADDRESS


def test_a_stopped_address_is_refused(nameless: Stage) -> None:
    stop(nameless.office, "@ferrowick.example", "they asked", "Ada")
    with pytest.raises(NotPossible, match="a stop is set"):
        gives(nameless)


def test_the_text_of_another_complaint_is_refused(nameless: Stage) -> None:
    with pytest.raises(NotPossible, match="the text is about complaint 17999999999"):
        gives(nameless, complaint_ids=("17999999999",))
    assert nameless.happened(e.ContactGiven) == []


def test_a_lawyer_named_there_holds_the_case(nameless: Stage) -> None:
    gives(nameless, counsel=True)
    assert (nameless.hold(), nameless.draft_steps()) == (Reason.COUNSEL_NAMED, [])


def test_a_case_that_waits_for_something_else_takes_no_contact(stage: Stage) -> None:
    stage.inquires()
    with pytest.raises(NotPossible, match="does not wait for a contact"):
        gives(stage)
    stage.arrives(notice("17340981266", stage.now, owner=None, asin="B0ZG04SJF4"))
    held = stage.case("17340981266").case_id
    note(stage.office, held, Noted.LAWYER, "Ada")
    with pytest.raises(NotPossible, match="your lawyer has it"):
        give_contact(stage.office, held, Contact(address=OWNER), "Ada")


def test_a_contact_given_changes_no_other_case_of_that_address(nameless: Stage) -> None:
    nameless.arrives(notice("17340981266", nameless.now, asin="B0ZG04SJF4"))
    give_contact(
        nameless.office, nameless.case(ID).case_id, Contact(address=OWNER, name="Somebody Else"), "Ada"
    )
    assert nameless.case("17340981266").parties[0].name == "Tilo Brandauer"


def test_whoever_takes_over_from_an_address_that_came_back_gets_the_inquiry(stage: Stage) -> None:
    inquiry = stage.inquires()
    stage.arrives(bounce(inquiry.message_id, OWNER, stage.now))
    assert stage.hold() is Reason.BOUNCED
    gives(stage, address="legal@ferrowick.example", text=None)
    letter = stage.draft()
    assert (letter.step, letter.to, letter.references) == ("inquiry", "legal@ferrowick.example", ())


def test_nobody_named_ends_the_one_line_and_asks_amazon(nameless: Stage) -> None:
    nobody_named(nameless.office, nameless.case().case_id, "Ada")
    write_drafts(nameless.office, nameless.practice)
    assert nameless.state() is State.CLOSED
    letter = nameless.draft()
    assert (letter.party, letter.step) == (PartyRole.AMAZON, "escalation")
    assert "names no address of the rights owner" in " ".join(letter.body.split())
    assert letter.to.endswith("@amazon.com")
    nameless.sends_out()
    nameless.passes(timedelta(days=30))
    assert nameless.draft_steps() == []
