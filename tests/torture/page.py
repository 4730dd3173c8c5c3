"""Writes what was measured into docs/reliability.md, between `<!-- measured: name -->` and `<!-- end -->`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture import campaign
from tests.torture.faults import MEANING
from tests.torture.firing_range import Tally

USUAL = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed:
    """What came of dying, or failing, at many points."""

    what: str
    points: int  #: that there are
    kinds: Counter[str]  #: of those tried, by what they touch
    wrong: int


PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def part(name: str, text: str, page: Path = PAGE) -> None:
    """Put `text` in the place of this name. Raises ValueError when the page has no such place."""
    place = re.compile(rf"(<!-- measured: {re.escape(name)} -->\n)(.*?)(<!-- end -->)", re.S)
    old = page.read_text(encoding="utf-8")
    if not place.search(old):
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(place.sub(lambda found: f"{found[1]}{text}\n{found[3]}", old), encoding="utf-8")


def record_kills(
    tally: Tally, seed: int, seconds: float, page: Path = PAGE, *, wanted: int | None = None
) -> None:
    """The table of one campaign, in the place of the number of kills that was wanted."""
    wanted = wanted or tally.kills
    rows = [f"| {meaning} | {number} |" for meaning, number in campaign.lines(tally)]
    command = "make torture" if wanted == USUAL else f"make torture N={wanted}"
    stopped = "" if tally.kills >= wanted else f", stopped after {tally.kills:,} kills"
    text = [
        f"`{command}`, seed {seed}, {seconds / 60:.0f} minutes on {campaign.machine()}{stopped}:",
        "",
        "| | |",
        "| --- | --- |",
        *rows,
    ]
    name = f"kills-{wanted}"
    if f"<!-- measured: {name} -->" not in page.read_text(encoding="utf-8"):
        _make_place(name, page)
    part(name, "\n".join(text), page)


def _make_place(name: str, page: Path) -> None:
    """Behind the table of the usual number of kills."""
    old = page.read_text(encoding="utf-8")
    usual = re.search(rf"<!-- measured: kills-{USUAL} -->.*?<!-- end -->\n", old, re.S)
    if usual is None:
        raise ValueError(f"{page.name} has no place for kills-{USUAL}")
    place = f"\n<!-- measured: {name} -->\n<!-- end -->\n"
    page.write_text(old[: usual.end()] + place + old[usual.end() :], encoding="utf-8")


def record_faults(found: dict[str, tuple[int, dict[str, int]]], page: Path = PAGE) -> None:
    """What the harness saw of each planted fault."""
    rows = [
        f"| `{name}` | {MEANING[name]} | {kills} | {_words(what)} |" for name, (kills, what) in found.items()
    ]
    head = ["| planted fault | what it does | kills until found | found as |", "| --- | --- | --- | --- |"]
    part("faults", "\n".join([*head, *rows]), page)


def record_crashes(rows: Sequence[Crashed], page: Path = PAGE) -> None:
    """How many points there are, how many were tried, and what was wrong."""
    text = [
        "| | points | tried | of these at the database | files | mail server | mailbox | wrong |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        kinds = " | ".join(str(row.kinds[kind]) for kind in ("database", "file", "smtp", "imap"))
        tried = sum(row.kinds.values())
        text.append(f"| {row.what} | {row.points:,} | {tried} | {kinds} | {row.wrong} |")
    part("crashes", "\n".join([*text, "", f"On {campaign.machine()}."]), page)


def _words(what: dict[str, int]) -> str:
    return (
        ", ".join(f"{campaign.MEANING[name]}: {number}" for name, number in what.items()) or "**not found**"
    )
