"""The lines of the queue: what each item is, whom it concerns, who owes the next move and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.case.items import ItemKind
from bot.case.model import PartyRole, State
from bot.cli.text import address_cut, cut, one_line
from bot.cli.words import KIND_WORDS, LETTER_WORDS, NO_LETTERS, URGENT, WHAT_WORDS, listed, relative, until
from bot.edge.glance import Glance, GlanceCase, GlanceItem, GlanceLetter

#: In these states of a letter the next move is the person's.
_YOURS = (State.DRAFTED.value, State.IN_DOUBT.value)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue."""

    number: int
    kind: ItemKind
    account: str
    what: str
    to: str
    party: str | None  #: of a held track: complainant | amazon | counsel
    step: str | None  #: of a held track: what going on would draft; None where no letter may follow
    sender: str | None  #: of a mail: who wrote it
    title: str | None  #: of a mail: its Subject
    about: str  #: complaint and ASIN
    about_short: str  #: the complaint, else the ASIN
    complaint_ids: tuple[str, ...]
    asins: tuple[str, ...]
    cases: tuple[str, ...]
    reason: str
    state: str | None  #: of the letter
    revision: int | None  #: of the letter
    written_again: bool  #: approving it needs --revision
    owes: str  #: you | we
    until: datetime | None  #: what presses: the letter leaves, the last safe date, the deadline
    until_is: str | None  #: leaves | last safe | deadline
    overdue: bool  #: that moment is past and the move is still owed
    snoozed_until: datetime | None
    opened_at: datetime

    @property
    def whom(self) -> str:
        """To whom a letter goes; of a held track, whose it is and what going on would draft."""
        if self.party is None:
            return self.to
        name = "Amazon" if self.party == PartyRole.AMAZON else self.party
        return f"{name}: {self.step} next" if self.step else name

    def under(self, width: int) -> str:
        """Of a mail, who wrote it and about what, in one line of so many columns; else empty."""
        if not self.sender and not self.title:
            return ""
        who = f"from {address_cut(self.sender, width // 2)}" if self.sender else "from nobody"
        return cut(f"{who}: {self.title or '(no subject)'}", width)

    @property
    def urgency(self) -> tuple[int, datetime, int]:
        """Smallest first: what must not wait, then by the moment that presses."""
        pressing = self.kind is ItemKind.IN_DOUBT or self.reason in URGENT
        return (0 if pressing else 1, self.until or _NEVER, self.number)


def rows_of(seen: Glance, now: datetime) -> tuple[Row, ...]:
    """Every open item, most urgent first."""
    return tuple(sorted((_row(item, seen, now) for item in seen.items), key=lambda row: row.urgency))


def _row(item: GlanceItem, seen: Glance, now: datetime) -> Row:
    mine = [seen.cases[case_id] for case_id in item.cases if case_id in seen.cases]
    is_letter, _, letter_id = item.subject.partition(":")
    letter = seen.letters.get(letter_id) if is_letter == "letter" else None
    ids = tuple(dict.fromkeys(case.complaint_id for case in mine if case.complaint_id))
    asins = tuple(dict.fromkeys(asin for case in mine for asin in case.asins))
    until, until_is = _until(letter, mine)
    ours = letter is not None and letter.state not in _YOURS
    party, step = _track(item, mine)
    return Row(
        number=item.number,
        kind=ItemKind(item.kind),
        account=item.account_id,
        what=_what(item, letter),
        to=_whom(item, letter, mine),
        party=party or None,
        step=None if item.reason in NO_LETTERS else step or None,
        sender=one_line(item.sender) or None,
        title=one_line(item.title) or None,
        about=" ".join(filter(None, (listed(list(ids), 1), listed(list(asins), 1)))),
        about_short=listed(list(ids or asins), 1),
        complaint_ids=ids,
        asins=asins,
        cases=item.cases,
        reason=item.reason,
        state=letter.state if letter else None,
        revision=letter.revision if letter else None,
        written_again=_again(letter),
        owes="we" if ours else "you",
        until=until,
        until_is=until_is,
        overdue=until is not None and until < now and until_is != "leaves",
        snoozed_until=item.snoozed_until if item.snoozed_until and item.snoozed_until > now else None,
        opened_at=item.opened_at,
    )


def _what(item: GlanceItem, letter: GlanceLetter | None) -> str:
    kind = ItemKind(item.kind)
    if letter is not None:
        words = KIND_WORDS[kind] if letter.state in _YOURS else LETTER_WORDS[State(letter.state)]
        again = f", revision {letter.revision}" if _again(letter) else ""
        return f"{words.partition(',')[0]}: {letter.step}{again}"
    if kind is ItemKind.PARKED or not item.reason:
        return f"{KIND_WORDS[kind]} mail"
    return WHAT_WORDS.get(item.reason) or f"{KIND_WORDS[kind]}: {item.reason.replace('-', ' ')}"


def _again(letter: GlanceLetter | None) -> bool:
    return letter is not None and letter.written_again and letter.state == State.DRAFTED


def _whom(item: GlanceItem, letter: GlanceLetter | None, cases: list[GlanceCase]) -> str:
    if letter is not None:
        return letter.to or "(to be pasted)"
    if item.kind != ItemKind.HOLD or not cases:
        return ""
    role, _ = _track(item, cases)
    return cases[0].parties.get(role, "")


def _track(item: GlanceItem, cases: list[GlanceCase]) -> tuple[str, str]:
    """Role of the party and step of a held track; empty for every other item."""
    if item.kind != ItemKind.HOLD or not cases:
        return "", ""
    return cases[0].tracks.get(item.subject.rpartition("/")[2], ("", ""))


def _until(
    letter: GlanceLetter | None, cases: list[GlanceCase]
) -> tuple[datetime | None, Literal["leaves", "last safe", "deadline"] | None]:
    if letter is not None and letter.state == State.APPROVED and letter.leaves_at:
        return letter.leaves_at, "leaves"
    open_ones = [case for case in cases if not case.closed]
    safe = [case.last_safe for case in open_ones if case.last_safe]
    if safe:
        return min(safe), "last safe"
    deadlines = [case.deadline for case in open_ones if case.deadline]
    return (min(deadlines), "deadline") if deadlines else (None, None)


def until_words(row: Row, now: datetime) -> str:
    """`leaves in 9:32`, `in 3 days`, `2 days over`."""
    if row.until is None:
        return ""
    if row.until_is == "leaves":
        return f"leaves {relative(row.until, now)}" if row.until > now else "leaves now"
    return until(row.until, now)
