"""The last question before a letter leaves, tested for itself: asked before the claim and again at 354."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.events import Voided
from bot.case.items import ItemKind
from bot.case.model import State
from bot.case.reasons import Reason
from bot.draft.stops import StoppedAddress
from bot.errors import Conflict
from bot.runner.desk import service
from bot.runner.office import Limits
from bot.runner.outbox import sending
from bot.runner.outbox.gate import Answer, Verdict
from tests.samples import sample_mail
from tests.stories.mails import monster, notice, out_of_office, reply
from tests.stories.stage import MONDAY, Stage

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ID, OTHER_ID = "17340981265", "17340981999"

Happening = Callable[[Stage], Awaitable[None]]


async def not_reconciled(stage: Stage) -> None:
    """The server was slow: nobody has looked into the mailbox for more than a quarter of an hour."""
    stage.clock.moment += 16 * MINUTE


async def one_mailbox_of_two_not_reconciled(stage: Stage) -> None:
    stage.changes(watched=("INBOX", "Claims"))


async def kept_and_unread(stage: Stage) -> None:
    mail = sample_mail(account_id="shop", uidvalidity=1, uid=99, internal_date=stage.now)
    stage.store.keep((mail,), None, stage.now)


async def parked_and_citing_us(stage: Stage) -> None:
    await stage.hears(monster(stage.now, cites=stage.letter().message_id))


async def answered(stage: Stage) -> None:
    await stage.hears(reply(stage.letter().message_id, stage.now, "We talked on the phone.\n"))


async def answered_without_citing_us(stage: Stage) -> None:
    await stage.hears(reply(None, stage.now, f"About complaint ID {ID}: call us.\n"))


async def noticed_again(stage: Stage) -> None:
    await stage.hears(notice(ID, stage.now, token="again"))


async def stopped(stage: Stage) -> None:
    stage.store.stop_address(StoppedAddress(address=stage.letter().to, at=stage.now, by="Ada"))


async def at_the_cap(stage: Stage) -> None:
    stage.changes(limits=Limits(letters_per_day=0))


async def too_old(stage: Stage) -> None:
    stage.clock.moment = stage.letter().good_until


HAPPENINGS: list[Happening] = [
    not_reconciled, one_mailbox_of_two_not_reconciled, kept_and_unread, parked_and_citing_us, answered,
    answered_without_citing_us, noticed_again, stopped, at_the_cap, too_old,
]  # fmt: skip


def approved(stage: Stage) -> None:
    """An approved letter whose undo window is over, and a mailbox that was just read."""
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.clock.moment += 11 * MINUTE
    stage.listen()


def _now(stage: Stage, happening: Happening) -> None:
    asyncio.run(happening(stage))


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda one: one.__name__)
def test_before_the_claim_it_stays(stage: Stage, happening: Happening) -> None:
    approved(stage)
    _now(stage, happening)
    assert stage.send().attempted == 0
    assert stage.server.bodies == []


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda one: one.__name__)
def test_between_the_claim_and_354_it_is_taken_back(stage: Stage, happening: Happening) -> None:
    """The recipients are taken, the server waits for the text, and now it happens."""
    approved(stage)

    async def meanwhile() -> None:
        await happening(stage)

    stage.server.at_354 = meanwhile
    assert stage.send().attempted == 1
    assert stage.server.at_354 is None  # it did happen
    assert stage.server.bodies == []
    assert stage.letter().state is not State.BODY_GONE


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda one: one.__name__)
def test_without_the_second_question_it_would_leave(
    stage: Stage, happening: Happening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard switched off: each of the tests above would see it."""
    honest = sending.ask

    def blind(*args: object) -> Answer:
        if State.SENDING in args:
            letter = stage.letter()
            assert letter.approval is not None
            return Answer(verdict=Verdict.GO, raw=stage.office.raw.get(letter.approval.raw_sha256))
        return honest(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "ask", blind)
    approved(stage)

    async def meanwhile() -> None:
        await happening(stage)

    stage.server.at_354 = meanwhile
    stage.send()
    assert len(stage.server.bodies) == 1


def test_a_machine_that_answers_stops_nothing(stage: Stage) -> None:
    stage.inquires()
    stage.passes(3 * DAY)
    stage.approve()
    stage.clock.moment += 11 * MINUTE
    stage.arrives(out_of_office(stage.sent()[0]["Message-ID"], stage.now))
    assert stage.send().attempted == 1
    assert len(stage.sent()) == 2


def test_a_reason_is_named_for_what_waits(stage: Stage) -> None:
    approved(stage)
    _now(stage, kept_and_unread)
    assert stage.send().waiting == ((stage.letter().letter_id, Reason.MAIL_UNREAD),)


def test_an_addressee_who_turns_out_to_be_one_of_us_is_not_written_to(stage: Stage) -> None:
    """A second account with that address was added to the settings between the yes and the sending."""
    approved(stage)
    rules = stage.practice.lint
    stage.changes(lint=replace(rules, own_addresses=(*rules.own_addresses, stage.letter().to)))
    assert stage.send().attempted == 0
    assert stage.server.bodies == []
    (voided,) = stage.happened(Voided)
    assert voided.reason is Reason.RECIPIENT_NOT_ALLOWED


def test_a_mail_that_claims_another_case_holds_only_that_case(stage: Stage) -> None:
    stage.arrives(notice(OTHER_ID, MONDAY, token="other", owner="legal@harrowgate.example"))
    service.reject(stage.office, stage.waiting().number, "not now", "Ada")
    stage.arrives(notice(ID, MONDAY))
    yes = stage.approve()
    stage.clock.moment += 11 * MINUTE
    strayed = f"About complaint ID {OTHER_ID}: call us.\n"
    stage.arrives(reply(None, stage.now, strayed, sender="legal@harrowgate.example"))
    assert stage.only(ItemKind.CLAIM).cases == (stage.case(OTHER_ID).case_id,)
    assert stage.send().attempted == 1
    assert [mail["Message-ID"] for mail in stage.sent()] == [yes.message_id]


def test_recalled_after_the_round_of_sending_began_it_is_not_claimed(stage: Stage) -> None:
    """The round knows the letter as approved; when its turn comes, it is a draft again."""
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    service.recall(stage.office, stage.only(ItemKind.DRAFT).number, "Ada")
    stage.clock.moment += 11 * MINUTE
    stage.listen()
    answer = sending.claim(stage.office, stage.practice, stage.letter().letter_id)
    assert (answer.verdict, answer.reason) == (Verdict.WAIT, Reason.WORLD_SPOKE)
    assert (stage.letter().state, stage.letter().attempts) == (State.DRAFTED, ())
    stage.balances()


def test_written_by_somebody_else_in_the_moment_of_the_claim_it_waits(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(stage)

    def conflicting(*args: object) -> None:
        raise Conflict(stage.case().case_id)

    with monkeypatch.context() as patch:
        patch.setattr(stage.store, "record", conflicting)
        turn = stage.send()
    assert (turn.attempted, turn.waiting) == (0, ((stage.letter().letter_id, Reason.WORLD_SPOKE),))
    assert stage.letter().state is State.APPROVED
    assert stage.send().attempted == 1
