"""Refuses, before it reaches the line, whatever could end a command and begin another."""

from __future__ import annotations

import re
from datetime import date

from bot.errors import ControlCharacter, NotPossible

#: C0, DEL, C1 (with NEL, U+0085) and the Unicode line and paragraph separators.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x1f\x7f]")

# RFC 5322 §3.6.4 without comments, quoted strings and folding: atoms left, a domain or literal right.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+"
_MESSAGE_ID = re.compile(rf"<{_ATOM}@(?:{_ATOM}|\[[A-Za-z0-9.:]+\])>")
_LONGEST_MESSAGE_ID = 996  # RFC 5322 §2.1.1: a line has 998 octets, and the value stands after a space


class Literal(bytes):
    """A whole message; it travels with its length in front (RFC 9051 §4.3), so any octet is allowed in it."""


def refuse_controls(*values: object) -> None:
    """Walk every argument of a command.

    Raises ControlCharacter, which never quotes the value: it may be a secret.
    """
    for value in values:
        if isinstance(value, (Literal, int, date, type(None))):
            continue
        if isinstance(value, str):
            found: object = _CONTROLS.search(value)
        elif isinstance(value, bytes):
            found = _CONTROL_BYTES.search(value)
        elif isinstance(value, (list, tuple)):
            refuse_controls(*value)
            found = None
        else:
            raise TypeError(f"an IMAP argument cannot be a {type(value).__name__}")
        if found:
            raise ControlCharacter(
                "a value for the mail server holds a control character or line break and was not sent; "
                "look at the mail or the setting it came from"
            )


def searchable_message_id(message_id: str) -> str:
    """The Message-ID itself when it is plain enough to be searched for.

    Raises ControlCharacter for line breaks and kin, NotPossible for any other shape.
    """
    refuse_controls(message_id)
    if len(message_id) > _LONGEST_MESSAGE_ID or not _MESSAGE_ID.fullmatch(message_id):
        raise NotPossible(
            f"{message_id[:80]!r} is not a Message-ID that can be searched for: "
            "expected <left@right> in plain ASCII"
        )
    return message_id
