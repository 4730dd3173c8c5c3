"""The reviewer's desk: looks at the queue and answers through the service that the commands use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.case.items import ItemKind
from bot.case.model import PartyRole, State
from bot.case.reasons import REASON_TEXT, Reason
from bot.demo.ledger import Ledger
from bot.demo.story import Story, Tone
from bot.draft.model import Letter
from bot.errors import NotPossible
from bot.review import Item
from bot.runner.desk import service
from bot.runner.office import Office, OnStore

#: How long the automatic reviewer takes, as a person would: a second complaint can still join a draft.
PATIENCE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the queue."""

    item: Item
    letter: Letter | None  #: for a draft or an approved letter
    text: str

    @property
    def answerable(self) -> bool:
        """True for what a yes can answer now: a draft, a claim, something to read."""
        if self.letter is not None and self.item.kind is ItemKind.DRAFT:
            return self.letter.state is State.DRAFTED
        return self.item.kind in _YES


#: Items to which `approve` is an answer, beside drafts.
_YES = (ItemKind.CLAIM, ItemKind.SUSPECT, ItemKind.ALARM, ItemKind.PARKED)

_WORDS = {
    ItemKind.HOLD: "held for you",
    ItemKind.IN_DOUBT: "we do not know whether it arrived",
    ItemKind.CLAIM: "a mail claims to belong to a case",
    ItemKind.SUSPECT: "not believed",
    ItemKind.PARKED: "a mail could not be understood",
    ItemKind.ALARM: "to read",
}
_DRAFTS = {PartyRole.AMAZON: "escalation to Amazon", PartyRole.COMPLAINANT: "letter"}


class Desk:
    """The queue as one person sees it, told to the story and noted in the ledger."""

    def __init__(self, office: Office, on_store: OnStore, *, by: str, story: Story, ledger: Ledger) -> None:
        self._office = office
        self._on_store = on_store
        self._by = by
        self._story = story
        self._ledger = ledger
        self._told: set[tuple[int, str]] = set()
        self._tried: set[tuple[int, str]] = set()  #: what the automatic reviewer answered already

    async def look(self) -> tuple[Entry, ...]:
        """The open queue by number; what is new is told."""
        entries = await self._on_store(self._entries)
        for entry in entries:
            if entry.letter is not None:
                self._ledger.seen(entry.letter.message_id)
            if (mark := _mark(entry)) not in self._told:
                self._told.add(mark)
                tone = Tone.BOLD if entry.letter is not None else Tone.WARN
                self._tell(f"#{entry.item.number} {entry.text}", tone)
        return entries

    async def approve(self, entry: Entry) -> bool:
        """Say yes to what was told; False, and told why, when that is not possible."""
        number, revision = entry.item.number, entry.letter.revision if entry.letter else None
        try:
            done = await self._on_store(service.approve, self._office, number, self._by, revision)
        except NotPossible as error:
            self._tell(f"#{number} cannot be approved: {error}", Tone.WARN)
            return False
        letter = done.letter
        if letter is None or letter.approval is None:
            self._tell(f"#{number} {done.text}", Tone.QUIET, who="You")
            return True
        self._ledger.approved(letter.message_id)
        leaves = f"{letter.approval.leaves_at:%H:%M}"
        self._tell(f"#{number} approved; it leaves at {leaves} unless recalled", Tone.PLAIN, who="You")
        return True

    async def reject(self, number: int, why: str) -> bool:
        """Say no; False, and told why, when that is not possible."""
        try:
            done = await self._on_store(service.reject, self._office, number, why, self._by)
        except NotPossible as error:
            self._tell(f"#{number} cannot be rejected: {error}", Tone.WARN)
            return False
        self._tell(f"#{number} {done.text}", Tone.PLAIN, who="You")
        return True

    async def approve_all(self, now: datetime) -> tuple[bool, datetime | None]:
        """Say yes to everything that a yes can answer, a few minutes after it came.

        Whether anything was answered, and when the next answer is due.
        """
        answered, later = False, []
        for entry in await self.look():
            if not entry.answerable or (mark := _mark(entry)) in self._tried:
                continue
            due = entry.item.opened_at + PATIENCE
            if due > now:
                later.append(due)
                continue
            self._tried.add(mark)
            answered |= await self.approve(entry)
        return answered, min(later, default=None)

    def _entries(self) -> tuple[Entry, ...]:
        return tuple(self._entry(item) for item in self._office.store.items())

    def _entry(self, item: Item) -> Entry:
        if item.kind in (ItemKind.DRAFT, ItemKind.IN_DOUBT):
            letter = service.letter_of(self._office, item)
            return Entry(item=item, letter=letter, text=_letter_text(item, letter))
        return Entry(item=item, letter=None, text=f"{_WORDS[item.kind]}{self._about(item)}: {_why(item)}")

    def _about(self, item: Item) -> str:
        cases = [self._office.store.case(case_id) for case_id in item.cases]
        named = [case.facts.complaint_id or f"case {case.case_id}" for case in cases]
        return f" (complaint {', '.join(named)})" if named else ""

    def _tell(self, text: str, tone: Tone, *, who: str = "Rejoinder") -> None:
        self._story.tell(self._office.clock.now(), who, text, tone)


def _mark(entry: Entry) -> tuple[int, str]:
    """What makes an entry news: a letter written anew, another reason to hold."""
    return entry.item.number, f"revision {entry.letter.revision}" if entry.letter else entry.text


def _letter_text(item: Item, letter: Letter) -> str:
    if item.kind is ItemKind.IN_DOUBT:
        return f"{_WORDS[item.kind]}: {letter.subject}"
    what = _DRAFTS.get(letter.party, "letter")
    state = "approved" if letter.state is State.APPROVED else "waits for your yes"
    return f"{what} ({letter.step}) to {letter.to} {state}: {letter.subject}"


def _why(item: Item) -> str:
    try:
        reason = REASON_TEXT[Reason(item.reason)]
    except ValueError:
        reason = item.reason.replace("-", " ") or "please look"
    return f"{reason} ({item.detail})" if item.detail else reason
