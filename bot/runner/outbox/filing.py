"""Files a copy of what was accepted in the Sent mailbox, where the provider does not do so itself.

Only after the server accepted, so the copy is never evidence that it did. Failing to file never touches the
case: the letter stays marked `wanted` and the next turn tries again.
"""

from __future__ import annotations

from dataclasses import replace

from bot.draft.model import Letter, Need
from bot.errors import Conflict, MailboxError
from bot.ports import Change, MailSource
from bot.runner.office import Office, OnStore, Practice


async def file_sent_copies(office: Office, practice: Practice, source: MailSource, on_store: OnStore) -> int:
    """File every copy that is still wanted; how many were filed."""
    wanted = await on_store(_wanted, office, practice)
    if not wanted:
        return 0
    sent = practice.sent or await source.special_use(r"\Sent") or "Sent"
    filed = 0
    for letter in wanted:
        assert letter.approval is not None
        raw = await on_store(office.raw.get, letter.approval.raw_sha256)
        try:
            if not await source.has_message_id(sent, letter.message_id):
                await source.append(sent, raw, letter.approval.at)
        except MailboxError:
            return filed
        await on_store(_filed, office, letter)
        filed += 1
    return filed


def _wanted(office: Office, practice: Practice) -> list[Letter]:
    return list(office.store.letters(account_id=practice.account_id, needs=Need.FILING))


def _filed(office: Office, letter: Letter) -> None:
    try:
        change = Change(letters=(replace(letter, sent_copy="filed"),))
        office.store.record(change, office.clock.now())
    except Conflict:
        return  # the letter moved on; the next turn finds the copy by its Message-ID
