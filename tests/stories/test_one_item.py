"""What several decisions ask of a person about one thing is one item, with all that they said."""

from __future__ import annotations

from bot.case.items import ItemKind, NewItem
from bot.runner.changes import change_of


def item(subject: str, **said: object) -> NewItem:
    return NewItem(kind=ItemKind.HOLD, subject=subject, account_id="shop", **said)  # type: ignore[arg-type]


def test_one_item_for_one_subject_names_every_case() -> None:
    change = change_of(
        [],
        items=[
            item("track:A/1", cases=("A", "B"), reason="no-address", detail="said first"),
            item("track:Z/1", cases=("Z",)),
            item("track:A/1", cases=("B", "C")),
        ],
    )
    assert change.open_items == (
        item("track:A/1", cases=("A", "B", "C"), reason="no-address", detail="said first"),
        item("track:Z/1", cases=("Z",)),
    )


def test_what_is_said_last_counts() -> None:
    (one,) = change_of(
        [],
        items=[
            item("track:A/1", reason="no-address", detail="said first"),
            item("track:A/1", reason="counsel", detail="said last"),
        ],
    ).open_items
    assert (one.reason, one.detail) == ("counsel", "said last")
