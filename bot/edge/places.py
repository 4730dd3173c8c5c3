"""Names of what lies in the state folder."""

from __future__ import annotations

from pathlib import Path

from bot.errors import StoreDamaged

DATABASE = "rejoinder.db"
RAW = "raw"
LOCK = "lock"
#: Present while the circuit breaker lets nothing leave (`bot.edge.breaker`).
CIRCUIT_OPEN = "circuit-open.json"
#: Sets of rules by their hash (`bot.edge.rulesets`).
RULES = "rules"
#: Present while the rule files hold mistakes that a running daemon did not take over.
RULES_REFUSED = "rules-refused.json"
#: Present in a copy restored from a backup until a person has checked it (`bot.edge.backup.mark`).
RESTORED = "restored"


def refuse_lost_database(state: Path) -> None:
    """Raises StoreDamaged when mail is kept here and the database is missing or empty.

    A new one would know of no letter that was sent, and the next approval might send it again.
    """
    database, kept = state / DATABASE, state / RAW
    if database.is_file() and database.stat().st_size:
        return
    if kept.is_dir() and next(kept.rglob("*.eml"), None) is not None:
        raise StoreDamaged(
            f"{database} is missing or empty, but {kept} holds mail; nothing will be read or sent. Put the "
            f"last backup of the state folder in its place, or move {state} aside to begin anew"
        )


def made(state: Path) -> Path:
    """The state folder, which only its owner may look into; made when missing. Raises OSError."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return state
