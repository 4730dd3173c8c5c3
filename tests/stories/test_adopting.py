"""The seller of yesterday's notice: what lay there before we came, taken on where it really stands."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.ports import MailStatus
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.desk.adopting import Already, Vouched, adopt
from bot.runner.desk.looking_back import Past, look_back
from bot.runner.desk.offers import Offer, offers
from bot.runner.inbox.importing import Imported, import_since, read_imported
from bot.runner.inbox.intake import learn_mailboxes
from tests.stories.mails import (
    AMAZON_SAYS,
    OWNER,
    amazon,
    by_hand,
    forwarded_notice,
    notice,
    reply,
    retraction_confirmed,
)
from tests.stories.stage import Stage, directly

DAY = timedelta(days=1)
ID = "17340981265"


def quietly(_done: int, _total: int) -> None:
    """No progress in a story."""


class Newcomer:
    """A seller who installs Rejoinder tonight: everything in the mailboxes is older than it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.line = replace(stage.line, read_all=False)
        stage._daemon._lines = {"shop": stage.line}

    def lay(self, raw: bytes, at: datetime, mailbox: str = "INBOX") -> None:
        """A mail of the past."""
        self.stage.inbox.put(raw, at, mailbox)

    def looks(self, since: timedelta = 90 * DAY) -> tuple[Offer, ...]:
        """`rejoinder adopt`: fetch what is older and say which notices there are."""
        return asyncio.run(self._looks(self.stage.now - since))

    async def _looks(self, since: datetime) -> tuple[Offer, ...]:
        stage, line = self.stage, self.stage.line
        practice = await learn_mailboxes(stage.office, "shop", line.source)
        self.imported: Imported = await import_since(
            stage.office, practice, line.source, directly, since, quietly
        )
        await read_imported(stage.office, practice, line.reader, directly, quietly)
        return await offers(stage.office, practice, line.reader, directly, since, quietly)

    def past(self, offer: Offer, *addresses: str) -> Past:
        """What the mailboxes show about it."""
        stage, line = self.stage, self.stage.line
        looked = look_back(
            stage.office, stage.practice, line.source, line.reader, directly, offer, addresses or None
        )
        return asyncio.run(looked)

    def adopts(self, offer: Offer, **said: Any) -> Past:
        """With whatever the mailboxes show, and what Ada says."""
        vouched = said.pop("vouched", None)
        addresses = (vouched.address,) if vouched and vouched.address else ()
        past = self.past(offer, *addresses)
        done = Already(**{"wrote": past.wrote, "mailed_amazon": past.mailed_amazon} | said)
        adopt(self.stage.office, self.stage.practice, offer, done, "Ada", vouched=vouched, came=past.came)
        self.stage.turn()
        return past


@pytest.fixture
def newcomer(stage: Stage) -> Newcomer:
    return Newcomer(stage)


def test_the_seller_of_yesterdays_notice_has_the_right_letter_by_bedtime(
    newcomer: Newcomer, stage: Stage
) -> None:
    """The notice came yesterday; nothing was done yet; the inbox holds old notices as well."""
    newcomer.lay(notice("17111111111", stage.now - 200 * DAY), stage.now - 200 * DAY)
    newcomer.lay(notice(ID, stage.now - DAY), stage.now - DAY)
    (offer,) = newcomer.looks()
    assert (offer.complaint_ids, offer.proven, offer.addresses) == ((ID,), True, (OWNER,))
    stage.turn()
    assert (stage.store.cases(), stage.items()) == ((), []), "nobody has chosen anything yet"

    newcomer.adopts(offer)
    letter = stage.draft()
    assert (letter.step, letter.to) == ("inquiry", OWNER)
    assert stage.case().facts.notice_at == stage.now - DAY
    assert [event.by for event in stage.happened(e.Adopted)] == ["Ada"]


