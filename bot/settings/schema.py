"""JSON Schemas for editors, generated from the very models that load the files."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bot.notice.answers import AnswersFile
from bot.notice.labels import LabelsFile
from bot.reading.families import FamilyFile
from bot.reading.senders import SendersFile
from bot.settings.home import HomeModel
from bot.settings.rules import CalendarFile, PlaybookFile, PolicyFile, RoutingFile, WordsFile

#: Names that `schema` knows -> model.
MODELS: dict[str, type[BaseModel]] = {
    "rejoinder": HomeModel,
    "playbook": PlaybookFile,
    "calendar": CalendarFile,
    "policy": PolicyFile,
    "routing": RoutingFile,
    "words": WordsFile,
    "senders": SendersFile,
    "labels": LabelsFile,
    "answers": AnswersFile,
    "family": FamilyFile,
}


def schema(name: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one kind of file. Raises KeyError for a name not in `MODELS`."""
    found = MODELS[name].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
