"""The schemas that editors complete by."""

from __future__ import annotations

import json

import pytest

from bot.settings.schema import MODELS, schema


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_file_has_a_schema(name: str) -> None:
    made = schema(name)
    assert made["$schema"].startswith("https://json-schema.org/")
    assert json.loads(json.dumps(made)) == made
    if name not in ("words", "neighbours"):  # their keys are names
        assert made["additionalProperties"] is False


def test_the_schema_knows_keys_choices_and_lengths_of_time() -> None:
    server = schema("rejoinder")["$defs"]["ServerModel"]
    assert server["properties"]["security"]["enum"] == ["tls", "starttls", "none"]
    step = schema("playbook")["$defs"]["StepFile"]
    assert step["required"] == ["name", "to", "wait"]
    assert step["properties"]["wait"]["type"] == "string"
