"""Tries every mutant against the tests that run its lines, until one fails.

Each is tried in a process of its own, forked from one that has collected the tests.
"""

from __future__ import annotations

import ast
import gc
import itertools
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings

from tests.mutation.graft import functions, graft
from tests.mutation.operators import Function, Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
#: A mutant may take so much longer than the tests take without it, and so many seconds besides.
PATIENCE, GRACE = 10.0, 10.0
#: So many seconds of the processor may be spent on one mutant; what is not noticed then, counts as survived.
ENOUGH = 3.0
TRIES = 3
KILLED, SURVIVED, BROKEN = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one mutant."""

    module: str  #: path from the root of the tree
    mutant: Mutant
    outcome: str  #: killed, out of time, survived, or not reached: no test runs its lines
    by: str = ""  #: the test that failed


@dataclass(slots=True)
class Trial:
    """A pytest plugin that runs the tests once, then once for each mutant."""

    modules: Sequence[str]  #: paths from the root
    root: Path = ROOT
    sample: int | None = None  #: so many mutants of chance, else all
    seed: int = 0
    minutes: float | None = (
        None  #: no further mutant is begun after so many; then chance says which come first
    )
    only: Callable[[str, Mutant], bool] = lambda module, mutant: True
    tell: Callable[[int, int, Verdict], None] = lambda number, of, verdict: None
    verdicts: list[Verdict] = field(default_factory=list)
    there_are: Counter[str] = field(default_factory=Counter)  #: mutants of each module, tried or not
    failed: list[str] = field(default_factory=list)  #: tests that fail without any mutant
    _began: float = field(default_factory=time.monotonic)
    _seconds: dict[str, float] = field(default_factory=dict)  #: by the clock on the wall
    _work: dict[str, float] = field(default_factory=dict)  #: of the processor
    _touching: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    _kills: Counter[str] = field(default_factory=Counter)

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own: the tests as they are, then the mutants."""
        items = {item.nodeid: item for item in session.items}
        self._without_mutants(list(items.values()))
        if not self.failed:
            self._with_mutants(items)
        return True

    def _without_mutants(self, items: list[pytest.Item]) -> None:
        measured = coverage.Coverage(
            data_file=None, config_file=False, include=[str(self.root / module) for module in self.modules]
        )
        measured.start()
        for number, item in enumerate(items):
            measured.switch_context(item.nodeid)
            began, worked = time.monotonic(), time.process_time()
            follows = items[number + 1] if number + 1 < len(items) else None
            # On a busy computer a test with a time limit may fail now and then.
            if not any(_passes(item, follows) for _ in range(TRIES)):
                self.failed.append(item.nodeid)
            self._seconds[item.nodeid] = time.monotonic() - began
            self._work[item.nodeid] = time.process_time() - worked
        measured.stop()
        data = measured.get_data()
        for module in self.modules:
            lines = data.contexts_by_lineno(str(self.root / module))
            self._touching[module] = {line: set(tests) - {""} for line, tests in lines.items()}

    def _with_mutants(self, items: dict[str, pytest.Item]) -> None:
        trees = {
            module: ast.parse((self.root / module).read_text(encoding="utf-8")) for module in self.modules
        }
        every = [(module, mutant) for module, tree in trees.items() for mutant in mutants(tree)]
        self.there_are = Counter(module for module, _ in every)
        chosen = [one for one in every if self.only(*one)]
        if self.sample is not None or self.minutes is not None:
            chosen = random.Random(self.seed).sample(chosen, min(self.sample or len(chosen), len(chosen)))
        live = functions({str(self.root / module) for module in self.modules})
        gc.collect()
        gc.freeze()
        for number, (module, mutant) in enumerate(chosen, 1):
            if self.minutes is not None and time.monotonic() > self._began + 60 * self.minutes:
                break

            def put(module: str = module, mutant: Mutant = mutant) -> None:
                graft(mutant, trees[module], self.root / module, live)

            verdict = self._try(module, mutant, items, put)
            self.verdicts.append(verdict)
            self.tell(number, len(chosen), verdict)

    def _try(
        self, module: str, mutant: Mutant, items: dict[str, pytest.Item], put: Callable[[], None]
    ) -> Verdict:
        tests = self._tests(module, mutant)
        if not tests:
            return Verdict(module=module, mutant=mutant, outcome="not reached")
        while tests:
            outcome, killer = _in_a_child([items[name] for name in tests], put, self._limit(tests))
            if outcome != "killed" or killer not in items:
                return Verdict(module=module, mutant=mutant, outcome=outcome, by=killer)
            # On a busy computer a test may fail by itself: then it has noticed nothing.
            if _in_a_child([items[killer]], _nothing, self._limit([killer]))[0] == "survived":
                self._kills[killer] += 1
                return Verdict(module=module, mutant=mutant, outcome=outcome, by=killer)
            tests = tests[tests.index(killer) + 1 :]
        return Verdict(module=module, mutant=mutant, outcome="survived")

    def _tests(self, module: str, mutant: Mutant) -> list[str]:
        """Those that run the lines; for a table those that run anything of the module, then all others.

        The quickest come first, and of those the ones that noticed most so far.
        """
        touching = self._touching[module]
        if isinstance(mutant.scope, Function):
            likely = self._quickest({name for line in mutant.lines for name in touching.get(line, ())})
        else:
            near = set().union(*touching.values())
            likely = self._quickest(near) + self._quickest(self._seconds.keys() - near)
        spent = itertools.accumulate(self._work[name] for name in likely)
        return [name for name, seconds in zip(likely, spent, strict=True) if seconds <= ENOUGH] or likely[:1]

    def _quickest(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=lambda name: (self._seconds[name] / (1 + self._kills[name]), name))

    def _limit(self, tests: list[str]) -> float:
        return GRACE + PATIENCE * sum(self._seconds[name] for name in tests)


