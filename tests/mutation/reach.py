"""Which lines each test runs, and how long it takes: from one run of all of them without any mutant."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import pytest

from tests.mutation.forked import failure
from tests.mutation.operators import Function, Mutant

#: A test may take so much longer with a mutant than without, and so many seconds besides.
PATIENCE, GRACE = 10.0, 5.0
#: On a busy computer a test with a time limit may fail now and then.
TRIES = 3


@dataclass(slots=True)
class Reach:
    """What is known of the tests."""

    failed: dict[str, str] = field(default_factory=dict)  #: those that fail without any mutant, and how
    seconds: dict[str, float] = field(default_factory=dict)  #: by the clock on the wall
    work: dict[str, float] = field(default_factory=dict)  #: of the processor
    touching: dict[str, dict[int, set[str]]] = field(default_factory=dict)  #: by module and line
    #: so many seconds of the processor are spent on a mutant; what is not noticed then, counts as survived
    enough: float = 5.0
    kills: Counter[tuple[str, str]] = field(default_factory=Counter)  #: by function or table, and test

    def measure(self, items: Iterable[pytest.Item], root: Path, modules: Sequence[str]) -> None:
        """Run them all once."""
        measured = coverage.Coverage(
            data_file=None, config_file=False, include=[str(root / module) for module in modules]
        )
        measured.start()
        for item in items:
            measured.switch_context(item.nodeid)
            began, worked = time.monotonic(), time.process_time()
            failures = list(itertools.takewhile(bool, (failure(item) for _ in range(TRIES))))
            if len(failures) == TRIES:
                self.failed[item.nodeid] = failures[-1]
            self.seconds[item.nodeid] = time.monotonic() - began
            self.work[item.nodeid] = time.process_time() - worked
        measured.stop()
        data = measured.get_data()
        for module in modules:
            lines = data.contexts_by_lineno(str(root / module))
            self.touching[module] = {line: set(tests) - {""} for line, tests in lines.items()}

    def tests(self, module: str, mutant: Mutant, first: str = "") -> list[str]:
        """Those that run the lines; for a table those that run anything of the module, then all others.

        The quickest come first, and those that noticed most so far; the second of a file counts as twice as
        slow, and so on, because they look at the same. Before them all comes `first`.
        """
        touching = self.touching[module]
        if isinstance(mutant.scope, Function):
            likely = self._quickest(mutant.name, {name for n in mutant.lines for name in touching.get(n, ())})
        else:
            near: set[str] = set().union(*touching.values())
            likely = self._quickest(mutant.name, near) + self._quickest(
                mutant.name, self.seconds.keys() - near
            )
        if first in likely:
            likely = [first, *(name for name in likely if name != first)]
        spent = itertools.accumulate(self.work[name] for name in likely)
        return [
            name for name, seconds in zip(likely, spent, strict=True) if seconds <= self.enough
        ] or likely[:1]

    def total(self) -> float:
        """Seconds that one run of all of them takes."""
        return sum(self.seconds.values())

    def limit(self, test: str) -> float:
        """How many seconds it may take with a mutant."""
        return GRACE + PATIENCE * self.seconds[test]

    def noticed(self, mutant: Mutant, test: str) -> None:
        """Remember which test notices mistakes here."""
        self.kills[mutant.name, test] += 1

    def _quickest(self, where: str, names: Iterable[str]) -> list[str]:
        """By how soon they are likely to notice something."""
        slow = {name: self.work[name] / (1 + self.kills[where, name]) for name in names}
        of_file: Counter[str] = Counter()
        for name in sorted(slow, key=lambda one: (slow[one], one)):
            file = name.partition("::")[0]
            of_file[file] += 1
            slow[name] *= of_file[file]
        return sorted(slow, key=lambda one: (slow[one], one))
