"""How far a long command has come, on standard error, where a person watches it."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType

import click

#: Seconds that nobody minds waiting without a word.
PATIENCE = 2.0


class Progress:
    """Counts up on one line once it takes longer than two seconds; nothing without a terminal."""

    def __init__(self, words: str, total: int) -> None:
        self._words = words
        self._total = total
        self._done = 0
        self._began = monotonic()
        self._shown = False

    def step(self, count: int = 1) -> None:
        """So many more are done."""
        self._done += count
        if sys.stderr.isatty() and monotonic() - self._began > PATIENCE:
            click.echo(f"\r{self._words}: {self._done} of {self._total} ", nl=False, err=True)
            self._shown = True

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
