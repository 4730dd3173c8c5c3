"""Ways in which a mail says different things to different readers; a closed list, each with its sentence.

A person sees what their mail program makes of such a mail, and we might read something else. So nothing is
taken from it automatically, and a person is shown that it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.utils import getaddresses
from enum import StrEnum

from bot.mail.address import canonical
from bot.mail.decode import decode_words
from bot.mail.message import Address, Message, Part
from bot.mail.outline import Outline, decoded_size


class Malformed(StrEnum):
    """What is wrong, by the way in which it could hide something."""

    PARTS = "parts"
    BOUNDARY = "boundary"
    HEADER = "header"
    REPEATED = "repeated"
    ENCODING = "encoding"
    AUTHORS = "authors"


#: A sentence for a person, for each of them.
MALFORMED_TEXT: dict[Malformed, str] = {
    Malformed.PARTS: "two ways of taking it apart find different parts",
    Malformed.BOUNDARY: "it announces a list of parts, and the mark between them never comes",
    Malformed.HEADER: "a line in its header is no header field, so that the header ends in two places",
    Malformed.REPEATED: "it says twice how a part is to be read, and only one can be right",
    Malformed.ENCODING: "a text in it is not written in the transfer encoding that it names",
    Malformed.AUTHORS: "its From field can be read as two different authors",
}

#: What stands in base64 besides padding; and padding before the end, or too much of it.
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ \t\n\r\f\v"
_PADDING_INSIDE = re.compile(rb"=[^=\s]|=\s+[^=\s]|===")
_ENCODINGS = frozenset(("", "7bit", "8bit", "binary", "quoted-printable", "base64"))
_CONTAINERS = ("message/rfc822", "message/global")


def of_bytes(raw: bytes, found: Outline) -> set[Malformed]:
    """What the bytes alone tell."""
    odd: set[Malformed] = set()
    if found.broken_header:
        odd.add(Malformed.HEADER)
    if found.unbounded:
        odd.add(Malformed.BOUNDARY)
    if found.repeated:
        odd.add(Malformed.REPEATED)
    for leaf in found.leaves:
        if leaf.content_type.startswith("text/") and _wrongly_encoded(
            raw, leaf.encoding, leaf.start, leaf.end
        ):
            odd.add(Malformed.ENCODING)
    return odd


def _wrongly_encoded(raw: bytes, encoding: str, start: int, end: int) -> bool:
    """Decoders differ in what they make of it."""
    if encoding not in _ENCODINGS:
        return True
    if encoding != "base64":
        return False
    others = raw[start:end].translate(None, _BASE64)
    if others.strip(b"="):
        return True
    # Of the padding alone, a pattern: it would try every octet of what may be a large picture.
    return others != b"" and _PADDING_INSIDE.search(raw, raw.find(b"=", start, end), end) is not None


def of_parts(raw: bytes, message: Message, found: Outline) -> set[Malformed]:
    """Where the parser's parts are not those that stand in the bytes."""
    ours = list(_leaves(message))
    kinds = [(leaf.number, _as_read(leaf.content_type)) for leaf in found.leaves]
    if [(part.number, part.content_type) for part in ours] != kinds:
        return {Malformed.PARTS}
    # Same places, and of what is read also the same extent.
    texts = [
        pair for pair in zip(ours, found.leaves, strict=True) if pair[1].content_type.startswith("text/")
    ]
    same = all(part.size == decoded_size(raw, leaf) for part, leaf in texts)
    return set() if same else {Malformed.PARTS}


def _leaves(message: Message) -> Iterable[Part]:
    nested = iter(message.nested)
    for part in message.parts:
        inner = next(nested, None) if part.content_type in _CONTAINERS else None
        if inner is None:
            yield part
        else:
            yield from _leaves(inner)


def _as_read(kind: str) -> str:
    """A list without its boundary is read as plain text."""
    return "text/plain" if kind.startswith("multipart/") else kind


#: One address, alone or behind a name: of plain words, in quotes or without, or of encoded words (RFC 2047).
_PLAIN_AUTHOR = re.compile(
    r"""(?:(?:[A-Za-z0-9_'.-]+ )+<{0}>|"[A-Za-z0-9_' .,-]+" <{0}>|<{0}>|{0}"""
    r"""|(?P<encoded>(?:=\?(?i:utf-8)\?[bBqQ]\?[A-Za-z0-9+/=_.'-]+\?= )+)<{0}>)""".format(
        r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
    )
)


def is_plain_author(bodies: Sequence[str]) -> bool:
    """Whether From is one field written so plainly that no reader can see another author in it."""
    if len(bodies) != 1 or len(bodies[0]) > 200:
        return False
    found = _PLAIN_AUTHOR.fullmatch(bodies[0])
    if found is None or found["encoded"] is None:
        return found is not None
    # Nor may a reader that decodes before it looks for addresses.
    return all(char.isalnum() or char in " '._-" for char in decode_words(found["encoded"]))


def of_authors(ours: Iterable[Address], bodies: Iterable[str], theirs: Iterable[object]) -> set[Malformed]:
    """Where our reading of From, the standard library's and mail-parser's name different authors."""
    own = {address.addr_spec for address in ours}
    standard = {spec for _, address in getaddresses(list(bodies)) if (spec := canonical(address))}
    parser = {spec for address in theirs if (spec := canonical(str(address)))}
    return set() if own == standard and (not parser or own == parser) else {Malformed.AUTHORS}
