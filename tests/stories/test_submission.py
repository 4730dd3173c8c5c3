"""What the mail server may answer, and what must be true before it is asked."""

from __future__ import annotations

from datetime import timedelta

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.ports import AlertKind, SubmissionRefused
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.office import Limits
from tests.samples import sample_mail
from tests.stories.mails import monster, notice
from tests.stories.stage import BUSY, LINE_LOST, MONDAY, NO_LOGIN, NO_SUCH_USER, UNREACHABLE, PowerCut, Stage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ID = "17340981265"


def approved(stage: Stage) -> str:
    stage.arrives(notice(ID, MONDAY))
    return stage.approve().message_id


def test_deferred_with_patience_and_then_accepted(stage: Stage) -> None:
    message_id = approved(stage)
    stage.server.answers = [BUSY, UNREACHABLE, BUSY]
    stage.passes(11 * MINUTE)
    waits = []
    for _ in range(3):
        retry_at = stage.track().retry_at
        assert retry_at is not None
        waits.append(retry_at - stage.now)
        assert stage.passes(retry_at - stage.now - MINUTE).attempted == 0  # not a minute early
        stage.passes(MINUTE)
    assert waits == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    (mail,) = stage.sent()
    assert mail["Message-ID"] == message_id
    assert (stage.state(), stage.track().retry_at) == (State.AWAITING, None)
    assert len(stage.track().attempts) == 1


def test_deferred_for_ever_is_given_up_and_told(stage: Stage) -> None:
    stage.changes(limits=Limits(deferred_tries=4))
    approved(stage)
    stage.server.answers = [BUSY] * 10
    stage.passes(11 * MINUTE)
    for _ in range(6):
        stage.passes(5 * HOUR)
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.GAVE_UP)
    assert len(stage.happened(e.Deferred)) == 4
    assert stage.only(ItemKind.HOLD).reason == "gave-up"
    stage.server.answers = []
    stage.passes(DAY)
    assert stage.sent() == []

    stage.resumes()  # a person has mended the server
    stage.sends_out()
    assert len(stage.sent()) == 1


def test_refused_for_good_is_held_with_the_servers_words(stage: Stage) -> None:
    approved(stage)
    stage.server.answers = [NO_SUCH_USER]
    stage.passes(11 * MINUTE)
    assert (stage.hold(), stage.track().detail) == (Reason.REFUSED_BY_SERVER, "550 at rcpt")
    assert any("no such user" in text for text in stage.told(AlertKind.NEW_ITEM))
    stage.passes(30 * DAY)
    assert stage.sent() == []
    assert stage.track().attempts == ()


def test_a_refused_copy_sends_nothing_to_anybody_and_says_which(stage: Stage) -> None:
    approved(stage)
    copy = "notice-retraction@amazon.com"
    stage.server.answers = [SubmissionRefused(code=554, text="no", stage="rcpt", recipient=copy)]
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert (stage.hold(), stage.track().detail) == (Reason.REFUSED_BY_SERVER, "554 at rcpt, cc")
    assert stage.only(ItemKind.HOLD).detail == "554 at rcpt, cc"


def test_a_login_refused_never_holds_the_letter(stage: Stage) -> None:
    stage.changes(limits=Limits(deferred_tries=3))
    approved(stage)
    stage.server.answers = [NO_LOGIN] * 6
    stage.passes(11 * MINUTE)
    for _ in range(5):
        assert stage.state() is State.APPROVED
        assert stage.passes(29 * MINUTE).attempted == 0  # or the account gets locked
        stage.passes(MINUTE)
    assert stage.state() is State.APPROVED
    assert any("authentication failed" in text for text in stage.told(AlertKind.NEW_ITEM))
    stage.server.answers = [BUSY]  # the password is right again, and what was refused does not count
    stage.passes(30 * MINUTE)
    assert stage.state() is State.APPROVED
    stage.passes(5 * HOUR)
    assert len(stage.sent()) == 1


def test_a_rehearsal_whose_line_was_lost_is_a_draft_again(rehearsal: Stage) -> None:
    stage = rehearsal
    approved(stage)
    stage.server.answers = [LINE_LOST]
    stage.passes(11 * MINUTE)
    assert stage.state() is State.DRAFTED  # nobody but the operator could have received it
    assert stage.track().attempts == ()


