"""Anything a person must decide or read, before the store gives it a number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ItemKind(StrEnum):
    """Anything a person must decide or read."""

    DRAFT = "draft"
    HOLD = "hold"
    IN_DOUBT = "in-doubt"
    CLAIM = "claim"  #: a mail claims to belong to a case
    SUSPECT = "suspect"
    PARKED = "parked"
    ALARM = "alarm"  #: something to read: a reply after closing, a copy that bounced, a legal letter


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item to be opened; the store gives it its number."""

    kind: ItemKind
    subject: str  #: `letter:ID`, `track:CASE/TRACK` or `mail:ID`; at most one open item per kind and subject
    account_id: str
    cases: tuple[str, ...] = ()
    reason: str = ""  #: a `Reason`, or a name that its kind explains
    detail: str = ""
    sender: str = ""  #: addr-spec in From, of an item about a mail
    title: str = ""  #: its Subject, cut short


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClosing:
    """An item to be closed, if it is open."""

    kind: ItemKind
    subject: str
    outcome: str


def letter_subject(letter_id: str) -> str:
    """Subject of an item about a letter."""
    return f"letter:{letter_id}"


def track_subject(case_id: str, track_id: str) -> str:
    """Subject of an item about a track."""
    return f"track:{case_id}/{track_id}"


def mail_subject(mail_id: int) -> str:
    """Subject of an item about a mail."""
    return f"mail:{mail_id}"
