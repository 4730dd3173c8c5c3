"""Where a secret is to be had, as it is written in a file; the secret itself never stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from bot.settings.parts import LineField, Model
from bot.settings.values import SecretFrom

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a file's values are read against."""

    home: Path  #: absolute
    environment: Mapping[str, str]

    def path(self, written: str) -> Path:
        """Relative paths start at the home; `~` is the user's folder."""
        return self.home / Path(written).expanduser()


class SecretModel(Model):
    """Where a password or token is to be had; the secret itself never stands in this file."""

    env: str | None = Field(
        default=None,
        description="Variable NAME holding it; when NAME_FILE is set, the file named there is read.",
    )
    file: str | None = Field(
        default=None, description="File with nothing but the secret; relative to the home."
    )
    command: list[str] | None = Field(
        default=None, min_length=1, description="Program and arguments that print it, run without a shell."
    )
    keyring: LineField | None = Field(
        default=None, description="Name under which this computer's keyring holds it, for service rejoinder."
    )

    @field_validator("env")
    @classmethod
    def _is_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not _VARIABLE.fullmatch(name):
            raise ValueError("expected the name of an environment variable, not the secret itself")
        return name

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretModel:
        if sum(source is not None for source in (self.env, self.file, self.command, self.keyring)) != 1:
            raise ValueError("expected exactly one of env, file, command and keyring")
        return self

    def value(self, around: Surroundings) -> SecretFrom:
        """Paths become absolute. Where NAME is not set but NAME_FILE is, the file named there is meant."""
        named = around.environment.get(f"{self.env}_FILE")
        if self.env is not None and named and self.env not in around.environment:
            return SecretFrom(file=around.path(named))
        file = None if self.file is None else around.path(self.file)
        command = tuple(self.command) if self.command else None
        return SecretFrom(env=self.env, file=file, command=command, keyring=self.keyring)
