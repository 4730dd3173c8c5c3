"""What a copy restored from a backup may still believe: no approval, and no letter on the line.

The original went on after the copy was taken. Whatever was approved or on the line then may have left; so
approvals are void, letters on the line are in doubt, and a person looks into Sent before anything leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.draft.model import Letter
from bot.errors import Conflict, IllegalTransition
from bot.ports import MailSource
from bot.runner.changes import change_of
from bot.runner.letters import as_sent, for_all_tracks, letters_left_behind
from bot.runner.office import Office, Practice
from bot.runner.outbox.recovery import settle_interrupted
from bot.runner.outbox.sending import void


def distrust(office: Office, taken_at: datetime) -> tuple[int, int]:
    """Before anything else is done with a restored copy: (approvals void, letters in doubt).

    Only what is older than the copy is touched, so this may be asked again at any time, also while the
    restored copy rehearses letters of its own.
    """
    voided = doubtful = 0
    for letter in office.store.letters(states=(State.APPROVED, State.SENDING, State.BODY_GONE)):
        practice = office.practices.get(letter.account_id)
        if practice is None or letter.approval is None or letter.approval.at > taken_at:
            continue
        if letter.attempts and letter.attempts[-1].started_at > taken_at:
            continue
        try:
            if letter.state is State.APPROVED:
                void(office, practice, letter, Reason.RESTORED, office.clock.now())
                voided += 1
            else:
                _in_doubt(office, practice, letter)
                doubtful += 1
        except (Conflict, IllegalTransition):
            continue  # another command of the same moment does the same
    return voided, doubtful


def _in_doubt(office: Office, practice: Practice, letter: Letter) -> None:
    if letter.state is State.SENDING:
        # Claimed in the copy; the original may have gone on from there in the next second.
        begun = e.BodyBegun(at=letter.attempts[-1].started_at)
        decisions = for_all_tracks(practice, office.store, letter, begun, office.clock.now())
        change = change_of(decisions, letters=[replace(letter, state=State.BODY_GONE)])
        office.store.record(change, office.clock.now())
        letter = office.store.letter(letter.letter_id)
    settle_interrupted(office, practice, letter)


def letters_that_may_have_left(office: Office, taken_at: datetime) -> tuple[Letter, ...]:
    """Drafts and letters in doubt that the original had when the copy was taken, oldest first."""
    known = office.store.letters(states=(State.DRAFTED, State.IN_DOUBT))
    return tuple(letter for letter in known if letter.drafted_at <= taken_at)


async def found_in_sent(
    source: MailSource, letters: Iterable[Letter], sent_mailbox: str | None = None
) -> frozenset[str]:
    """Ids of those whose Message-ID lies in the Sent mailbox. Raises MailboxError."""
    sent = sent_mailbox or await source.special_use(r"\Sent") or "Sent"
    return frozenset(
        [letter.letter_id for letter in letters if await source.has_message_id(sent, letter.message_id)]
    )


def note_as_left(office: Office, practice: Practice, letter: Letter, by: str) -> None:
    """The letter was found in Sent: one in doubt is proven, a draft is set aside and its case held.

    The copy has no record of how a draft left, so it counts as no attempt; a person says how to go on.
    """
    now = office.clock.now()
    if letter.state is State.IN_DOUBT:
        proven = e.Proven(at=now, evidence="sent-mailbox")
        decisions = for_all_tracks(practice, office.store, letter, proven, now)
        office.store.record(change_of(decisions, letters=[as_sent(practice, letter)]), now)
        return
    outside = e.ContactOutside(at=now, by=by, what="left-before")
    decisions = for_all_tracks(practice, office.store, letter, outside, now)
    left, more = letters_left_behind(practice, office.store, decisions, now)
    office.store.record(change_of([*decisions, *more], letters=left), now)
