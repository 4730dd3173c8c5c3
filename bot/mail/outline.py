"""The parts of a mail found in its bytes alone (RFC 2046 §5.1): bounds the real reader, and checks it.

A second reader, written apart from the first: it knows header blocks, boundaries and nothing else, looks at
every octet a few times at most and keeps none. Limits are drawn here, before anything larger than the mail
itself is built, and where the two readers find different parts, neither is believed.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import UnreadableMail
from bot.frozen import quick

SIZE_LIMIT = 25 * 1024 * 1024  #: octets
HEADER_LIMIT = 64 * 1024  #: octets of one header block
FIELD_LIMIT = 8 * 1024  #: octets of one structured field
DEPTH_LIMIT = 20
PART_LIMIT = 200
#: Octets that the parser is given in full; of a longer mail the largest leaves are left out.
_KEPT = 4 * 1024 * 1024
#: What is kept of a long text, in octets as they stand in the mail; longer than any letter.
_TEXT_KEPT = 1024 * 1024

#: A field with its folded lines, as name and body; or a line that is none.
_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?|([^\n]*(?:\n[ \t][^\n]*)*)\n?")
_STRUCTURED = re.compile(
    rb"(?i)content-[a-z-]+|mime-version|message-id|in-reply-to|date|sender|from|return-path"
)
_TYPE = re.compile(rb"\s*([^\s;/]+/[^\s;]+)")
_BOUNDARY = re.compile(rb'(?i);\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_QUOTED_PAIR = re.compile(rb"\\(.)")
#: The fields that say how a part is to be read; each may be there once.
_TELLING = frozenset((b"content-type", b"content-transfer-encoding"))
#: Lines that begin like a boundary and are none: so many nobody writes.
_LOOKS = 100_000
#: Transfer encodings that make other octets of what stands in the mail.
_CODINGS = frozenset(("quoted-printable", "base64"))
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf as it stands in the bytes."""

    number: str  #: as IMAP numbers parts (RFC 9051 §6.4.5)
    content_type: str  #: lower case
    encoding: str  #: Content-Transfer-Encoding, lower case
    start: int  #: of its body
    end: int

    @property
    def size(self) -> int:
        """Octets as they stand in the mail."""
        return self.end - self.start


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """All leaves in their order, and what was odd on the way."""

    leaves: tuple[Leaf, ...]
    broken_header: bool  #: a line in a header block is no field
    unbounded: bool  #: a list of parts whose boundary never comes
    repeated: bool  #: a field or parameter that says how a part is read comes more than once


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A leaf of which the parser is given nothing, or only the beginning."""

    size: int  #: octets after transfer decoding, of all of it
    sha256: str


@dataclass(slots=True)
class _Found:
    leaves: list[Leaf]
    broken_header: bool = False
    unbounded: bool = False
    repeated: bool = False
    looks: int = 0  #: lines that begin like a boundary


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an entity stands in the tree."""

    prefix: str  #: of the numbers of its parts
    number: str  #: of itself, when it is a leaf
    depth: int
    default: str  #: its type when it names none (RFC 2046 §5.1.5)


def outline(raw: bytes) -> Outline:
    """The parts of a mail. Raises UnreadableMail when a limit is passed."""
    if len(raw) > SIZE_LIMIT:
        raise UnreadableMail(f"this mail has {len(raw)} octets, more than the {SIZE_LIMIT} that we read")
    found = _Found([])
    _entity(raw, 0, len(raw), _Place(prefix="", number="1", depth=0, default="text/plain"), found)
    return Outline(
        leaves=tuple(found.leaves),
        broken_header=found.broken_header,
        unbounded=found.unbounded,
        repeated=found.repeated,
    )


