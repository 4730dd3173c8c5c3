"""SIGTERM at every step of a transaction: the daemon ends in time, and knows what became of the letter."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.servers.programs import program
from tests.torture.firing_range import Plan, Range, Tally
from tests.torture.post import STEPS

pytestmark = [pytest.mark.servers, pytest.mark.slow]

#: Seconds; systemd waits longer before it kills (`rejoinder service unit`).
IN_TIME = 10.0


class Polite(Range):
    """Asks the daemon to end, at each step once, and notes how long that took and how it ended."""

    def asks_at_every_step(self) -> tuple[dict[str, tuple[float, int]], Tally]:
        """Seconds and exit status, by step; and what is seen when the rest went out undisturbed."""
        began = time.monotonic()
        ended = {step: self._asks_at(step) for step in STEPS}
        self._finish()
        return ended, self._tally(began)

    def _asks_at(self, step: str) -> tuple[float, int]:
        known = self.world.complaints
        while self.world.complaints == known:
            self._deliver()
        self.post.aim((step, 1))
        self.cradle.born(cold=False)
        self._until(self._fired, 60)
        assert self.post.fire.is_set(), f"no letter came as far as {step}"
        began = time.monotonic()
        status = self.cradle.dies(signal.SIGTERM)
        seconds = time.monotonic() - began
        self.post.until_all_have_hung_up()
        return seconds, status

    def _fired(self) -> bool:
        self._answer()
        return self.post.fire.is_set()


@pytest.mark.timeout(240)
def test_at_every_step_it_ends_in_time_and_knows_what_left(tmp_path: Path) -> None:
    program("dovecot", "dovecot-imapd")
    with Polite(tmp_path, Plan(kills=0, seed=7)) as place:
        ended, tally = place.asks_at_every_step()
    assert {step: seconds for step, (seconds, _) in ended.items() if seconds > IN_TIME} == {}
    assert {status for _, status in ended.values()} == {0}
    assert tally.found() == {}
    assert tally.taken >= len(STEPS)
    assert tally.in_doubt == 0, "the letter on the line is finished when there is time for it"
