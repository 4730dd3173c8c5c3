"""The shipped phrases."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.reading.rules import ReadingRules, build_rules

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="session")
def rules() -> ReadingRules:
    yaml = YAML(typ="safe")
    return build_rules(
        {
            path.relative_to(RULES).as_posix(): yaml.load(path.read_text("utf-8"))
            for path in RULES.rglob("*.yaml")
        }
    )
