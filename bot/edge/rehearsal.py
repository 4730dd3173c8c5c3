"""A copy of the state to try things on: the database by SQLite's backup, raw mail read through."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.edge.raw import DiskRawStore
from bot.errors import StoreDamaged, StoreError


def copy_database(original: Path, copy: Path) -> None:
    """A consistent copy, even while a daemon writes; without effect when there is no original yet.

    Raises StoreError when either cannot be opened.
    """
    if not original.is_file():
        return
    try:
        # Not mode=ro: a database in WAL mode may need its shared memory file to be made first.
        with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise StoreError(f"{original} cannot be copied: {error}; check the disk and its rights") from error


class OverlayRawStore:
    """Fulfils `RawStore`: writes go to a folder of its own, what is not there is read from below."""

    def __init__(self, own: Path, below: Path) -> None:
        self._own = DiskRawStore(own)
        self._below = DiskRawStore(below) if below.is_dir() else None

    def put(self, raw: bytes) -> str:
        """Keep in the folder of its own."""
        return self._own.put(raw)

    def put_many(self, raws: Sequence[bytes]) -> list[str]:
        """Keep in the folder of its own."""
        return self._own.put_many(raws)

    def get(self, sha256: str) -> bytes:
        """From its own folder, else from below. Raises StoreDamaged."""
        try:
            return self._own.get(sha256)
        except StoreDamaged:
            if self._below is None:
                raise
            return self._below.get(sha256)

    def remove(self, sha256: str) -> None:
        """From its own folder only; nothing below is ever touched."""
        self._own.remove(sha256)
