"""What the other side and Amazon write, and what it may and may not do to a case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.keeping import Ground, legal_hold
from bot.case.model import State
from bot.case.reasons import Reason
from bot.mail.envelope import RecipientRole
from bot.review import ItemKind
from bot.runner.desk import service
from tests.stories.mails import (
    OWNER,
    amazon,
    notice,
    out_of_office,
    reply,
    retraction_confirmed,
    retraction_in_copy,
)
from tests.stories.stage import MONDAY, Stage

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ID = "17340981265"


def test_an_answer_stops_the_ladder_until_a_person_goes_on(stage: Stage) -> None:
    letter = stage.inquires()
    stage.clock.moment += DAY
    stage.arrives(reply(letter.message_id, stage.now, "Send us your invoices first.\n"))
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.ANSWERED)
    stage.passes(30 * DAY)
    assert len(stage.server.bodies) == 1
    assert stage.only(ItemKind.HOLD).reason == "answered"

    stage.resumes()
    assert stage.draft().step == "reminder-1"


def test_a_demand_for_money_keeps_the_papers(stage: Stage) -> None:
    letter = stage.inquires()
    demand = "We are willing to settle this matter for a licence fee of EUR 2,500.\n"
    stage.arrives(reply(letter.message_id, stage.now, demand))
    diary = stage.store.diary(stage.case().case_id)
    assert legal_hold(stage.case(), diary) is Ground.SETTLEMENT


def test_an_answer_from_another_address_that_cites_us_freezes_too(stage: Stage) -> None:
    letter = stage.inquires()
    mail = reply(letter.message_id, stage.now, "I take this over.\n", sender="legal@ferrowick-group.example")
    stage.arrives(mail)
    assert stage.hold() is Reason.ANSWERED


def test_a_fake_amazon_that_cites_us_freezes_too(stage: Stage) -> None:
    letter = stage.inquires()
    mail = reply(letter.message_id, stage.now, "Your appeal.\n", sender="notice@amazon.com")
    stage.arrives(mail.replace(b"dmarc=pass", b"dmarc=fail").replace(b"dkim=pass", b"dkim=fail"))
    assert stage.kinds()[-1] == "Suspect"
    assert stage.hold() is Reason.ANSWERED
    assert stage.items(ItemKind.SUSPECT)


@pytest.mark.parametrize("name", ["court", "warning"])
def test_a_matter_of_its_own_that_cites_us_freezes_the_case_it_cites(stage: Stage, name: str) -> None:
    letter = stage.inquires()
    mail = amazon(name, stage.now, sender="seller-performance@amazon.com")
    stage.arrives(f"In-Reply-To: {letter.message_id}\r\n".encode("ascii") + mail)
    assert len(stage.store.cases()) == 2
    assert stage.hold(ID) is Reason.ANSWERED


@pytest.mark.parametrize("belongs", [True, False])
def test_a_mail_that_only_names_the_complaint_blocks_until_a_person_says(stage: Stage, belongs: bool) -> None:
    stage.inquires()
    stage.passes(3 * DAY)
    stage.approve()
    mail = reply(None, stage.now, f"About your complaint ID {ID}: ring me.\n", sender="who@third.example")
    stage.arrives(mail)
    assert stage.state() is State.APPROVED
    claim = stage.only(ItemKind.CLAIM)
    turn = stage.passes(11 * MINUTE)
    assert [reason for _, reason in turn.waiting] == [Reason.CLAIM_OPEN]
    assert len(stage.server.bodies) == 1

    if belongs:
        service.approve(stage.office, claim.number, "Ada")
        assert stage.hold() is Reason.ANSWERED
    else:
        service.reject(stage.office, claim.number, "not ours", "Ada")
    stage.passes(MINUTE)
    assert len(stage.server.bodies) == (1 if belongs else 2)


def test_a_mail_of_the_owner_that_names_nothing_claims_their_case(stage: Stage) -> None:
    stage.inquires()
    before = stage.track()
    stage.arrives(reply(None, stage.now, "Who are you?\n", subject="hello"))
    assert stage.track() == before
    claim = stage.only(ItemKind.CLAIM)
    assert (claim.reason, claim.cases) == ("claims-to-belong", (stage.case().case_id,))


def test_mail_of_strangers_about_nothing_is_left_alone(stage: Stage) -> None:
    stage.inquires()
    before = stage.track()
    mail = reply(None, stage.now, "Buy ink.\n", sender="ink@shop.example", subject="Ink")
    stage.arrives(mail)
    assert stage.track() == before
    assert stage.items() == []


def test_out_of_office_puts_off_the_reminder_and_never_the_step_to_amazon(stage: Stage) -> None:
    letter = stage.inquires()
    due_at = stage.track().due_at
    stage.arrives(out_of_office(letter.message_id, stage.now))
    assert len(stage.happened(e.AutomaticResponse)) == 1
    mine, amazons = stage.case().tracks
    assert mine.state is amazons.state is State.AWAITING
    assert due_at is not None
    assert mine.due_at is not None
    assert mine.due_at > due_at
    assert amazons.due_at is not None
    assert amazons.due_at > mine.due_at
    stage.passes(3 * DAY)
    assert stage.items(ItemKind.DRAFT) == []
    stage.passes(6 * DAY)
    assert stage.draft().step == "reminder-1"


def test_an_answer_after_closing_is_only_something_to_read(stage: Stage) -> None:
    letter = stage.inquires()
    service.close_case(stage.office, stage.case().case_id, "settled", "Ada")
    stage.arrives(reply(letter.message_id, stage.now, "One more thing.\n"))
    assert stage.state() is State.CLOSED
    assert stage.only(ItemKind.ALARM).reason == "after-closing"
    stage.passes(60 * DAY)
    assert len(stage.server.bodies) == 1
    assert stage.items(ItemKind.DRAFT) == []


def test_closing_withdraws_an_approved_letter(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    service.close_case(stage.office, stage.case().case_id, "they rang", "Ada")
    stage.passes(DAY)
    assert stage.server.bodies == []
    assert stage.items() == []


def test_amazons_answer_holds_every_track(stage: Stage) -> None:
    stage.inquires()
    stage.arrives(amazon("more-information", stage.now, sender="no-reply@amazon.com"))
    assert stage.kinds()[-1] == "AmazonAnswer"
    assert stage.hold() is Reason.ANSWERED
    assert {item.kind for item in stage.items()} == {ItemKind.HOLD}  # and no second item says so again


# ---------------------------------------------------------------------------------- the retraction ladder


def rungs(stage: Stage) -> list[str]:
    return [seen.rung for seen in stage.happened(e.RetractionSeen)]


def test_a_promise_to_withdraw_holds_and_is_called_a_promise(stage: Stage) -> None:
    letter = stage.inquires()
    stage.arrives(reply(letter.message_id, stage.now, "We have withdrawn the complaint.\n"))
    assert (stage.hold(), rungs(stage)) == (Reason.RETRACTION_SEEN, ["promised"])


def test_the_owners_withdrawal_in_copy_is_the_third_rung(stage: Stage) -> None:
    stage.inquires()
    stage.arrives(retraction_in_copy(ID, stage.now))
    assert (stage.hold(), rungs(stage)) == (Reason.RETRACTION_SEEN, ["sent-by-owner"])


def test_a_withdrawal_by_somebody_else_only_claims(stage: Stage) -> None:
    stage.inquires()
    before = stage.track()
    stage.arrives(retraction_in_copy(ID, stage.now, sender="agent@third.example"))
    assert stage.track() == before
    assert stage.only(ItemKind.CLAIM).reason == "retraction"
    service.approve(stage.office, stage.only(ItemKind.CLAIM).number, "Ada")
    assert (stage.hold(), rungs(stage)) == (Reason.RETRACTION_SEEN, ["copy-seen"])


def test_amazons_confirmation_does_not_close_the_case(stage: Stage) -> None:
    stage.inquires()
    stage.arrives(retraction_in_copy(ID, stage.now))
    stage.clock.moment += DAY
    stage.arrives(retraction_confirmed(ID, stage.now))
    assert rungs(stage) == ["sent-by-owner", "confirmed"]
    assert stage.state() is State.HELD  # a person closes it, when the listing is back
    stage.passes(60 * DAY)
    assert len(stage.server.bodies) == 1


def test_a_withdrawal_of_a_complaint_we_do_not_know_is_told(stage: Stage) -> None:
    stage.arrives(retraction_confirmed(ID, MONDAY))
    assert stage.store.cases() == ()
    assert stage.only(ItemKind.ALARM).reason == "retraction-unknown-case"


def test_a_withdrawal_before_354_stops_the_letter(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    letter = stage.approve()
    stage.server.at_354 = lambda: stage.hears(retraction_confirmed(ID, stage.now))
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.RETRACTION_SEEN)
    assert stage.store.letter(letter.letter_id).state is State.HELD
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.WORLD_SPOKE]


def test_a_withdrawal_after_the_body_is_applied_once_it_is_accepted(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    letter = stage.approve()
    stage.server.after_the_body = lambda: stage.hears(retraction_confirmed(ID, stage.now))
    stage.passes(11 * MINUTE)
    assert len(stage.sent()) == 1
    track = stage.track()
    assert (track.state, track.hold, track.due_at) == (State.HELD, Reason.RETRACTION_SEEN, None)
    assert len(track.attempts) == 1
    assert stage.store.letter(letter.letter_id).state is State.AWAITING
    stage.passes(60 * DAY)
    assert len(stage.sent()) == 1


def test_a_claim_before_354_lets_the_letter_wait(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    claim = reply(None, stage.now, f"About complaint ID {ID}.\n", sender="who@third.example")
    stage.server.at_354 = lambda: stage.hears(claim)
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert stage.state() is State.APPROVED
    assert len(stage.happened(e.Interrupted)) == 1
    service.reject(stage.office, stage.only(ItemKind.CLAIM).number, "no", "Ada")
    stage.passes(MINUTE)
    assert len(stage.sent()) == 1


# --------------------------------------------------------------------------------------- towards Amazon


def escalating(stage: Stage) -> str:
    """Three letters to the owner without an answer, and the escalation drafted; the last Message-ID."""
    letter = stage.inquires()
    for days in (3, 7):
        stage.passes(days * DAY)
        letter = stage.sends_out()
    assert stage.draft_steps() == []
    stage.passes(11 * DAY)
    return letter.message_id


def test_the_escalation_comes_only_after_every_attempt(stage: Stage) -> None:
    stage.inquires()
    for days in (3, 7):
        assert len(stage.case().tracks) == 1
        stage.passes(days * DAY)
        stage.sends_out()
    (mine, theirs) = stage.case().tracks
    assert (mine.state, theirs.state) == (State.AWAITING, State.AWAITING)
    assert mine.due_at is None
    assert theirs.due_at == stage.practice.playbooks["inquiry"].falls_due("reminder-2", mine.attempts[-1].at)
    stage.passes(11 * DAY)
    assert stage.draft_steps() == ["escalation"]
    sent = stage.sends_out()
    assert [r.role for r in stage.server.taken[-1][0].recipients] == [
        RecipientRole.TO,
        RecipientRole.OWN_COPY,
    ]
    assert sent.to == "notice-dispute@amazon.com"
    stage.passes(60 * DAY)
    assert len(stage.sent()) == 4  # the ladder ends here


def test_the_draft_to_amazon_is_held_visibly_when_they_answer_and_one_key_goes_on(stage: Stage) -> None:
    message_id = escalating(stage)
    stage.approve()
    stage.arrives(reply(message_id, stage.now, "We are looking into it.\n"))
    assert [track.hold for track in stage.case().tracks] == [Reason.ANSWERED] * 2
    stage.passes(11 * MINUTE)
    assert len(stage.sent()) == 3
    case = stage.case()
    (to_amazon,) = [item for item in stage.items(ItemKind.HOLD) if item.subject.endswith("/2")]
    assert to_amazon.cases == (case.case_id,)
    assert case.last_safe is not None  # the platform's clock is shown beside it, and never pauses

    stage.resumes(to_amazon.number)
    assert stage.draft_steps() == ["escalation"]
    stage.sends_out()
    assert stage.sent()[-1]["To"] == "notice-dispute@amazon.com"
    assert stage.hold() is Reason.ANSWERED  # their own track waits on


def test_an_answer_to_the_last_reminder_on_the_line_holds_amazon_too(stage: Stage) -> None:
    stage.inquires()
    stage.passes(3 * DAY)
    stage.sends_out()
    stage.passes(7 * DAY)
    letter = stage.approve()
    answer = reply(letter.message_id, stage.now, "We are looking into it.\n")
    stage.server.after_the_body = lambda: stage.hears(answer)
    stage.passes(11 * MINUTE)
    assert [track.hold for track in stage.case().tracks] == [Reason.ANSWERED] * 2
    stage.passes(30 * DAY)
    assert len(stage.sent()) == 3


def test_no_fourth_letter_to_the_complainant(stage: Stage) -> None:
    message_id = escalating(stage)
    stage.arrives(reply(message_id, stage.now, "Who are you again?\n"))
    (theirs,) = [item for item in stage.items(ItemKind.HOLD) if item.subject.endswith("/1")]
    stage.resumes(theirs.number, "inquiry")
    assert stage.hold() is Reason.LETTER_LIMIT
    assert stage.draft_steps() == []
    stage.passes(60 * DAY)
    assert len([mail for mail in stage.sent() if OWNER in mail["To"]]) == 3
