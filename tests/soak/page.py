"""Writes what a season came to into its place in docs/reliability.md."""

from __future__ import annotations

from pathlib import Path

from tests.soak.tally import Tally, lines
from tests.torture.campaign import machine
from tests.torture.page import PAGE, part


def record_season(tally: Tally, seed: int, page: Path = PAGE) -> None:
    """The table of one season. Raises ValueError when the page has no place for it."""
    text = [
        f"`make soak`, seed {seed}, {tally.seconds / 60:.0f} minutes on {machine()}:",
        "",
        "| | |",
        "| --- | --- |",
        *(f"| {meaning} | {number} |" for meaning, number in lines(tally)),
    ]
    part("soak", "\n".join(text), page)
