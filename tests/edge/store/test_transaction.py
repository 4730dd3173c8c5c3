"""What is read and recorded within `one_transaction` is one: whole or not at all, with nobody in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.case import events as e
from bot.edge.store.sql import SqlStore
from bot.errors import Conflict, StoreError
from bot.ports import Change
from bot.review import ItemKind, NewItem
from tests.edge.store.conftest import AnyStore
from tests.edge.store.test_change import everything
from tests.samples import NOW, sample_case, sample_letter


@pytest.fixture
def begun(store: AnyStore) -> AnyStore:
    store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
    return store


def changed(store: AnyStore) -> Change:
    case = replace(store.case("K7QW2M"), rules_hash="changed")
    letter = replace(store.letter("L1"), subject="changed")
    item = NewItem(kind=ItemKind.DRAFT, subject="letter:L1", account_id="lamps", cases=("K7QW2M",))
    diary = (("K7QW2M", e.FellDue(at=NOW, track="1")),)
    return Change(cases=(case,), letters=(letter,), diary=diary, open_items=(item,))


def record_and_fail(store: AnyStore) -> None:
    with store.one_transaction():
        store.record(changed(store), NOW)
        raise KeyError("gate")


def test_it_is_written_when_the_block_ends(begun: AnyStore) -> None:
    with begun.one_transaction():
        begun.record(changed(begun), NOW)
    assert begun.case("K7QW2M").rules_hash == begun.letter("L1").subject == "changed"
    assert begun.verify_chain("K7QW2M") == 1


def test_nothing_is_written_when_the_block_raises(begun: AnyStore) -> None:
    before = everything(begun)
    with pytest.raises(KeyError, match="gate"):
        record_and_fail(begun)
    assert everything(begun) == before
    begun.record(changed(begun), NOW)  # and it can be written afterwards
    assert begun.case("K7QW2M").rules_hash == "changed"


def test_what_was_recorded_is_read_again_in_the_block(begun: AnyStore) -> None:
    with begun.one_transaction():
        first = changed(begun)
        begun.record(first, NOW)
        assert begun.case("K7QW2M").rules_hash == begun.letter("L1").subject == "changed"
        assert begun.open_item(ItemKind.DRAFT, "letter:L1") is not None
        with pytest.raises(Conflict):
            begun.record(first, NOW)


def test_nobody_writes_in_between(sqlite_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.edge.store.sqlite.BUSY_TIMEOUT", 1)
    sqlite_store.record(Change(cases=(sample_case(),)), NOW)
    other = SqlStore(sqlite_store.url, check=False)
    with sqlite_store.one_transaction():
        case = sqlite_store.case("K7QW2M")
        with pytest.raises(StoreError, match="locked"):
            other.record(Change(cases=(case,)), NOW)
        sqlite_store.record(Change(cases=(replace(case, rules_hash="ours"),)), NOW)
    assert other.case("K7QW2M").rules_hash == "ours"
    other.close()


def test_it_does_not_begin_within_a_view(sqlite_store: SqlStore) -> None:
    with sqlite_store.one_view(), pytest.raises(StoreError, match="view"), sqlite_store.one_transaction():
        pass
