"""The stage as a fixture; at the end of every story each diary must balance.

Files are read once for all stories: a stage costs milliseconds, and each has a memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.edge.home import Loaded, load_home
from bot.reading.prepare import prepare
from bot.reading.read import ReadingContext
from bot.wiring import reading_plan
from tests.stories.stage import Stage, write_home


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The home of the invented seller, as the files say it."""
    return load_home(write_home(tmp_path_factory.mktemp("stories") / "home"))


@pytest.fixture(scope="session")
def reading(loaded: Loaded) -> ReadingContext:
    """The rules of reading, prepared once."""
    return prepare(reading_plan(loaded, loaded.settings.account("shop")))


@pytest.fixture
def stage(loaded: Loaded, reading: ReadingContext) -> Iterator[Stage]:
    """An empty inbox on a Monday morning; letters really leave."""
    stage = Stage(loaded, reading)
    yield stage
    stage.balances()


@pytest.fixture
def rehearsal(stage: Stage) -> Stage:
    """The same in safe mode."""
    stage.changes(safe_mode_to="ada@brindlecove.example")
    return stage
