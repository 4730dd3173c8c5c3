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
#: Few mails and a fault each third hour, but long enough for what grows slowly.
QUIET = Plan(
    days=18, seed=20260216, complaints_a_day=1, others_a_day=12, every=3, lives=0, warm=timedelta(days=3)
)


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
    ],
)
def test_a_planted_fault_is_seen(planted: str, seen: str) -> None:
    assert seen in play(replace(SHORT, lives=0, plant=planted, stop_when_found=True)).found()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("planted", "seen"), [("descriptor", "descriptors"), ("leak", "memory")])
def test_what_grows_slowly_is_seen_and_nothing_else(planted: str, seen: str) -> None:
    """Each is the other's proof that it does not grow by itself."""
    assert play(replace(QUIET, plant=planted)).found().keys() == {seen}
