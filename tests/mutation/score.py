"""Counts what became of the mutants, and writes it into docs/reliability.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.areas import Area
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.kept import NOTICED
from tests.mutation.trial import Trial, Verdict
from tests.torture import campaign, page

#: Of the normal distribution, for 95 of 100.
Z = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of the mutants of one module, or of all."""

    name: str
    there_are: int
    counts: Counter[str]  #: by outcome, and `equivalent`

    @property
    def tried(self) -> int:
        """How many of them were tried."""
        return self.counts.total()

    @property
    def noticed(self) -> int:
        """A test failed, or never came to its end."""
        return sum(self.counts[outcome] for outcome in NOTICED)

    @property
    def score(self) -> float:
        """Of those tried that change anything, how many were noticed: 0 to 1; 1 where there are none."""
        change = self.tried - self.counts["equivalent"]
        return self.noticed / change if change else 1.0

    def interval(self) -> tuple[float, float]:
        """Where the score of all lies with 95 %, when those tried are a sample (Wilson's interval)."""
        n = self.tried - self.counts["equivalent"]
        if not n:
            return 0.0, 1.0
        middle = (self.score + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * math.sqrt(self.score * (1 - self.score) / n + Z**2 / (4 * n**2))
        return middle - half, middle + half

    def line(self) -> str:
        """A line of the table."""
        shown = [
            self.there_are,
            self.tried,
            self.counts["killed"],
            self.counts["out of time"],
            self.counts["equivalent"],
            self.counts["survived"] + self.counts["not reached"],
        ]
        score = f"{self.score:.1%}" if self.tried else ""
        return f"| {self.name} | {' | '.join(f'{number:,}' for number in shown)} | {score} |"


def outcome_of(verdict: Verdict) -> str:
    """The outcome, but `equivalent` for a survivor that is known to change nothing."""
    if verdict.outcome in NOTICED:
        return verdict.outcome
    known = (verdict.module, verdict.mutant.name, verdict.mutant.told()) in EQUIVALENT
    return "equivalent" if known else verdict.outcome


def rows(trial: Trial) -> list[Row]:
    """One for each module that has mutants, and the sum."""
    counts: dict[str, Counter[str]] = {module: Counter() for module in trial.there_are}
    for verdict in trial.verdicts:
        counts[verdict.module][outcome_of(verdict)] += 1
    found = [
        Row(name=f"`{module}`", there_are=trial.there_are[module], counts=counted)
        for module, counted in counts.items()
    ]
    everything = sum(counts.values(), Counter())
    return [*found, Row(name="**all**", there_are=trial.there_are.total(), counts=everything)]


def table(area: Area, found: Sequence[Row], seed: int, seconds: float, limits: str = "") -> list[str]:
    """The lines of the page for one area; `limits` are the options that made it a sample."""
    *_, everything = found
    command = f"python -m tests.mutation {area.name}{limits}" if limits else f"make mutation AREA={area.name}"
    head = [
        f"`{command}`: {area.what}, {seconds / 60:.0f} minutes on {campaign.machine()}.",
        "",
        "| | mutants | tried | a test failed | never ended | change nothing | not noticed | noticed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines = [*head, *(row.line() for row in found)]
    if everything.tried < everything.there_are:
        low, high = everything.interval()
        lines += [
            "",
            f"A sample of chance (seed {seed}): with 95 %, {low:.1%} to {high:.1%} of all are noticed.",
        ]
    return lines


def record(area: Area, lines: Iterable[str], where: Path = page.PAGE) -> None:
    """Write them into the page, in the place of this area."""
    page.part(f"mutation-{area.name}", "\n".join(lines), where)
