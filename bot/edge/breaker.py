"""The circuit breaker as a file of the state: while it is there, no process hands a letter over."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.edge.places import CIRCUIT_OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """Since when nothing leaves, and why."""

    at: datetime  #: aware, UTC
    why: str


class FileBreaker:
    """`bot.ports.Breaker` for every process on one state."""

    def __init__(self, state: Path) -> None:
        self._file = state / CIRCUIT_OPEN

    def tripped(self) -> bool:
        """Asked before each letter, and again before its text leaves."""
        return self._file.exists()

    def trip(self, why: str, at: datetime) -> bool:
        """True when it was closed until now. Raises OSError; then the caller ends, so nothing leaves."""
        text = json.dumps({"at": at.astimezone(UTC).isoformat(), "why": why})
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return True

    def why(self) -> Tripped | None:
        """What tripped it, or None while letters may leave."""
        try:
            value = json.loads(self._file.read_text(encoding="utf-8"))
            return Tripped(at=datetime.fromisoformat(value["at"]), why=str(value["why"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # cut short by a crash; it is tripped all the same
            at = datetime.fromtimestamp(self._file.stat().st_mtime, UTC)
            return Tripped(at=at, why="the reason was not written to its end")

    def close(self) -> None:
        """Letters may leave again; without effect when they may already. Raises OSError."""
        self._file.unlink(missing_ok=True)
