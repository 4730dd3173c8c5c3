"""Looks for a letter in doubt in the Sent mailbox, where the provider files what it took.

Found is proof that the server accepted it. Not found proves nothing: the letter stays in doubt.
"""

from __future__ import annotations

from bot.case import events as e
from bot.case.model import State
from bot.errors import MailboxError
from bot.ports import MailSource
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import as_sent, for_all_tracks
from bot.runner.office import Office, OnStore, Practice


async def prove_by_sent(office: Office, practice: Practice, source: MailSource, on_store: OnStore) -> int:
    """Settle what the provider's Sent mailbox settles; how many letters were proven."""
    if not practice.provider_files_sent:
        return 0  # what lies there was filed by us, and proves nothing
    doubtful = await on_store(_in_doubt, office, practice)
    if not doubtful:
        return 0
    proven = 0
    try:
        sent = practice.sent or await source.special_use(r"\Sent") or "Sent"
        for letter_id, message_id in doubtful:
            if await source.has_message_id(sent, message_id):
                await on_store(_proven, office, practice, letter_id)
                proven += 1
    except MailboxError:
        return proven
    return proven


def _in_doubt(office: Office, practice: Practice) -> list[tuple[str, str]]:
    letters = office.store.letters(account_id=practice.account_id, states=(State.IN_DOUBT,))
    return [(letter.letter_id, letter.message_id) for letter in letters]


def _proven(office: Office, practice: Practice, letter_id: str) -> None:
    again_on_conflict(lambda: _record(office, practice, letter_id))


def _record(office: Office, practice: Practice, letter_id: str) -> None:
    now = office.clock.now()
    letter = office.store.letter(letter_id)
    if letter.state is not State.IN_DOUBT:
        return  # a person settled it in this moment
    event = e.Proven(at=now, evidence="sent-mailbox")
    decisions = for_all_tracks(practice, office.store, letter, event, now)
    office.store.record(change_of(decisions, letters=[as_sent(practice, letter)]), now)
