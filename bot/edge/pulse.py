"""How a running daemon hears of mail and what stands in its way, in a small file that `status` reads."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.ports import Clock

FILE = "daemon.json"
_LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPulse:
    """One account, as the daemon last noted it."""

    mode: str = "starting"  #: idle (the server rings) | poll (only the clock does) | starting
    trouble: str | None = None  #: why its mailbox is not read
    since: datetime | None = None  #: since when there is trouble; aware, UTC


class Pulse:
    """Written by the daemon; a disk that refuses it is never in the way of the mail."""

    def __init__(self, state: Path, clock: Clock) -> None:
        self._file = state / FILE
        self._clock = clock
        self._noted: dict[str, AccountPulse] = {}
        self._write()  # a new start knows nothing yet

    def mode(self, account: str, mode: str) -> None:
        """How news of the account arrive from now on."""
        self._note(account, replace(self._noted.get(account, AccountPulse()), mode=mode))

    def trouble(self, account: str, why: str | None) -> None:
        """Its mailbox is not read, and why; None: it is."""
        before = self._noted.get(account, AccountPulse())
        since = None if why is None else before.since or self._clock.now()
        self._note(account, replace(before, trouble=why, since=since))

    def _note(self, account: str, pulse: AccountPulse) -> None:
        if self._noted.get(account) != pulse:
            self._noted[account] = pulse
            self._write()

    def _write(self) -> None:
        noted = {
            name: {"mode": one.mode, "trouble": one.trouble, "since": one.since and one.since.isoformat()}
            for name, one in self._noted.items()
        }
        with contextlib.suppress(OSError):
            fresh = self._file.with_name(f"{FILE}.new")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(noted), encoding="utf-8")
            fresh.replace(self._file)


def read_pulse(state: Path) -> Mapping[str, AccountPulse]:
    """By account; a file that is missing or damaged tells of none. True only while the daemon runs."""
    try:
        with (state / FILE).open("rb") as file:
            noted = json.loads(file.read(_LARGEST))
        return {
            str(name): AccountPulse(
                mode=str(one["mode"]),
                trouble=None if one["trouble"] is None else str(one["trouble"]),
                since=datetime.fromisoformat(one["since"]) if one["since"] else None,
            )
            for name, one in noted.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
