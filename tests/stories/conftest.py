"""The stage as a fixture; at the end of every story each diary must balance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.stage import Stage, opened_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An empty inbox on a Monday morning; letters really leave."""
    manager, clock, bells = opened_stage(tmp_path / "home")
    with manager as house:
        stage = Stage(house, clock, bells)
        yield stage
        stage.balances()


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Stage]:
    """The same in safe mode."""
    manager, clock, bells = opened_stage(tmp_path / "home", safe_mode=True)
    with manager as house:
        stage = Stage(house, clock, bells)
        yield stage
        stage.balances()
