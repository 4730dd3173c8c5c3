"""Several complaints by one owner are one letter; each case keeps its own clock and its own fate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.review import ItemKind
from bot.runner.desk import service
from tests.stories.mails import OWNER, bounce, item, notice, own_copy, reply, retraction_confirmed
from tests.stories.stage import BUSY, LINE_LOST, MONDAY, NO_SUCH_USER, PowerCut, Stage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
IDS = [f"1734098126{n}" for n in range(1, 7)]


def five(stage: Stage) -> None:
    """Five complaints by one owner over a day."""
    for number, complaint_id in enumerate(IDS[:5]):
        stage.arrives(notice(complaint_id, stage.now, asin=f"B0ZG04SJF{number}"))
        stage.clock.moment += 90 * MINUTE


def two(stage: Stage) -> None:
    for number, complaint_id in enumerate(IDS[:2]):
        stage.arrives(notice(complaint_id, stage.now, asin=f"B0ZG04SJF{number}"))


def test_five_complaints_in_a_day_are_one_letter_listing_all(stage: Stage) -> None:
    five(stage)
    letter = stage.draft()
    assert len(letter.tracks) == 5
    assert all(complaint_id in letter.body for complaint_id in IDS[:5])
    assert len(stage.items(ItemKind.DRAFT)) == 1
    assert set(stage.only(ItemKind.DRAFT).cases) == {case.case_id for case in stage.store.cases()}

    stage.sends_out()
    assert len(stage.sent()) == 1
    assert {stage.state(complaint_id) for complaint_id in IDS[:5]} == {State.AWAITING}
    # The platform's clock runs for each from its own notice.
    assert len({case.last_safe for case in stage.store.cases()}) == 5
    stage.passes(3 * DAY)
    assert (stage.draft().step, len(stage.draft().tracks)) == ("reminder-1", 5)


def test_a_sixth_after_the_approval_gets_its_own_letter(stage: Stage) -> None:
    five(stage)
    approved = stage.approve()
    stage.arrives(notice(IDS[5], stage.now, asin="B0ZG04SJF5"))
    assert stage.state(IDS[0]) is State.APPROVED
    assert [ref.case_id for ref in stage.draft().tracks] == [stage.case(IDS[5]).case_id]
    assert IDS[5] not in approved.body
    stage.passes(11 * MINUTE)
    assert len(stage.sent()) == 1
    stage.sends_out()
    assert len(stage.sent()) == 1  # one letter a day to one address, unless the operator says otherwise
    stage.passes(DAY)
    assert len(stage.sent()) == 2


def test_a_further_complaint_does_not_join_a_draft_that_a_person_edited(stage: Stage) -> None:
    stage.arrives(notice(IDS[0], MONDAY))
    number, letter = stage.only(ItemKind.DRAFT).number, stage.draft()
    service.edit(stage.office, number, letter.subject, f"{letter.body}\nOne more line.\n", "Ada")
    stage.arrives(notice(IDS[1], stage.now, asin="B0ZG04SJF1"))
    first, second = stage.store.letters(states=(State.DRAFTED,))
    assert {first.tracks[0].case_id, second.tracks[0].case_id} == {c.case_id for c in stage.store.cases()}
    edited = stage.store.letter(letter.letter_id)
    assert "One more line." in edited.body
    assert IDS[1] not in edited.body


def test_two_complainants_in_one_mail_one_without_an_address(stage: Stage) -> None:
    items = "\n----------\n".join(
        (
            item(IDS[0], "B0ZG04SJF0", owner=OWNER),
            item(IDS[1], "B0ZG04SJF1").replace("Trademark", "Copyright"),
        )
    )
    stage.arrives(notice("none", MONDAY, owner=None, items=items))
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.DRAFTED, State.HELD)
    assert stage.hold(IDS[1]) is Reason.NO_ADDRESS
    letter = stage.draft()
    assert IDS[1] not in letter.body
    assert {shown.kind for shown in stage.items()} == {ItemKind.HOLD, ItemKind.DRAFT}


def test_one_complaint_withdrawn_leaves_the_letter_of_the_others(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.arrives(retraction_confirmed(IDS[0], stage.now))
    assert stage.hold(IDS[0]) is Reason.RETRACTION_SEEN
    assert stage.state(IDS[1]) is State.DRAFTED  # what was approved no longer exists
    letter = stage.draft()
    assert IDS[0] not in letter.body
    assert IDS[1] in letter.body
    stage.passes(DAY)
    assert stage.server.bodies == []
    stage.sends_out()
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.HELD, State.AWAITING)


def test_one_complaint_withdrawn_before_354_stops_the_letter_of_both(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.server.at_354 = lambda: stage.hears(retraction_confirmed(IDS[0], stage.now))
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.HELD, State.DRAFTED)
    stage.turn()
    assert IDS[0] not in stage.draft().body


def test_one_complaint_withdrawn_after_the_body_holds_only_that_one(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.server.after_the_body = lambda: stage.hears(retraction_confirmed(IDS[0], stage.now))
    stage.passes(11 * MINUTE)
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.HELD, State.AWAITING)
    assert [len(stage.track(one).attempts) for one in IDS[:2]] == [1, 1]


def test_one_complaint_withdrawn_while_deferred(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.server.answers = [BUSY]
    stage.passes(11 * MINUTE)
    stage.arrives(retraction_confirmed(IDS[0], stage.now))
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.HELD, State.DRAFTED)
    stage.passes(HOUR)
    assert stage.server.bodies == []


def test_one_complaint_withdrawn_in_doubt_and_judged_not_sent(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.server.answers = [LINE_LOST]
    stage.passes(11 * MINUTE)
    stage.arrives(retraction_confirmed(IDS[0], stage.now))
    assert {stage.state(one) for one in IDS[:2]} == {State.IN_DOUBT}
    stage.settles(sent=False)
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.HELD, State.DRAFTED)
    stage.turn()
    assert IDS[0] not in stage.draft().body


def test_an_answer_to_the_letter_freezes_every_complaint_in_it(stage: Stage) -> None:
    two(stage)
    letter = stage.sends_out()
    stage.arrives(reply(letter.message_id, stage.now, "Call me.\n"))
    assert [stage.hold(one) for one in IDS[:2]] == [Reason.ANSWERED] * 2


def test_a_bounce_of_the_letter_holds_every_complaint_in_it(stage: Stage) -> None:
    two(stage)
    letter = stage.sends_out()
    stage.arrives(bounce(letter.message_id, OWNER, stage.now))
    assert [stage.hold(one) for one in IDS[:2]] == [Reason.BOUNCED] * 2


def test_our_own_copy_proves_it_for_every_complaint_in_it(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.server.answers = [LINE_LOST]
    stage.passes(11 * MINUTE)
    stage.arrives(own_copy(stage.server.bodies[0], stage.now))
    assert [stage.state(one) for one in IDS[:2]] == [State.AWAITING] * 2


def test_a_refusal_holds_every_complaint_in_it(stage: Stage) -> None:
    two(stage)
    stage.server.answers = [NO_SUCH_USER]
    stage.sends_out()
    assert [stage.hold(one) for one in IDS[:2]] == [Reason.REFUSED_BY_SERVER] * 2
    assert stage.letter().state is State.HELD


def test_death_on_the_line_leaves_both_in_doubt(stage: Stage) -> None:
    two(stage)
    stage.approve()
    stage.server.answers = [PowerCut("body")]
    try:
        stage.passes(11 * MINUTE)
    except PowerCut:
        stage.restarts()
    assert {stage.state(one) for one in IDS[:2]} == {State.IN_DOUBT}
    assert stage.only(ItemKind.IN_DOUBT)


def test_closing_one_case_takes_it_out_of_the_letter(stage: Stage) -> None:
    two(stage)
    service.close_case(stage.office, stage.case(IDS[0]).case_id, "settled", "Ada")
    stage.turn()
    assert IDS[0] not in stage.draft().body
    stage.sends_out()
    assert (stage.state(IDS[0]), stage.state(IDS[1])) == (State.CLOSED, State.AWAITING)


def test_death_after_the_body_with_an_answer_noted_is_proven_by_it(stage: Stage) -> None:
    two(stage)
    letter = stage.approve()
    stage.server.after_the_body = lambda: stage.hears(reply(letter.message_id, stage.now, "Call me.\n"))
    stage.server.answers = [PowerCut("body")]
    with pytest.raises(PowerCut):
        stage.passes(11 * MINUTE)
    stage.restarts()
    assert [stage.hold(one) for one in IDS[:2]] == [Reason.ANSWERED] * 2
    assert [len(stage.track(one).attempts) for one in IDS[:2]] == [1, 1]
    assert stage.letter().state is State.AWAITING


def test_amazon_is_told_about_each_complaint_by_itself(stage: Stage) -> None:
    two(stage)
    stage.sends_out()
    for days in (3, 7, 11):
        stage.passes(days * DAY)
        if days != 11:
            stage.sends_out()
    assert stage.draft_steps() == ["escalation", "escalation"]
    bodies = [letter.body for letter in stage.store.letters(states=(State.DRAFTED,))]
    assert sorted(IDS[0] in body for body in bodies) == [False, True]
    assert all("reminder" in body for body in bodies)


def test_a_text_that_nobody_has_seen_is_not_approved(stage: Stage) -> None:
    stage.arrives(notice(IDS[0], stage.now, asin="B0ZG04SJF0"))
    number = stage.only(ItemKind.DRAFT).number  # a person looks at it now, and thinks about it
    stage.arrives(notice(IDS[1], stage.now, asin="B0ZG04SJF1"))
    with pytest.raises(NotPossible, match=r"a further complaint .* joined .* --revision 2"):
        service.approve(stage.office, number, "Ada")
    with pytest.raises(NotPossible, match="is revision 2 now"):
        service.approve(stage.office, number, "Ada", 1)
    stage.arrives(retraction_confirmed(IDS[1], stage.now))
    with pytest.raises(NotPossible, match=r"joined .*, and one of .* moved on .* revision 3 now"):
        service.approve(stage.office, number, "Ada", 2)
    assert stage.draft().state is State.DRAFTED
    assert service.approve(stage.office, number, "Ada", 3).letter is not None


def test_what_a_person_wrote_needs_no_revision(stage: Stage) -> None:
    two(stage)
    number, letter = stage.only(ItemKind.DRAFT).number, stage.draft()
    service.edit(stage.office, number, letter.subject, f"{letter.body}\nOne more line.\n", "Ada")
    with pytest.raises(NotPossible, match="is revision 3, not 2"):
        service.approve(stage.office, number, "Ada", 2)
    assert service.approve(stage.office, number, "Ada").letter is not None
