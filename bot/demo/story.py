"""The story line by line, for a person who never saw a mail header."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from shutil import get_terminal_size
from textwrap import wrap
from typing import Final, TextIO

WIDTH: Final = 108  #: at the most, and where nothing tells the width of the screen
_NARROW: Final = 72  #: below this, the text of a happening begins on a line of its own
_MARGIN: Final = 37  #: where the text begins: date, time, then who


class Tone(StrEnum):
    """How a line is coloured on a terminal."""

    PLAIN = "0"
    QUIET = "2"
    GOOD = "32"
    WARN = "33"
    OURS = "36"
    BOLD = "1"


def wants_colour(out: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """True on a terminal, unless NO_COLOR is set to anything (https://no-color.org)."""
    return out.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class Story:
    """Writes lines like `Tue  6 Jan 09:10  Amazon  notice …`, aligned and wrapped."""

    def __init__(self, out: TextIO, *, colour: bool | None = None, width: int | None = None) -> None:
        self._out = out
        self._width = min(WIDTH, width or (get_terminal_size((WIDTH, 24)).columns if out.isatty() else WIDTH))
        self._colour = wants_colour(out) if colour is None else colour
        self._day: str | None = None
        self.told = 0  #: how many happenings were told

    def tell(self, at: datetime, who: str, text: str, tone: Tone = Tone.PLAIN) -> None:
        """One happening; a new day is set off by an empty line."""
        self.told += 1
        day = f"{at:%a} {at.day:2} {at:%b}"
        if self._day not in (None, day):
            self._write("")
        self._day = day
        prefix = f"{day} {at:%H:%M}  {who[:18]:<18} "
        if self._width < _NARROW:
            self._write(prefix.rstrip())
            prefix = "  "
        lines = wrap(_one_line(text), max(20, self._width - min(_MARGIN, len(prefix)))) or [""]
        self._write(f"{prefix}{self._paint(lines[0], tone)}")
        for line in lines[1:]:
            self._write(f"{' ' * len(prefix)}{self._paint(line, tone)}")

    def say(self, text: str = "", tone: Tone = Tone.PLAIN) -> None:
        """Text outside the story, line by line; what begins a line with a space or a brace keeps its form."""
        for line in text.split("\n"):
            form = line[:1] in (" ", "{") or len(line) <= self._width
            for piece in [line] if form else wrap(line, self._width):
                self._write(self._paint(_one_line(piece), tone) if piece else "")

    def prompt(self, text: str) -> None:
        """Ask for input on the same line."""
        self._out.write(text)
        self._out.flush()

    def _paint(self, text: str, tone: Tone) -> str:
        if not self._colour or tone is Tone.PLAIN:
            return text
        return f"\x1b[{tone.value}m{text}\x1b[0m"

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def _one_line(text: str) -> str:
    """Without control characters: what is told may come from a mail."""
    return "".join(char if char.isprintable() else " " for char in text)
