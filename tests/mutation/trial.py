"""Tries every mutant against the tests that run its lines, until one fails.

The tests are collected once, and run once without any mutant; then the mutants are tried in processes forked
from this one, several at a time. What came of each is kept, and not tried again until something changes.
"""

from __future__ import annotations

import ast
import gc
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

from tests.mutation.forked import Ended, Errand, Order, several
from tests.mutation.graft import Live, functions, graft
from tests.mutation.kept import NOTICED, Kept, Name
from tests.mutation.operators import Mutant, mutants
from tests.mutation.reach import TRIES, Reach

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one mutant."""

    module: str  #: path from the root of the tree
    mutant: Mutant
    outcome: str  #: killed, out of time, survived, or not reached: no test runs its lines
    by: str = ""  #: the test that failed
    seconds: float = 0.0  #: that it took


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One mutant that is to be tried."""

    module: str
    mutant: Mutant
    name: Name


@dataclass(slots=True)
class Trial:
    """A pytest plugin that runs the tests once, then for each mutant those that reach it."""

    modules: Sequence[str]  #: paths from the root
    root: Path = ROOT
    sample: int | None = None  #: so many mutants of chance, else all
    seed: int = 0
    #: no further mutant is begun after so many; then chance says which come first
    minutes: float | None = None
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)  #: mutants at a time
    keep: Path | None = None  #: where results are kept for the next run
    only: Callable[[str, Mutant], bool] = lambda module, mutant: True
    tell: Callable[[int, int, Verdict], None] = lambda number, of, verdict: None
    verdicts: list[Verdict] = field(default_factory=list)
    there_are: Counter[str] = field(default_factory=Counter)  #: mutants of each module, tried or not
    reach: Reach = field(default_factory=Reach)
    _began: float = field(default_factory=time.monotonic)
    _items: dict[str, pytest.Item] = field(default_factory=dict)
    _of: int = 0  #: how many are to be tried
    _sound: set[str] = field(default_factory=set)  #: tests that pass in a child without a mutant

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own."""
        self._items = {item.nodeid: item for item in session.items}
        files = {module: self.root / module for module in self.modules}
        trees = {module: ast.parse(file.read_text(encoding="utf-8")) for module, file in files.items()}
        planned = self._planned(trees)
        kept, self._of = Kept(path=self.keep, root=self.root), len(planned)
        # Those that an earlier run saw survive come first: without them the rest would be too good.
        new = sorted(
            (one for one in planned if not self._known(one, kept)),
            key=lambda one: kept.last(one.name) is None,
        )
        if planned and not new:
            return True
        self.reach.measure(self._items.values(), self.root, self.modules)
        if not self.reach.failed:
            live = functions({str(file) for file in files.values()})
            gc.collect()
            gc.freeze()
            several(self._errands(new, trees, live, kept), self.workers)
        return True

    def _planned(self, trees: dict[str, ast.Module]) -> list[Planned]:
        every: list[Planned] = []
        same: Counter[tuple[str, str, str]] = Counter()
        for module, tree in trees.items():
            for mutant in mutants(tree):
                words = module, mutant.name, mutant.told()
                every.append(Planned(module=module, mutant=mutant, name=(*words, same[words])))
                same[words] += 1
        self.there_are = Counter(one.module for one in every)
        chosen = [one for one in every if self.only(one.module, one.mutant)]
        if self.sample is None and self.minutes is None:
            return chosen
        return random.Random(self.seed).sample(chosen, min(self.sample or len(chosen), len(chosen)))

    def _known(self, one: Planned, kept: Kept) -> bool:
        known = kept.still(one.name)
        if known is not None:
            self._say(one, known.outcome, known.by, known.seconds)
        return known is not None

    def _errands(
        self, new: Sequence[Planned], trees: dict[str, ast.Module], live: Live, kept: Kept
    ) -> Iterator[Errand]:
        for number, one in enumerate(new):
            if self.minutes is not None and time.monotonic() > self._began + 60 * self.minutes:
                self._as_before(new[number:], kept)
                return
            yield self._errand(one, trees[one.module], live, kept)

    def _as_before(self, rest: Sequence[Planned], kept: Kept) -> None:
        """What was to be tried again and was not counts as it came out the last time."""
        for one in rest:
            known = kept.last(one.name)
            if known is not None:
                self._say(one, known.outcome, known.by, known.seconds)

    def _errand(self, one: Planned, tree: ast.Module, live: Live, kept: Kept) -> Errand:
        def put() -> None:
            graft(one.mutant, tree, self.root / one.module, live)

        began = time.monotonic()
        tests = self.reach.tests(one.module, one.mutant, kept.hint(one.name))
        outcome, by = "not reached", ""
        if tests:
            outcome, by = yield from self._try(tests, put)
        if outcome in NOTICED:
            self.reach.noticed(one.mutant, by)
        seconds = time.monotonic() - began
        kept.keep(one.name, outcome, by, seconds)
        self._say(one, outcome, by, seconds)

    def _try(self, tests: list[str], put: Callable[[], None]) -> Generator[Order, Ended, tuple[str, str]]:
        """A test has noticed when it fails with the mutant, fails again, and passes without it."""
        while tests:
            ended = yield self._order(tests, put)
            if ended.by not in self._items:
                return ended.outcome, ended.by
            again = yield self._order([ended.by], put)
            if again.outcome in NOTICED and (yield from self._passes_alone(ended.by)):
                return ended.outcome, ended.by
            tests = tests[tests.index(ended.by) + 1 :]
        return "survived", ""

    def _passes_alone(self, test: str) -> Generator[Order, Ended, bool]:
        for _ in range(TRIES):
            if test in self._sound:
                break
            ended = yield self._order([test], _nothing)
            if ended.outcome not in NOTICED:
                self._sound.add(test)
        return test in self._sound

    def _order(self, tests: list[str], put: Callable[[], None]) -> Order:
        limits = [self.reach.limit(name) for name in tests]
        return Order(items=[self._items[name] for name in tests], limits=limits, put=put)

    def _say(self, one: Planned, outcome: str, by: str, seconds: float) -> None:
        verdict = Verdict(module=one.module, mutant=one.mutant, outcome=outcome, by=by, seconds=seconds)
        self.verdicts.append(verdict)
        self.tell(len(self.verdicts), self._of, verdict)


def _nothing() -> None:
    """The program as it is."""


def run(trial: Trial, tests: Sequence[str]) -> Trial:
    """Collect these tests and put the mutants through them. Raises RuntimeError when they fail anyway."""
    settings.register_profile("mutation", max_examples=10, derandomize=True, database=None, deadline=None)
    settings.load_profile("mutation")
    options = [
        *("-m", "not servers"),  # a server that several processes share would hear all of them
        *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:timeout", "--capture=sys"),
        *(
            "-o",
            "addopts=--import-mode=importlib",
            "-o",
            "timeout=0",
            "-o",
            "tmp_path_retention_policy=failed",
        ),
    ]
    # A folder of our own: pytest's usual place is swept by whoever else runs tests on this computer.
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        options += [f"--basetemp={folder}/tests", f"--rootdir={trial.root}"]
        status = pytest.main([*options, *tests], plugins=[trial])
    if failed := trial.reach.failed:
        raise RuntimeError(f"the tests fail without any mutant: {', '.join(failed)}\n{failed.popitem()[1]}")
    if status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED) or not trial.there_are:
        raise RuntimeError(f"the tests cannot be collected: {status}")
    return trial
