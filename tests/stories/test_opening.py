"""What a mail of Amazon's starts: a draft, or a held case with its reason, or nothing but an item."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.mail.envelope import RecipientRole
from bot.ports import AlertKind
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.office import Limits
from tests.stories.mails import OWNER, amazon, forwarded_notice, item, notice
from tests.stories.stage import MONDAY, Stage

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ID = "17340981265"


def nothing_can_leave(stage: Stage) -> None:
    assert stage.store.letters() == ()
    stage.passes(30 * DAY)
    assert stage.store.letters() == ()
    assert stage.server.bodies == []


@pytest.mark.parametrize(
    ("name", "sender", "reason"),
    [
        ("evaluation", "patent-evaluation@amazon.com", Reason.PATENT_EVALUATION),
        ("court", "seller-performance@amazon.com", Reason.COURT_MATTER),
        ("warning", "notice@amazon.com", Reason.PAGE_WARNING),
        ("account", "seller-performance@amazon.com", Reason.ACCOUNT_LEVEL),
        ("suspected", "no-reply@amazon.com", Reason.AUTOMATED_NOTICE),
    ],
)
def test_held_with_its_reason_and_no_draft(stage: Stage, name: str, sender: str, reason: Reason) -> None:
    stage.arrives(amazon(name, MONDAY, sender=sender))
    assert stage.hold() is reason
    assert stage.only(ItemKind.HOLD).reason == reason.value
    assert stage.told(AlertKind.NEW_ITEM)
    with pytest.raises(NotPossible, match="no letter may follow"):
        stage.resumes()
    assert stage.hold() is reason
    nothing_can_leave(stage)


def with_counsel() -> bytes:
    plain = notice(ID, MONDAY, owner="e.farthingale@wrenfieldtarrant.example")
    counsel = plain.replace(
        b"-- Tilo Brandauer\n", b"-- Ferrowick Tools Ltd\n-- c/o Wrenfield & Tarrant LLP, Solicitors\n"
    ).replace(
        b"-- Tilo Brandauer\r\n",
        b"-- Ferrowick Tools Ltd\r\n-- c/o Wrenfield & Tarrant LLP, Solicitors\r\n",
    )
    assert counsel != plain
    return counsel


def test_a_lawyer_named_in_the_notice_is_not_written_to(stage: Stage) -> None:
    stage.arrives(with_counsel())
    assert stage.hold() is Reason.COUNSEL_NAMED
    nothing_can_leave(stage)


def test_not_even_when_a_person_lets_the_case_go_on(stage: Stage) -> None:
    stage.arrives(with_counsel())
    stage.resumes()
    assert stage.hold() is Reason.NO_ADDRESS  # the lawyer is a party of their own, and no complainant
    nothing_can_leave(stage)


def test_a_notice_without_a_contact_asks_a_person(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY, owner=None))
    assert stage.hold() is Reason.NO_ADDRESS
    nothing_can_leave(stage)


def test_an_unproven_notice_is_an_item_and_no_case(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY, proven=False))
    assert stage.kinds() == ["Suspect"]
    assert stage.store.cases() == ()
    assert stage.only(ItemKind.SUSPECT).reason == "not-proven"
    nothing_can_leave(stage)


def test_an_unproven_notice_does_not_hide_the_genuine_one(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY, proven=False), notice(ID, MONDAY))
    assert stage.kinds() == ["Suspect", "Notice"]
    assert stage.draft().to == OWNER


def test_an_unproven_notice_about_a_known_case_moves_nothing(stage: Stage) -> None:
    stage.inquires()
    before = stage.track()
    stage.arrives(notice(ID, stage.now, proven=False, token="again"))
    assert stage.track() == before


def test_a_forwarded_notice_is_an_item_and_no_case(stage: Stage) -> None:
    stage.arrives(forwarded_notice(ID, MONDAY))
    assert stage.store.cases() == ()
    assert stage.only(ItemKind.SUSPECT).reason == "forwarded"
    nothing_can_leave(stage)


def test_a_second_notice_with_the_same_id_holds_and_writes_no_second_letter(stage: Stage) -> None:
    stage.inquires()
    stage.arrives(notice(ID, stage.now, token="again"))
    assert stage.hold() is Reason.NOTICE_AGAIN
    assert len(stage.store.cases()) == 1
    stage.passes(30 * DAY)
    assert len(stage.server.bodies) == 1
    assert len(stage.store.letters()) == 1


def test_a_second_notice_sets_the_draft_aside(stage: Stage) -> None:
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.arrives(notice(ID, MONDAY, token="again"))
    assert stage.hold() is Reason.NOTICE_AGAIN
    assert stage.letter().state is State.HELD
    assert stage.items(ItemKind.DRAFT) == []


def test_a_second_notice_after_closing_is_something_to_read(stage: Stage) -> None:
    stage.inquires()
    service.close_case(stage.office, stage.case().case_id, "settled", "Ada")
    stage.arrives(notice(ID, stage.now, token="again"))
    assert stage.state() is State.CLOSED
    assert stage.only(ItemKind.ALARM).reason == "after-closing"
    assert len(stage.store.cases()) == 1


def test_the_very_same_mail_twice_is_one_case_and_no_event(stage: Stage) -> None:
    mail = notice(ID, MONDAY)
    stage.arrives(mail, mail)
    stage.arrives(mail)
    assert len(stage.store.letters()) == 1
    assert stage.state() is State.DRAFTED
    assert stage.happened(e.NoticeAgain) == []
    assert [kept.reason for kept in stage.store.mails("shop")][1:] == ["same mail as number 1"] * 2


def test_the_same_mail_in_another_mailbox_is_the_same_mail(stage: Stage) -> None:
    stage.changes(watched=("INBOX", "Junk"))
    stage.inbox.put(notice(ID, MONDAY), MONDAY)
    (fetched,) = stage.inbox.mails
    stage.inbox.mails.append(replace(fetched, mailbox="Junk"))
    stage.listen()
    assert [kept.mailbox for kept in stage.store.mails("shop")] == ["INBOX", "Junk"]
    assert len(stage.store.cases()) == len(stage.store.letters()) == 1
    assert stage.happened(e.NoticeAgain) == []


def test_a_mailbox_renumbered_by_its_server_changes_nothing(stage: Stage) -> None:
    stage.inquires()
    before = stage.case()
    stage.inbox.uidvalidity = 2
    stage.inbox.mails = [replace(mail, uidvalidity=2) for mail in stage.inbox.mails]
    stage.listen()
    assert stage.case() == before
    assert len(stage.store.mails("shop")) == 2
    assert stage.told(AlertKind.RENUMBERED)


def test_one_id_twice_in_a_mail_is_one_case(stage: Stage) -> None:
    twice = f"{item(ID, 'B0ZG04SJF3', owner=OWNER)}\n\n{item(ID, 'B0ZG04SJF3', owner=OWNER)}"
    stage.arrives(notice(ID, MONDAY, owner=None, items=twice))
    assert len(stage.store.cases()) == 1


def test_a_complaint_without_an_id_like_one_of_last_week_asks_a_person(stage: Stage) -> None:
    blank = "ASIN: B0ZG04SJF3\nTitle: Camp kettle\nInfringement type: Trademark"
    stage.arrives(notice("none", MONDAY, items=blank, token="first"))
    first = stage.case()
    assert stage.state() is State.DRAFTED
    stage.clock.moment += 7 * DAY
    stage.arrives(notice("none", stage.now, items=blank, token="second"))
    (second,) = [case for case in stage.store.cases() if case.case_id != first.case_id]
    assert second.perhaps_same_as == first.case_id
    assert second.tracks[0].hold is Reason.PERHAPS_THE_SAME
    assert len(stage.store.letters()) == 1


def test_a_gap_in_the_profile_holds_the_draft_and_names_it(stage: Stage) -> None:
    complete = stage.practice.profile
    stage.changes(profile=replace(complete, signatory=""))
    stage.arrives(notice(ID, MONDAY))
    assert stage.hold() is Reason.PROFILE_INCOMPLETE
    assert "signatory" in (stage.track().detail or "")
    assert "signatory" in stage.only(ItemKind.HOLD).detail

    stage.changes(profile=complete)
    stage.resumes()
    assert "Ada Marsh" in stage.draft().body
    assert stage.items(ItemKind.HOLD) == []


def test_a_gap_that_comes_later_sets_the_draft_aside(stage: Stage) -> None:
    complete = stage.practice.profile
    stage.arrives(notice(ID, MONDAY))
    stage.changes(profile=replace(complete, signatory=""))
    stage.turn()
    assert stage.hold() is Reason.PROFILE_INCOMPLETE
    assert stage.letter().state is State.HELD
    stage.changes(profile=complete)
    stage.resumes()
    stage.sends_out()
    assert len(stage.sent()) == 1


def test_a_burst_of_notices_throws_the_stop_switch(stage: Stage) -> None:
    stage.changes(limits=Limits(new_cases_per_minute=3))
    stage.arrives(*(notice(f"1734098126{n}", MONDAY, token=str(n)) for n in range(6)))
    held = [case for case in stage.store.cases() if case.tracks[0].hold is Reason.STOP_SWITCH]
    assert len(held) == 3
    assert stage.told(AlertKind.STOP_SWITCH)
    stage.passes(DAY)
    assert stage.server.bodies == []  # what was opened before waits for a person anyway

    stage.resumes(stage.items(ItemKind.HOLD)[0].number)  # a person looked: this one is real
    assert sum(len(letter.tracks) for letter in stage.store.letters(states=(State.DRAFTED,))) == 4


def test_a_rehearsal_reaches_nobody_and_starts_no_clock(rehearsal: Stage) -> None:
    stage = rehearsal
    stage.arrives(notice(ID, MONDAY))
    stage.sends_out()
    ((envelope, raw),) = stage.server.taken
    assert [(r.address, r.role) for r in envelope.recipients] == [
        ("ada@brindlecove.example", RecipientRole.REHEARSAL)
    ]
    assert OWNER.encode() in raw  # the letter itself is the one that would leave
    track = stage.track()
    assert (track.state, track.attempts, track.due_at) == (State.DRAFTED, (), None)
    assert stage.happened(e.Rehearsed)
    assert stage.happened(e.Accepted) == []
    stage.passes(DAY)
    assert len(stage.server.bodies) == 1

    stage.changes(safe_mode_to=None)
    stage.sends_out()
    assert next(r.address for r in stage.server.taken[-1][0].recipients) == OWNER
    assert stage.state() is State.AWAITING


@pytest.mark.parametrize("first", [None, "ada@brindlecove.example"])
def test_switching_safe_mode_voids_the_approval(stage: Stage, first: str | None) -> None:
    stage.changes(safe_mode_to=first)
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.changes(safe_mode_to=None if first else "ada@brindlecove.example")
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.SAFE_MODE_SWITCHED]