def _passes(item: pytest.Item, follows: pytest.Item | None) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=follows))


def _nothing() -> None:
    """The program as it is."""


def _in_a_child(items: list[pytest.Item], put: Callable[[], None], limit: float) -> tuple[str, str]:
    """killed, and by which test; or survived; or out of time."""
    sys.stdout.flush()
    sys.stderr.flush()
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        outcome = BROKEN
        try:
            os.close(heard)
            outcome = _child(items, put, limit, said)
        finally:
            os._exit(outcome)
    os.close(said)
    with os.fdopen(heard, encoding="utf-8") as pipe:
        words = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return "out of time", ""
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED:
        return "survived", ""
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == KILLED:
        return "killed", words
    raise RuntimeError(f"a mutant could not be tried: {words or status}")


def _child(items: list[pytest.Item], put: Callable[[], None], limit: float, said: int) -> int:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        put()
    except LookupError as error:
        os.write(said, str(error).encode())
        return BROKEN
    except Exception:
        os.write(said, b"its own module")
        return KILLED
    try:
        for number, item in enumerate(items):
            follows = items[number + 1] if number + 1 < len(items) else None
            if not _passes(item, follows):
                os.write(said, item.nodeid.encode())
                return KILLED
    except BaseException:
        os.write(said, item.nodeid.encode())
        return KILLED
    return SURVIVED


def run(trial: Trial, tests: Sequence[str]) -> Trial:
    """Collect these tests and put the mutants through them. Raises RuntimeError when they fail anyway."""
    settings.register_profile("mutation", max_examples=10, derandomize=True, database=None, deadline=None)
    settings.load_profile("mutation")
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-o", "addopts=--import-mode=importlib"]
    status = pytest.main([*options, f"--rootdir={trial.root}", *tests], plugins=[trial])
    if trial.failed or status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED) or not trial.there_are:
        raise RuntimeError(f"the tests fail without any mutant ({status}): {', '.join(trial.failed[:5])}")
    return trial
