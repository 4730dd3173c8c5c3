"""Between the draft and the server: answers in the undo window, edits, recalls, and whatever voids a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.draft.model import Letter
from bot.draft.templates import TemplateSet
from bot.edge.home import Loaded
from bot.edge.raw import MemoryRawStore
from bot.errors import NotPossible
from bot.ports import AlertKind
from bot.review import ItemKind
from bot.runner.desk import service
from tests.stories.mails import notice, reply
from tests.stories.stage import MONDAY, Stage

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def drafted(stage: Stage) -> Letter:
    stage.arrives(notice("17340981265", MONDAY))
    return stage.draft()


def edited(stage: Stage, line: str = "I add a line.") -> Letter:
    number, letter = stage.only(ItemKind.DRAFT).number, stage.letter()
    service.edit(stage.office, number, letter.subject, f"{letter.body}\n{line}\n", "Ada")
    return stage.draft()


def test_a_reply_inside_the_undo_window_stops_the_letter(stage: Stage) -> None:
    letter = drafted(stage)
    stage.approve()
    stage.clock.moment += 5 * MINUTE
    stage.arrives(reply(letter.message_id, stage.now, "We already talked about this on the phone.\n"))
    assert stage.hold() is Reason.ANSWERED
    aside = stage.store.letter(letter.letter_id)
    assert (aside.state, aside.approval) == (State.HELD, None)

    stage.passes(DAY)
    assert stage.server.bodies == []
    assert stage.items(ItemKind.DRAFT) == []


def test_a_reply_by_claim_inside_the_undo_window_stops_it_too(stage: Stage) -> None:
    drafted(stage)
    stage.approve()
    stage.arrives(reply(None, stage.now, "About complaint ID 17340981265: call us.\n"))
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    service.approve(stage.office, stage.only(ItemKind.CLAIM).number, "Ada")  # yes, it belongs
    assert stage.hold() is Reason.ANSWERED
    stage.passes(DAY)
    assert stage.server.bodies == []


def test_recalled_edited_and_approved_again(stage: Stage) -> None:
    drafted(stage)
    first = stage.approve()
    service.recall(stage.office, stage.only(ItemKind.DRAFT).number, "Ada")
    assert stage.state() is State.DRAFTED
    edited(stage)
    second = stage.sends_out()
    (mail,) = stage.sent()
    assert "I add a line." in str(mail.get_payload(decode=True))
    assert first.message_id == second.message_id == mail["Message-ID"]  # fixed when drafted
    assert first.approval
    assert second.approval
    assert first.approval.digest != second.approval.digest


def test_an_edit_voids_the_approval(stage: Stage) -> None:
    drafted(stage)
    stage.approve()
    assert edited(stage).approval is None
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert stage.state() is State.DRAFTED


def test_only_what_stands_in_the_undo_window_can_be_recalled(stage: Stage) -> None:
    drafted(stage)
    number = stage.only(ItemKind.DRAFT).number
    with pytest.raises(NotPossible, match="nothing to take back"):
        service.recall(stage.office, number, "Ada")
    stage.sends_out()
    with pytest.raises(NotPossible, match="already answered"):
        service.recall(stage.office, number, "Ada")


def test_a_rejected_draft_holds_the_case_and_can_be_written_anew(stage: Stage) -> None:
    first = drafted(stage)
    service.reject(stage.office, stage.only(ItemKind.DRAFT).number, "too friendly", "Ada")
    assert (stage.hold(), stage.track().detail) == (Reason.REJECTED, "too friendly")
    stage.passes(30 * DAY)
    assert stage.server.bodies == []
    assert stage.items(ItemKind.DRAFT) == []

    stage.resumes()
    assert stage.draft().letter_id != first.letter_id
    stage.sends_out()
    assert len(stage.sent()) == 1


def test_an_approved_letter_is_recalled_before_it_is_rejected(stage: Stage) -> None:
    drafted(stage)
    stage.approve()
    with pytest.raises(NotPossible, match="recall"):
        service.reject(stage.office, stage.only(ItemKind.DRAFT).number, "no", "Ada")
    assert stage.state() is State.APPROVED


def test_snoozing_past_the_last_safe_date_warns(stage: Stage) -> None:
    drafted(stage)
    number = stage.only(ItemKind.DRAFT).number
    last_safe = stage.case().last_safe
    assert last_safe is not None
    assert service.snooze(stage.office, number, stage.now + DAY, "Ada").warning is None
    late = service.snooze(stage.office, number, last_safe + DAY, "Ada")
    assert late.warning
    assert "last safe date" in late.warning
    with pytest.raises(NotPossible, match="already past"):
        service.snooze(stage.office, number, stage.now - DAY, "Ada")
    assert stage.only(ItemKind.DRAFT).snoozed_until == last_safe + DAY
    assert stage.state() is State.DRAFTED


def test_a_template_changed_after_the_approval_voids_it(stage: Stage, loaded: Loaded) -> None:
    drafted(stage)
    stage.approve()
    texts = {**loaded.template_texts}
    texts["en/inquiry"] = texts["en/inquiry"].replace("\n\n", "\n\nNew words.\n\n", 1)
    stage.changes(templates=TemplateSet(texts, "en"))
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.FACTS_CHANGED]
    stage.turn()
    assert "New words." in stage.draft().body
    stage.sends_out()
    assert "New words." in str(stage.sent()[0].get_payload(decode=True))


def test_a_profile_changed_after_the_approval_voids_it(stage: Stage) -> None:
    drafted(stage)
    stage.approve()
    stage.changes(profile=replace(stage.practice.profile, signatory="Bea Quill"))
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    stage.turn()
    assert "Bea Quill" in stage.draft().body


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"return_tag": True}),
        ({"safe_mode_to": "old@brindlecove.example"}, {"safe_mode_to": "new@brindlecove.example"}),
    ],
    ids=["return tag", "where rehearsals go"],
)
def test_an_envelope_that_would_be_another_one_today_voids_the_approval(
    stage: Stage, before: dict[str, object], after: dict[str, object]
) -> None:
    """The bytes and the facts are the same; only who gets it, or whom a bounce reaches, is not."""
    stage.changes(**before)
    drafted(stage)
    stage.approve()
    stage.changes(**after)
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.BYTES_DIFFER]


def test_a_draft_out_of_date_cannot_be_approved(stage: Stage) -> None:
    drafted(stage)
    stage.changes(profile=replace(stage.practice.profile, signatory="Bea Quill"))
    with pytest.raises(NotPossible, match="out of date"):
        stage.approve()


def raws(stage: Stage) -> dict[str, bytes]:
    assert isinstance(stage.office.raw, MemoryRawStore)
    return stage.office.raw._raws


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_bytes_tampered_with_are_never_sent(stage: Stage, damage: str) -> None:
    drafted(stage)
    approval = stage.approve().approval
    assert approval is not None
    if damage == "changed":
        raws(stage)[approval.raw_sha256] += b"PS: pay here\r\n"
    else:
        del raws(stage)[approval.raw_sha256]
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert stage.state() is State.DRAFTED
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.BYTES_DIFFER]


def test_an_envelope_tampered_with_is_never_sent(stage: Stage) -> None:
    drafted(stage)
    letter = stage.approve()
    assert letter.approval is not None
    envelope = letter.approval.envelope
    thief = replace(envelope.recipients[0], address="thief@elsewhere.example")
    forged = replace(letter.approval, envelope=replace(envelope, recipients=(thief,)))
    held = stage.store.letter(letter.letter_id)
    stage.store._letters[letter.letter_id] = replace(held, approval=forged)  # type: ignore[attr-defined]
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.BYTES_DIFFER]


def test_an_address_stopped_after_the_approval_is_not_written_to(stage: Stage) -> None:
    letter = drafted(stage)
    stage.approve()
    stage.changes(lint=replace(stage.practice.lint, denied=(letter.to,)))
    stage.passes(11 * MINUTE)
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.RECIPIENT_NOT_ALLOWED]
    with pytest.raises(NotPossible, match="may not be written to"):
        stage.approve()


def test_a_draft_grown_too_old_is_written_again(stage: Stage) -> None:
    first = drafted(stage)
    stage.approve()
    stage.clock.moment = first.good_until + MINUTE  # the daemon stood still all the while
    stage.turn()
    assert stage.server.bodies == []
    assert [void.reason for void in stage.happened(e.Voided)] == [Reason.OUT_OF_DATE]
    stage.turn()
    again = stage.draft()
    assert again.letter_id == first.letter_id
    assert again.revision > first.revision
    assert again.good_until > stage.now
    stage.sends_out()
    assert len(stage.sent()) == 1


def test_a_person_is_told_when_their_words_were_written_over(stage: Stage) -> None:
    first = drafted(stage)
    edited(stage)
    stage.clock.moment = first.good_until + MINUTE
    stage.turn()
    assert stage.draft().edited_by is None
    assert any("had edited" in text and "Ada" in text for text in stage.told(AlertKind.NEW_ITEM))
