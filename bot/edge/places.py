"""Names of what lies in the state folder."""

from __future__ import annotations

from pathlib import Path

DATABASE = "rejoinder.db"
RAW = "raw"
LOCK = "lock"
#: Present in a copy restored from a backup until a person has checked it (`bot.edge.backup.mark`).
RESTORED = "restored"


def made(state: Path) -> Path:
    """The state folder, which only its owner may look into; made when missing. Raises OSError."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return state
