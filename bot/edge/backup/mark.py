"""The mark of a restored copy: while it lies in the state, nothing leaves but to ourselves.

An old copy knows nothing of the letters that left since. The mark is written into every backup, not when one
is restored, so that a copy unpacked by hand carries it too. Only a person takes it away.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.edge.places import RESTORED
from bot.errors import StoreDamaged, StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """When the copy was taken: approvals up to then are void in it."""

    taken_at: datetime


def mark_bytes(mark: Mark) -> bytes:
    """The file, as JSON."""
    return (json.dumps({"taken_at": mark.taken_at.astimezone(UTC).isoformat()}) + "\n").encode("ascii")


def read_mark(state: Path) -> Mark | None:
    """The mark of a state folder, or None where there is none.

    Raises StoreDamaged for a mark that cannot be read: nobody can say then what is void.
    """
    path = state / RESTORED
    taken_at = None
    try:
        taken_at = datetime.fromisoformat(json.loads(path.read_bytes())["taken_at"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}; check its owner") from error
    except (ValueError, KeyError, TypeError):
        pass
    if taken_at is None or taken_at.tzinfo is None:
        raise StoreDamaged(
            f"{path} does not say when this copy was taken, so nobody knows which approvals are void; "
            "restore the backup again"
        )
    return Mark(taken_at=taken_at.astimezone(UTC))


def take_mark_away(state: Path) -> None:
    """A person has checked. Durable when this returns; without effect when there is no mark."""
    (state / RESTORED).unlink(missing_ok=True)
    descriptor = os.open(state, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
