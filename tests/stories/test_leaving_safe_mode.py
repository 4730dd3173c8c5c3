"""Leaving safe mode: tests wait for a new approval, old approvals are void, a running daemon follows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.daemon import Daemon
from bot.edge.files import load_settings
from bot.edge.home import Loaded, load_home
from bot.edge.switch import write_safe_mode
from bot.ports import AlertKind
from bot.runner.desk.rehearsed import after_switch
from bot.wiring import House, SettingsWatch
from tests.stories.mails import OWNER, notice
from tests.stories.stage import Stage, directly, write_home

ELEVEN = timedelta(minutes=11)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """In safe mode, with a comment that must survive."""
    home = write_home(tmp_path / "home", safe_mode=True)
    file = home / "rejoinder.yaml"
    file.write_text(file.read_text().replace("safe_mode: true", "safe_mode: true  # until I trust it"))
    return home


@pytest.fixture
def watched(rehearsal: Stage, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Stage, Daemon]:
    """A daemon that was started in safe mode."""
    monkeypatch.setenv("REJOINDER_TEST_PASSWORD", "x")
    settings = load_settings(home)
    loaded: Loaded = load_home(home)
    rehearsal.changes(safe_mode_to=settings.rehearsal_address(settings.accounts[0]))
    watch = SettingsWatch(House(loaded=loaded, office=rehearsal.office))
    daemon = Daemon(
        rehearsal.office,
        {"shop": rehearsal.line},
        directly,
        settings_stand=watch.stand,
        follow_settings=watch.follow,
    )
    return rehearsal, daemon


def turn(stage: Stage, daemon: Daemon) -> None:
    stage.clock.moment += ELEVEN
    stage.listen()
    asyncio.run(daemon.turn_outbox("shop", stage.line))


def test_a_test_delivery_is_approved_anew_and_only_then_leaves(
    watched: tuple[Stage, Daemon], home: Path
) -> None:
    stage, daemon = watched
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    turn(stage, daemon)
    ((test, _),) = stage.server.taken
    assert (test.rehearsal, stage.state()) == (True, State.DRAFTED)
    write_safe_mode(home, False)
    assert "# until I trust it" in (home / "rejoinder.yaml").read_text()
    turn(stage, daemon)
    assert stage.practice.safe_mode_to is None, "the daemon follows"
    (tested,) = after_switch(stage.office).tested
    assert tested.letter.to == OWNER
    assert len(stage.server.bodies) == 1, "nothing leaves by the switch"
    stage.approve(tested.item.number)
    turn(stage, daemon)
    real = stage.server.taken[-1][0]
    assert not real.rehearsal
    assert OWNER in [recipient.address for recipient in real.recipients]
    assert stage.told(AlertKind.STOP_SWITCH) == []


def test_what_was_approved_in_the_other_mode_never_leaves(watched: tuple[Stage, Daemon], home: Path) -> None:
    stage, daemon = watched
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    write_safe_mode(home, False)
    turn(stage, daemon)
    turn(stage, daemon)
    assert (stage.server.bodies, stage.state()) == ([], State.DRAFTED)
    stage.approve()
    write_safe_mode(home, True)
    turn(stage, daemon)
    assert (stage.server.bodies, stage.state()) == ([], State.DRAFTED)
    assert stage.practice.safe_mode_to is not None


def test_the_switch_itself_voids_when_no_daemon_runs(rehearsal: Stage) -> None:
    rehearsal.arrives(notice("17340981265", rehearsal.now))
    number = rehearsal.waiting().number
    rehearsal.approve()
    assert after_switch(rehearsal.office).void == (), "in the same mode nothing is void"
    rehearsal.changes(safe_mode_to=None)
    (item,) = after_switch(rehearsal.office).void
    assert item.number == number
    assert rehearsal.state() is State.DRAFTED
    assert Reason.SAFE_MODE_SWITCHED in {event.reason for event in rehearsal.happened(e.Voided)}


def test_any_other_change_still_needs_a_new_start(watched: tuple[Stage, Daemon], home: Path) -> None:
    stage, daemon = watched
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    file = home / "rejoinder.yaml"
    file.write_text(
        file.read_text().replace("10 min", "20 min").replace("safe_mode: true", "safe_mode: false")
    )
    turn(stage, daemon)
    turn(stage, daemon)
    assert stage.server.bodies == []
    assert stage.practice.safe_mode_to is not None
    (told,) = stage.told(AlertKind.STOP_SWITCH)
    assert "rejoinder.yaml was changed" in told
