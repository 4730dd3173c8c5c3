"""Whether an address stands anywhere in the bytes of a mail, however it is encoded.

Made for erasing: no parser is asked, because a mail that no parser understands may hold an address too. A
match too many removes one mail more, a match too few would leave somebody's address behind.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from collections.abc import Iterator

#: Runs of base64 lines (RFC 2045 §6.8), the last one perhaps shorter.
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{16,}={0,2}[ \t]*\r?\n?)+")
#: Encoded words (RFC 2047 §2).
_WORD = re.compile(rb"=\?[^?\s]{1,80}\?([bBqQ])\?([^?\s]*)\?=")


#: A mail in a mail in a mail …: each base64 takes a third off, so this is far below what fits.
_DEEPEST = 5


def mentions(raw: bytes, address: str) -> bool:
    """True when the bytes hold the address as they are, in base64, quoted-printable or encoded words."""
    return _mentions(raw, address.casefold(), _DEEPEST)


def _mentions(raw: bytes, wanted: str, deeper: int) -> bool:
    if any(_holds(form, wanted) for form in _forms(raw)):
        return True
    return deeper > 0 and any(_mentions(one, wanted, deeper - 1) for one in _packed(raw))


def _holds(text: bytes, wanted: str) -> bool:
    # Addresses are ASCII or UTF-8 (RFC 6531); in any other charset the ASCII ones look alike.
    plain = text.decode("utf-8", "replace").casefold()
    return wanted in plain or ("&" in plain and wanted in html.unescape(plain))


def _forms(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.replace(b"\r\n ", b"").replace(b"\r\n\t", b"")  # a folded field (RFC 5322 §2.2.3)
    yield quopri.decodestring(raw)
    for word in _WORD.finditer(raw):
        if word.group(1) in b"qQ":
            yield quopri.decodestring(word.group(2), header=True)
        else:
            yield from _decoded(word.group(2))


def _packed(raw: bytes) -> Iterator[bytes]:
    for found in _BASE64.finditer(raw):
        yield from _decoded(found.group())


def _decoded(text: bytes) -> Iterator[bytes]:
    packed = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    packed = packed[: len(packed) // 4 * 4] if len(packed) % 4 == 1 else packed + b"=" * (-len(packed) % 4)
    try:
        yield base64.b64decode(packed)
    except binascii.Error:
        return
