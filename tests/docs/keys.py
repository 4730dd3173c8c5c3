"""Every key that a person may write into a file, taken from the models that load the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

#: How a page writes: required, no value, empty list or mapping.
REQUIRED, NOTHING, EMPTY = "required", "none", "empty"


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Path of each key as it is written, and its default as a page writes it; a group has no row."""
    if issubclass(model, RootModel):
        yield from _inside(model.model_fields["root"].annotation, prefix.removesuffix("."))
        return
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        deeper = list(_inside(field.annotation, path)) if prefix.count(".") < 6 else []
        yield from deeper or [(path, _default(field))]


def _inside(annotation: Any, path: str) -> Iterator[tuple[str, str]]:
    """Keys below a value of this type: nothing for plain values."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _inside(inner[0], path)
    elif origin in (Union, UnionType):
        for one in inner:
            if one is not NoneType:
                yield from _inside(one, path)
    elif origin in (list, tuple):
        yield from _inside(inner[0], f"{path}[]")
    elif origin is dict:
        named = f"{path}.NAME".removeprefix(".")  # a file that is names from its top on
        below = list(_inside(inner[1], named))
        yield from below or [(named, "")]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if path.rpartition(".")[2].removesuffix("[]") in ("all", "any", "none"):
            return  # conditions may hold conditions, without end
        yield from keys(annotation, f"{path}.")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return REQUIRED
    value = field.get_default(call_default_factory=True)
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds() // 60)} min"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or EMPTY
    if value == {}:
        return EMPTY
    return str(value)


_HEAD = re.compile(r"^## `?([^`\n]+)`?", re.M)
_ROW = re.compile(r"^\| `([^`]+)` \|([^|]*)\|([^|]+)\|$", re.M)


def rows(page: str) -> dict[str, dict[str, tuple[str, str]]]:
    """Section → key → (default, meaning) of every table row of a page."""
    parts = _HEAD.split(page)[1:]
    return {
        section.strip(): {
            key: (default.strip(" `"), meaning.strip()) for key, default, meaning in _ROW.findall(text)
        }
        for section, text in zip(parts[::2], parts[1::2], strict=True)
    }
