"""Two daemons on one state, and two people who approve the same letter at once."""

from __future__ import annotations

import os
import subprocess
import sys
from unittest import mock

import pytest

from bot.case.events import Approved
from bot.cli.session import now
from bot.edge.breaker import FileBreaker
from bot.edge.lock import StateLock
from bot.edge.places import LOCK
from bot.errors import LeaseLost, StoreInUse
from bot.runner.outbox.sending import claim
from bot.wiring import open_house
from tests.cli.conftest import ROOT, Typed


def test_a_second_daemon_is_refused_although_the_lock_file_was_taken_away(drafted: Typed) -> None:
    lock = drafted.home / "state" / LOCK
    with StateLock(lock) as held, open_house(drafted.home, notifier=mock.Mock(), lock=held) as house:
        lock.unlink()
        with (
            StateLock(lock) as another,
            pytest.raises(StoreInUse, match="another daemon works on this state"),
            open_house(drafted.home, notifier=mock.Mock(), lock=another),
        ):
            pass
        house.renew()  # the first one is still the daemon
    with StateLock(lock) as next_one, open_house(drafted.home, notifier=mock.Mock(), lock=next_one) as house:
        house.renew()


def test_a_daemon_that_was_overtaken_claims_no_letter(drafted: Typed) -> None:
    lock = drafted.home / "state" / LOCK
    assert drafted("approve", "1").status == 0
    with StateLock(lock) as held, open_house(drafted.home, notifier=mock.Mock(), lock=held) as house:
        words = lock.read_text()
        lock.unlink()
        lock.write_text(words)  # as if this machine's daemon had died
        with StateLock(lock) as another, open_house(drafted.home, notifier=mock.Mock(), lock=another):
            office, practice = house.office, house.office.practices["shop"]
            (letter,) = office.store.letters()
            for step in (house.renew, lambda: claim(office, practice, letter.letter_id)):
                with pytest.raises(LeaseLost):
                    step()
            assert office.store.letters() == (letter,)


def test_two_people_approve_at_once_and_it_is_approved_once(drafted: Typed) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_HOME": str(drafted.home)}
    people = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "approve", "1", "--by", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        for name in ("anna", "boris", "clara")
    ]
    ends = [(one.communicate(timeout=60), one.returncode) for one in people]
    assert sorted(status for _, status in ends) == [0, 1, 1], ends
    with open_house(drafted.home, notifier=mock.Mock()) as house:
        (case,) = house.office.store.cases()
        approvals = [one for one in house.office.store.diary(case.case_id) if isinstance(one, Approved)]
        (letter,) = house.office.store.letters()
    assert len(approvals) == 1
    assert letter.approval is not None
    assert letter.approval.by == approvals[0].by


def test_what_tripped_stands_above_the_queue_until_a_person_goes_on(drafted: Typed) -> None:
    assert "Nothing was stopped" in drafted("go-on").out
    FileBreaker(drafted.home / "state").trip("a reason to look", now())
    (note,) = [one for one in drafted("queue", "--json").json["notes"] if one["name"] == "circuit-open"]
    assert "a reason to look" in note["text"]
    told = drafted("go-on")
    assert (told.status, "Letters leave again" in told.out, "a reason to look" in told.out) == (0, True, True)
    assert drafted("go-on", "--json").json == {"tripped": None}
    assert not [one for one in drafted("queue", "--json").json["notes"] if one["name"] == "circuit-open"]