def test_what_was_written_four_business_days_ago_makes_the_reminder_due_now(
    newcomer: Newcomer, stage: Stage
) -> None:
    newcomer.lay(notice(ID, stage.now - 7 * DAY), stage.now - 7 * DAY)
    wrote_at = stage.now - 6 * DAY  # the Tuesday before
    newcomer.lay(by_hand(OWNER, wrote_at, subject="About your report"), wrote_at, "Sent")
    (offer,) = newcomer.looks()
    past = newcomer.adopts(offer)
    assert [(one.sent_at, one.to) for one in past.wrote] == [(wrote_at, OWNER)]
    letter = stage.draft()
    assert letter.step == "reminder-1"
    assert letter.in_reply_to == "<ada.1@brindlecove.example>"
    assert letter.subject == "Re: About your report"
    assert "On 6 January 2026 we wrote to you" in " ".join(letter.body.split())
    assert [attempt.at for attempt in stage.track().attempts] == [wrote_at]
    stage.sends_out()
    assert len(stage.server.taken) == 1


def test_what_was_written_yesterday_waits_its_days(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - 2 * DAY), stage.now - 2 * DAY)
    newcomer.lay(by_hand(OWNER, stage.now - DAY), stage.now - DAY, "Sent")
    (offer,) = newcomer.looks()
    newcomer.adopts(offer)
    assert (stage.state(), stage.track().step) == (State.AWAITING, "reminder-1")
    assert stage.track().due_at is not None
    assert stage.track().due_at > stage.now + DAY


def test_three_mails_by_hand_lead_to_amazon_and_two_of_a_day_are_one(
    newcomer: Newcomer, stage: Stage
) -> None:
    newcomer.lay(notice(ID, stage.now - 40 * DAY), stage.now - 40 * DAY)
    for token, days in (("1", 39), ("2", 39), ("3", 30), ("4", 20)):
        newcomer.lay(by_hand(OWNER, stage.now - days * DAY, token=token), stage.now - days * DAY, "Sent")
    (offer,) = newcomer.looks()
    newcomer.adopts(offer)
    assert [attempt.step for attempt in stage.track().attempts] == ["inquiry", "reminder-1", "reminder-2"]
    letter = stage.draft()
    assert letter.step == "escalation"
    assert "inquiry, written by hand from our own mailbox" in " ".join(letter.body.split())


def test_an_answer_that_came_before_we_did_holds_the_case(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - 9 * DAY), stage.now - 9 * DAY)
    newcomer.lay(by_hand(OWNER, stage.now - 8 * DAY), stage.now - 8 * DAY, "Sent")
    answer = reply("<ada.1@brindlecove.example>", stage.now - 7 * DAY, "We shall look into it.\n")
    newcomer.lay(answer, stage.now - 7 * DAY)
    (offer,) = newcomer.looks()
    newcomer.adopts(offer)
    assert (stage.state(), stage.hold()) == (State.HELD, Reason.ANSWERED)


def test_a_complaint_that_was_withdrawn_since_is_told_and_starts_no_letter(
    newcomer: Newcomer, stage: Stage
) -> None:
    newcomer.lay(notice(ID, stage.now - 9 * DAY), stage.now - 9 * DAY)
    newcomer.lay(retraction_confirmed(ID, stage.now - 2 * DAY), stage.now - 2 * DAY)
    (offer,) = newcomer.looks()
    assert offer.since == ("withdrawn",)
    newcomer.adopts(offer)
    assert stage.hold() is Reason.RETRACTION_SEEN
    assert stage.draft_steps() == []


def test_amazons_second_mail_belongs_to_the_first_and_holds_nothing(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - 9 * DAY), stage.now - 9 * DAY)
    newcomer.lay(notice(ID, stage.now - 5 * DAY, token="again"), stage.now - 5 * DAY)
    (offer,) = newcomer.looks()
    assert (offer.came_at, len(offer.again)) == (stage.now - 9 * DAY, 1)
    newcomer.adopts(offer)
    assert stage.draft().step == "inquiry"
    (again,) = offer.again
    assert stage.store.mail(again).cases == (stage.case().case_id,)


def test_mail_to_the_owner_about_another_complaint_does_not_count(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - 9 * DAY), stage.now - 9 * DAY)
    other = by_hand(OWNER, stage.now - 8 * DAY, "About complaint ID 17777777777, please.\n")
    newcomer.lay(other, stage.now - 8 * DAY, "Sent")
    (offer,) = newcomer.looks()
    newcomer.adopts(offer)
    assert stage.draft().step == "inquiry"


