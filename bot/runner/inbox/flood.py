"""The stop switch: very many new cases at once, or many of one address, are held and a person is told.

Every letter needs a person anyway. The switch keeps a flood from filling the queue with drafts that look
like any other, so that a tired person approves what nobody should have written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.case.items import ItemKind
from bot.case.model import Case
from bot.ports import AlertKind, KeptMail
from bot.reading.model import Notice
from bot.runner.breaker import UNKNOWN_REPLIES, break_circuit
from bot.runner.office import Office, Practice

#: Reason of the item of an answer that belongs to no letter of ours.
UNKNOWN_REPLY = "reply-unknown-case"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def stopped(office: Office, practice: Practice, notice: Notice, known: Iterable[Case], now: datetime) -> bool:
    """Whether the cases that this notice opens are to be held; a person is told when that begins."""
    ids = {case.facts.complaint_id for case in known}
    new = [c for c in notice.complaints if c.complaint_id is None or c.complaint_id.value not in ids]
    if notice.complaints and not new:
        return False
    opened = office.store.opened_since(practice.account_id, now - _MINUTE)
    text = f"{opened} cases were opened within a minute; new ones are held"
    held = _beyond(office, practice, opened, max(1, len(new)), practice.limits.new_cases_per_minute, text)
    named = Counter(
        address
        for complaint in new
        if complaint.complainant
        for address in {found.value.casefold() for found in complaint.complainant.addresses}
    )
    for address, times in named.items():
        since = now - _DAY
        cases = office.store.cases_of_address(practice.account_id, address)
        before = sum(case.opened_at >= since for case in cases)
        text = f"{before + times} cases of one address within a day; new ones are held"
        limit = practice.limits.new_cases_per_address
        held |= _beyond(office, practice, before, times, limit, text, detail=address)
    return held


def _beyond(
    office: Office, practice: Practice, before: int, more: int, limit: int, text: str, *, detail: str = ""
) -> bool:
    if before + more <= limit:
        return False
    if before <= limit:  # once, at the mail that goes beyond
        office.notifier.tell(AlertKind.STOP_SWITCH, practice.account_id, text, detail=detail)
    return True


def count_unknown_replies(office: Office, practice: Practice, mail: KeptMail, now: datetime) -> None:
    """Tell a person when answers to letters we never wrote come in numbers: somebody writes in our name."""
    limit = practice.limits.unknown_replies_per_hour
    items = office.store.items(account_id=mail.account_id, kind=ItemKind.ALARM)
    recent = sum(item.reason == UNKNOWN_REPLY and item.opened_at > now - _HOUR for item in items)
    if recent == limit + 1:
        text = (
            f"more than {limit} answers within an hour belong to no letter of yours; "
            "does somebody else write from your address?"
        )
        office.notifier.tell(AlertKind.STOP_SWITCH, mail.account_id, text)
        break_circuit(office, mail.account_id, UNKNOWN_REPLIES)
