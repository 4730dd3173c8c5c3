"""Reads a backup file by file, from an archive as from a folder, and trusts none of its names."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from bot.edge.backup.files import Hashing
from bot.edge.backup.manifest import MANIFEST, Manifest, may_be_in_a_backup, read_manifest
from bot.edge.backup.write import TOP
from bot.errors import NotPossible, StoreDamaged

#: More than a million mails; a manifest beyond it is none of ours.
LARGEST_MANIFEST = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup; its stream lives until the next one is asked for."""

    name: str
    stream: Hashing


def members(backup: Path) -> Iterator[Member]:
    """Every file, the manifest included; ask inside `broken_archive`.

    Raises NotPossible and StoreDamaged for what is no backup of ours.
    """
    if backup.is_dir():
        yield from _of_folder(backup)
        return
    if not backup.is_file():
        raise NotPossible(f"there is no backup {backup}")
    with tarfile.open(backup, mode="r|gz") as archive:
        for info in archive:
            top, _, name = info.name.partition("/")
            if not info.isreg() or top != TOP or not _known(name):
                raise StoreDamaged(f"{backup} holds {info.name!r}, which is not ours; use another backup")
            stream = archive.extractfile(info)
            assert stream is not None
            yield Member(name, Hashing(cast("BinaryIO", stream)))


def _of_folder(folder: Path) -> Iterator[Member]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if path.is_symlink() or not path.is_file() or not _known(name):
            raise StoreDamaged(f"{folder} holds {name!r}, which is not ours; use another backup")
        with path.open("rb") as stream:
            yield Member(name, Hashing(stream))


def _known(name: str) -> bool:
    return name == MANIFEST or may_be_in_a_backup(name)


def manifest_in(member: Member, where: Path) -> Manifest:
    """The manifest, from its member. Raises StoreDamaged."""
    return read_manifest(member.stream.read(LARGEST_MANIFEST), str(where))


@contextmanager
def broken_archive(backup: Path) -> Iterator[None]:
    """What a damaged archive raises, as one sentence."""
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise StoreDamaged(f"{backup} is damaged or cut short ({error}); use another backup") from error
    except OSError as error:
        # gzip says BadGzipFile, an OSError without a number.
        if error.errno is not None:
            raise
        raise StoreDamaged(f"{backup} is damaged or no archive of ours ({error})") from error
