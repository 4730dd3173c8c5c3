"""Whom nobody may write to at this moment, as the store says each time it is asked."""

from __future__ import annotations

from bot.draft.model import Letter
from bot.draft.stops import is_stopped
from bot.runner.office import Office, Practice

#: Kept with the case; a diary names no address.
STOPPED = "a stop is set for this address"


def stops_now(office: Office, practice: Practice) -> tuple[str, ...]:
    """Every address and `@domain` that may not be written to at this moment."""
    return (*practice.lint.denied, *(one.address for one in office.store.stopped_addresses()))


def is_stopped_for(office: Office, practice: Practice, letter: Letter) -> bool:
    """Whether a stop names one of those the letter goes to, also as a copy."""
    stops = stops_now(office, practice)
    return bool(stops) and any(is_stopped(address, stops) for address in (letter.to, *letter.cc))