def test_the_lawyer_has_it_and_no_letter_is_ever_drafted(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - DAY), stage.now - DAY)
    (offer,) = newcomer.looks()
    newcomer.adopts(offer, lawyer=True)
    assert (stage.state(), stage.case().lawyer) == (State.HELD, True)
    stage.passes(200 * DAY)
    assert stage.draft_steps() == []
    assert {kind.value for kind, _ in stage.bells.rung} & {"last-safe", "deadline-near"}, "the clocks run on"


def test_a_deleted_listing_waits_for_a_word(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - DAY), stage.now - DAY)
    (offer,) = newcomer.looks()
    newcomer.adopts(offer, listing_deleted=True)
    assert stage.hold() is Reason.HELD_BY_YOU
    assert stage.only(ItemKind.HOLD).detail == "you took the listing down yourself"


def test_nothing_is_adopted_twice(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - DAY), stage.now - DAY)
    (offer,) = newcomer.looks()
    newcomer.adopts(offer)
    with pytest.raises(NotPossible, match="taken on before"):
        newcomer.adopts(offer)
    (told,) = newcomer.looks()
    assert told.cases == (stage.case().case_id,)


def test_what_is_imported_is_never_acted_upon(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice(ID, stage.now - DAY), stage.now - DAY)
    newcomer.looks()
    stage.passes(30 * DAY)
    assert (stage.store.cases(), stage.items(), stage.bells.rung) == ((), [], [])
    newcomer.looks()
    assert newcomer.imported == Imported(found=1, kept=0, too_large=0)


