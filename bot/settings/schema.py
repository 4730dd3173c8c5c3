"""JSON Schemas for editors, generated from the very models that load the files."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bot.notice.answers import AnswersFile
from bot.notice.labels import LabelsFile
from bot.notice.languages import NeighboursFile
from bot.reading.families import FamilyFile
from bot.reading.senders import SendersFile
from bot.settings.home import HomeModel
from bot.settings.providers import ProvidersFile
from bot.settings.rules import CalendarFile, PlaybookFile, PolicyFile, RoutingFile, WordsFile

#: Names that `schema` knows -> model.
MODELS: dict[str, type[BaseModel]] = {
    "rejoinder": HomeModel,
    "playbook": PlaybookFile,
    "calendar": CalendarFile,
    "policy": PolicyFile,
    "routing": RoutingFile,
    "words": WordsFile,
    "providers": ProvidersFile,
    "senders": SendersFile,
    "neighbours": NeighboursFile,
    "labels": LabelsFile,
    "answers": AnswersFile,
    "family": FamilyFile,
}
#: The folder of a home in which the schemas of this version lie, for editors only.
SCHEMAS = "schemas"
#: What a file is, by the folder below rules/ in which it lies.
_FOLDERS = {
    "answers": "answers",
    "calendars": "calendar",
    "families": "family",
    "labels": "labels",
    "playbooks": "playbook",
}


def schema(name: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one kind of file. Raises KeyError for a name not in `MODELS`."""
    found = MODELS[name].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def schema_file(name: str) -> str:
    """Name of the file in the folder `SCHEMAS` that holds the schema of one kind."""
    return f"{name}.schema.json"


def kind_of(file: str) -> str | None:
    """Which schema a file follows, by its path in a home (`rules/families/x.yaml`), or None."""
    if file == "rejoinder.yaml":
        return "rejoinder"
    top, _, name = file.partition("/")
    if top != "rules" or not name.endswith(".yaml"):
        return None
    folder, _, rest = name.rpartition("/")
    if folder:
        return _FOLDERS.get(folder)
    return rest.removesuffix(".yaml") if rest.removesuffix(".yaml") in MODELS else None


def editor_line(file: str) -> str:
    """The first line of a file of a home, by which an editor finds its schema; "" for a file without one.

    `rules/families/x.yaml` gives `# yaml-language-server: $schema=../../schemas/family.schema.json` and a
    line end. It holds once `bot.edge.schemas.write_schemas` has written the schemas into the home.
    """
    kind = kind_of(file)
    if kind is None:
        return ""
    up = "../" * file.count("/")
    return f"# yaml-language-server: $schema={up}{SCHEMAS}/{schema_file(kind)}\n"
