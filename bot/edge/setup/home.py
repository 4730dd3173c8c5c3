"""Puts a new home on the disk whole or not at all: settings last, secrets readable by their owner only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.edge.disk import refuse_network_disk
from bot.edge.files import SETTINGS_FILE
from bot.edge.schemas import write_schemas
from bot.errors import NotPossible, StoreError
from bot.settings.schema import SCHEMAS

#: Folders for what a person changes; empty at first.
OWN_FOLDERS = ("rules", "templates")


def refuse_unfit(folder: Path) -> None:
    """Raises NotPossible when there is a home already, or when none can be made or work there."""
    if (folder / SETTINGS_FILE).exists():
        raise NotPossible(f"{folder} is a home already: edit its {SETTINGS_FILE}; nothing was changed")
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise NotPossible(
            f"{folder} cannot be made: {there} is no folder that you may write into; name another"
        )
    try:
        refuse_network_disk(there)
    except StoreError as error:
        raise NotPossible(str(error)) from error


def write_home(folder: Path, text: str, secrets: Mapping[str, str] | None = None) -> Path:
    """Make the home; gives the path of its settings. `secrets`: file relative to the home -> secret.

    Whatever stops it, a signal too, leaves nothing of ours behind. Raises NotPossible and OSError.
    """
    refuse_unfit(folder)
    made: list[Path] = []
    try:
        _folder(folder, made)
        for name in OWN_FOLDERS:
            _folder(folder / name, made)
        for name, secret in (secrets or {}).items():
            _folder((folder / name).parent, made)
            made.append(folder / name)
            write_private(folder / name, secret + "\n")
        _folder(folder / SCHEMAS, made)
        write_schemas(folder)
        write_private(folder / SETTINGS_FILE, text)
    except BaseException:
        for path in reversed(made):
            _remove(path)
        raise
    return folder / SETTINGS_FILE


def write_private(file: Path, text: str) -> None:
    """Write a file, or put it in the place of the old one, in one step; only its owner may read it."""
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        # The mode is there from the first byte, whatever the umask says.
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _folder(folder: Path, made: list[Path]) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700)
        made.append(place)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)  # made by us a moment ago, and empty but for ours
    else:
        path.unlink(missing_ok=True)