def test_what_arrives_after_the_import_is_news(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(notice("17111111111", stage.now - DAY), stage.now - DAY)
    newcomer.looks()
    stage.inbox.put(notice(ID, stage.now, asin="B0ZG04SJF4"), stage.now)
    newcomer.looks()
    stage.turn()
    assert stage.case().facts.complaint_id == ID, "not hidden by the second import"


def test_court_matters_are_adopted_without_a_draft(newcomer: Newcomer, stage: Stage) -> None:
    newcomer.lay(amazon("court", stage.now - DAY), stage.now - DAY)
    (offer,) = newcomer.looks()
    newcomer.adopts(offer)
    assert stage.hold() is Reason.COURT_MATTER
    assert "court" in AMAZON_SAYS


# ------------------------------------------------------------------ the forwarded notice, and other suspects


def vouched(**said: Any) -> Vouched:
    seen = Vouched(
        complaint_id=ID, seen_in="Account Health", seen_at=datetime(2026, 1, 12).astimezone(), address=OWNER
    )
    return replace(seen, **said)


@pytest.fixture
def forwarded(newcomer: Newcomer, stage: Stage) -> Offer:
    newcomer.lay(forwarded_notice(ID, stage.now - DAY), stage.now - DAY)
    (offer,) = newcomer.looks()
    assert not offer.proven
    return offer


def test_the_forwarded_notice_is_adopted_by_who_saw_it(
    newcomer: Newcomer, stage: Stage, forwarded: Offer
) -> None:
    newcomer.adopts(forwarded, vouched=vouched())
    letter = stage.draft()
    assert (letter.step, letter.to) == ("inquiry", OWNER)
    (said,) = stage.happened(e.Adopted)
    assert (said.by, said.seen_in) == ("Ada", "Account Health")
    assert stage.case().facts.vouched_by == "Ada"
    assert "named this address as the contact" not in letter.body, "no notice of Amazon's says so"


def test_its_letter_is_approved_by_typing_the_addressee(
    newcomer: Newcomer, stage: Stage, forwarded: Offer
) -> None:
    newcomer.adopts(forwarded, vouched=vouched())
    number = stage.waiting().number
    with pytest.raises(NotPossible, match="you name whom it goes to"):
        service.approve(stage.office, number, "Ada")
    with pytest.raises(NotPossible, match="another address"):
        service.approve(stage.office, number, "Ada", named="ip@elsewhere.example")
    assert stage.state() is State.DRAFTED
    service.approve(stage.office, number, "Ada", named=OWNER.upper())
    stage.passes(timedelta(minutes=11))
    ((envelope, _),) = stage.server.taken
    assert envelope.recipients[0].address == OWNER
    assert {one.address.rpartition("@")[2] for one in envelope.recipients[1:]} <= {
        "amazon.com",
        "brindlecove.example",
    }


def test_it_never_shares_a_letter_with_a_complaint_that_is_proven(
    newcomer: Newcomer, stage: Stage, forwarded: Offer
) -> None:
    newcomer.adopts(forwarded, vouched=vouched())
    stage.arrives(notice("17222222222", stage.now, asin="B0ZG04SJF4"))
    assert sorted(len(letter.tracks) for letter in stage.store.letters(states=(State.DRAFTED,))) == [1, 1]


def test_without_a_word_nobody_adopts_it(newcomer: Newcomer, forwarded: Offer) -> None:
    with pytest.raises(NotPossible, match="nothing proves"):
        newcomer.adopts(forwarded)


def test_another_number_is_refused(newcomer: Newcomer, stage: Stage, forwarded: Offer) -> None:
    with pytest.raises(NotPossible, match="is not the one of mail"):
        newcomer.adopts(forwarded, vouched=vouched(complaint_id="17340981266"))
    assert stage.store.cases() == ()


def test_its_own_address_is_never_written_to(newcomer: Newcomer, stage: Stage, forwarded: Offer) -> None:
    """The person saw no contact: the one that the unproven mail names stays unknown to the case."""
    newcomer.adopts(forwarded, vouched=vouched(address=None))
    assert (stage.hold(), stage.case().parties[0].addresses) == (Reason.NO_ADDRESS, ())
    newcomer_said = stage.store.cases_of_address("shop", OWNER)
    assert newcomer_said == ()


def test_the_typed_address_wins_over_that_of_the_mail(
    newcomer: Newcomer, stage: Stage, forwarded: Offer
) -> None:
    newcomer.adopts(forwarded, vouched=vouched(address="legal@ferrowick.example"))
    assert stage.draft().to == "legal@ferrowick.example"
    assert OWNER not in stage.draft().body


@pytest.mark.parametrize(
    "address", ["notice@amazon.com", "shop@brindlecove.example", "no-reply@ferrowick.example", "nobody"]
)
def test_role_rules_hold_for_what_a_person_types(newcomer: Newcomer, forwarded: Offer, address: str) -> None:
    with pytest.raises(NotPossible, match=r"is never a complainant's|no address"):
        newcomer.adopts(forwarded, vouched=vouched(address=address))


def test_an_unproven_mail_changes_no_other_cases_record(newcomer: Newcomer, stage: Stage) -> None:
    """It names a party of another case, under another name: that case keeps what its own notice said."""
    newcomer.lay(notice("17222222222", stage.now - 2 * DAY), stage.now - 2 * DAY)
    evil = forwarded_notice(ID, stage.now - DAY).replace(b"Tilo Brandauer", b"Pay Here Ltd")
    newcomer.lay(evil, stage.now - DAY)
    genuine, suspect = newcomer.looks()
    newcomer.adopts(genuine)
    newcomer.adopts(suspect, vouched=vouched())
    assert stage.case("17222222222").parties[0].name == "Tilo Brandauer"
    assert stage.case("17222222222").parties[0].source == "mail"


def test_the_genuine_notice_that_comes_later_is_not_taken_for_the_suspect(
    newcomer: Newcomer, stage: Stage, forwarded: Offer
) -> None:
    newcomer.adopts(forwarded, vouched=vouched())
    genuine = notice(ID, stage.now).replace(
        f"<n.{ID}.B0ZG04SJF3@email.amazonses.com>".encode(), b"<f.1@brindlecove.example>"
    )
    stage.arrives(genuine)
    assert stage.hold() is Reason.NOTICE_AGAIN


def test_imported_mail_keeps_its_status_until_somebody_takes_it_on(
    newcomer: Newcomer, stage: Stage, forwarded: Offer
) -> None:
    assert stage.store.mail(forwarded.mail.mail_id).status is MailStatus.IMPORTED
    newcomer.adopts(forwarded, vouched=vouched())
    mail = stage.store.mail(forwarded.mail.mail_id)
    assert (mail.status, mail.kind) == (MailStatus.READ, "Suspect")
