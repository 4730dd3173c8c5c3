"""Delivery reports: only a permanent failure of the addressee moves anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.review import ItemKind
from tests.stories.mails import OWNER, bounce
from tests.stories.stage import Stage

DAY = timedelta(days=1)


def test_a_bounce_of_the_addressee_holds_the_case_and_the_record_says_so(stage: Stage) -> None:
    letter = stage.inquires()
    stage.clock.moment += DAY
    stage.arrives(bounce(letter.message_id, OWNER, stage.now))
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.BOUNCED)
    stage.passes(20 * DAY)
    assert len(stage.sent()) == 1  # nothing more goes to an address that does not exist

    # The person goes on all the same, up to Amazon: the record names what came back.
    stage.resumes()
    for days in (7, 11):
        stage.sends_out()
        stage.passes(days * DAY)
    escalation = stage.sends_out()
    assert escalation.step == "escalation"
    body = str(stage.sent()[-1].get_payload(decode=True), "utf-8")
    words = " ".join(body.split())
    assert "12 January 2026: inquiry, accepted by the mail server; returned as undeliverable on 13" in words
    assert words.count("undeliverable") == 1  # the reminders did not come back


def test_a_report_that_returns_nothing_finds_its_letter_by_the_return_tag(stage: Stage) -> None:
    stage.changes(return_tag=True)
    letter = stage.inquires()
    back = stage.server.taken[-1][0].mail_from
    assert back.startswith(f"{letter.mail_from.partition('@')[0]}+rj.")
    stage.clock.moment += DAY
    report = bounce("<unknown@elsewhere.example>", OWNER, stage.now)
    stage.arrives(report.replace(f"To: {letter.mail_from}".encode(), f"To: {back}".encode()))
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.BOUNCED)


@pytest.mark.parametrize(
    ("recipient", "role"),
    [("notice-retraction@amazon.com", "cc"), ("copies@brindlecove.example", "own-copy")],
)
def test_a_bounce_of_a_copy_is_shown_and_moves_nothing(stage: Stage, recipient: str, role: str) -> None:
    letter = stage.inquires()
    before = stage.track()
    stage.arrives(bounce(letter.message_id, recipient, stage.now))
    assert stage.track() == before
    assert [noted.role for noted in stage.happened(e.BounceNoted)] == [role]
    shown = stage.only(ItemKind.ALARM)
    assert (shown.reason, shown.cases) == ("copy-bounced", (stage.case().case_id,))
    stage.passes(3 * DAY)
    assert stage.draft().step == "reminder-1"


def test_a_delayed_report_moves_nothing_and_rings_nothing(stage: Stage) -> None:
    letter = stage.inquires()
    before = stage.track()
    stage.arrives(bounce(letter.message_id, OWNER, stage.now, status="4.4.1"))
    assert stage.track() == before
    assert [noted.status for noted in stage.happened(e.BounceNoted)] == ["4.4.1"]
    assert stage.items() == []


def test_a_bounce_of_somebody_elses_mail_is_none_of_our_business(stage: Stage) -> None:
    stage.inquires()
    before = stage.track()
    stage.arrives(bounce("<other@brindlecove.example>", OWNER, stage.now))
    assert stage.track() == before
    assert stage.items() == []


def test_a_late_bounce_holds_the_reminder_that_was_drafted_meanwhile(stage: Stage) -> None:
    letter = stage.inquires()
    stage.passes(3 * DAY)
    stage.approve()
    stage.arrives(bounce(letter.message_id, OWNER, stage.now))
    stage.passes(DAY)
    assert len(stage.server.bodies) == 1
    assert stage.hold() is Reason.BOUNCED
