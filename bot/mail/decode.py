"""Header bodies and part bodies as text: folds, encoded words (RFC 2047) and charsets, never failing."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from email.message import Message as RawMessage

from bot.mail.charset import decode_octets
from bot.mail.text import clean

_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]{1,40}\?[bBqQ]\?)")
TEXT_LIMIT = 2_000_000  #: characters of one part that we look at


def decode_bytes(octets: bytes, charset: str | None) -> str:
    """Octets as text, by the declared charset where it fits; what cannot be decoded is replaced."""
    return decode_octets(octets, charset)


def header_text(body: object) -> str:
    """One header body on one line, its encoded words decoded, also multi-byte ones that were split."""
    raw = str(body)
    if raw.isascii():
        return clean(decode_words(raw), keep_lines=False)
    if any("\udc80" <= char <= "\udcff" for char in raw):
        raw = decode_bytes(
            raw.encode("ascii", "surrogateescape") if _is_escaped(raw) else raw.encode("utf-8", "replace"),
            None,
        )
    return clean(decode_words(raw), keep_lines=False)


def _is_escaped(raw: str) -> bool:
    try:
        raw.encode("ascii", "surrogateescape")
    except UnicodeError:
        return False
    return True


def decode_words(raw: str) -> str:
    """Encoded words decoded; neighbours of one charset are joined first, so split characters survive."""
    if "=?" not in raw:
        return raw
    joined = _BETWEEN_WORDS.sub(r"\1\2", raw)
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    at = 0
    for word in _ENCODED_WORD.finditer(joined):
        gap, charset = joined[at : word.start()], word[1].split("*")[0]
        octets = _octets(word[2], word[3])
        if pending and not gap and pending[0].casefold() == charset.casefold():
            pending = (charset, pending[1] + octets)
        else:
            if pending:
                out.append(decode_bytes(pending[1], pending[0]))
            out.append(gap)
            pending = (charset, octets)
        at = word.end()
    if pending:
        out.append(decode_bytes(pending[1], pending[0]))
    return "".join(out) + joined[at:]


def _octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def part_octets(part: RawMessage) -> bytes:
    """Octets of a leaf after transfer decoding; whatever is broken is given as it stands."""
    try:
        payload = part.get_payload(decode=True)
    except MemoryError:
        raise
    except Exception:
        payload = None
    if isinstance(payload, bytes):
        return payload
    text = part.get_payload()
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""


def part_text(octets: bytes, charset: str | None) -> str:
    """Text of a text leaf, cleaned; at most TEXT_LIMIT characters."""
    return clean(decode_bytes(octets[: TEXT_LIMIT * 4], charset)[:TEXT_LIMIT])
