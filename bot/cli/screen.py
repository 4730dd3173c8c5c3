"""Writes to the terminal or a pipe: every piece is made harmless first, colour only where it is wanted."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import click

from bot.cli.text import columns, harmless, padded, wrapped

#: Names for the few looks there are, so that meaning and colour never drift apart.
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True},
    "head": {"bold": True, "fg": "cyan"},
    "quiet": {"dim": True},
    "good": {"fg": "green"},
    "read": {"fg": "cyan"},
    "warn": {"fg": "yellow"},
    "bad": {"fg": "red", "bold": True},
    "test": {"fg": "black", "bg": "yellow", "bold": True},
}
NARROWEST = 40
#: Narrower than this, many columns say too little each.
NARROW = 64
#: Even in a very narrow terminal a column keeps so much.
_LEAST = 6


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of a line with its look."""

    text: str
    look: str = ""


Piece = str | Bit


class Screen:
    """Standard output; `width` is that of the terminal, 80 where there is none."""

    def __init__(self, *, width: int | None = None, colour: bool | None = None) -> None:
        terminal = sys.stdout.isatty()
        # NO_COLOR (https://no-color.org): present and not empty.
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.terminal = terminal
        self.colour = (terminal and not plain) if colour is None else colour
        self.width = max(NARROWEST, width or shutil.get_terminal_size((80, 24)).columns)

    def line(self, *pieces: Piece) -> None:
        """One line; pieces follow each other."""
        click.echo(self._joined(pieces), color=self.colour)

    def _joined(self, pieces: Iterable[Piece]) -> str:
        return "".join(self._shown(piece) for piece in pieces).rstrip()

    def paragraph(self, text: str, *, indent: int = 0, look: str = "", first: str = "") -> None:
        """Wrapped text; `first` stands in the indentation of the first line."""
        lead = first
        for line in wrapped(text, self.width - indent):
            self.line(padded(lead, indent) if lead else " " * indent, Bit(line, look))
            lead = ""

    def rule(self, title: str) -> None:
        """A title over a section."""
        self.line()
        self.line(Bit(title, "head"))

    def facts(self, rows: Iterable[tuple[str, Piece]], *, indent: int = 2) -> None:
        """Names and values, the values below each other."""
        rows = list(rows)
        wide = max((columns(name) for name, _ in rows), default=0) + 2
        for name, value in rows:
            bit = value if isinstance(value, Bit) else Bit(value)
            lead = Bit(padded(name, wide), "quiet")
            for text in wrapped(bit.text, self.width - indent - wide):
                self.line(" " * indent, lead, Bit(text, bit.look))
                lead = Bit(" " * wide)

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[Piece]],
        *,
        shrink: Mapping[int, int],
        under: Mapping[int, str] | None = None,
    ) -> None:
        """Columns two spaces apart; those in `shrink` give way, the widest first, down to the width named.

        `under` has a further line, indented, for some of the rows. On a telephone, where the columns would
        say too little each, every row has lines of its own, without the heads.
        """
        cells = [[piece if isinstance(piece, Bit) else Bit(piece) for piece in row] for row in rows]
        cells = [[Bit(harmless(bit.text).replace("\n", " "), bit.look) for bit in row] for row in cells]
        widths = [
            max([columns(name), *(columns(row[n].text) for row in cells)]) for n, name in enumerate(head)
        ]
        room = self.width - 2 * (len(head) - 1)
        if self.width < NARROW and sum(widths) > room and under is None:
            self._stacked(cells)
            return
        _fit(widths, shrink, room)
        cells.insert(0, [Bit(name, "quiet") for name in head])
        lines: list[list[Piece]] = []
        for n, row in enumerate(cells, start=-1):
            lines.append(
                _spaced([Bit(padded(bit.text, w), bit.look) for bit, w in zip(row, widths, strict=True)])
            )
            if under and n in under:
                lines.append(["    ", Bit(under[n], "quiet")])
        # One write for the whole table: each echo flushes, and a queue may have a thousand lines.
        click.echo("\n".join(map(self._joined, lines)), color=self.colour)

    def _stacked(self, rows: Sequence[Sequence[Bit]]) -> None:
        for first, *others in rows:
            self.paragraph(first.text, look=first.look)
            more = ", ".join(bit.text for bit in others if bit.text)
            if more:
                self.paragraph(more, indent=4)

    def beside(self, left: Sequence[Piece], right: Sequence[Piece]) -> None:
        """Two texts side by side, already wrapped: the left one to `room_beside` the right one."""
        blank = Bit("")
        wide = self.room_beside(right)
        for n in range(max(len(left), len(right))):
            one = left[n] if n < len(left) else blank
            two = right[n] if n < len(right) else blank
            one = one if isinstance(one, Bit) else Bit(one)
            self.line(Bit(padded(one.text, wide), one.look), Bit(" │ ", "quiet"), two)

    def room_beside(self, right: Sequence[Piece]) -> int:
        """Columns left of a text and the rule before it."""
        texts = (piece.text if isinstance(piece, Bit) else piece for piece in right)
        return self.width - 3 - max(map(columns, texts), default=0)

    def _shown(self, piece: Piece) -> str:
        bit = piece if isinstance(piece, Bit) else Bit(piece)
        text = harmless(bit.text).replace("\n", " ")
        return click.style(text, **LOOKS[bit.look]) if self.colour and bit.look else text


def _spaced(bits: Sequence[Bit]) -> list[Piece]:
    spaced: list[Piece] = []
    for bit in bits:
        spaced += [Bit("  "), bit] if spaced else [bit]
    return spaced


def _fit(widths: list[int], shrink: Mapping[int, int], room: int) -> None:
    """Take columns from the widest of those that may shrink until all fit."""
    while sum(widths) > room:
        able = [n for n, least in shrink.items() if widths[n] > least]
        able = able or [n for n in shrink if widths[n] > _LEAST]
        if not able:
            return
        widths[max(able, key=lambda n: widths[n])] -= 1


def plain(value: object) -> Any:
    """A value of ours as JSON knows it: instants in RFC 3339, enums as their words."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value


def print_json(value: object) -> None:
    """One line of JSON, ASCII only, so that nothing from a mail reaches the terminal as it is."""
    click.echo(json.dumps(plain(value), ensure_ascii=True))
