"""What is mutated, and which tests are to notice."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Modules that belong together."""

    name: str
    what: str  #: for the page
    modules: Sequence[str]  #: globs from the root of the tree
    tests: Sequence[str]  #: files and folders, from there
    but: Sequence[str] = ()  #: files and tests among them that are left out
    enough: float = 5.0  #: seconds of the processor that are spent on one mutant at most
    waits: bool = False  #: its tests wait for servers, so two of them fit one processor

    def selected(self) -> list[str]:
        """The arguments of pytest."""
        return [*self.tests, *(f"--deselect={one}" for one in self.but)]

    def workers(self) -> int:
        """How many mutants are tried at a time."""
        return (os.cpu_count() or 1) * (2 if self.waits else 1)

    def files(self) -> list[str]:
        """Paths of the modules, from the root."""
        found = {path for glob in self.modules for path in ROOT.glob(glob) if path.stat().st_size > 100}
        return sorted(str(path.relative_to(ROOT)) for path in found)


#: Where results are kept from one run to the next.
KEPT = ROOT / ".mutation"

#: Stories that take many seconds each; the others tell the same of the sending.
_LONG = (
    "tests/stories/test_flood.py::test_a_thousand_notices_naming_a_thousand_victims_send_nothing_without_a_person",
    "tests/stories/test_anything.py",
    "tests/stories/test_nothing_crosses.py",
)

AREAS = (
    Area(
        name="case",
        what="the table of states and all that decides (`bot/case/`)",
        modules=("bot/case/*.py",),
        tests=("tests/case",),
        # The machine of chance is strong and slow: it stays in `make test`.
        but=("tests/case/test_diary.py::TestCase",),
    ),
    Area(
        name="send",
        what="the gate, the sending and what keeps letters in step (`bot/runner/`)",
        modules=(
            "bot/runner/outbox/*.py",
            "bot/runner/changes.py",
            "bot/runner/checking.py",
            "bot/runner/letters.py",
            "bot/runner/stops.py",
        ),
        tests=("tests/stories",),
        but=_LONG,
        enough=15.0,
    ),
    Area(
        name="smtp",
        what="the transaction with the mail server (`bot/edge/smtp/`)",
        modules=("bot/edge/smtp/*.py",),
        waits=True,
        tests=("tests/edge/smtp",),
    ),
)
