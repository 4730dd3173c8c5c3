"""Finding a home, and reading its rejoinder.yaml alone, which every command needs and is quick."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigurationError, Problem
from bot.settings.explain import check
from bot.settings.home import FROM_OUTSIDE, HomeModel
from bot.settings.secret import Surroundings
from bot.settings.text import LARGEST, Document, read_yaml
from bot.settings.values import Settings

SETTINGS_FILE = "rejoinder.yaml"


def defaults_folder() -> Path:
    """The folder with the `rules` and `templates` we ship: inside the package, else the repository root."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "defaults"
    return shipped if (shipped / "rules").is_dir() else package.parent


def find_home(flag: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """`--home`, else REJOINDER_HOME, else the current folder; absolute. Raises ConfigurationError."""
    named = environment.get("REJOINDER_HOME")
    home = (flag or Path(named or ".")).expanduser().absolute()
    if (home / SETTINGS_FILE).is_file():
        return home
    where = "--home" if flag is not None else "REJOINDER_HOME" if named else "the current folder"
    raise ConfigurationError(
        (
            Problem(
                path=str(home),
                message=f"{where} is no home: it has no {SETTINGS_FILE}",
                hint=f"Name one with --home DIR or REJOINDER_HOME, or write a {SETTINGS_FILE} there",
            ),
        )
    )


def load_settings(
    home: Path, *, environment: Mapping[str, str] = os.environ, flags: Mapping[str, Any] | None = None
) -> Settings:
    """rejoinder.yaml alone, which is quick. Flags go before the environment, that before the file.

    `flags`: any of `FROM_OUTSIDE`, as the command line gave them; None means not given. Raises
    ConfigurationError with every mistake.
    """
    document, settings = read_settings(home, environment=environment, flags=flags)
    if settings is None:
        raise ConfigurationError(tuple(document.problems))
    return settings


def read_settings(
    home: Path, *, environment: Mapping[str, str], flags: Mapping[str, Any] | None
) -> tuple[Document, Settings | None]:
    """As `load_settings`, for callers that collect problems: the document, and None when it has some."""
    home = home.expanduser().absolute()
    raw, document = read_document(home / SETTINGS_FILE, SETTINGS_FILE)
    _set_from_outside(document, environment, flags or {})
    model = check(HomeModel, document)
    if model is None:
        return document, None
    around = Surroundings(home=home, environment=environment)
    return document, model.value(around, hashlib.sha256(raw).hexdigest())


def settings_stand(settings: Settings) -> bool:
    """Whether rejoinder.yaml still holds the bytes that these settings were read from."""
    try:
        raw = (settings.home / SETTINGS_FILE).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(raw).hexdigest() == settings.raw_sha256


def read_bytes(file: Path, shown: str) -> tuple[bytes, Problem | None]:
    """The bytes of a file (no more than one beyond the limit), or what is in the way."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1), None
    except FileNotFoundError:
        return b"", Problem(path=shown, message="there is no such file")
    except IsADirectoryError:
        return b"", Problem(path=shown, message="this is a folder, not a file")
    except OSError as error:
        return b"", Problem(path=shown, message=f"the file cannot be read: {error.strerror}")


def read_document(file: Path, shown: str) -> tuple[bytes, Document]:
    """A YAML file, with its bytes; a file that cannot be read is a problem like any other."""
    raw, problem = read_bytes(file, shown)
    if problem is not None:
        return raw, Document(path=shown, problems=[problem])
    return raw, read_yaml(raw, shown)


def _set_from_outside(document: Document, environment: Mapping[str, str], flags: Mapping[str, Any]) -> None:
    if document.problems or not isinstance(document.value, dict | None):
        return
    values: dict[str, Any] = document.value or {}
    for key in FROM_OUTSIDE:
        variable = f"REJOINDER_{key.upper()}"
        if flags.get(key) is not None:
            values[key], document.overrides[(key,)] = flags[key], f"--{key.replace('_', '-')}"
        elif variable in environment:
            values[key], document.overrides[(key,)] = environment[variable], variable
    for loc in document.overrides:  # pydantic's complaint about it must not point into the file
        document.values[loc] = (0, 0)
    document.value = values
