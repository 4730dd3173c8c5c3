"""What a person sees and may answer: review items, and which of them a change of a case opens or closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.case.items import ItemClosing, ItemKind, NewItem, letter_subject, mail_subject, track_subject
from bot.case.model import Case, State, Track
from bot.case.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An open or closed item of the queue."""

    number: int  #: small, never reused
    kind: ItemKind
    subject: str
    account_id: str
    cases: tuple[str, ...]
    reason: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None = None
    outcome: str | None = None  #: how it was closed, in a word
    snoozed_until: datetime | None = None
    sender: str = ""  #: addr-spec in From, of an item about a mail
    title: str = ""  #: its Subject, cut short


#: A letter in these states keeps its item open: a person sees it until its outcome is known.
PENDING = (State.DRAFTED, State.APPROVED, State.SENDING, State.BODY_GONE)


def _wanted(case: Case, track: Track) -> NewItem | None:
    if track.state in PENDING and track.letter_id:
        kind, subject, reason = ItemKind.DRAFT, letter_subject(track.letter_id), ""
    elif track.state is State.IN_DOUBT and track.letter_id:
        kind, subject, reason = ItemKind.IN_DOUBT, letter_subject(track.letter_id), "in-doubt"
    elif track.state is State.HELD:
        hold = track.hold or Reason.STOP_SWITCH
        kind, subject, reason = ItemKind.HOLD, track_subject(case.case_id, track.track_id), hold.value
    else:
        return None
    return NewItem(
        kind=kind,
        subject=subject,
        account_id=case.account_id,
        cases=(case.case_id,),
        reason=reason,
        detail=track.detail or "",
    )


def item_changes(before: Case | None, after: Case) -> tuple[tuple[NewItem, ...], tuple[ItemClosing, ...]]:
    """Items to open and to close when a case changes."""
    old = {t.track_id: w for t in (before.tracks if before else ()) if (w := _wanted(before or after, t))}
    opened: list[NewItem] = []
    closed: list[ItemClosing] = []
    for track in after.tracks:
        wanted, had = _wanted(after, track), old.get(track.track_id)
        if wanted is not None and wanted != had:
            opened.append(wanted)
        if had is not None and (wanted is None or (wanted.kind, wanted.subject) != (had.kind, had.subject)):
            closed.append(ItemClosing(kind=had.kind, subject=had.subject, outcome=track.state.value))
    return tuple(opened), tuple(closed)


__all__ = [
    "Item",
    "ItemClosing",
    "ItemKind",
    "NewItem",
    "item_changes",
    "letter_subject",
    "mail_subject",
    "track_subject",
]
