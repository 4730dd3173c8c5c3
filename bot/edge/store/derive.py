"""What every store derives from cases, letters and events in order to search, wake up and verify."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from bot.case.model import Case, State
from bot.draft.model import Letter

T = TypeVar("T")

#: `previous` of the first line of a diary.
CHAIN_START = "0" * 64


@lru_cache(256)
def folded(address: str) -> str:
    """The form in which addr-specs are compared: case makes no difference.

    RFC 5321 §2.4 lets a local part be case-sensitive, but nobody's server is; for linking mail to cases a
    match too many is seen by a person, a match too few is lost.
    """
    return unicodedata.normalize("NFC", address.strip()).casefold()


def wakes_at(case: Case) -> datetime | None:
    """The earliest moment at which the case wants to act or to tell somebody of its deadline."""
    moments = [case.next_due]
    if not case.closed and not case.met:
        moments.append(None if case.deadline_neared else case.last_safe)
        moments.append(None if case.deadline_passed else case.deadline)
    return min((moment for moment in moments if moment is not None), default=None)


def leaves_at(letter: Letter) -> datetime | None:
    """When an approved letter may leave, as far as the letter itself knows."""
    if letter.state is not State.APPROVED or letter.approval is None:
        return None
    return letter.approval.leaves_at


def accepted_at(letter: Letter) -> datetime | None:
    """When a server last accepted the letter."""
    ends = [a.ended_at for a in letter.attempts if a.outcome == "accepted" and a.ended_at is not None]
    return max(ends, default=None)


def linked_cases(letter: Letter, before: tuple[str, ...]) -> tuple[str, ...]:
    """The cases that mail citing the letter belongs to.

    Those it speaks for. Once it has been tried, a case that leaves it stays linked: the letter may have
    arrived although somebody judged otherwise.
    """
    now = tuple(dict.fromkeys(ref.case_id for ref in letter.tracks))
    return tuple(dict.fromkeys((*before, *now))) if letter.attempts else now


def changed(columns: Callable[[T], dict[str, Any]], one: T, held: T | None) -> dict[str, Any]:
    """The columns of a row in which it differs from what is held of it; all of them when that is not known.

    A database touches an index for each column it is told to set, whether or not it says anything new.
    """
    now = columns(one)
    if held is None:
        return now
    before = columns(held)
    return {name: value for name, value in now.items() if value != before[name]}


def chain_hash(previous: str, case_id: str, sequence: int, document: str) -> str:
    """SHA-256 of one diary line: the hash before it, whose line it is, and its canonical JSON."""
    return hashlib.sha256(f"{previous}\n{case_id}\n{sequence}\n{document}".encode("ascii")).hexdigest()
