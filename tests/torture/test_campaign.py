"""A campaign can be stopped and gone on with, and counts every kill once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.programs import program
from tests.torture import campaign as campaign_room
from tests.torture.campaign import Campaign, Progress, share
from tests.torture.firing_range import Tally
from tests.torture.page import PAGE

ROOT = PAGE.parent.parent


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


@pytest.mark.parametrize(("tally", "status"), [(Tally(kills=40, arrived=7), 0), (Tally(kills=40, lost=1), 1)])
def test_the_status_tells_whether_anything_was_found(tmp_path: Path, tally: Tally, status: int) -> None:
    """All was done in an earlier sitting: only what came of it is told."""
    Progress(homes=3, seconds=61.5, tally=tally).save(tmp_path / "kept")
    words = [sys.executable, "-m", "tests.torture", "--kills", "40", "--keep", str(tmp_path / "kept")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == status, done.stderr
    assert f"{tally.lost:9}  letters silently lost\n" in done.stdout
    found = f"{tally.arrived:9}  kills that found a letter at the server, its answer not yet written down\n"
    assert found in done.stdout


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_campaign_that_is_stopped_is_compared_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    program("dovecot", "dovecot-imapd")
    monkeypatch.setattr(campaign_room, "EVERY", 0.0)
    heard: list[int] = []
    campaign = Campaign(kills=1_000, seed=7, at_once=1)
    campaign.stop.set()  # before the first home began: nothing was done, and nothing is wrong
    assert campaign.run().tally == Tally()

    first = Campaign(kills=1_000, seed=7, at_once=1).run(seconds=0.0)
    assert first.tally.kills < 1_000

    half = Progress(homes=1, seconds=5.0, tally=Tally(kills=996, taken=900))
    going = Campaign(kills=1_000, seed=7, at_once=1, done=half, going=lambda kills, _: heard.append(kills))
    whole = going.run()
    assert heard == sorted(heard)
    assert 996 <= heard[0] < 1_000
    assert 996 < heard[-1] <= 1_000
    assert (whole.tally.kills, whole.homes) == (1_000, 2)
    assert whole.tally.taken > 900
    assert whole.seconds > 5.0
    assert whole.tally.found() == {}
