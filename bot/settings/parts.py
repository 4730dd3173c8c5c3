"""Kinds of value that several files use: waits, addresses, hosts, time zones, language tags."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from bot.case.playbook import Unit, Wait
from bot.mail.address import organisational_domain


class Model(BaseModel):
    """A mapping in a file: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileModel(Model):
    """A whole file; `off: true` switches it off."""

    off: bool = False


def _wait(value: Any) -> Wait:
    if isinstance(value, Wait):
        return value
    if not isinstance(value, str):
        raise ValueError(
            f"{value} is no length of time: expected a number and a unit, "
            "such as 3 business days, 2 days, 72h or 10 min"
        )
    return Wait.parse(value)


def _span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    wait = _wait(value)
    if wait.unit is Unit.BUSINESS_DAYS:
        raise ValueError(f'"{value}" counts business days; here write minutes, hours or days')
    return timedelta(**{wait.unit.value: wait.amount})


_TIME = {"type": "string", "pattern": r"^[0-9]+ ?(m|min|minutes?|h|hours?|d|days?|business days?)$"}

WaitField = Annotated[
    Wait, BeforeValidator(_wait), WithJsonSchema({**_TIME, "examples": ["3 business days", "72h", "10 min"]})
]
SpanField = Annotated[
    timedelta, BeforeValidator(_span), WithJsonSchema({**_TIME, "examples": ["10 min", "24h", "2 days"]})
]

# An address that we write to or from: a plain ASCII addr-spec without quoting (RFC 5321 §4.1.2, the part
# that every server takes).
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")  # fmt: skip  # noqa: E501
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|[0-9a-fA-F:]{2,39}")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not _ADDRESS.fullmatch(text) or ".." in local or local[:1] == "." or local[-1:] == ".":
        raise ValueError(f'"{text}" is no address: expected something like ip@shop.example')
    return f"{local}@{domain.lower()}"


def _host(text: str) -> str:
    if not _HOST.fullmatch(text) or ".." in text:
        raise ValueError(f'"{text}" is no host name: expected something like imap.shop.example, without port')
    return text.lower()


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        near = get_close_matches(text, available_timezones(), 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ", such as Europe/Berlin or America/New_York"
        raise ValueError(f'"{text}" is no time zone of the IANA list{hint}') from None
    return text


def _authserv(text: str) -> str:
    if not text.startswith("*."):
        return _host(text)
    domain = _host(text[2:])
    below = f"any.{domain}"
    if organisational_domain(below) == below:
        raise ValueError(f'"{text}" is every provider there is: expected something like *.provider.example')
    return f"*.{domain}"


def _language(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise ValueError(f'"{text}" is no language tag: expected something like de, en or pt-BR (RFC 5646)')
    return text


def _line(text: str) -> str:
    if not text.strip() or any(ord(character) < 32 or character == "\x7f" for character in text):
        raise ValueError("expected one line of text that is not empty")
    return text.strip()


def read_as(kind: Any, text: str) -> Any:
    """One value as a key of this kind would take it (`AddressField` and its kin). Raises ValueError."""
    try:
        return TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(str(first.get("ctx", {}).get("error") or first["msg"])) from None


AddressField = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "format": "email"})]
HostField = Annotated[str, AfterValidator(_host)]
AuthservField = Annotated[str, AfterValidator(_authserv)]
TimeZoneField = Annotated[str, AfterValidator(_time_zone)]
LanguageField = Annotated[str, AfterValidator(_language)]
LineField = Annotated[str, AfterValidator(_line)]
NameField = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
CountryField = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
