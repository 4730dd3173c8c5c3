"""The hand-written mail that overtakes a reminder, and what else a person of ours writes from Sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.ports import AlertKind, MailboxState
from bot.review import ItemKind
from bot.runner.desk import service
from tests.stories.mails import OWNER, by_hand, notice, out_of_office, own_copy, reply
from tests.stories.stage import Stage

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AMAZON = "notice-retraction@amazon.com"


def test_the_hand_written_mail_overtakes_the_reminder(stage: Stage) -> None:
    """Approved, and inside its undo window: Ada has just written herself."""
    inquiry = stage.inquires()
    stage.passes(4 * DAY)
    reminder = stage.approve()
    assert reminder.step == "reminder-1"
    stage.clock.moment += 2 * MINUTE
    stage.writes(by_hand(f"Tilo Brandauer <{OWNER}>", stage.now, cites=inquiry.message_id))

    assert (stage.state(), stage.hold()) == (State.HELD, Reason.CONTACT_OUTSIDE)
    aside = stage.store.letter(reminder.letter_id)
    assert (aside.state, aside.approval) == (State.HELD, None)
    stage.passes(DAY)
    assert len(stage.server.bodies) == 1, "the inquiry, and nothing after it"
    (said,) = stage.happened(e.ContactOutside)
    assert (said.what, stage.store.mail(said.mail or 0).mailbox) == ("wrote", "Sent")
    assert stage.told(AlertKind.NEW_ITEM)[-1].startswith("a case is held: somebody wrote or spoke to them")


def test_an_answer_to_the_hand_written_mail_is_an_answer_in_the_case(stage: Stage) -> None:
    stage.inquires()
    stage.passes(DAY)
    stage.writes(by_hand(OWNER, stage.now))
    service.keep_waiting(stage.office, stage.only(ItemKind.HOLD).number, None, "Ada")
    assert stage.state() is State.AWAITING
    stage.arrives(reply("<ada.1@brindlecove.example>", stage.now, "I shall call you tomorrow.\n"))
    assert stage.hold() is Reason.ANSWERED


@pytest.mark.parametrize("again", ["resume", "wait"])
def test_who_goes_on_goes_on_with_the_step_after_the_one_written_by_hand(stage: Stage, again: str) -> None:
    """Whoever wrote the inquiry herself must not find the same inquiry in the queue, ready to be approved."""
    stage.arrives(notice("17340981265", stage.now))
    assert stage.draft().step == "inquiry"
    stage.writes(by_hand(OWNER, stage.now))
    stage.clock.moment += 2 * MINUTE
    stage.writes(by_hand(OWNER, stage.now, token="2"))  # a word that she forgot is no reminder
    assert (stage.hold(), len(stage.track().attempts)) == (Reason.CONTACT_OUTSIDE, 2)
    if again == "resume":
        stage.resumes()
    else:
        service.keep_waiting(stage.office, stage.only(ItemKind.HOLD).number, stage.now + 2 * DAY, "Ada")
        stage.passes(3 * DAY)
    assert stage.draft().step == "reminder-1"


def test_it_counts_among_the_three_letters(stage: Stage) -> None:
    stage.inquires()
    for token in ("1", "2"):
        stage.passes(DAY)
        stage.writes(by_hand(OWNER, stage.now, token=token))
    stage.resumes(step="reminder-1")
    assert stage.hold() is Reason.LETTER_LIMIT


def test_a_letter_of_ours_in_sent_is_not_taken_for_a_mail_by_hand(stage: Stage) -> None:
    inquiry = stage.inquires()
    stage.writes(stage.server.bodies[0])
    assert (stage.state(), stage.happened(e.ContactOutside)) == (State.AWAITING, [])
    assert stage.kinds()[-1] == "OwnCopy"
    renamed = own_copy(stage.server.bodies[0], stage.now).replace(
        b"Message-ID: ", b"Message-ID: <AS8P@eurprd01.example>\r\nX-Microsoft-Original-Message-ID: "
    )
    stage.writes(renamed)
    assert stage.state() is State.AWAITING, inquiry.message_id


@pytest.mark.parametrize("where", ["to", "bcc"])
def test_it_is_matched_by_address_wherever_that_stands(stage: Stage, where: str) -> None:
    stage.inquires()
    to = OWNER.upper() if where == "to" else "friend@elsewhere.example"
    stage.writes(by_hand(to, stage.now, bcc=OWNER if where == "bcc" else None))
    assert stage.hold() is Reason.CONTACT_OUTSIDE


def test_it_is_matched_by_what_it_continues(stage: Stage) -> None:
    """Somebody else of theirs answered; Ada writes to that address, which the case does not know."""
    inquiry = stage.inquires()
    stage.writes(by_hand("lawyer@counsel.example", stage.now, cites=inquiry.message_id))
    assert stage.hold() is Reason.CONTACT_OUTSIDE
    assert stage.happened(e.WroteByHand) == [], "it went to no party of the case"


def test_mail_to_others_stops_nothing(stage: Stage) -> None:
    inquiry = stage.inquires()
    stage.writes(
        by_hand("friend@elsewhere.example", stage.now),
        by_hand("shop@brindlecove.example", stage.now, cites=inquiry.message_id, token="2"),
    )
    assert stage.state() is State.AWAITING
    assert [mail.reason for mail in stage.store.mails("shop") if mail.mailbox == "Sent"] == [
        "sent to nobody of a case",
        "sent to nobody of a case",
    ]


def test_our_own_out_of_office_stops_nothing(stage: Stage) -> None:
    inquiry = stage.inquires()
    stage.writes(out_of_office(inquiry.message_id, stage.now).replace(OWNER.encode(), b"shop@b.example", 1))
    assert stage.state() is State.AWAITING


def test_what_lay_in_sent_before_we_came_is_left_alone(stage: Stage) -> None:
    stage.inbox.put(by_hand(OWNER, stage.now), stage.now, "Sent")
    stage.arrives(notice("17340981265", stage.now))
    assert stage.state() is State.DRAFTED
    assert [mail for mail in stage.store.mails("shop") if mail.mailbox == "Sent"] == []


def test_a_letter_on_the_line_is_noted_and_the_case_held_after_it(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()

    async def while_the_body_leaves() -> None:
        stage.inbox.put(by_hand(OWNER, stage.now), stage.now, "Sent")
        await stage._daemon.turn_intake("shop", stage.line)

    stage.server.after_the_body = while_the_body_leaves
    stage.passes(11 * MINUTE)
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.CONTACT_OUTSIDE)
    assert len(stage.track().attempts) == 1


def test_mailed_to_amazon_is_noted_and_files_nothing(stage: Stage) -> None:
    stage.inquires()
    for _ in range(2):
        stage.passes(9 * DAY)
        stage.sends_out()
    assert stage.track(track_id="2").state is State.AWAITING
    stage.writes(by_hand(AMAZON, stage.now, "About complaint ID 17340981265: please look again.\n"))
    case = stage.case()
    assert (case.mailed_amazon_at, case.filed_at) == (stage.now, None)
    assert stage.track(track_id="2").hold is Reason.CONTACT_OUTSIDE
    assert stage.track().hold is None, "towards the complainant nothing happened"


def test_mail_to_amazon_about_something_else_is_no_fact_of_the_case(stage: Stage) -> None:
    stage.inquires()
    stage.writes(by_hand(AMAZON, stage.now, "Where is my payout?\n"))
    assert stage.case().mailed_amazon_at is None


def test_no_letter_leaves_before_sent_was_asked_for(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    stage.clock.moment += 11 * MINUTE
    stage.listen()
    stage.changes(sent=None)
    turn = stage.send()
    assert [reason for _, reason in turn.waiting] == [Reason.NOT_RECONCILED]


def test_a_server_without_sent_is_read_all_the_same(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.errors import MailboxMissing

    state = stage.inbox.state

    async def only_inbox(mailbox: str) -> MailboxState:
        if mailbox != "INBOX":
            raise MailboxMissing(f"there is no mailbox {mailbox}")
        return await state(mailbox)

    monkeypatch.setattr(stage.inbox, "state", only_inbox)
    stage.inquires()
    assert (stage.practice.sent, stage.state()) == ("", State.AWAITING)
