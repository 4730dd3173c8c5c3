"""Small doings on files that a backup needs: hashing while reading, copies that are on the disk for sure."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bot.edge.backup.manifest import Entry
from bot.errors import StoreError, StoreFull

#: Told (done, of how many; 0 when nobody knows) as work goes on.
Say = Callable[[int, int], None]
CHUNK = 1 << 20


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


class Hashing:
    """Reads a stream and remembers the SHA-256 and the size of what went through."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._size = 0

    def read(self, size: int = CHUNK) -> bytes:
        """As the stream does."""
        chunk = self._stream.read(size)
        self._digest.update(chunk)
        self._size += len(chunk)
        return chunk

    def drain(self) -> Entry:
        """Read what is left, and give the sum."""
        while self.read(CHUNK):
            pass
        return self.entry

    @property
    def entry(self) -> Entry:
        """Of what was read so far."""
        return Entry(sha256=self._digest.hexdigest(), size=self._size)


def write_durably(source: Hashing, target: Path) -> Entry:
    """Copy a stream into a new file that only its owner may read, fsynced. Raises OSError."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
    return source.entry


def fsync_file(path: Path) -> None:
    """Also for a folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(folder: Path) -> None:
    """Make the names in a folder and in all below it durable. Raises OSError."""
    for inner in (path for path in folder.rglob("*") if path.is_dir()):
        fsync_file(inner)
    fsync_file(folder)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an OSError of the block into a sentence."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"no room left on the disk, so {what}; make room, then try again") from error
        where = f"{error.filename}: " if error.filename else ""
        raise StoreError(f"{where}{error.strerror or error}, so {what}") from error