def _entity(raw: bytes, start: int, end: int, place: _Place, found: _Found) -> None:
    """A header block and what it announces, between two places."""
    if place.depth > DEPTH_LIMIT:
        raise UnreadableMail(f"the parts of this mail are nested more than {DEPTH_LIMIT} deep")
    if len(found.leaves) > PART_LIMIT:
        raise UnreadableMail(f"this mail has more than {PART_LIMIT} parts")
    body = _end_of_header(raw, start, end)
    fields = _fields(raw[start:body], found)
    kind = _type(fields) or place.default
    if kind.startswith("multipart/"):
        parts = _parts(raw, body, end, _boundary(fields, found), found)
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        for position, (first, last) in enumerate(parts, 1):
            number = f"{place.prefix}.{position}" if place.prefix else str(position)
            inner = _Place(prefix=number, number=number, depth=place.depth + 1, default=default)
            _entity(raw, first, last, inner, found)
        if parts:
            return
        found.unbounded = True
    if kind in ("message/rfc822", "message/global"):
        number = place.number
        inner = _Place(prefix=number, number=f"{number}.1", depth=place.depth + 1, default="text/plain")
        _entity(raw, body, end, inner, found)
        return
    encoding = fields.get(b"content-transfer-encoding", b"").strip().lower().decode("ascii", "replace")
    found.leaves.append(
        Leaf(number=place.number, content_type=kind, encoding=encoding, start=body, end=max(body, end))
    )


def _boundary(fields: dict[bytes, bytes], found: _Found) -> bytes:
    """The boundary that a list of parts announces, or nothing."""
    named = list(_BOUNDARY.finditer(fields.get(b"content-type", b"")))
    if not named:
        return b""
    found.repeated |= len(named) > 1
    quoted, plain = named[0].groups()
    if quoted is None:
        return plain
    return (_QUOTED_PAIR.sub(rb"\1", quoted) if b"\\" in quoted else quoted).rstrip()


def _end_of_header(raw: bytes, start: int, end: int) -> int:
    """Where the body begins: behind the first empty line."""
    for blank in (b"\r\n", b"\n"):
        if raw.startswith(blank, start):
            return min(start + len(blank), end)
    limit = min(end, start + HEADER_LIMIT + 4)
    crlf = raw.find(b"\n\r\n", start, limit)  # plain searches: a pattern would be tried at every octet
    lf = raw.find(b"\n\n", start, crlf + 1 if crlf >= 0 else limit)
    if lf >= 0:
        return lf + 2
    if crlf >= 0:
        return crlf + 3
    if end - start > HEADER_LIMIT:
        raise UnreadableMail(f"a header of this mail is longer than {HEADER_LIMIT} octets")
    return end


def _fields(block: bytes, found: _Found) -> dict[bytes, bytes]:
    """The fields that tell how a part is read, the first of each, by their names in lower case.

    Raises UnreadableMail for a monstrous field.
    """
    fields: dict[bytes, bytes] = {}
    for position, (name, body, other) in enumerate(_LINE.findall(block)):
        if not name:
            # The postmark of an mbox stands above the header (RFC 4155).
            postmark = position == 0 and other.startswith((b"From ", b">From "))
            found.broken_header |= bool(other.strip()) and not postmark
            continue
        if len(body) > FIELD_LIMIT and _STRUCTURED.fullmatch(name):
            raise UnreadableMail(f"a structured field of this mail is longer than {FIELD_LIMIT} octets")
        key = name.lower()
        if key in _TELLING:
            found.repeated |= key in fields
            fields.setdefault(key, _FOLD.sub(b"", body) if b"\n" in body else body)
    return fields


def _type(fields: dict[bytes, bytes]) -> str:
    """The type that is named, "" without the field, text/plain when it is none (RFC 2045 §5.2)."""
    if b"content-type" not in fields:
        return ""
    named = _TYPE.match(fields[b"content-type"])
    return named[1].lower().decode("ascii", "replace") if named else "text/plain"


def _parts(raw: bytes, start: int, end: int, boundary: bytes, found: _Found) -> list[tuple[int, int]]:
    """Where each part of a list begins and ends; nothing before the first boundary or behind the last."""
    parts: list[tuple[int, int]] = []
    opened: int | None = None
    if not boundary:
        return parts
    for first, last, closing in _delimiters(raw, start, end, b"--" + boundary, found):
        if opened is not None:
            # The line break before a delimiter belongs to it (RFC 2046 §5.1.1).
            stop = first - (2 if raw[max(first - 2, 0) : first] == b"\r\n" else 1)
            parts.append((opened, max(stop, opened)))
            if len(parts) > PART_LIMIT:
                raise UnreadableMail(f"this mail has more than {PART_LIMIT} parts")
        opened = None if closing else last
        if closing:
            break
    if opened is not None:  # cut off on the way: what is there is read
        parts.append((opened, end))
    return parts


