"""The short form of the soak, and that the soak sees what it is there for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.servers.programs import program
from tests.soak.__main__ import play
from tests.soak.season import Plan
from tests.soak.weather import FSYNC, TERMINATED

pytestmark = [pytest.mark.servers, pytest.mark.slow]

#: From the first notice to reminders, with the daemon ended and its disk failing in between.
SHORT = Plan(days=6, seed=20260216, complaints_a_day=4, others_a_day=20, lives=1)
#: Few mails, but long enough for what grows slowly; without a fault planted nothing does.
QUIET = Plan(days=16, seed=20260216, complaints_a_day=0.5, others_a_day=6, lives=0, warm=timedelta(days=2))


@pytest.fixture(autouse=True)
def _dovecot_is_here() -> None:
    program("dovecot", "dovecot-imapd")


@pytest.mark.timeout(300)
def test_six_days_lose_nothing_and_miss_nothing() -> None:
    tally = play(SHORT)
    assert tally.found() == {}, tally
    # Without these the test would prove nothing.
    assert tally.faults.total() == 6 * 24
    assert tally.faults[TERMINATED] > 0
    assert tally.faults[FSYNC] > 0
    assert tally.mails > 150
    assert tally.drafts["reminder-1"] > 3, tally


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("a-day-early", "early"),
        ("a-day-late", "missed"),
        ("skip-a-mail", "mails_lost"),
        ("descriptor", "descriptors"),
        ("leak", "memory"),
    ],
)
def test_a_planted_fault_is_seen(planted: str, seen: str) -> None:
    plan = QUIET if planted in ("descriptor", "leak") else replace(SHORT, lives=0)
    assert seen in play(replace(plan, plant=planted, stop_when_found=planted != "leak")).found()
