"""Takes changed rules over while the daemon runs: all of them, or none and a person is told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.edge.home import Loaded, load_rules
from bot.edge.rulesets import keep_set
from bot.edge.rulewatch import Look, Refusal, look, note_refusal
from bot.errors import ConfigurationError, StoreError
from bot.ports import AlertKind
from bot.wiring import practice_of, reading_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.daemon import Line
    from bot.wiring import House

log = logging.getLogger("rejoinder")

#: How often the files are looked at. A change is taken over at the second look that finds it the same.
LOOKS_EVERY = timedelta(seconds=2)


class RulesWatch:
    """Watches the rule files of one daemon; `run` until cancelled.

    Settings stay those that the daemon works by. Cases that are open keep the rules they began with; what
    reads mail, opens cases and looks letters over is of the new ones from the next mail on.
    """

    def __init__(self, house: House, lines: Mapping[str, Line], every: timedelta = LOOKS_EVERY) -> None:
        self._office = house.office
        self._settings = house.settings
        self._lines = lines
        self._every = every
        self._in_force = house.loaded.rules_hash
        self._refused: str | None = None  #: what stood in the way the last time
        self._asked = asyncio.Event()
        self.read_anew = asyncio.Event()  #: set when the files were read anew, whatever came of it

    def ask(self) -> None:
        """Read the files now, changed or not: for SIGHUP."""
        self._asked.set()

    async def run(self) -> None:
        """Look every few seconds, and at once when asked."""
        note_refusal(self._settings.state, None)  # we started, so the files were sound
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.ask)
        taken = await asyncio.to_thread(look, self._settings.home)
        last: Look = taken
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), self._every.total_seconds())
            seen = await asyncio.to_thread(look, self._settings.home)
            if self._asked.is_set() or (seen != taken and seen == last):
                self._asked.clear()
                taken = seen
                await self.reload()
            last = seen

    async def reload(self) -> bool:
        """Take the files over as they are now; False when they hold mistakes and the old ones go on."""
        try:
            loaded = await asyncio.to_thread(load_rules, self._settings)
            if loaded.rules_hash != self._in_force:
                await asyncio.to_thread(keep_set, loaded)
        except ConfigurationError as error:
            self._refuse(len(error.problems), str(error.problems[0]).splitlines()[0])
            return False
        except StoreError as error:
            self._refuse(1, str(error))
            return False
        finally:
            self.read_anew.set()
        if loaded.rules_hash != self._in_force:
            self._take_over(loaded)
        if self._refused is not None:
            self._refused = None
            note_refusal(self._settings.state, None)
        return True

    def _take_over(self, loaded: Loaded) -> None:
        for account in self._settings.accounts:
            fresh, now = practice_of(loaded, account), self._office.practices[account.name]
            self._office.practices[account.name] = replace(
                now,
                playbooks=fresh.playbooks,
                routing=fresh.routing,
                templates=fresh.templates,
                lint=fresh.lint,
                amazon_address=fresh.amazon_address,
                barred=fresh.barred,
                provider_files_sent=fresh.provider_files_sent,
                limits=fresh.limits,
                rules_hash=fresh.rules_hash,
                earlier=fresh.earlier,
            )
            if (line := self._lines.get(account.name)) is not None:
                line.reader.use(reading_plan(loaded, account))
        self._in_force = loaded.rules_hash
        log.info("rules taken over", extra={"rules": loaded.rules_hash})

    def _refuse(self, mistakes: int, first: str) -> None:
        log.warning("rules refused", extra={"mistakes": mistakes, "first": first})
        if first == self._refused:
            return
        self._refused = first
        since = self._office.clock.now().isoformat()
        with contextlib.suppress(OSError):
            note_refusal(self._settings.state, Refusal(since=since, mistakes=mistakes, first=first))
        text = "changed rules hold mistakes, so the old ones go on; `rejoinder rules check` names them"
        self._office.notifier.tell(AlertKind.RULES_REFUSED, "", text)
