"""A daemon that was started under other settings than the file now holds sends nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.daemon import Daemon
from bot.edge.files import load_settings, settings_stand
from bot.ports import AlertKind
from tests.stories.mails import notice
from tests.stories.stage import Stage, directly, write_home


def test_safe_mode_switched_on_in_the_file_stops_a_running_daemon(stage: Stage, tmp_path: Path) -> None:
    home = write_home(tmp_path / "home")
    file = home / "rejoinder.yaml"
    before = file.read_bytes()
    settings = load_settings(home, environment={})
    daemon = Daemon(
        stage.office, {"shop": stage.line}, directly, settings_stand=partial(settings_stand, settings)
    )
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    stage.clock.moment += timedelta(minutes=11)
    stage.listen()
    file.write_bytes(before.replace(b"safe_mode: false", b"safe_mode: true"))
    for _ in range(3):
        asyncio.run(daemon.turn_outbox("shop", stage.line))
    assert stage.server.bodies == []
    (told,) = stage.told(AlertKind.STOP_SWITCH)
    assert "rejoinder.yaml was changed" in told
    file.unlink()
    asyncio.run(daemon.turn_outbox("shop", stage.line))
    assert stage.server.bodies == []
    file.write_bytes(before)
    asyncio.run(daemon.turn_outbox("shop", stage.line))
    assert len(stage.server.bodies) == 1
