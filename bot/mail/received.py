"""When a mail reached the mailbox, by its trace fields (RFC 5321 §4.4): for mails that come as files."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.errors import UnreadableMail
from bot.mail.parse import parse_message


def received_at(raw: bytes, now: datetime) -> datetime:
    """The date of the topmost Received field, else of Date; never later than now, and now without either."""
    try:
        message = parse_message(raw)
    except UnreadableMail:
        return now
    dates = [body.rpartition(";")[2] for body in message.all("Received")[:1]]
    moment = next((found for text in dates if (found := _date(text))), None) or message.head.date or now
    return min(moment, now)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
