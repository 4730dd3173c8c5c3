"""What start-up makes of letters that were on the line when we died: no guessing (architecture §5)."""

from __future__ import annotations

from dataclasses import replace

from bot.case import events as e
from bot.case.model import State
from bot.draft.model import Letter
from bot.ports import AlertKind
from bot.runner.letters import after, for_all_tracks
from bot.runner.office import Office, Practice
from bot.runner.outbox.sending import unknown


def recover(office: Office) -> tuple[int, int]:
    """Before any mail is read: SENDING was interrupted, BODY_GONE is in doubt; how many of each."""
    counts = {State.SENDING: 0, State.BODY_GONE: 0}
    for state in counts:
        for letter in office.store.letters(states=(state,)):
            practice = office.practices.get(letter.account_id)
            if practice is None:
                continue
            settle_interrupted(office, practice, letter)
            counts[state] += 1
    if counts[State.BODY_GONE]:
        text = f"{counts[State.BODY_GONE]} letters were on the line when we stopped; look at the queue"
        office.notifier.tell(AlertKind.IN_DOUBT, "", text)
    return counts[State.SENDING], counts[State.BODY_GONE]


def settle_interrupted(office: Office, practice: Practice, letter: Letter) -> None:
    """What became of one letter on the line: SENDING was interrupted, BODY_GONE is in doubt."""
    now = office.clock.now()
    sending = letter.state is State.SENDING
    event = e.Interrupted(at=now) if sending else unknown(letter, now)
    rehearsed = isinstance(event, e.Rehearsed)
    outcome = "interrupted" if sending else "rehearsed" if rehearsed else "in-doubt"
    decisions = for_all_tracks(practice, office.store, letter, event, now)
    ended = replace(letter.attempts[-1], ended_at=now, outcome=outcome)
    letter = replace(letter, attempts=(*letter.attempts[:-1], ended))
    _, change = after(practice, office.store, letter, decisions, now)
    office.store.record(change, now)
