"""What is mutated, and which tests are to notice."""

from __future__ import annotations

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
    tests: Sequence[str]  #: arguments of pytest, from there
    sample: int | None = None  #: so many mutants of chance are tried, else all

    def files(self) -> list[str]:
        """Paths of the modules, from the root."""
        found = {path for glob in self.modules for path in ROOT.glob(glob) if path.stat().st_size > 100}
        return sorted(str(path.relative_to(ROOT)) for path in found)


def _stories(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/stories/test_{name}.py" for name in names)


#: Whole cases, told in a tenth of a second each.
_TOLD = _stories("before_it_leaves", "gate", "in_doubt", "merged", "stopped", "submission", "written_down")

AREAS = (
    Area(
        name="case",
        what="the table of states and all that decides (`bot/case/`)",
        modules=("bot/case/*.py",),
        # The machine of chance is strong and slow: it stays in `make test`.
        tests=("tests/case", "--deselect=tests/case/test_diary.py::TestCase"),
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
        tests=_TOLD,
    ),
    Area(
        name="smtp",
        what="the transaction with the mail server (`bot/edge/smtp/`)",
        modules=("bot/edge/smtp/*.py",),
        tests=(
            "tests/edge/smtp/test_aiosmtpd.py",
            "tests/edge/smtp/test_content.py",
            "tests/edge/smtp/test_faults.py",
            "tests/edge/smtp/test_library.py",
            "tests/edge/smtp/test_login.py",
            "tests/edge/smtp/test_threats.py",
            "tests/edge/smtp/test_transaction.py",
        ),
    ),
)
