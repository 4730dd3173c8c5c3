"""What a decision asks to be done, in the imperative; the runner carries it out."""

from __future__ import annotations

from dataclasses import dataclass

from bot.case.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDraft:
    """A track is ready for its letter."""

    case_id: str
    track_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPerson:
    """Something needs a person now."""

    case_id: str
    reason: Reason | None
    text: str


Command = WriteDraft | TellPerson
