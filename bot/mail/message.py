"""A mail as frozen values: headers unfolded, text decoded, every part numbered (RFC 5322, RFC 2045)."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime

from bot.frozen import quick
from bot.mail.decode import header_text


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in a mail: half-open character range in the decoded text of one part."""

    part: str  #: part number as IMAP writes it ("1", "1.2"); "header:subject" for a header field
    start: int
    end: int
    text: str  #: the very characters, so that the place proves itself

    def __post_init__(self) -> None:
        """A place is somewhere and holds something. Raises ValueError otherwise."""
        if not self.part or self.start < 0 or not self.text or self.end - self.start != len(self.text):
            raise ValueError(
                f"no place: {self.part!r} {self.start}-{self.end} holds {len(self.text)} characters"
            )


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One mailbox of an address list (RFC 5322 §3.4)."""

    display_name: str  #: decoded, "" when there is none
    addr_spec: str  #: local part as written, domain lower-cased and in its ASCII (IDNA) form

    @property
    def domain(self) -> str:
        """The part right of the last @, ASCII, lower case."""
        return self.addr_spec.rpartition("@")[2]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One leaf of the MIME tree, or a nested message that we do not descend into for its text."""

    number: str
    content_type: str  #: lower case, "type/subtype"
    filename: str | None  #: a label only, never a path
    attachment: bool
    text: str | None  #: decoded; HTML flattened to lines; None for what is not text
    size: int  #: octets after transfer decoding
    sha256: str
    gap: str | None = None  #: why the text of a letter is missing: one of `bot.mail.letters.Gap`


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The header fields that matching and threading need, free of folds and control characters."""

    message_id: str | None  #: with its angle brackets, as in every field below
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    from_: tuple[Address, ...]  #: more than one From is suspicious, so all are kept
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]  #: only the writer's own copy in Sent has it (RFC 5322 §3.6.3)
    date: datetime | None  #: aware, UTC; what the sender claims
    automatic: str | None  #: why the headers prove an automatic response (RFC 3834), else None
    return_path: str | None  #: addr-spec; "" for the null reverse-path

    @property
    def cites(self) -> tuple[str, ...]:
        """Every Message-ID this mail refers to, newest reference first, without repeats."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One whole mail."""

    head: Head
    fields: tuple[
        tuple[str, str], ...
    ]  #: all in order, names without control characters, bodies as they stand
    parts: tuple[Part, ...]
    nested: tuple[Message, ...]  #: message/rfc822 children, depth-limited
    defects: tuple[str, ...]
    size: int
    malformed: tuple[
        str, ...
    ] = ()  #: why readers differ on it, values of `Malformed`: nothing is taken from it
    #: The bodies by folded names, once somebody asks: a mail has forty fields, and a dozen are asked for.
    _by_name: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Bodies of every field of this name, topmost first, decoded and on one line each."""
        if not self._by_name:
            for given, body in self.fields:
                self._by_name.setdefault(given.casefold(), []).append(body)
        return tuple(map(header_text, self._by_name.get(name.casefold(), ())))

    def among(self, names: Set[str]) -> Iterator[tuple[str, str]]:
        """Fields of these names, which are folded, in their order: names as written, bodies decoded."""
        return ((name, header_text(body)) for name, body in self.fields if name.casefold() in names)

    @property
    def body(self) -> Part | None:
        """The part a person would read: the first inline text/plain that says something, else text/html."""
        inline = [part for part in self.parts if part.text is not None and not part.attachment]
        for kind in ("text/plain", "text/html"):
            for part in inline:
                if part.content_type == kind and part.text and part.text.strip():
                    return part
        return None
