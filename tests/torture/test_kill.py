"""kill -9 of the running daemon at any moment: nothing is sent twice, nothing is lost, doubt is visible."""

from __future__ import annotations

import pytest

from tests.servers.programs import program
from tests.torture import campaign
from tests.torture.faults import NAMES
from tests.torture.firing_range import Plan

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SEED = 20260112


@pytest.fixture(autouse=True)
def _dovecot_is_here() -> None:
    """The ranges start their own, in processes where a missing program could not be told."""
    program("dovecot", "dovecot-imapd")


@pytest.mark.timeout(420)
def test_150_kills_send_nothing_twice_and_lose_nothing() -> None:
    tally = campaign.run(150, SEED)
    assert tally.found() == {}, tally
    assert tally.kills == 150
    # Without these the test would prove nothing.
    assert tally.taken > 100, tally
    assert tally.in_doubt > 5, f"hardly a kill hit the moment of doubt: {tally}"
    assert tally.by_evidence > 0, tally


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", NAMES)
def test_a_planted_fault_is_found(fault: str) -> None:
    """The same range must see the faults that it exists for."""
    tally = campaign.play(Plan(kills=200, seed=SEED, fault=fault, stop_when_found=True))
    assert tally.found()
