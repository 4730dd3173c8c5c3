"""What a switch of safe mode does to letters: approvals are void, and tests wait to be approved anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.case.items import ItemKind, letter_subject
from bot.case.model import State
from bot.case.reasons import Reason
from bot.draft.model import Letter
from bot.errors import Conflict, IllegalTransition
from bot.review import Item
from bot.runner.office import Office
from bot.runner.outbox.sending import void


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A draft that went to the operator only."""

    item: Item
    letter: Letter
    at: datetime  #: when the server took the last test


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What there is to know after a switch."""

    void: tuple[Item, ...]  #: drafts whose approval was given in the other mode
    tested: tuple[Tested, ...]
    leaving: tuple[Letter, ...]  #: on the line in this very moment


def after_switch(office: Office) -> Switched:
    """Void what was approved in the other mode, and say what waits; may be asked again at any time.

    The gate would void each in its turn. Done here, the person sees it now, and with no daemon running.
    """
    void_now = [item for letter in _approved_before(office) if (item := _void(office, letter))]
    drafts = office.store.letters(states=(State.DRAFTED,))
    tested = [
        Tested(item=item, letter=letter, at=at)
        for letter in drafts
        if (at := _tested_at(letter)) and (item := _item(office, letter))
    ]
    return Switched(
        void=tuple(void_now),
        tested=tuple(tested),
        leaving=office.store.letters(states=(State.SENDING, State.BODY_GONE)),
    )


def _approved_before(office: Office) -> list[Letter]:
    return [
        letter
        for letter in office.store.letters(states=(State.APPROVED,))
        if (practice := office.practices.get(letter.account_id))
        and letter.approval
        and letter.approval.envelope.rehearsal != (practice.safe_mode_to is not None)
    ]


def _void(office: Office, letter: Letter) -> Item | None:
    practice = office.practices[letter.account_id]
    try:
        void(office, practice, letter, Reason.SAFE_MODE_SWITCHED, office.clock.now())
    except (Conflict, IllegalTransition):
        return None  # the daemon was quicker: it voided the letter or is handing it over
    return _item(office, letter)


def _item(office: Office, letter: Letter) -> Item | None:
    return office.store.open_item(ItemKind.DRAFT, letter_subject(letter.letter_id))


def _tested_at(letter: Letter) -> datetime | None:
    ends = [one.ended_at or one.started_at for one in letter.attempts if one.outcome == "rehearsed"]
    return max(ends, default=None)