def test_a_rehearsal_that_we_died_in_is_a_draft_again(rehearsal: Stage) -> None:
    stage = rehearsal
    approved(stage)
    stage.server.answers = [PowerCut("body")]
    try:
        stage.passes(11 * MINUTE)
    except PowerCut:
        stage.restarts()
    assert (stage.state(), stage.track().attempts) == (State.DRAFTED, ())
    assert stage.letter().approval is None


def test_a_mailbox_not_read_since_blocks(stage: Stage) -> None:
    approved(stage)
    stage.clock.moment += 20 * MINUTE
    turn = stage.send()
    assert [reason for _, reason in turn.waiting] == [Reason.NOT_RECONCILED]
    assert turn.must_listen
    stage.turn()
    assert len(stage.sent()) == 1


def test_a_mailbox_read_in_the_future_does_not_count_as_read(stage: Stage) -> None:
    stage.clock.moment += 3 * HOUR  # the clock was wrong, and is set right below
    stage.listen()
    stage.clock.moment -= 3 * HOUR
    stage.changes(undo_window=timedelta(0))
    stage.inbox.put(notice(ID, stage.now), stage.now)
    stage.turn()
    stage.approve()
    stage.clock.moment += 20 * MINUTE
    assert [reason for _, reason in stage.send().waiting] == [Reason.NOT_RECONCILED]


def test_mail_kept_but_not_understood_blocks(stage: Stage) -> None:
    approved(stage)
    stage.passes(5 * MINUTE)
    mail = sample_mail(account_id="shop", uidvalidity=1, uid=99, internal_date=stage.now)
    stage.store.keep((mail,), None, stage.now)
    stage.clock.moment += 6 * MINUTE
    assert [reason for _, reason in stage.send().waiting] == [Reason.MAIL_UNREAD]
    assert stage.server.bodies == []


def test_a_parked_mail_that_cites_us_blocks_until_a_person_looked(stage: Stage) -> None:
    message_id = approved(stage)
    stage.arrives(monster(stage.now, cites=message_id))
    assert stage.parked() == 1
    turn = stage.passes(11 * MINUTE)
    assert [reason for _, reason in turn.waiting] == [Reason.PARKED_MAIL_CITES_US]
    service.approve(stage.office, stage.only(ItemKind.PARKED).number, "Ada")  # read, and put away
    stage.passes(MINUTE)
    assert len(stage.sent()) == 1


def test_a_parked_mail_about_something_else_blocks_nothing(stage: Stage) -> None:
    approved(stage)
    stage.arrives(monster(stage.now))
    assert stage.parked() == 1
    stage.passes(11 * MINUTE)
    assert len(stage.sent()) == 1


def test_the_daily_cap_waits(stage: Stage) -> None:
    stage.changes(limits=Limits(letters_per_day=2, letters_per_address_per_day=9))
    for number in range(3):
        stage.inquires(f"1734098126{number}", owner=f"ip{number}@ferrowick.example")
    assert len(stage.sent()) == 2
    turn = stage.passes(HOUR)
    assert [reason for _, reason in turn.waiting] == [Reason.DAILY_CAP]
    stage.passes(DAY)
    assert len(stage.sent()) == 3


def test_the_cap_of_one_address_waits_for_it_alone(stage: Stage) -> None:
    stage.changes(limits=Limits(letters_per_address_per_day=1))
    stage.inquires("17340981261")
    stage.inquires("17340981262")
    assert len(stage.sent()) == 1
    assert [reason for _, reason in stage.send().waiting] == [Reason.DAILY_CAP]
    stage.inquires("17340981263", owner="other@ferrowick.example")
    assert len(stage.sent()) == 2
    stage.passes(DAY)
    assert len(stage.sent()) == 3


def test_letters_to_amazon_are_no_letters_to_one_complainant(stage: Stage) -> None:
    """Several owners may be silent, and Amazon has one address for all of them."""
    stage.changes(limits=Limits(letters_per_address_per_day=1, new_addresses_per_day=2))
    stage.inquires("17340981261", owner="ip@ferrowick.example")
    stage.inquires("17340981262", owner="ip@brackenfold.example")
    for _ in range(40):
        stage.passes(DAY)
        for item in stage.items(ItemKind.DRAFT):
            stage.approve(item.number)
        stage.passes(11 * MINUTE)
    to_amazon = [letter for letter in stage.store.letters() if letter.step == "escalation"]
    assert [letter.state for letter in to_amazon] == [State.AWAITING, State.AWAITING]
    first, second = (letter.attempts[-1].started_at for letter in to_amazon)
    assert abs(first - second) < DAY
