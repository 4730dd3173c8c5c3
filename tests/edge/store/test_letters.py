"""Letters, and the queue of review items."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case.model import State
from bot.draft.model import LetterAttempt
from bot.errors import NotPossible, StoreError
from bot.ports import Change
from bot.review import Item, ItemClosing, ItemKind, NewItem
from tests.edge.store.conftest import AnyStore
from tests.samples import DAY, HOUR, NOW, sample_approval, sample_case, sample_letter


def letter(letter_id: str, **changed: object) -> object:
    values = {"letter_id": letter_id, "message_id": f"<{letter_id}@lamps.example>", "tracks": ()}
    return sample_letter(**(values | changed))


def write(store: AnyStore, *letters: object) -> None:
    store.record(Change(letters=letters), NOW)  # type: ignore[arg-type]


class TestLetters:
    def test_a_letter_comes_back_whole(self, store: AnyStore) -> None:
        attempt = LetterAttempt(
            started_at=NOW, ended_at=NOW + HOUR, outcome="accepted", code=250, text="2.0.0 ok\ud800"
        )
        one = sample_letter(
            approval=sample_approval(), attempts=(attempt,), cc=("a@b.example",), body="Ü\0\n"
        )
        store.record(Change(cases=(sample_case(),), letters=(one,)), NOW)
        assert store.letter("L1") == replace(one, version=1)
        with pytest.raises(NotPossible, match="no letter L2"):
            store.letter("L2")

    def test_oldest_first_by_account_and_state(self, store: AnyStore) -> None:
        write(
            store,
            letter("B", state=State.APPROVED, drafted_at=NOW + HOUR),
            letter("A", drafted_at=NOW + DAY),
            letter("C", account_id="toys", state=State.SENDING),
        )
        assert [one.letter_id for one in store.letters()] == ["C", "B", "A"]
        assert [one.letter_id for one in store.letters(account_id="lamps")] == ["B", "A"]
        assert [one.letter_id for one in store.letters(states=(State.SENDING, State.DRAFTED))] == ["C", "A"]
        assert store.letters(account_id="toys", states=(State.DRAFTED,)) == ()

    def test_by_message_id_within_the_account(self, store: AnyStore) -> None:
        write(store, letter("A"))
        found = store.letter_of_message_id("lamps", "<A@lamps.example>")
        assert found is not None
        assert found.letter_id == "A"
        assert store.letter_of_message_id("lamps", "<B@lamps.example>") is None
        assert store.letter_of_message_id("toys", "<A@lamps.example>") is None

    def test_two_letters_never_carry_one_message_id(self, store: AnyStore) -> None:
        write(store, letter("A"))
        for letters in (
            (letter("B", message_id="<A@lamps.example>"),),
            (letter("C"), letter("D", message_id="<C@lamps.example>")),
        ):
            with pytest.raises(StoreError, match="carry the same Message-ID"):
                write(store, *letters)
        assert [one.letter_id for one in store.letters()] == ["A"]

    def test_a_message_id_may_be_used_in_another_account(self, store: AnyStore) -> None:
        write(store, letter("A"), letter("B", account_id="toys", message_id="<A@lamps.example>"))
        assert len(store.letters()) == 2

    def test_accepted_since_counts_that_moment(self, store: AnyStore) -> None:
        def ended(outcome: str, hours: int) -> tuple[LetterAttempt, ...]:
            return (LetterAttempt(started_at=NOW - DAY, ended_at=NOW + hours * HOUR, outcome=outcome),)

        write(
            store,
            letter("LATE", attempts=ended("deferred", 1) + ended("accepted", 2)),
            letter("THEN", attempts=ended("accepted", 0)),
            letter("EARLY", attempts=ended("accepted", -1) + ended("refused", 3)),
            letter("TEST", attempts=ended("rehearsed", 1)),
            letter("RUNNING", attempts=(LetterAttempt(started_at=NOW + HOUR),)),
            letter("TOYS", account_id="toys", attempts=ended("accepted", 1)),
        )
        assert store.accepted_since("lamps", NOW) == 2
        soon = NOW + timedelta(microseconds=1)
        assert store.accepted_since("lamps", soon) == 1
        assert store.accepted_since("lamps", NOW, to="MARKEN@muster.example") == 2
        assert store.accepted_since("lamps", NOW, to="other@muster.example") == 0
        assert store.accepted_since(None, NOW) == 3

    def test_new_addresses_are_those_first_written_to_since_then(self, store: AnyStore) -> None:
        def accepted(hours: int) -> tuple[LetterAttempt, ...]:
            return (LetterAttempt(started_at=NOW - DAY, ended_at=NOW + hours * HOUR, outcome="accepted"),)

        write(
            store,
            letter("OLD", to="known@one.example", attempts=accepted(-30)),
            letter("AGAIN", to="KNOWN@one.example", attempts=accepted(1)),
            letter("FIRST", to="new@two.example", attempts=accepted(0)),
            letter("SECOND", to="New@two.example", attempts=accepted(2)),
            letter("THIRD", to="three@three.example", attempts=accepted(3)),
            letter("NEVER", to="never@four.example"),
            letter("TOYS", account_id="toys", to="five@five.example", attempts=accepted(1)),
        )
        assert store.new_addresses_since("lamps", NOW) == 2
        assert store.new_addresses_since("lamps", NOW + HOUR) == 1
        assert store.new_addresses_since("lamps", NOW - 2 * DAY) == 3
        assert store.new_addresses_since("none", NOW) == 0


def new(subject: str = "letter:L1", **changed: object) -> NewItem:
    values = {"kind": ItemKind.DRAFT, "subject": subject, "account_id": "lamps"}
    return NewItem(**(values | changed))  # type: ignore[arg-type]


class TestItems:
    def test_an_item_opens_with_a_number_of_its_own(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(),)), NOW)
        hold = new(
            "track:K7QW2M/1", kind=ItemKind.HOLD, cases=("K7QW2M",), reason="bounced", detail="5.1.1\ud800"
        )
        assert store.record(Change(open_items=(new(), hold)), NOW) == (1, 2)
        assert store.item(2) == Item(
            number=2, kind=ItemKind.HOLD, subject="track:K7QW2M/1", account_id="lamps", cases=("K7QW2M",),
            reason="bounced", detail="5.1.1\ud800", opened_at=NOW,
        )  # fmt: skip
        assert store.items() == (store.item(1), store.item(2))
        with pytest.raises(NotPossible, match="no item 3"):
            store.item(3)

    def test_opening_what_is_open_updates_it(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(case_id="A"), sample_case(case_id="B"))), NOW)
        store.record(Change(open_items=(new(cases=("B",), reason="one", detail="x"),)), NOW)
        again = new(cases=("A", "B"), reason="two")
        assert store.record(Change(open_items=(again, new("letter:L2"))), NOW + HOUR) == (2,)
        item = store.item(1)
        assert (item.reason, item.detail, item.cases, item.opened_at) == ("two", "", ("B", "A"), NOW)
        assert len(store.items()) == 2

    def test_the_same_one_twice_in_a_change_is_one(self, store: AnyStore) -> None:
        assert store.record(Change(open_items=(new(reason="one"), new(reason="two"))), NOW) == (1,)
        assert [item.reason for item in store.items()] == ["two"]

    def test_another_kind_of_the_same_subject_is_another_item(self, store: AnyStore) -> None:
        assert store.record(Change(open_items=(new(), new(kind=ItemKind.ALARM))), NOW) == (1, 2)
        assert store.open_item(ItemKind.ALARM, "letter:L1") == store.item(2)
        assert store.open_item(ItemKind.HOLD, "letter:L1") is None

    def test_a_closed_item_stays_readable_and_its_number_is_not_used_again(self, store: AnyStore) -> None:
        store.record(Change(open_items=(new(),)), NOW)
        closing = ItemClosing(kind=ItemKind.DRAFT, subject="letter:L1", outcome="approved")
        store.record(Change(close_items=(closing,)), NOW + HOUR)
        assert store.items() == ()
        assert store.open_item(ItemKind.DRAFT, "letter:L1") is None
        closed = store.item(1)
        assert (closed.closed_at, closed.outcome) == (NOW + HOUR, "approved")
        assert store.items(open_only=False) == (closed,)
        assert store.record(Change(open_items=(new(),)), NOW) == (2,)

    def test_closing_what_is_not_open_does_nothing(self, store: AnyStore) -> None:
        store.record(Change(close_items=(ItemClosing(kind=ItemKind.DRAFT, subject="x", outcome="y"),)), NOW)
        assert store.items(open_only=False) == ()

    def test_closing_and_opening_in_one_change_gives_a_new_item(self, store: AnyStore) -> None:
        store.record(Change(open_items=(new(reason="old"),)), NOW)
        closing = ItemClosing(kind=ItemKind.DRAFT, subject="letter:L1", outcome="redrafted")
        assert store.record(Change(open_items=(new(reason="new"),), close_items=(closing,)), NOW) == (2,)
        assert [(item.number, item.reason) for item in store.items()] == [(2, "new")]

    def test_snoozing_and_bringing_back(self, store: AnyStore) -> None:
        store.record(Change(open_items=(new(),)), NOW)
        store.record(Change(snooze_item=(1, NOW + DAY)), NOW)
        assert store.item(1).snoozed_until == NOW + DAY
        store.record(Change(snooze_item=(1, None)), NOW)
        assert store.item(1).snoozed_until is None

    def test_only_an_open_item_can_be_snoozed(self, store: AnyStore) -> None:
        with pytest.raises(NotPossible, match="no item 1"):
            store.record(Change(snooze_item=(1, NOW), open_items=(new(),)), NOW)
        assert store.items() == ()
        store.record(Change(open_items=(new(),)), NOW)
        closing = ItemClosing(kind=ItemKind.DRAFT, subject="letter:L1", outcome="approved")
        store.record(Change(close_items=(closing,)), NOW)
        with pytest.raises(NotPossible, match="item 1 is closed"):
            store.record(Change(snooze_item=(1, NOW)), NOW)

    def test_items_of_an_account(self, store: AnyStore) -> None:
        store.record(Change(open_items=(new(), new("letter:T", account_id="toys"))), NOW)
        assert [item.number for item in store.items(account_id="toys")] == [2]
        with pytest.raises(StoreError, match="item 1 belongs to account lamps"):
            store.record(Change(open_items=(new(account_id="toys"),)), NOW)
