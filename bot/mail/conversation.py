"""Outlook's own thread fields, so that it shows our letters of one thread together (MS-OXOMSG §2.2.1.3).

Outlook goes by `Thread-Index`: a header of 22 octets, the same in the whole thread, and a block of five
octets for each mail below the first. Ours is made from the Message-ID that the thread began with, so every
letter of the thread finds the same header without asking for those before it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime

#: From where the header and the blocks below it count time; the moment itself means nothing.
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
#: 100-nanosecond steps between 1601 and 1970 (FILETIME).
_FILETIME_1970 = 116_444_736_000_000_000
_PREFIX = re.compile(r"^(?:(?:re|aw|fw|fwd|wg|sv|vs|antw|odp|ynt)\s*:\s*)+", re.IGNORECASE)


def thread_index(message_id: str, references: tuple[str, ...], date: datetime) -> str:
    """Base64 of the header, and of one block for each mail of the thread above this one."""
    root = references[0] if references else message_id
    stamp = _filetime(_EPOCH) >> 16
    header = b"\x01" + (stamp & 0xFFFFFFFFFF).to_bytes(5, "big") + hashlib.sha256(root.encode()).digest()[:16]
    following = (*references[1:], message_id) if references else ()
    blocks = b"".join(_block(one, date) for one in following)
    return base64.b64encode(header + blocks).decode("ascii")


def _block(message_id: str, date: datetime) -> bytes:
    """Five octets: how long after the header, and some that differ from mail to mail.

    The time of the mails between is not known here; it only orders mails that Outlook cannot date otherwise.
    """
    steps = max(0, _filetime(date) - _filetime(_EPOCH))
    far = steps >= 1 << 49
    delta = ((steps >> 23) & 0x7FFFFFFF) | (1 << 31) if far else (steps >> 18) & 0x7FFFFFFF
    return delta.to_bytes(4, "big") + hashlib.sha256(message_id.encode()).digest()[:1]


def _filetime(moment: datetime) -> int:
    """100-nanosecond steps since 1601."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10 + _FILETIME_1970


def thread_topic(subject: str) -> str:
    """The subject without what was put before it on the way."""
    return _PREFIX.sub("", subject).strip()
