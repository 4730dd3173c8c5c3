"""Which ways of telling fail, in a small file beside the state: the queue shows it, where a person looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FILE = "alerts.json"
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A way that fails."""

    channel: str
    since: datetime  #: aware, UTC
    why: str


def failing(state: Path) -> tuple[Failing, ...]:
    """Ways that fail, by name; a file that is missing or damaged tells of none."""
    try:
        with (state / FILE).open("rb") as file:
            noted = json.loads(file.read(_LARGEST))
        return tuple(
            Failing(channel=str(name), since=datetime.fromisoformat(one["since"]), why=str(one["why"]))
            for name, one in sorted(noted.items())
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ()


def note(state: Path, channel: str, why: str | None, at: datetime) -> None:
    """Note that a way fails, and since when; `why` None: it works. Raises OSError."""
    before = {one.channel: one for one in failing(state)}
    known = before.pop(channel, None)
    if why is None:
        if known is not None:
            _write(state, before)
        return
    since = known.since if known is not None else at
    _write(state, before | {channel: Failing(channel=channel, since=since, why=why)})


def forget(state: Path) -> None:
    """A new start knows nothing yet. Raises OSError."""
    (state / FILE).unlink(missing_ok=True)


def _write(state: Path, all_failing: Mapping[str, Failing]) -> None:
    noted = {name: {"since": one.since.isoformat(), "why": one.why} for name, one in all_failing.items()}
    fresh = state / f"{FILE}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(noted), encoding="utf-8")
    fresh.replace(state / FILE)
