"""`python -m tests.audit`: does the registry know anything against a release that requirements.lock pins?

0: it was asked about each, and knows nothing. 1: it knows something; raise the pin with `make lock`.
3: it did not answer for all of them, so nothing may be concluded. What cannot be mended today is accepted
by name, with a reason and a last day, in pyproject.toml under [[tool.audit.accepted]].

Why not pip-audit (2.10.1): with PyPI it says "No known vulnerabilities found", and ends with 0, where the
registry answered for none; and the address is fixed, so no test could show it. With OSV it knows of no
release that was taken back, looks at this platform's pins only and, without an answer, ends with a traceback.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.audit.registry import PYPI, Finding, NoAnswer, ask

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
#: So many releases in a row without an answer: the registry is away, or a mirror that has no such pages.
ENOUGH = 5
CLEAN, FOUND, UNKNOWN = 0, 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding that the authors live with until a day."""

    id: str
    reason: str
    until: date  #: the last day


def main(arguments: list[str] | None = None) -> int:
    """One of CLEAN, FOUND, UNKNOWN; 2 for wrong usage."""
    options = argparse.ArgumentParser(
        prog="python -m tests.audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--lock", type=Path, default=ROOT / "requirements.lock", help="the pinned releases")
    options.add_argument(
        "--project", type=Path, default=ROOT / "pyproject.toml", help="names what is accepted"
    )
    options.add_argument("--registry", default=PYPI, metavar="ADDRESS", help=f"else {PYPI}")
    options.add_argument("--today", type=date.fromisoformat, help="else the day it is")
    wanted = options.parse_args(arguments)
    try:
        pinned = pins(wanted.lock)
        accepted = accepted_in(wanted.project)
    except (OSError, ValueError) as error:
        options.error(str(error))
    print(f"asking {wanted.registry} about {len(pinned)} pinned releases", flush=True)
    found, unanswered = look(pinned, wanted.registry)
    today = wanted.today or date.today()  # noqa: DTZ011
    return _told(found, unanswered, accepted, today, len(pinned))


def pins(lock: Path) -> list[tuple[str, str]]:
    """(name, version) of each pinned release. Raises ValueError when a line is no pin, or there is none."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith((" ", "#")):
            continue
        pin = PIN.match(line)
        if pin is None:
            raise ValueError(f"{lock}:{number}: not of the form name==version: {line}")
        found.append((pin[1], pin[2]))
    if not found:
        raise ValueError(f"{lock} pins no release")
    return found


def accepted_in(project: Path) -> list[Accepted]:
    """What is accepted for now. Raises ValueError when an entry lacks its reason or its last day."""
    tools = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {})
    rows = tools.get("audit", {}).get("accepted", [])
    found: list[Accepted] = []
    for row in rows:
        if not (row.get("id") and row.get("reason") and type(row.get("until")) is date):
            raise ValueError(
                f"{project}: each [[tool.audit.accepted]] needs id, reason and until = YYYY-MM-DD"
            )
        found.append(Accepted(id=row["id"], reason=row["reason"], until=row["until"]))
    return found


def look(pinned: list[tuple[str, str]], registry: str) -> tuple[list[Finding], list[str]]:
    """What is known against them, and a sentence for each that nothing is known about, good or bad."""
    found: list[Finding] = []
    unanswered: list[str] = []
    in_a_row = 0
    for number, (name, version) in enumerate(pinned):
        try:
            found += ask(name, version, registry)
            in_a_row = 0
        except NoAnswer as silence:
            unanswered.append(str(silence))
            in_a_row += 1
        if in_a_row == ENOUGH:
            unanswered += [f"{n} {v} was not asked for any more" for n, v in pinned[number + 1 :]]
            break
    return found, unanswered


def _told(
    found: list[Finding], unanswered: list[str], accepted: list[Accepted], today: date, asked: int
) -> int:
    open_findings = [finding for finding in found if not _accepted(finding, accepted, today)]
    for line in _lines(found, accepted, today):
        print(line)
    if unanswered:
        shown = "\n".join(f"    {line}" for line in unanswered[:ENOUGH])
        print(
            f"NOT CHECKED: {len(unanswered)} of {asked} releases got no answer; nothing is known of "
            f"these, good or bad.\n{shown}",
            file=sys.stderr,
        )
    if open_findings:
        print("Raise what is named above with `make lock`, or accept it for some days in pyproject.toml.")
        return FOUND
    if unanswered:
        return UNKNOWN
    print(f"nothing {'more ' if found else ''}is known against any of the {asked}")
    return CLEAN


def _lines(found: list[Finding], accepted: list[Accepted], today: date) -> Iterator[str]:
    for finding in found:
        rule = _accepted(finding, accepted, today)
        yield f"accepted until {rule.until}, {rule.reason}: {finding}" if rule else str(finding)
    named = {name for finding in found for name in _names(finding)}
    for rule in accepted:
        if rule.id not in named:
            yield f"{rule.id} is accepted in pyproject.toml and not met: if all got an answer, remove it"


def _accepted(finding: Finding, accepted: list[Accepted], today: date) -> Accepted | None:
    return next((rule for rule in accepted if rule.id in _names(finding) and today <= rule.until), None)


def _names(finding: Finding) -> set[str]:
    """A release that was taken back is accepted as `yanked:name`, for it has no number."""
    own = f"yanked:{finding.name}" if finding.id == "yanked" else finding.id
    return {own, *finding.also}


if __name__ == "__main__":
    sys.exit(main())
