"""Text of attached PDF letters (pypdf), within limits; what cannot be read says why."""

from __future__ import annotations

from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, cast

from bot.mail.text import clean

if TYPE_CHECKING:
    from pypdf import PdfReader

OCTETS_LIMIT = 8_000_000
LETTERS_LIMIT = 3  #: in one mail
PAGES_LIMIT = 12  #: a letter names who writes on its first pages, or on its last
CONTENT_LIMIT = 600_000  #: octets of drawing instructions, over all pages
STEPS_LIMIT = 20_000  #: drawing instructions that are followed
TEXT_LIMIT = 200_000  #: characters


class Gap(StrEnum):
    """Why an attached letter could not be read; a closed list."""

    LOCKED = "letter-locked"
    BROKEN = "letter-broken"
    TOO_LARGE = "letter-too-large"
    NO_TEXT = "letter-without-text"


class _Octets:
    """Octets that can be read like a file; pypdf asks for nothing more."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._octets) if size is None or size < 0 else self._at + size
        piece = self._octets[self._at : end]
        self._at += len(piece)
        return piece

    def readline(self, size: int = -1) -> bytes:
        end = self._octets.find(b"\n", self._at) + 1 or len(self._octets)
        return self.read(end - self._at if size < 0 else min(size, end - self._at))

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._at, len(self._octets))[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class _TooMuch(Exception):
    """A limit was passed while the text was gathered."""


def is_pdf(content_type: str, filename: str | None, octets: bytes) -> bool:
    """By its type, its name, or its first octets."""
    named = content_type == "application/pdf" or (filename or "").casefold().endswith(".pdf")
    return named or octets[:5] == b"%PDF-"


def pdf_text(octets: bytes) -> tuple[str, Gap | None]:
    """The text of a PDF, lines as they were set, and why it is not there, or not all of it."""
    if len(octets) > OCTETS_LIMIT:
        return "", Gap.TOO_LARGE
    # Only here: it is slow to load, and most mails bring no letter.
    from pypdf import PdfReader

    try:
        reader = PdfReader(cast(IO[Any], _Octets(octets)))
        if reader.is_encrypted and not reader.decrypt(""):
            return "", Gap.LOCKED
        return _of_pages(reader)
    except MemoryError:
        raise
    except _TooMuch:
        return "", Gap.TOO_LARGE
    except Exception as problem:
        # pypdf meets whatever a stranger wrote; of an encryption it does not know it says so by name.
        locked = "crypt" in f"{type(problem).__name__} {problem}".casefold()
        limit = "limit" in type(problem).__name__.casefold()
        return "", Gap.LOCKED if locked else Gap.TOO_LARGE if limit else Gap.BROKEN


def _of_pages(reader: PdfReader) -> tuple[str, Gap | None]:
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps > STEPS_LIMIT:
            raise _TooMuch

    texts: list[str] = []
    content = 0
    pages = reader.pages
    total = len(pages)
    for number in range(total):
        if number >= PAGES_LIMIT - 1 and number != total - 1:
            continue
        page = pages[number]
        drawn = page.get_contents()
        content += len(drawn.get_data()) if drawn is not None else 0
        if content > CONTENT_LIMIT:
            raise _TooMuch
        texts.append(page.extract_text(visitor_operand_before=count))
    text = clean("\n\n".join(texts))[:TEXT_LIMIT].strip("\n")
    return (text, None) if text.strip() else ("", Gap.NO_TEXT)
