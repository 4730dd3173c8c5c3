"""The lines of the queue: what each item is, whom it concerns, who owes the next move and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.case.items import ItemKind
from bot.case.model import Case, State
from bot.cli.words import KIND_WORDS, LETTER_WORDS, URGENT, listed, relative
from bot.draft.model import Letter
from bot.errors import NotPossible
from bot.ports import Store
from bot.review import Item

_PENDING = (State.DRAFTED, State.APPROVED, State.SENDING, State.BODY_GONE, State.IN_DOUBT)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue."""

    number: int
    kind: ItemKind
    account: str
    what: str
    to: str
    about: str  #: complaint and ASIN
    about_short: str  #: the complaint, else the ASIN
    complaint_ids: tuple[str, ...]
    asins: tuple[str, ...]
    cases: tuple[str, ...]
    reason: str
    state: str | None  #: of the letter
    owes: str  #: you | we
    until: datetime | None  #: what presses: the letter leaves, the last safe date, the deadline
    until_is: str | None  #: leaves | last safe | deadline
    overdue: bool  #: that moment is past and the move is still owed
    snoozed_until: datetime | None
    opened_at: datetime

    @property
    def urgency(self) -> tuple[int, datetime, int]:
        """Smallest first: what must not wait, then by the moment that presses."""
        pressing = self.kind is ItemKind.IN_DOUBT or self.reason in URGENT
        return (0 if pressing else 1, self.until or _NEVER, self.number)


def rows_of(store: Store, now: datetime) -> tuple[Row, ...]:
    """Every open item, most urgent first; three reads, however many items there are."""
    items = store.items()
    cases = {case.case_id: case for case in store.cases(open_only=True)} if items else {}
    letters = {letter.letter_id: letter for letter in store.letters(states=_PENDING)} if items else {}
    for case_id in {case_id for item in items for case_id in item.cases} - set(cases):
        try:
            cases[case_id] = store.case(case_id)  # closed: only an item to read still names it
        except NotPossible:
            continue
    return tuple(sorted((_row(item, cases, letters, now) for item in items), key=lambda row: row.urgency))


def _row(item: Item, cases: Mapping[str, Case], letters: Mapping[str, Letter], now: datetime) -> Row:
    mine = [cases[case_id] for case_id in item.cases if case_id in cases]
    letter = letters.get(item.subject.partition(":")[2]) if item.subject.startswith("letter:") else None
    ids = tuple(dict.fromkeys(c.facts.complaint_id for c in mine if c.facts.complaint_id))
    asins = tuple(dict.fromkeys(asin for c in mine for asin in c.facts.asins))
    until, until_is = _until(letter, mine)
    approved = letter is not None and letter.state not in (State.DRAFTED, State.IN_DOUBT)
    return Row(
        number=item.number,
        kind=item.kind,
        account=item.account_id,
        what=_what(item, letter),
        to=_whom(item, letter, mine),
        about=" ".join(filter(None, (listed(list(ids), 1), listed(list(asins), 1)))),
        about_short=listed(list(ids or asins), 1),
        complaint_ids=ids,
        asins=asins,
        cases=item.cases,
        reason=item.reason,
        state=letter.state.value if letter else None,
        owes="we" if approved else "you",
        until=until,
        until_is=until_is,
        overdue=until is not None and until < now and until_is != "leaves",
        snoozed_until=item.snoozed_until if item.snoozed_until and item.snoozed_until > now else None,
        opened_at=item.opened_at,
    )


def _what(item: Item, letter: Letter | None) -> str:
    if letter is None:
        reason = item.reason.replace("-", " ")
        return (
            f"{KIND_WORDS[item.kind]}: {reason}"
            if reason and item.kind is not ItemKind.PARKED
            else "unreadable mail"
        )
    if letter.state in (State.DRAFTED, State.IN_DOUBT):
        return f"{KIND_WORDS[item.kind]}: {letter.step}"
    return f"{LETTER_WORDS[letter.state].partition(',')[0]}: {letter.step}"


def _whom(item: Item, letter: Letter | None, cases: list[Case]) -> str:
    if letter is not None:
        return letter.to or "(paste in Seller Central)"
    if item.kind is not ItemKind.HOLD or not cases:
        return ""
    case, track_id = cases[0], item.subject.rpartition("/")[2]
    party = next((case.party(track.party) for track in case.tracks if track.track_id == track_id), None)
    return (party.address or party.organisation or party.name or "") if party else ""


def _until(letter: Letter | None, cases: list[Case]) -> tuple[datetime | None, str | None]:
    if letter is not None and letter.state is State.APPROVED and letter.approval is not None:
        return letter.approval.leaves_at, "leaves"
    open_ones = [case for case in cases if not case.closed]
    safe = [case.last_safe for case in open_ones if case.last_safe]
    if safe:
        return min(safe), "last safe"
    deadlines = [case.deadline for case in open_ones if case.deadline]
    return (min(deadlines), "deadline") if deadlines else (None, None)


def until_words(row: Row, now: datetime) -> str:
    """`leaves in 9:32`, `in 3 days`, `since 2 days`."""
    if row.until is None:
        return ""
    if row.until_is == "leaves":
        return f"leaves {relative(row.until, now)}" if row.until > now else "leaves at the next turn"
    if row.overdue:
        return "over since " + relative(row.until, now).removesuffix(" ago")
    return relative(row.until, now)
