"""The glance at the database says the same as the store, item for item."""

from __future__ import annotations

from pathlib import Path

from bot.case.items import letter_subject, track_subject
from bot.case.model import PartyRole, State
from bot.case.reasons import Reason
from bot.cli.rows import rows_of, until_words
from bot.edge.glance import KNOWN_SCHEMA, glance
from bot.edge.store import open_store
from bot.edge.store.schema import SCHEMA_VERSION
from bot.ports import Change, Cursor
from bot.review import ItemKind, NewItem
from tests.samples import (
    DAY,
    HOUR,
    NOW,
    sample_approval,
    sample_case,
    sample_letter,
    sample_party,
    sample_track,
)


def state(tmp_path: Path) -> Path:
    """A draft, an approved letter in doubt about its time, a held track and a mail to read."""
    store = open_store(tmp_path / "rejoinder.db")
    drafted = sample_track(state=State.DRAFTED, letter_id="L1")
    approved = sample_track(state=State.APPROVED, letter_id="L2")
    held = sample_track(state=State.HELD, hold=Reason.NO_ADDRESS, track_id="2", party=PartyRole.AMAZON)
    amazon = sample_party(party_id="p-amazon", role=PartyRole.AMAZON, addresses=("a@marketplace.example",))
    cases = (
        sample_case(tracks=(drafted, held), parties=(sample_party(), amazon), last_safe=NOW + 3 * DAY),
        sample_case(case_id="M7QW2M", tracks=(approved,), deadline=NOW - HOUR),
    )
    letters = (
        sample_letter(),
        sample_letter(
            letter_id="L2",
            state=State.APPROVED,
            message_id="<rj.l2@lamps.example>",
            approval=sample_approval(),
        ),
    )
    items = (
        NewItem(kind=ItemKind.DRAFT, subject=letter_subject("L1"), account_id="lamps", cases=("K7QW2M",)),
        NewItem(kind=ItemKind.DRAFT, subject=letter_subject("L2"), account_id="lamps", cases=("M7QW2M",)),
        NewItem(
            kind=ItemKind.HOLD,
            subject=track_subject("K7QW2M", "2"),
            account_id="lamps",
            cases=("K7QW2M",),
            reason="no-address",
        ),
        NewItem(kind=ItemKind.ALARM, subject="mail:9", account_id="lamps", reason="legal-letter"),
    )
    store.record(Change(cases=cases, letters=letters, open_items=items), NOW)
    store.set_cursor("lamps", "INBOX", Cursor(uidvalidity=1, last_uid=1))
    store.reconciled("lamps", "INBOX", NOW)
    store.close()
    return tmp_path / "rejoinder.db"


def test_the_glance_knows_the_schema_of_the_store() -> None:
    assert KNOWN_SCHEMA == SCHEMA_VERSION


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    assert glance(tmp_path / "none.db").items == ()
    assert list(tmp_path.iterdir()) == []


def test_the_glance_says_what_the_store_says(tmp_path: Path) -> None:
    database = state(tmp_path)
    seen = glance(database)
    store = open_store(database)
    items = {item.number: item for item in store.items()}
    assert {item.number for item in seen.items} == set(items)
    for item in seen.items:
        whole = items[item.number]
        for name in (
            "kind",
            "subject",
            "account_id",
            "cases",
            "reason",
            "opened_at",
            "snoozed_until",
            "sender",
            "title",
        ):
            assert getattr(item, name) == getattr(whole, name)
    for case_id, case in seen.cases.items():
        whole_case = store.case(case_id)
        assert (case.complaint_id, case.asins) == (whole_case.facts.complaint_id, whole_case.facts.asins)
        assert (case.last_safe, case.deadline) == (whole_case.last_safe, whole_case.deadline)
        assert case.closed == whole_case.closed
        assert dict(case.tracks) == {
            track.track_id: (track.party.value, track.step) for track in whole_case.tracks
        }
        assert dict(case.parties) == {party.role.value: party.address for party in whole_case.parties}
    for letter_id, letter in seen.letters.items():
        whole_letter = store.letter(letter_id)
        assert (letter.state, letter.step, letter.to) == (
            whole_letter.state.value,
            whole_letter.step,
            whole_letter.to,
        )
        assert (letter.revision, letter.written_again) == (whole_letter.revision, whole_letter.written_again)
        approval = whole_letter.approval
        assert letter.leaves_at == (approval.leaves_at if approval else None)
    assert seen.reconciled == {("lamps", "INBOX"): NOW}
    store.close()


def test_what_must_not_wait_comes_first_then_the_nearest_moment(tmp_path: Path) -> None:
    rows = rows_of(glance(state(tmp_path)), NOW)
    assert [row.what for row in rows] == [
        "to read: legal letter",
        "approved: inquiry",
        "draft: inquiry",
        "held: no address",
    ]
    assert [row.owes for row in rows] == ["you", "we", "you", "you"]
    assert [until_words(row, NOW) for row in rows] == ["", "leaves in 10:00", "in 3 days", "in 3 days"]
    assert rows[3].to == "a@marketplace.example"


def test_what_is_over_says_since_when(tmp_path: Path) -> None:
    late = NOW + 5 * DAY
    rows = {row.what: row for row in rows_of(glance(state(tmp_path)), late)}
    assert until_words(rows["draft: inquiry"], late) == "2 days over"
    assert until_words(rows["approved: inquiry"], late) == "leaves now"