def _delimiters(
    raw: bytes, start: int, end: int, mark: bytes, found: _Found
) -> Iterator[tuple[int, int, bool]]:
    """Start, end and kind of each line that is the boundary, with or without the closing hyphens."""
    at = start if raw.startswith(mark, start, end) else _next_line(raw, start, end, mark)
    while at >= 0:
        found.looks += 1
        if found.looks > _LOOKS:
            raise UnreadableMail(f"more than {_LOOKS} lines of this mail look like the end of a part")
        line_end = raw.find(b"\n", at, end)
        behind = end if line_end < 0 else line_end + 1
        rest = raw[at + len(mark) : min(behind, at + len(mark) + 200)]
        closing = rest.startswith(b"--")
        if not rest[2 if closing else 0 :].strip():
            yield at, behind, closing
        at = _next_line(raw, behind - 1, end, mark)


def _next_line(raw: bytes, start: int, end: int, mark: bytes) -> int:
    """Where the next line begins with these octets, or -1."""
    at = raw.find(b"\n" + mark, max(start, 0), end)
    return at + 1 if at >= 0 else -1


# ------------------------------------------------------------------------------------ what is left out


def lightened(raw: bytes, found: Outline) -> tuple[bytes, dict[str, Left]]:
    """The mail without its largest leaves, and what those were by number; short mails are given back as is.

    A parser holds several copies of what it reads. A picture tells us nothing that its size and hash do not;
    of a long text the beginning is kept.
    """
    if len(raw) <= _KEPT:
        return raw, {}
    cuts: list[tuple[int, int]] = []
    left: dict[str, Left] = {}
    spare = len(raw) - _KEPT
    for leaf in sorted(found.leaves, key=lambda one: -one.size):
        kept = _kept_of(raw, leaf)
        if spare <= 0 or kept >= leaf.size:
            continue
        left[leaf.number] = _measured(raw, leaf)
        cuts.append((leaf.start + kept, leaf.end))
        spare -= leaf.size - kept
    pieces: list[bytes] = []
    at = 0
    for start, end in sorted(cuts):
        pieces.append(raw[at:start])
        at = end
    pieces.append(raw[at:])
    return b"".join(pieces), left


def _kept_of(raw: bytes, leaf: Leaf) -> int:
    """How many octets of a leaf the parser is given, at the end of a line where there is one."""
    if not leaf.content_type.startswith(("text/", "message/", "multipart/")):
        return 0
    if leaf.size <= _TEXT_KEPT:
        return leaf.size
    stop = raw.rfind(b"\n", leaf.start, leaf.start + _TEXT_KEPT)
    return (stop + 1 - leaf.start) if stop > leaf.start else _TEXT_KEPT


def decoded_size(raw: bytes, leaf: Leaf) -> int:
    """Octets of a leaf after transfer decoding."""
    if leaf.encoding not in _CODINGS:
        return leaf.size
    body = memoryview(raw)[leaf.start : leaf.end]
    return sum(len(piece) for piece in _decoded(body, leaf.encoding))


def _measured(raw: bytes, leaf: Leaf) -> Left:
    """Size and hash of a leaf after transfer decoding, a piece at a time."""
    digest, size = hashlib.sha256(), 0
    for piece in _decoded(memoryview(raw)[leaf.start : leaf.end], leaf.encoding):
        digest.update(piece)
        size += len(piece)
    return Left(size=size, sha256=digest.hexdigest())


def _decoded(body: memoryview, encoding: str) -> Iterator[bytes]:
    if encoding == "quoted-printable":
        yield binascii.a2b_qp(body)
        return
    rest = b""
    for at in range(0, len(body), 1 << 20):
        piece = bytes(body[at : at + (1 << 20)])
        if encoding != "base64":
            yield piece
            continue
        text = rest + piece.translate(None, b"\r\n\t ")
        whole = len(text) - len(text) % 4
        rest = text[whole:]
        yield _base64(text[:whole])
    if rest:
        yield _base64(rest + b"=" * (-len(rest) % 4))


def _base64(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return text
