"""Checks that a mail can go out byte for byte, and writes it the way DATA wants it (RFC 5321 §4.5.2)."""

from __future__ import annotations

_LONGEST_LINE = 998  # octets before CRLF, RFC 5322 §2.1.1


def fault_in(raw: bytes) -> str | None:
    """Why these bytes cannot be sent unchanged, as a sentence; None when they can.

    A server that meets a bare CR or LF, a NUL or an endless line changes the mail or sees two mails in it
    (SMTP smuggling), and then what arrives is not what a person approved.
    """
    if not raw.endswith(b"\r\n"):
        return "the last line does not end with CRLF"
    if not raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n"):
        return "a line ends with a CR or an LF alone"
    if b"\0" in raw:
        return "it holds a NUL"
    if max(map(len, raw.split(b"\r\n"))) > _LONGEST_LINE:
        return f"a line is longer than {_LONGEST_LINE} octets"
    return None


def is_8bit(raw: bytes) -> bool:
    """True when a server needs 8BITMIME (RFC 6152) to take these bytes."""
    return not raw.isascii()


def has_8bit_header(raw: bytes) -> bool:
    """True when the header section is not ASCII, which needs SMTPUTF8 (RFC 6532)."""
    return not raw.partition(b"\r\n\r\n")[0].isascii()


def as_data(raw: bytes) -> bytes:
    """The bytes with leading dots doubled and the final dot added; nothing else is changed.

    Lines end with CRLF only: `fault_in` has said so.
    """
    first = b"." if raw.startswith(b".") else b""
    return first + raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"
