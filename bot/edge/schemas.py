"""Puts the JSON Schemas into a home, where the first line of each file tells an editor to look for them."""

from __future__ import annotations

import json
from pathlib import Path

from bot.settings.schema import MODELS, SCHEMAS, schema, schema_file


def write_schemas(home: Path) -> tuple[Path, ...]:
    """Write the schema of every kind of file into `schemas/` of a home, over older ones. Raises OSError."""
    folder = home / SCHEMAS
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MODELS:
        file = folder / schema_file(name)
        part = file.with_name(f".{file.name}.part")
        part.write_text(json.dumps(schema(name), indent=2) + "\n", encoding="utf-8")
        part.replace(file)
        written.append(file)
    return tuple(written)
