"""A notice arrives, the inquiry is approved and leaves with Amazon in copy; silence leads to escalation."""

from __future__ import annotations

from datetime import timedelta

from bot.case.model import PartyRole, State
from bot.review import ItemKind
from tests.stories.mails import OWNER, notice
from tests.stories.stage import MONDAY, Stage

DAY = timedelta(days=1)


def test_from_the_notice_to_the_accepted_inquiry(stage: Stage) -> None:
    stage.arrives(notice("17340981265", MONDAY))
    draft = stage.store.letters()[0]
    assert (draft.to, draft.step, draft.state) == (OWNER, "inquiry", State.DRAFTED)
    assert stage.server.taken == []

    stage.approve()
    stage.passes(timedelta(minutes=9))
    assert stage.server.taken == []  # still inside the undo window

    stage.passes(timedelta(minutes=2))
    (mail,) = stage.sent()
    assert OWNER in mail["To"]
    assert mail["Cc"] == "notice-retraction@amazon.com"
    envelope = stage.server.taken[0][0]
    assert [r.address for r in envelope.recipients] == [
        OWNER, "notice-retraction@amazon.com", "copies@brindlecove.example",
    ]  # fmt: skip
    assert stage.state() is State.AWAITING
    assert stage.items() == []


def test_silence_leads_to_two_reminders_and_to_amazon(stage: Stage) -> None:
    stage.arrives(notice("17340981265", MONDAY))
    stage.sends_out()
    steps = []
    for days in (3, 7, 11):  # business days in between are counted by the calendar
        stage.passes(days * DAY)
        steps.append(stage.store.letters(states=(State.DRAFTED,))[0].step)
        stage.sends_out()
    assert steps == ["reminder-1", "reminder-2", "escalation"]

    inquiry, first, second, escalation = stage.sent()
    assert escalation["To"] == "notice-dispute@amazon.com"
    assert OWNER not in str(escalation)[: str(escalation).index("\n\n")]  # the other side gets no copy
    assert second["In-Reply-To"] == first["Message-ID"]
    assert inquiry["Message-ID"] in second["References"]
    body = escalation.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().count("2026") >= 3  # the dated record of every attempt
    assert stage.case().track("2").party is PartyRole.AMAZON
    assert not stage.items(ItemKind.HOLD)
