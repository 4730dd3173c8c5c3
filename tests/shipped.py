"""The reading rules as they ship, built once for every room that reads with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.reading.read import ReadingContext
from bot.reading.rules import ReadingRules, build_rules

RULES = Path(__file__).parents[1] / "rules"


def documents() -> dict[str, object]:
    """Every rule file, parsed, by its path under rules/."""
    yaml = YAML(typ="safe")
    return {
        path.relative_to(RULES).as_posix(): yaml.load(path.read_text("utf-8"))
        for path in RULES.rglob("*.yaml")
    }


def load_rules() -> ReadingRules:
    return build_rules(documents())


@pytest.fixture(scope="session")
def rules() -> ReadingRules:
    return load_rules()


@pytest.fixture(scope="session")
def of_file(rules: ReadingRules) -> ReadingContext:
    return ReadingContext(rules=rules, own_addresses=frozenset(), pinned_authserv=None, believe_file=True)


@pytest.fixture(scope="session")
def pinned(rules: ReadingRules) -> ReadingContext:
    return ReadingContext(
        rules=rules, own_addresses=frozenset({"shop@marwen.example"}), pinned_authserv="mx.marwen.example"
    )
