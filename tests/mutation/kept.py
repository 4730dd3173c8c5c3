"""Keeps what came of each mutant, so that a run goes on where one ended and tries again only what changed.

What was noticed counts until its module changes, or the test that noticed, or what that test shares a folder
with. What was not noticed counts until anything changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

NOTICED = ("killed", "out of time")
#: Files that tests depend on.
KINDS = (".py", ".yaml", ".txt")

Name = tuple[
    str, str, str, int
]  #: module, function or table, what changes, which of those that read the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one mutant, and what of."""

    outcome: str
    by: str  #: the test that noticed
    seconds: float
    of: str  #: digest of what it came of


@dataclass(slots=True)
class Kept:
    """A file with a line of JSON for each result; without a path nothing is kept.

    What the files of the tree say is looked at once, when the run begins.
    """

    path: Path | None
    root: Path
    _known: dict[Name, Result] = field(default_factory=dict)
    _files: dict[Path, str] = field(default_factory=dict)  #: digests

    def __post_init__(self) -> None:
        if self.path is None:
            return
        for part in ("bot", "tests", "rules", "templates"):
            for one in (self.root / part).rglob("*"):
                if one.suffix in KINDS:
                    self._files[one] = sha256(one.read_bytes()).hexdigest()
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                name, result = json.loads(line)
                self._known[tuple(name)] = Result(**result)
            except (ValueError, TypeError):
                continue  # the run ended in the middle of a line

    def still(self, name: Name) -> Result | None:
        """What came of it, if nothing has changed since."""
        known = self._known.get(name)
        return known if known and known.of == self._digest(name, known.outcome, known.by) else None

    def last(self, name: Name) -> Result | None:
        """What came of it when it was tried last, whatever has changed since."""
        return self._known.get(name)

    def hint(self, name: Name) -> str:
        """The test that noticed it when it was tried last, changed or not."""
        known = self._known.get(name)
        return known.by if known and known.outcome in NOTICED else ""

    def keep(self, name: Name, outcome: str, by: str, seconds: float) -> None:
        """Write it down at once."""
        known = Result(outcome=outcome, by=by, seconds=round(seconds, 3), of=self._digest(name, outcome, by))
        self._known[name] = known
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        said = {"outcome": known.outcome, "by": known.by, "seconds": known.seconds, "of": known.of}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, said]) + "\n")

    def _digest(self, name: Name, outcome: str, by: str) -> str:
        files = self._files.keys()
        if outcome in NOTICED:
            files &= {self.root / name[0], *self._shared(self.root / by.partition("::")[0])}
        together = sha256()
        for one in sorted(files):
            together.update(f"{one.relative_to(self.root)} {self._files[one]}\n".encode())
        return together.hexdigest()[:16]

    def _shared(self, test: Path) -> Iterator[Path]:
        """The file of a test, the servers, and what stands beside it and above without being a test."""
        yield test
        folders = {*test.parents, self.root / "tests" / "servers"}
        yield from (one for one in self._files if one.parent in folders and not one.match("test_*.py"))
