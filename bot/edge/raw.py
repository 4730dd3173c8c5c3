"""The bytes of every mail, on disk by their SHA-256: written once, durably, and never changed.

A file appears under its name only when it is whole: it is written beside it, fsynced and renamed. The hash is
the name, so reading checks itself, and keeping the same bytes twice costs one look.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bot.edge.disk import refuse_network_disk
from bot.errors import StoreDamaged, StoreError, StoreFull


def place(sha256: str) -> str:
    """Where the bytes of this hash lie, below the folder."""
    return f"{sha256[:1]}/{sha256[1:]}.eml"


#: fsync mostly waits; eight at a time kept about half as many mails again per second as one.
_THREADS = 8
_HEX = frozenset("0123456789abcdef")


class DiskRawStore:
    """`bot.ports.RawStore` in a folder, as `a/bcdef….eml`. May be used from several threads.

    Sixteen folders: a batch fsyncs each folder that got a name, and of 256 it would touch nearly as many as
    there are mails in it.
    """

    def __init__(self, folder: Path) -> None:
        """Create the folder when missing. Raises StoreError, StoreFull."""
        self.folder = folder
        refuse_network_disk(folder)
        with _explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, raw: bytes) -> str:
        """Keep the bytes, fsynced, and give their hex SHA-256. Raises StoreFull, StoreError."""
        return self.put_many((raw,))[0]

    def put_many(self, raws: Iterable[bytes]) -> list[str]:
        """Keep many at once, each as durable as by `put` when this returns; hashes in the order given.

        Raises StoreFull or StoreError; those already kept by then stay, which does no harm.
        """
        found = [(hashlib.sha256(raw).hexdigest(), raw) for raw in raws]
        missing = {sha256: raw for sha256, raw in found if not self._sound(sha256, raw)}
        # One fsync of each folder makes all the new names in it durable.
        folders = {self._path(sha256).parent for sha256, _ in found}
        if len(found) == 1:
            for sha256, raw in missing.items():
                self._write(sha256, raw)
            for folder in folders:
                _fsync_folder(folder)
        elif found:
            with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="raw") as pool:
                list(pool.map(self._write, missing.keys(), missing.values()))
                list(pool.map(_fsync_folder, folders))
        return [sha256 for sha256, _ in found]

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises StoreDamaged when they are missing or their hash differs."""
        path = self._path(sha256)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            raise StoreDamaged(
                f"the mail {path} is missing; put it back from the last backup of the state folder"
            ) from None
        except OSError as error:
            raise _meaning(error, path) from error
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise StoreDamaged(
                f"the mail {path} is not what was kept; put it back from the last backup of the state folder"
            )
        return raw

    def remove(self, sha256: str) -> None:
        """Remove the bytes for good, durably, if they are there. Raises StoreError."""
        path = self._path(sha256)
        with _explained(path):
            if path.exists():
                path.unlink()
                _fsync_folder(path.parent)

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise StoreDamaged(f"{sha256!r} is no SHA-256, so it names no mail")
        return self.folder / place(sha256)

    def _sound(self, sha256: str, raw: bytes) -> bool:
        # Compared, not trusted: keeping a mail again mends a damaged file.
        try:
            return self._path(sha256).read_bytes() == raw
        except OSError:
            return False

    def _write(self, sha256: str, raw: bytes) -> None:
        path = self._path(sha256)
        with _explained(path):
            if not path.parent.is_dir():
                path.parent.mkdir(mode=0o700, exist_ok=True)
                _fsync_folder(self.folder)
            # A name that no writer has, nor one who died left behind.
            part = f"{path.parent}/.new-{secrets.token_hex(8)}"
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                try:
                    _write_all(descriptor, raw)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
                os.replace(part, path)  # noqa: PTH105 -- a Path for each step took a tenth of the time
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise


class MemoryRawStore:
    """The twin for tests and rehearsals: it forgets."""

    def __init__(self) -> None:
        self._raws: dict[str, bytes] = {}

    def put(self, raw: bytes) -> str:
        """Keep the bytes and give their hex SHA-256."""
        sha256 = hashlib.sha256(raw).hexdigest()
        self._raws[sha256] = bytes(raw)
        return sha256

    def put_many(self, raws: Iterable[bytes]) -> list[str]:
        """Keep many at once."""
        return [self.put(raw) for raw in raws]

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises StoreDamaged when they are missing."""
        if sha256 not in self._raws:
            raise StoreDamaged(f"no mail {sha256} was kept")
        return self._raws[sha256]

    def remove(self, sha256: str) -> None:
        """Forget the bytes."""
        self._raws.pop(sha256, None)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into ours."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise _meaning(error, path) from error


def _meaning(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"no room left on the disk of {path}; the mail was not kept. Make room, then go on")
    return StoreError(f"{path} cannot be used: {error.strerror}; check the state folder and its owner")


def _write_all(descriptor: int, raw: bytes) -> None:
    left = memoryview(raw)
    while left:
        left = left[os.write(descriptor, left) :]


def _fsync_folder(folder: Path) -> None:
    with _explained(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
