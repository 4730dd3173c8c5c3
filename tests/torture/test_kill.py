"""kill -9 of the running daemon at any moment: nothing is sent twice, nothing is lost, doubt is visible."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.torture.firing_range import Range, running_server

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 20260112


def test_25_kills_send_nothing_twice_and_lose_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    with running_server() as server:
        place = Range(tmp_path, dovecot, server, letters=34, seed=SEED)
        kills = place.kill_often(25)
        place.finish()
        tally = place.tally(kills)
    assert tally.approved == 34, tally
    assert tally.kills == 25, tally
    assert (tally.duplicated, tally.lost, tally.in_doubt_unseen, tally.unsettled) == (0, 0, 0, 0), tally
    assert tally.in_doubt > 0, "no kill hit the moment of doubt: the test proves nothing"
    assert place.complaints() == []


def test_a_sender_that_sends_before_it_notes_is_found_out(tmp_path: Path, dovecot: Dovecot) -> None:
    """The same range must see the fault that it exists for."""
    with running_server() as server:
        place = Range(tmp_path, dovecot, server, letters=10, seed=SEED)
        for _ in range(12):
            place.kill_often(1, "--send-then-mark")
            if place.tally(0).duplicated:
                break
        assert place.tally(0).duplicated > 0
