"""`python -m tests.guards`: switch each guard off in a copy of the code, and see that a test fails.

With `--record`, write into docs/reliability.md which test noticed, and how soon. `NAME ...` takes only the
guards whose words contain one of these.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.guards.broken import BROKEN, Broken
from tests.torture import campaign, page

ROOT = Path(__file__).resolve().parents[2]
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "state")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (?:tests/)?(\S+?)(?:\[.*)?(?: - .*)?$", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What came of a guard that was switched off."""

    guard: str
    test: str  #: the first that failed; "" when none did
    seconds: float  #: of processor time until then


def main() -> int:
    """0 when every one was noticed."""
    options = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help="words of the guards to take")
    options.add_argument("--record", action="store_true", help="write the results into docs/reliability.md")
    wanted = options.parse_args()
    chosen = [one for one in BROKEN if not wanted.names or any(name in one.guard for name in wanted.names)]
    if not chosen:
        options.error("no guard has these words")
    seen = []
    for number, one in enumerate(chosen, 1):
        seen.append(noticed(one))
        result = seen[-1].test or "NOT NOTICED"
        print(f"{number:>2}/{len(chosen)} {one.guard}: {result} ({seen[-1].seconds:.0f} s)", flush=True)
    if wanted.record:
        rows = [f"| {one.guard} | {f'`{one.test}`' if one.test else '**not noticed**'} |" for one in seen]
        head = ["| the guard that was switched off | the first test that failed |", "| --- | --- |"]
        page.part("guards", "\n".join([*head, *rows, "", f"On {campaign.machine()}."]))
    return 0 if all(one.test for one in seen) else 1


def noticed(broken: Broken) -> Noticed:
    """Run its tests over a copy in which it is off."""
    with tempfile.TemporaryDirectory(prefix="rj-guards-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        switch_off(broken, copy / "bot")
        began = _used()
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"tests/{broken.tests}"],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        seconds = _used() - began
    failed = _FAILED.search(done.stdout)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{broken.guard}: the tests could not be run\n{done.stdout}{done.stderr}")
    return Noticed(guard=broken.guard, test=failed[1] if failed else "", seconds=seconds)


def switch_off(broken: Broken, bot: Path) -> None:
    """Change the code below this folder. Raises ValueError when it is not what it was."""
    file = bot / broken.file
    text = file.read_text(encoding="utf-8")
    if text.count(broken.old) != 1:
        raise ValueError(
            f"{broken.file} holds {broken.old.strip()!r} {text.count(broken.old)} times, not once"
        )
    file.write_text(text.replace(broken.old, broken.new), encoding="utf-8")


def _used() -> float:
    done = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.ru_utime + done.ru_stime


if __name__ == "__main__":
    sys.exit(main())
