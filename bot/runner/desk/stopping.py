"""A person's stop: nobody writes to this address, in no case of any account, until a person takes it back.

It is asked of the store each time (when a letter is written, approved, claimed, and after 354), so a daemon
that runs obeys it from the moment it is written down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import State
from bot.case.reasons import Reason
from bot.draft.model import Letter
from bot.draft.stops import StoppedAddress
from bot.errors import NotPossible
from bot.mail.address import ascii_form, canonical
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import decide_for
from bot.runner.office import Office, Practice
from bot.runner.stops import STOPPED, is_stopped_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A stop that was set, and what it held at once."""

    stop: StoppedAddress
    cases: tuple[str, ...]  #: whose letter was withdrawn
    on_the_line: tuple[str, ...]  #: whose letter is leaving or in doubt, so it may arrive all the same


def folded_stop(text: str) -> str:
    """An address or `@domain` as it is kept. Raises NotPossible."""
    text = text.strip()
    if text.startswith("@") and (domain := ascii_form(text[1:])):
        return f"@{domain}"
    if not text.startswith("@") and (address := canonical(text)):
        return address.casefold()
    raise NotPossible(f"{text} is no address; write name@domain, or @domain for everybody there")


def stop(office: Office, text: str, why: str, by: str) -> Stopped:
    """Nobody writes there any more: waiting letters to it are withdrawn and their cases held.

    The stop is written first; whatever happens then, nothing passes the gate. Raises NotPossible.
    """
    one = StoppedAddress(address=folded_stop(text), at=office.clock.now(), by=by, why=why.strip())
    office.store.stop_address(one)
    cases: list[str] = []
    on_the_line: list[str] = []
    for practice in tuple(office.practices.values()):
        for found in office.store.letters(account_id=practice.account_id, states=_NOT_YET_GONE):
            if not is_stopped_for(office, practice, found):
                continue
            left = again_on_conflict(partial(_withdraw, office, practice, found.letter_id, by))
            (cases if left else on_the_line).extend(ref.case_id for ref in found.tracks)
    return Stopped(stop=one, cases=tuple(dict.fromkeys(cases)), on_the_line=tuple(dict.fromkeys(on_the_line)))


def allow(office: Office, text: str) -> str:
    """Take a stop back; cases held for it stay held. Raises NotPossible when there is none."""
    address = folded_stop(text)
    if not office.store.remove_stop(address):
        raise NotPossible(f"no stop is set for {address}; `rejoinder stop --list` says which are")
    return address


_NOT_YET_GONE = (State.DRAFTED, State.APPROVED, State.SENDING, State.BODY_GONE, State.IN_DOUBT)


def _withdraw(office: Office, practice: Practice, letter_id: str, by: str) -> bool:
    """Set the letter aside and hold its tracks; False when it is on the line."""
    letter = office.store.letter(letter_id)
    now = office.clock.now()
    if letter.state in (State.DRAFTED, State.APPROVED):
        decisions = _held(office, practice, letter, by, now)
        aside = replace(letter, state=State.HELD, approval=None)
        office.store.record(change_of(decisions, letters=[aside]), now)
        return True
    return letter.state is State.HELD


def _held(office: Office, practice: Practice, letter: Letter, by: str, now: datetime) -> list[Decision]:
    events: list[e.Event] = [e.Held(at=now, by=by, reason=Reason.RECIPIENT_NOT_ALLOWED, detail=STOPPED)]
    if letter.state is State.APPROVED:
        events.insert(0, e.Recalled(at=now, by=by))
    decisions: list[Decision] = []
    latest = {ref.case_id: office.store.case(ref.case_id) for ref in letter.tracks}
    for ref in letter.tracks:
        for event in events:
            here = replace(event, track=ref.track_id)
            decisions.append(decide_for(practice, latest[ref.case_id], here, now))
            latest[ref.case_id] = decisions[-1].case
    return decisions
