"""Notices that rule files or templates changed, and remembers for the queue when a change was refused."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.edge.files import defaults_folder
from bot.edge.places import RULES_REFUSED

#: What tells two moments of the files apart: path, time of change, size.
Look = tuple[tuple[str, int, int], ...]


def look(home: Path) -> Look:
    """How the files under rules/ and templates/ are now; cheap enough for every few seconds."""
    found: list[tuple[str, int, int]] = []
    for root in dict.fromkeys((defaults_folder(), home)):
        for folder, ending in (("rules", "*.yaml"), ("templates", "*.txt")):
            for path in sorted((root / folder).rglob(ending)):
                try:
                    stat = path.stat()
                except OSError:
                    continue  # gone in this moment; the next look tells
                found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A change of the rules that was not taken over."""

    since: str  #: RFC 3339
    mistakes: int
    first: str  #: the first of them, in one line

    @property
    def at(self) -> datetime:
        """Aware, UTC."""
        return datetime.fromisoformat(self.since).astimezone(UTC)


def note_refusal(state: Path, refusal: Refusal | None) -> None:
    """Put it down for every command to see, or take it away. Raises OSError."""
    file = state / RULES_REFUSED
    if refusal is None:
        file.unlink(missing_ok=True)
        return
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(asdict(refusal)), encoding="utf-8")
    part.replace(file)


def refusal_of(state: Path) -> Refusal | None:
    """The change that the running daemon refused, or None."""
    try:
        return Refusal(**json.loads((state / RULES_REFUSED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
