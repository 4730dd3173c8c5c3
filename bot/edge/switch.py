"""Writes the switch of safe mode into rejoinder.yaml."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bot.edge.files import SETTINGS_FILE, read_document
from bot.errors import NotPossible, StoreError
from bot.settings.switch import with_safe_mode


def write_safe_mode(home: Path, on: bool) -> None:
    """Change the one word, all or nothing; owner and permissions stay. Raises NotPossible, StoreError."""
    file = (home / SETTINGS_FILE).resolve()
    raw, document = read_document(file, SETTINGS_FILE)
    changed = with_safe_mode(document.text, on)
    if document.problems or changed is None:
        word = "true" if on else "false"
        raise NotPossible(
            f"{SETTINGS_FILE} is written in a way that cannot be changed for you; "
            f"write safe_mode: {word} there yourself"
        )
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    try:
        _replace(file, mark + changed.encode("utf-8"))
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}; check its owner") from error


def _replace(file: Path, raw: bytes) -> None:
    before = file.stat()
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.chmod(before.st_mode & 0o7777)
        if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
            os.chown(fresh, before.st_uid, before.st_gid)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
