"""How far a long command has come, on standard error, where a person watches it."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType

import click

#: Seconds that nobody minds waiting without a word.
PATIENCE = 2.0
#: Seconds between two words.
BETWEEN = 0.2


class Progress:
    """Counts up on one line once it takes longer than two seconds; nothing without a terminal.

    `total` is 0 while nobody knows it.
    """

    def __init__(self, words: str, total: int = 0) -> None:
        self._words = words
        self._total = total
        self._done = 0
        self._began = monotonic()
        self._said = 0.0
        self._shown = False

    def step(self, count: int = 1) -> None:
        """So many more are done."""
        self(self._done + count, self._total)

    def __call__(self, done: int, total: int) -> None:
        """So many are done now; said five times a second at most."""
        self._done, self._total = done, total
        moment = monotonic()
        if sys.stderr.isatty() and moment - self._began > PATIENCE and moment - self._said > BETWEEN:
            of = f" of {total}" if total else ""
            click.echo(f"\r{self._words}: {done}{of} ", nl=False, err=True)
            self._shown, self._said = True, moment

    def clear(self) -> None:
        """Make room for a line of the answer."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = False

    def __enter__(self) -> Progress:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no half line behind."""
        self.clear()
