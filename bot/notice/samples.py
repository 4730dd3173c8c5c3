"""A mail in short that a rule file carries to test itself, and what must be read from it."""

from __future__ import annotations

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_LISTS = ("complaint_ids", "asins", "owner_emails", "owner_names", "organisations", "ip_numbers")


class Reads(BaseModel):
    """What `rejoinder read --json` must say of the mail; what is left out may be anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str | None = None
    ip_type: str | None = None
    action: str | None = None
    marketplace: str | None = None
    language: str | None = None
    reply_disposition: str | None = None
    complaint_ids: list[str] = Field(default_factory=list)
    asins: list[str] = Field(default_factory=list)
    owner_emails: list[str] = Field(default_factory=list)
    owner_names: list[str] = Field(default_factory=list)
    organisations: list[str] = Field(default_factory=list)
    ip_numbers: list[str] = Field(default_factory=list)
    deadline_days: int | None = None
    reason_stated: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say at least one thing that must be read, such as complaint_ids")
        return self

    def differences(self, told: dict[str, object]) -> list[str]:
        """What `told` (as `bot.reading.label` has it) says otherwise; the order of lists does not count."""
        found = []
        for name in sorted(self.model_fields_set):
            wanted, got = getattr(self, name), told.get(name)
            if name in _LISTS:
                wanted, got = sorted(wanted), sorted(got if isinstance(got, list) else [])
            if wanted != got:
                found.append(f"{name} should be {shown(wanted)} and is {shown(got)}")
        return found


class SampleMail(BaseModel):
    """One mail in short."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    subject: str = ""
    from_: str = Field(default="notice@amazon.com", alias="from")
    headers: dict[str, str] = Field(default_factory=dict, description="further header fields")
    text: str
    reads: Reads

    @model_validator(mode="after")
    def _fields_are_fields(self) -> Self:
        for name, value in {**self.headers, "From": self.from_, "Subject": self.subject}.items():
            if not _FIELD.fullmatch(name) or any(ord(c) < 32 for c in value):
                raise ValueError(f'"{name}" must be the name of a header field, and its value one line')
        return self


def shown(value: object) -> str:
    """A value as a person writes it into a rule file."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value)
