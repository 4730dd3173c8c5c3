"""Mails that a person gives: a mail in a file, an mbox, a Maildir, or any of the first two on standard input.

One mail at a time is in memory, and nothing is written: no lock, no move, no flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: What we keep at most of one mail, in octets; as for mail from a server.
LARGEST = 100 * 1024 * 1024
#: The postmark between two mails of an mbox (RFC 4155): an address and a date as of asctime.
_POSTMARK = re.compile(rb"From .*\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d.*\b\d{4}\b")
#: A line of a mail that looks like one is quoted in mboxrd: `>From `, `>>From ` and so on.
_QUOTED = re.compile(rb">+From ")
_LINE = 1 << 16


@dataclass(frozen=True, slots=True)
class Given:
    """One mail of a source, or why there is none."""

    place: str  #: the number within an mbox, the file within a Maildir; empty for a single mail
    raw: bytes = b""
    problem: str | None = None


def mails_of_path(path: Path) -> Iterator[Given]:
    """The mails of a file, an mbox or a Maildir, in their order. Raises OSError for what cannot be read."""
    if path.is_dir():
        yield from _maildir(path)
        return
    with path.open("rb") as stream:
        yield from mails_of_stream(stream)


def mails_of_stream(stream: BinaryIO) -> Iterator[Given]:
    """One mail, or those of an mbox: it begins with a postmark. Raises OSError."""
    first = stream.readline(_LINE)
    if first.startswith(b"From "):
        yield from _mbox(first, stream)
        return
    mail = _Mail("")
    mail.add(first)
    while chunk := stream.read(_LINE):
        mail.add(chunk)
    yield mail.given()


def _maildir(folder: Path) -> Iterator[Given]:
    """`cur` and `new` (https://cr.yp.to/proto/maildir.html); `tmp` holds what is not whole yet."""
    if not ((folder / "cur").is_dir() and (folder / "new").is_dir()):
        yield Given("", problem="this folder is no Maildir: it has no cur and new")
        return
    names = (path for part in ("cur", "new") for path in (folder / part).iterdir())
    # By what comes before the flags, so that the order is that of delivery.
    for path in sorted(names, key=lambda path: (path.name.partition(":")[0], path.name)):
        if path.name.startswith(".") or not path.is_file():
            continue
        place = path.relative_to(folder).as_posix()
        mail = _Mail(place)
        try:
            with path.open("rb") as stream:
                while chunk := stream.read(_LINE):
                    mail.add(chunk)
        except OSError as error:  # a mail program moves and removes mails at any time
            yield Given(place, problem=error.strerror or str(error))
            continue
        yield mail.given()


def _mbox(first: bytes, stream: BinaryIO) -> Iterator[Given]:
    """Split at postmarks that follow an empty line; any `From ` counts where the first has no date either."""
    dated = _POSTMARK.match(first) is not None
    number, mail = 1, _Mail("1")
    after_blank, line_begins = False, first.endswith(b"\n")
    while line := stream.readline(_LINE):
        if line_begins and after_blank and line.startswith(b"From ") and (not dated or _POSTMARK.match(line)):
            yield mail.given(separated=True)
            number += 1
            mail = _Mail(str(number))
        else:
            mail.add(line[1:] if line_begins and _QUOTED.match(line) else line)
        after_blank = line_begins and line in (b"\n", b"\r\n")
        line_begins = line.endswith(b"\n")
    yield mail.given(separated=after_blank)


class _Mail:
    """A mail as it is put together, no more of it than we would keep."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._raw = bytearray()
        self._size = 0

    def add(self, part: bytes) -> None:
        """What follows."""
        self._size += len(part)
        if self._size <= LARGEST:
            self._raw += part
        else:
            self._raw.clear()

    def given(self, *, separated: bool = False) -> Given:
        """The whole; `separated`: its last line is the empty one that an mbox puts before a postmark."""
        if self._size > LARGEST:
            problem = f"{self._size} octets are more than the {LARGEST} that are kept of one mail"
            return Given(self._place, problem=problem)
        raw = bytes(self._raw)
        if separated:
            raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        if not raw.strip():
            return Given(self._place, problem="there is no mail in it")
        return Given(self._place, raw=raw)
