"""A campaign can be stopped and gone on with, and counts every kill once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.programs import program
from tests.torture.campaign import Campaign, Progress, share
from tests.torture.firing_range import Tally


def test_the_shares_add_up_and_no_two_begin_alike() -> None:
    plans = share(1_013, 7, 3)
    assert sum(plan.kills for plan in plans) == 1_013
    assert len({plan.seed for plan in plans}) == len(plans) > 3


def test_what_was_done_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    assert Progress.load(file) == Progress()
    done = Progress(homes=3, seconds=61.5, tally=Tally(kills=40, taken=55, in_doubt=4))
    done.save(file)
    assert Progress.load(file) == done


def test_nothing_is_left_to_do_when_all_was_done() -> None:
    done = Progress(homes=3, seconds=61.5, tally=Tally(kills=40))
    assert Campaign(kills=40, seed=7, done=done).run() is done


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_campaign_that_is_stopped_is_compared_and_goes_on() -> None:
    program("dovecot", "dovecot-imapd")
    campaign = Campaign(kills=1_000, seed=7, at_once=1)
    campaign.stop.set()  # before the first home began: nothing was done, and nothing is wrong
    assert campaign.run().tally == Tally()

    first = Campaign(kills=1_000, seed=7, at_once=1).run(seconds=0.0)
    assert first.tally.kills < 1_000

    half = Progress(homes=1, seconds=5.0, tally=Tally(kills=996, taken=900))
    whole = Campaign(kills=1_000, seed=7, at_once=1, done=half).run()
    assert (whole.tally.kills, whole.homes) == (1_000, 2)
    assert whole.tally.taken > 900
    assert whole.seconds > 5.0
    assert whole.tally.found() == {}
