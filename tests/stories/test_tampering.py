"""What is approved is what leaves: whatever changes behind the approval, at whatever moment, voids it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.draft.model import Letter
from bot.draft.stops import StoppedAddress
from bot.draft.templates import TemplateSet
from bot.edge.store import MemoryStore, open_store
from bot.errors import Conflict, IllegalTransition, NotPossible
from bot.mail.envelope import Recipient, RecipientRole
from bot.ports import Change, Cursor
from bot.reading.read import read
from bot.runner.changes import change_of
from bot.runner.desk import service
from bot.runner.inbox.intake import keep_file
from bot.runner.inbox.understanding import take
from bot.runner.letters import decide_for
from bot.runner.outbox import gate
from bot.runner.outbox.sending import begin_body, claim
from bot.runner.steps.drafting import write_drafts
from tests.stories.mails import notice
from tests.stories.stage import Stage

LATER = timedelta(minutes=11)


def _rewritten(stage: Stage, **changed: Any) -> None:
    """Change the row of the letter as somebody with the database open could: no rule is asked."""
    store = stage.store
    assert isinstance(store, MemoryStore)
    (letter,) = store.letters()
    store._letters[letter.letter_id] = replace(letter, **changed)


def _envelope(letter: Letter, **changed: Any) -> dict[str, Any]:
    assert letter.approval is not None
    return {"approval": replace(letter.approval, envelope=replace(letter.approval.envelope, **changed))}


def _more_recipients(stage: Stage) -> None:
    letter = stage.letter()
    assert letter.approval is not None
    extra = Recipient(address="victim@bystander.example", role=RecipientRole.CC)
    old = letter.approval.envelope
    _rewritten(stage, **_envelope(letter, recipients=(*old.recipients, extra)))


def _other_sender(stage: Stage) -> None:
    _rewritten(stage, **_envelope(stage.letter(), mail_from="x@bystander.example"))


def _other_bytes_named(stage: Stage) -> None:
    letter = stage.letter()
    assert letter.approval is not None
    other = stage.office.raw.put(b"From: shop@brindlecove.example\r\n\r\nWe confess.\r\n")
    _rewritten(stage, approval=replace(letter.approval, raw_sha256=other))


def _digest_blanked(stage: Stage) -> None:
    letter = stage.letter()
    assert letter.approval is not None
    _rewritten(stage, approval=replace(letter.approval, digest=""))


def _other_addressee(stage: Stage) -> None:
    _rewritten(stage, to="victim@bystander.example")


def _other_copy(stage: Stage) -> None:
    _rewritten(stage, cc=("victim@bystander.example",))


def _other_owner_of_the_copy(stage: Stage) -> None:
    _rewritten(stage, own_copy="victim@bystander.example")


def _other_listings(stage: Stage) -> None:
    store = stage.store
    assert isinstance(store, MemoryStore)
    ((case_id, case),) = store._cases.items()
    store._cases[case_id] = replace(case, facts=replace(case.facts, listings=()))


def _profile(stage: Stage) -> None:
    stage.changes(profile=replace(stage.practice.profile, legal_name="Somebody Else Ltd"))


def _safe_mode(stage: Stage) -> None:
    stage.changes(safe_mode_to="ada@brindlecove.example")


def _language(stage: Stage) -> None:
    stage.changes(time_zone="Asia/Tokyo", profile=replace(stage.practice.profile, signatory="Eve"))


def _answered(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now, token="again"))


def _stopped(stage: Stage) -> None:
    denied = (stage.letter().to,)
    stage.changes(lint=replace(stage.practice.lint, denied=denied))


CHANGES: list[Callable[[Stage], None]] = [
    _more_recipients, _other_sender, _other_bytes_named, _digest_blanked, _other_addressee, _other_copy,
    _other_owner_of_the_copy, _other_listings, _profile, _safe_mode, _language, _answered, _stopped,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_after_the_approval_lets_nothing_leave(
    stage: Stage, change: Callable[[Stage], None]
) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    change(stage)
    stage.passes(LATER)
    stage.passes(timedelta(hours=1))
    assert stage.server.bodies == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_while_the_letter_is_on_the_line_takes_it_back_at_354(
    stage: Stage, change: Callable[[Stage], None]
) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()

    async def meanwhile() -> None:
        if change is _answered:
            await stage.hears(notice("17340981265", stage.now, token="again"))
        else:
            change(stage)

    stage.server.at_354 = meanwhile
    stage.passes(LATER)
    assert stage.server.bodies == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_after_it_was_looked_at_in_its_undo_window_lets_nothing_leave(
    stage: Stage, change: Callable[[Stage], None]
) -> None:
    stage.arrives(notice("17340981265", stage.now))
    letter = stage.approve()
    stage.send()
    assert set(stage.office.looked_ahead) == {letter.letter_id}
    change(stage)
    stage.passes(LATER)
    assert stage.server.bodies == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_change_before_it_was_looked_at_in_its_undo_window_lets_nothing_leave(
    stage: Stage, change: Callable[[Stage], None]
) -> None:
    """What was found wrong then is not remembered as right."""
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    change(stage)
    stage.send()
    stage.passes(LATER)
    assert stage.server.bodies == []


def test_what_was_looked_at_in_the_undo_window_is_not_looked_at_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    stage.send()
    monkeypatch.setattr(gate, "_fitting", None)  # asking would fail
    stage.send()
    assert stage.passes(LATER).attempted == 1
    assert len(stage.server.bodies) == 1
    stage.send()
    assert stage.office.looked_ahead == {}


def test_edited_template_voids(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    texts = dict(stage.practice.templates._texts)
    changed = {key: text.replace("Dear", "Hello") for key, text in texts.items()}
    assert changed != texts
    stage.changes(templates=TemplateSet(changed))
    stage.passes(LATER)
    assert stage.server.bodies == []


def test_two_people_approve_at_once_and_one_letter_leaves(tmp_path: Path, stage: Stage) -> None:
    """Two at one database, as two terminals are: one approval holds, the other is told."""
    office = replace(stage.office, store=open_store(tmp_path / "rejoinder.db"))
    item = _drafted(stage, office)
    outcomes: list[object] = []
    gate = threading.Barrier(2)

    def person(name: str) -> None:
        gate.wait()
        try:
            outcomes.append(service.approve(office, item, name).letter)
        except (NotPossible, Conflict, IllegalTransition) as why:
            outcomes.append(why)

    people = [threading.Thread(target=person, args=(name,)) for name in ("Ada", "Ben")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    (approved,) = [outcome for outcome in outcomes if isinstance(outcome, Letter)]
    (held,) = office.store.letters()
    assert held.approval == approved.approval
    assert approved.approval is not None


@pytest.mark.parametrize("what", ["recall", "edit"])
def test_recalled_between_the_claim_and_354(stage: Stage, what: str) -> None:
    """Once claimed it can no longer be recalled; before, the claim loses. Never both, never neither."""
    stage.arrives(notice("17340981265", stage.now))
    item = stage.waiting().number
    letter = stage.approve()
    stage.clock.moment += LATER
    stage.listen()

    def act() -> bool:
        try:
            if what == "recall":
                service.recall(stage.office, item, "Ada")
            else:
                service.edit(stage.office, item, "Another subject", letter.body + "More.\n", "Ada")
        except (NotPossible, Conflict, IllegalTransition):
            return False
        return True

    answer = claim(stage.office, stage.practice, letter.letter_id)
    assert answer.verdict == "go"
    acted = act()
    may = begin_body(stage.office, stage.practice, letter.letter_id)
    assert acted is not may


def test_recall_and_claim_race_on_sqlite(tmp_path: Path, stage: Stage) -> None:
    """Twelve times, two threads on one database: the letter leaves or is recalled, never both."""
    for round_ in range(12):
        store = open_store(tmp_path / f"{round_}.db")
        office = replace(stage.office, store=store)
        _one_race(stage, office)
        store.close()


def _one_race(stage: Stage, office: Any) -> None:
    practice = stage.practice
    item, letter = _approved(stage, office)
    gate, said = threading.Barrier(2), {}

    def recalls() -> None:
        gate.wait()
        try:
            service.recall(office, item, "Ada")
            said["recalled"] = True
        except (NotPossible, Conflict, IllegalTransition):
            said["recalled"] = False

    def sends() -> None:
        gate.wait()
        answer = claim(office, practice, letter.letter_id)
        said["left"] = answer.verdict == "go" and begin_body(office, practice, letter.letter_id)

    both = [threading.Thread(target=recalls), threading.Thread(target=sends)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert said["recalled"] is not said["left"]
    expected = State.BODY_GONE if said["left"] else State.DRAFTED
    assert office.store.letter(letter.letter_id).state is expected


def _drafted(stage: Stage, office: Any) -> int:
    """Number of a first inquiry in the store of this office."""
    if stage.practice.sent is None:
        stage.changes(sent="")
    practice = stage.practice
    for mailbox in practice.watched:
        office.store.set_cursor("shop", mailbox, Cursor(uidvalidity=1, last_uid=0))
    raw = notice("17340981265", stage.now)
    mail = keep_file(office, practice, raw, stage.now)
    assert mail is not None
    take(office, practice, mail, read(raw, stage.line.reader.context))  # type: ignore[attr-defined]
    write_drafts(office, practice)
    (item,) = office.store.items()
    return int(item.number)


def _approved(stage: Stage, office: Any) -> tuple[int, Letter]:
    """Number and letter of a first inquiry in the store of this office, whose undo window is over."""
    number = _drafted(stage, office)
    letter = service.approve(office, number, "Ada").letter
    assert letter is not None
    stage.clock.moment += LATER
    for mailbox in stage.practice.watched:
        office.store.reconciled("shop", mailbox, stage.now)
    return number, letter


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_the_claim_left_is_known_again_by_value_and_not_by_version(
    tmp_path: Path, stage: Stage, kind: str
) -> None:
    store = MemoryStore() if kind == "memory" else open_store(tmp_path / "rejoinder.db")
    stage.changes(sent="")
    office, practice = replace(stage.office, store=store), stage.practice
    _, letter = _approved(stage, office)
    checked = claim(office, practice, letter.letter_id).checked
    assert checked is not None
    as_read = store.letter(letter.letter_id)
    assert checked.still(store, practice, as_read)
    assert not checked.still(store, replace(practice), as_read)
    assert not checked.still(store, practice, replace(as_read, body=as_read.body + "."))
    _rename_everybody(store, letter)
    assert not checked.still(store, practice, as_read)
    store.close()


def _a_stop(office: Any, practice: Any, letter: Letter) -> None:
    del practice
    office.store.stop_address(StoppedAddress(address=letter.to, at=office.clock.now(), by="Ada"))


def _an_unread_mail(office: Any, practice: Any, letter: Letter) -> None:
    del letter
    assert keep_file(office, practice, notice("17340981266", office.clock.now()), office.clock.now())


def _the_notice_again(office: Any, practice: Any, letter: Letter) -> None:
    case = office.store.case(letter.tracks[0].case_id)
    again = e.NoticeAgain(at=office.clock.now(), track=letter.tracks[0].track_id)
    office.store.record(change_of([decide_for(practice, case, again, again.at)]), again.at)


def _another_addressee(office: Any, practice: Any, letter: Letter) -> None:
    del practice
    held = office.store.letter(letter.letter_id)
    office.store.record(Change(letters=(replace(held, to="victim@bystander.example"),)), office.clock.now())


WRITES = (_a_stop, _the_notice_again, _an_unread_mail, _another_addressee)


@pytest.mark.parametrize("whose", ["ours", "another process"])
@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__.strip("_"))
def test_whatever_anybody_writes_after_the_claim_is_seen_at_354_on_sqlite(
    tmp_path: Path, stage: Stage, write: Callable[..., None], whose: str
) -> None:
    ours = open_store(tmp_path / "rejoinder.db")
    theirs = open_store(tmp_path / "rejoinder.db") if whose != "ours" else ours
    office = replace(stage.office, store=ours)
    _, letter = _approved(stage, office)
    answer = claim(office, stage.practice, letter.letter_id)
    assert answer.verdict == "go"
    write(replace(office, store=theirs), stage.practice, letter)
    assert not begin_body(office, stage.practice, letter.letter_id, answer.checked)
    ours.close()
    theirs.close()


def test_when_nobody_wrote_after_the_claim_the_body_may_begin_on_sqlite(tmp_path: Path, stage: Stage) -> None:
    office = replace(stage.office, store=open_store(tmp_path / "rejoinder.db"))
    _, letter = _approved(stage, office)
    answer = claim(office, stage.practice, letter.letter_id)
    assert begin_body(office, stage.practice, letter.letter_id, answer.checked)
    assert office.store.letter(letter.letter_id).state is State.BODY_GONE
    office.store.close()


def _rename_everybody(store: Any, letter: Letter) -> None:
    """Another case of the same parties changes what is known of them; the first keeps its version."""
    case = store.case(letter.tracks[0].case_id)
    others = tuple(replace(party, name="Somebody Else") for party in case.parties)
    other = replace(case, case_id="ELSEWHERE", parties=others, tracks=(), version=0)
    store.record(Change(cases=(other,)), case.opened_at)
    assert store.case(case.case_id).version == case.version


def test_the_message_id_is_part_of_what_was_approved(stage: Stage) -> None:
    stage.arrives(notice("17340981265", stage.now))
    letter = stage.approve()
    _rewritten(stage, message_id="<rj.AAAAAAAAAAAAAAAAAAAA@brindlecove.example>")
    stage.passes(LATER)
    assert all(letter.message_id.encode() in body for body in stage.server.bodies)
    _rewritten(stage, message_id=letter.message_id)
