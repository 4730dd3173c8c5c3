"""The dated record of every attempt to reach somebody: what an escalation puts before Amazon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.case.events import (
    Answered,
    Bounced,
    Event,
    JudgedSent,
    RetractionSeen,
    SendStarted,
    WroteByHand,
)
from bot.case.model import Case, PartyRole, Track

ACCEPTED = "accepted"  #: the mail server took it; nobody ever knows more
IN_DOUBT = "in-doubt"  #: the line was lost while it left, and a person judged it sent
BY_HAND = "by-hand"  #: a person wrote it outside Rejoinder; a copy lies in the Sent mailbox
SAID = "said"  #: a person says that they wrote; there is no copy
BOUNCED = "bounced"  #: accepted, and came back later as undeliverable


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    """One letter that a mail server took, and what became of it."""

    step: str
    letter_id: str
    at: datetime  #: when the server accepted it; aware, UTC
    fate: str  #: ACCEPTED | IN_DOUBT | BY_HAND | SAID | BOUNCED
    bounced_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsRecord:
    """Every attempt towards one party, oldest first, and when that party answered."""

    attempts: tuple[AttemptLine, ...] = ()
    answered_at: tuple[datetime, ...] = ()


def attempts_record(
    cases: Sequence[Case],
    diaries: Mapping[str, Sequence[Event]],
    party: PartyRole = PartyRole.COMPLAINANT,
) -> AttemptsRecord:
    """What was tried towards this party in these cases; `diaries` maps case id to its events, oldest first.

    Only what a server accepted counts: rehearsals, deferrals and refusals reached nobody. A letter that
    speaks for several cases is one attempt.
    """
    lines: dict[str, AttemptLine] = {}
    answers: set[datetime] = set()
    for case in cases:
        for track in (t for t in case.tracks if t.party is party):
            mine = [e for e in diaries.get(case.case_id, ()) if e.track in (None, track.track_id)]
            answers |= {e.at for e in mine if _is_answer(e)}
            fates = _known_fates(mine)
            back = _came_back(track, [e for e in mine if isinstance(e, Bounced)])
            for attempt in track.attempts:
                known = lines.get(attempt.letter_id)
                # Each case of the letter may have seen the report; one is enough.
                bounced_at = back.get(attempt.letter_id) or (known.bounced_at if known else None)
                lines[attempt.letter_id] = AttemptLine(
                    step=attempt.step,
                    letter_id=attempt.letter_id,
                    at=attempt.at,
                    fate=BOUNCED if bounced_at else fates.get(attempt.letter_id, ACCEPTED),
                    bounced_at=bounced_at,
                )
    return AttemptsRecord(
        attempts=tuple(sorted(lines.values(), key=lambda line: line.at)), answered_at=tuple(sorted(answers))
    )


def _is_answer(event: Event) -> bool:
    """They wrote to us: the last two rungs of a withdrawal are Amazon's."""
    return isinstance(event, Answered) or (
        isinstance(event, RetractionSeen) and event.rung not in ("confirmed", "listing-back")
    )


def _known_fates(events: Sequence[Event]) -> dict[str, str]:
    """Letters that a person wrote by hand, or judged sent, because nobody could know."""
    fates: dict[str, str] = {}
    on_the_line: str | None = None
    for event in events:
        if isinstance(event, SendStarted):
            on_the_line = event.letter
        elif isinstance(event, JudgedSent) and on_the_line is not None:
            fates[on_the_line] = IN_DOUBT
        elif isinstance(event, WroteByHand):
            fates[event.letter] = BY_HAND if event.evidence == "sent-mailbox" else SAID
    return fates


def _came_back(track: Track, bounces: Sequence[Bounced]) -> dict[str, datetime]:
    """Which letters of the track came back, and when."""
    back: dict[str, datetime] = {}
    for bounce in bounces:
        cited = [a.letter_id for a in track.attempts if a.letter_id in bounce.cites]
        # A report that cites no letter of ours is about the last one before it.
        earlier = [a.letter_id for a in track.attempts if a.at <= bounce.at]
        for letter_id in cited or ([] if bounce.cites else earlier[-1:]):
            back.setdefault(letter_id, bounce.at)
    return back
