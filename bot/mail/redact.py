"""A mail with its words taken out: the shape that upsets a reader stays, what it says does not.

For a sample that is sent to the maintainers. Letters become x or X and digits 9, octet by octet, in header
fields and bodies alike, so that every length, fold, boundary, charset and broken octet is still there.
"""

from __future__ import annotations

import re

#: The value of these says how to read the mail, not what it says.
_KEPT = re.compile(
    rb"(?im)^(?:content-(?:type|transfer-encoding|disposition)|mime-version):(?:[^\r\n]|\r?\n[ \t])*"
)
#: Parameters of those that may name somebody.
_NAMING = re.compile(rb"(?i)((?:file)?name\*?[0-9]*\*?\s*=\s*)(\"[^\"\r\n]*\"|[^;\s\"]+)")
_BOUNDARY = re.compile(rb"(?i)boundary\s*=\s*(?:\"([^\"\r\n]{1,200})\"|([^;\s\"]{1,200}))")
_FIELD_NAME = re.compile(rb"(?m)^[A-Za-z0-9-]{1,40}:")
#: Below it, what looks like the name of a field may be anybody's.
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
#: RFC 2047 §2: the charset and the encoding stay, the words go.
_ENCODED_WORD = re.compile(rb"(=\?[A-Za-z0-9_.*-]{1,40}\?[BbQq]\?)([^?\r\n]*)(\?=)")
#: RFC 2045 §6.7: an octet in quoted-printable.
_QUOTED = re.compile(rb"=[0-9A-Fa-f]{2}")
_WORDS = bytes.maketrans(
    b"abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ0123456789",
    b"x" * 25 + b"X" * 25 + b"9" * 10,
)


def redacted(raw: bytes) -> bytes:
    """The same shape, as many octets, without its words; never raises."""
    kept = bytearray(len(raw))  # 1: this octet stays
    end = _END_OF_HEADER.search(raw)
    for found in _FIELD_NAME.finditer(raw, 0, end.start() if end else len(raw)):
        _mark(kept, found.start(), found.end(), 1)
    for found in _KEPT.finditer(raw):
        _mark(kept, found.start(), found.end(), 1)
        for naming in _NAMING.finditer(raw, found.start(), found.end()):
            _mark(kept, naming.start(2), naming.end(2), 0)
    for boundary in {one[0] or one[1] for one in _BOUNDARY.findall(raw)}:
        for found in re.finditer(re.escape(boundary), raw):
            _mark(kept, found.start(), found.end(), 1)
    for found in _ENCODED_WORD.finditer(raw):
        _mark(kept, found.start(1), found.end(1), 1)
    blank = _blank(raw)
    return bytes(own if stays else other for own, other, stays in zip(raw, blank, kept, strict=True))


def _mark(kept: bytearray, start: int, end: int, value: int) -> None:
    kept[start:end] = bytes([value]) * (end - start)


def _blank(raw: bytes) -> bytes:
    """Letters and digits replaced, in as many octets; characters of other scripts by one of their length."""
    blank = bytearray(raw.translate(_WORDS))
    for found in _QUOTED.finditer(raw):
        blank[found.start() : found.end()] = _blank_quoted(found[0])
    at = 0
    for character in raw.decode("utf-8", "surrogateescape"):
        size = 1 if ord(character) < 0x80 or 0xDC80 <= ord(character) <= 0xDCFF else len(character.encode())
        if size > 1:
            blank[at : at + size] = {2: "é", 3: "字", 4: "😀"}[size].encode()
        at += size
    return bytes(blank)


def _blank_quoted(octet: bytes) -> bytes:
    value = int(octet[1:], 16)
    if value >= 0x80:
        return octet[:2] + b"0" if octet[1:2] in b"89abAB" else octet
    return b"=78" if chr(value).isalnum() else octet
