"""Message-IDs (RFC 5322 §3.6.4), taken only when they are safe to search for and to send."""

from __future__ import annotations

import re

#: Dot-atoms and the many forms in use, but no space, angle bracket, quote, backslash or control character.
_ID = re.compile(r"<([!#$%&'*+/=?^_`{|}~A-Za-z0-9.\-:,;()@\[\]]{1,900})>")
_STRICT = re.compile(r"^<[^<>\s\"\\@\x00-\x1f\x7f]+@[^<>\s\"\\@\x00-\x1f\x7f]+>$")
_OURS = re.compile(r"^<rj\.[A-Z2-7]{16,}@[A-Za-z0-9.-]+>$")
#: The same in bytes that nobody can take apart.
_OURS_IN_BYTES = re.compile(rb"<rj\.[A-Z2-7]{16,40}@[A-Za-z0-9.-]{1,255}>")
#: An alert to the operator; no letter, so nobody outside may answer it.
_ALERT = re.compile(r"^<rj\.alert\.[A-Z2-7]{16,}@[A-Za-z0-9.-]+>$")


def message_ids(body: str, limit: int = 500) -> tuple[str, ...]:
    """Every Message-ID of a field body with its angle brackets, in order; long ones stay whole."""
    found = [match.group(0) for match in _ID.finditer(body)]
    return tuple(ident for ident in found if _STRICT.match(ident))[:limit]


def is_ours(message_id: str | None) -> bool:
    """A Message-ID of the form that only we write: `<rj.…@domain>`."""
    return bool(message_id and _OURS.match(message_id))


def ours_in(raw: bytes, limit: int = 100) -> tuple[str, ...]:
    """Every Message-ID of ours that stands anywhere in the bytes of a mail, in order."""
    found = dict.fromkeys(match.group(0).decode("ascii") for match in _OURS_IN_BYTES.finditer(raw))
    return tuple(found)[:limit]


def is_alert(message_id: str | None) -> bool:
    """A Message-ID of an alert of ours to the operator: `<rj.alert.…@domain>`."""
    return bool(message_id and _ALERT.match(message_id))
