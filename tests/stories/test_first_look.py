"""The first look at a mailbox goes as the settings say, down to the line that the daemon is given."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot import wiring
from bot.wiring import open_house, open_lines
from tests.stories.played import Bells
from tests.stories.stage import write_home


class _Unread:
    """A reader that nobody asks."""

    def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to end."""


@pytest.mark.parametrize(
    ("written", "everything"),
    [("first_run: read_all", True), ("first_run: observe", False), ("", False)],
    ids=["read all", "observe", "nothing said"],
)
def test_old_mail_is_acted_on_only_where_the_settings_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, everything: bool
) -> None:
    monkeypatch.setattr(wiring, "open_reader", lambda *_: _Unread())
    home = write_home(tmp_path / "home")
    settings = home / "rejoinder.yaml"
    settings.write_text(settings.read_text().replace("first_run: read_all", written))

    async def look() -> bool:
        with open_house(home, notifier=Bells()) as house:
            async with open_lines(house) as lines:
                return lines["shop"].read_all

    assert asyncio.run(look()) is everything
