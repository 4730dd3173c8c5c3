"""Mistakes that a model found, as sentences at their place in the file, with the nearest valid key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from types import NoneType
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import Problem
from bot.settings.text import Document, Loc

SECRETS = ("password", "secret")  #: keys under which people write secrets
_MOST_CHOICES = 12  #: more are not listed when one of them is near

M = TypeVar("M", bound=BaseModel)

#: pydantic's error types -> what was expected instead.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list (one entry a line, each after a hyphen)",
    "tuple_type": "a list (one entry a line, each after a hyphen)",
    "set_type": "a list (one entry a line, each after a hyphen)",
    "frozen_set_type": "a list (one entry a line, each after a hyphen)",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "date_type": "a date such as 2026-12-24",
    "date_parsing": "a date such as 2026-12-24",
    "date_from_datetime_parsing": "a date such as 2026-12-24",
}


def check(model: type[M], document: Document) -> M | None:
    """The model filled from a document; None when it is wrong, and then the problems are in the document."""
    if document.problems:
        return None
    value = {} if document.value is None else document.value
    try:
        return model.model_validate(value)
    except ValidationError as error:
        document.problems.extend(explain(model, document, error))
        return None


def explain(model: type[BaseModel], document: Document, error: ValidationError) -> list[Problem]:
    """One Problem for every mistake, in the order of the file."""
    found = {_explain_one(model, document, e): None for e in error.errors(include_url=False)}
    return sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0))


def _explain_one(model: type[BaseModel], document: Document, error: ErrorDetails) -> Problem:
    loc: Loc = error["loc"]
    kind = error["type"]
    if kind == "extra_forbidden":
        where, place = document.known(loc), document.keys.get(loc)
        message, hint = _unknown_key(model, loc)
    elif kind == "missing":
        where = document.known(loc[:-1])
        place = document.keys.get(where) or document.values.get(where)
        message, hint = f'key "{loc[-1]}" is missing{_inside(where)}', None
    elif loc and loc[-1] == "[key]":
        where, place = document.known(loc[:-1]), document.keys.get(loc[:-1])
        said, hint = _sentence(error)
        message = f'"{loc[-2]}" is no good name here: {said}'
    else:
        where = document.known(loc)
        place = document.values.get(where)
        message, hint = _sentence(error)
        message = f"{_name(where)}{message}"
    for secret in SECRETS:
        if secret in where or (hint or "").endswith(f": {secret}"):
            # Somebody may have written the secret itself: it must not be shown again.
            told = _about_a_secret(secret, kind, loc, message)
            return replace(document.problem(told, place, hint), source=None)
    if outside := document.overrides.get(where[:1]):
        return Problem(path=outside, message=message, hint=hint)
    return document.problem(message, place, hint)


def _about_a_secret(secret: str, kind: str, loc: Loc, message: str) -> str:
    if kind in ("model_type", "model_attributes_type", "string_type", "list_type"):
        return (
            f"{secret}: expected env, file, command or keyring that tells where it is, not the secret itself"
        )
    if kind == "extra_forbidden" and secret in loc[:-1]:
        return f"{secret}: unknown key"
    return message


def _inside(loc: Loc) -> str:
    return f" in {'.'.join(str(piece) for piece in loc)}" if loc else ""


def _name(loc: Loc) -> str:
    """The key in front of the sentence; an entry of a list goes by the list's name."""
    names = [piece for piece in loc if isinstance(piece, str)]
    return f"{names[-1]}: " if names else ""


def _sentence(error: ErrorDetails) -> tuple[str, str | None]:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        message, _, meant = str(context["error"]).partition("; did you mean ")
        return message, f"Did you mean {meant}" if meant else None
    if kind in ("literal_error", "enum"):
        choices = [
            choice.strip().strip("'") for choice in context["expected"].replace(" or ", ", ").split(",")
        ]
        near = get_close_matches(str(given), choices, 1)
        hint = f'Did you mean "{near[0]}"?' if near else None
        if len(choices) > _MOST_CHOICES:
            return f"{_shown(given)} is not known here", hint or f"Known are: {', '.join(choices)}"
        return f"{_shown(given)} is none of {', '.join(choices)}", hint
    if kind in _EXPECTED:
        expected = f"expected {_EXPECTED[kind]}, found {_shown(given)}"
        quote = kind == "string_type" and isinstance(given, int | float)
        return expected, f'Put it in quotes: "{given}"' if quote else None
    if kind == "string_pattern_mismatch":
        return f"{_shown(given)} does not look like {context['pattern']}", None
    return error["msg"].replace("Input should be", "should be"), None


def _shown(given: Any) -> str:
    """What was found, short."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list):
        return "a list"
    text = str(given)
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'


def _unknown_key(model: type[BaseModel], loc: Loc) -> tuple[str, str | None]:
    valid = sorted({name for owner in _models_at(model, loc[:-1]) for name in _keys(owner)})
    near = get_close_matches(str(loc[-1]), valid, 1, 0.6)
    hint = f"Nearest valid key: {near[0]}" if near else f"Valid keys: {', '.join(valid)}" if valid else None
    return f'unknown key "{loc[-1]}"', hint


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_at(model: type[BaseModel], loc: Loc) -> list[type[BaseModel]]:
    """Models that may stand at a location; list indexes, free keys and union branches are passed over."""
    here: list[type[BaseModel]] = [model]
    for piece in loc:
        fields = [
            field
            for owner in here
            for name, field in owner.model_fields.items()
            if piece in (name, field.alias)
        ]
        if fields:
            here = [found for field in fields for found in _models_in(field.annotation)]
    return here


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model inside `X | None`, `list[X]`, `dict[str, X]` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        if inner is not NoneType:
            yield from _models_in(inner)
