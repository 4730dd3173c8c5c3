"""Reads new messages off one line in bounded runs, and makes sure that none is passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bot.edge.imap.faults import CommandRefused, Renumbered
from bot.edge.imap.guard import MAX_IDS, Announced, ImapGuard
from bot.errors import MailboxUnreachable

T = TypeVar("T")

#: Octets of mail asked for in one command; two such runs are in memory at most.
RUN_OCTETS = 8_000_000
#: Servers count line ends differently and may be off by some octets.
_SLACK = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A mailbox whose UIDs the caller knows."""

    mailbox: str
    uidvalidity: int

    def select(self, line: ImapGuard, *, afresh: bool = False) -> None:
        """EXAMINE the mailbox unless it is open. Raises Renumbered when its UIDs mean something else now."""
        state = line.selected
        if afresh or state is None or state.mailbox != self.mailbox:
            state = line.examine(self.mailbox)
        if state.uidvalidity != self.uidvalidity:
            raise Renumbered(
                f"{line.settings}: the server has numbered {self.mailbox!r} anew "
                f"(UIDVALIDITY {state.uidvalidity}, was {self.uidvalidity}); read its state again"
            )


def runs(messages: Iterable[Announced], octets: int = RUN_OCTETS) -> Iterator[list[Announced]]:
    """Cut into runs of at most `octets` and MAX_IDS; a message larger than that is a run of its own."""
    run: list[Announced] = []
    size = 0
    for message in messages:
        if run and (size + message.size > octets or len(run) == MAX_IDS):
            yield run
            run, size = [], 0
        run.append(message)
        size += message.size
    if run:
        yield run


def allowance(run: Sequence[Announced], size_limit: int) -> int:
    """Octets that may come for a run; one message alone may have lied about its size up to the limit."""
    if len(run) == 1:
        return size_limit
    return 2 * sum(message.size for message in run) + _SLACK


def new_uids(line: ImapGuard, place: Place, last_uid: int) -> list[int]:
    """UIDs above `last_uid`, ascending, of the mailbox as it is now."""
    place.select(line, afresh=True)
    return line.uids_after(last_uid)


def uids_since(line: ImapGuard, place: Place, day: date, about: Sequence[str]) -> list[int]:
    """UIDs that arrived on that day or later, ascending; with `about` those that name one of these."""
    place.select(line, afresh=True)
    if not about:
        return line.uids_since(day)
    return sorted({uid for one in about for uid in line.uids_since(day, one)})


def announced(line: ImapGuard, place: Place, uids: list[int]) -> list[Announced]:
    """Size and date of the messages that still exist, ascending."""
    found = _all_that_exist(line, place, uids, line.announced)
    return [found[uid] for uid in sorted(found)]


def bodies(line: ImapGuard, place: Place, uids: list[int], allowed: int) -> dict[int, bytes]:
    """The messages that still exist. Raises LiteralTooLarge beyond `allowed` octets."""
    return _all_that_exist(line, place, uids, lambda some: line.bodies(some, allowed))


def _all_that_exist(
    line: ImapGuard, place: Place, uids: list[int], ask: Callable[[list[int]], dict[int, T]]
) -> dict[int, T]:
    place.select(line)
    try:
        found = ask(uids)
    except CommandRefused:
        # RFC 2180 §4.1.2: a server may refuse the whole FETCH because one message went away in between.
        found = {}
    missing = [uid for uid in uids if uid not in found]
    if missing:
        # Gone, or forgotten by the server? A message that is there and not handed out must not be lost.
        place.select(line, afresh=True)
        present = set(line.uids_after(missing[0] - 1))
        left = [uid for uid in missing if uid in present]
        found |= ask(left)
        kept_back = [uid for uid in left if uid not in found]
        if kept_back:
            raise MailboxUnreachable(
                f"{line.settings}: the server does not hand out UID {kept_back[0]} of {place.mailbox!r}; "
                "open it in a mail program, or move it away, so that reading can go on"
            )
    return found
