"""Writes a backup of a home, also while the daemon runs: the database first, then every mail it names.

In this order every mail that a row of the copied database names was on disk already. Passwords are never in
a home's own files but in files beside them, so only what a person edits is taken, by name and ending; a file
that the settings name as a secret is left out wherever it lies.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from bot.edge.backup.files import Hashing, Say, explained, fsync_file, fsync_tree, silent, write_durably
from bot.edge.backup.manifest import (
    DATABASE_NAME,
    MANIFEST,
    MARK_NAME,
    STATE,
    Entry,
    Manifest,
    hash_of,
    manifest_bytes,
    may_be_in_a_backup,
)
from bot.edge.backup.mark import Mark, mark_bytes
from bot.edge.backup.rows import named_raws, schema_of
from bot.edge.places import DATABASE, RAW, RULES
from bot.edge.rehearsal import copy_database
from bot.edge.secrets import secrets_named_in
from bot.errors import NotPossible
from bot.settings.values import Settings

ARCHIVES = (".tar.gz", ".tgz")
#: The one folder that an archive unpacks to.
TOP = "rejoinder-backup"
SETTINGS = "rejoinder.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A backup that is on the disk."""

    path: Path
    made_at: datetime
    mails: int  #: files of the raw store
    size: int  #: octets of all files, before compression
    problems: tuple[str, ...]  #: what is wrong with the state itself; a sentence each


class _Sink(Protocol):
    def add(self, name: str, source: BinaryIO, *, path: Path | None) -> Entry:
        """Take a file; `path` when it may be linked because it never changes."""
        ...


class _Archive:
    def __init__(self, archive: tarfile.TarFile, at: float) -> None:
        self._archive = archive
        self._at = at

    def add(self, name: str, source: BinaryIO, *, path: Path | None) -> Entry:  # noqa: ARG002
        info = tarfile.TarInfo(f"{TOP}/{name}")
        info.size = source.seek(0, os.SEEK_END)
        source.seek(0)
        info.mode, info.mtime = 0o600, int(self._at)
        hashing = Hashing(source)
        self._archive.addfile(info, cast("BinaryIO", hashing))
        return hashing.entry


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, source: BinaryIO, *, path: Path | None) -> Entry:
        target = self._folder / name
        if path is not None:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                os.link(path, target)
            except OSError:  # another disk, or one without links
                target.unlink(missing_ok=True)
            else:
                return Hashing(source).drain()
        return write_durably(Hashing(source), target)


def write_backup(
    settings: Settings,
    target: Path,
    *,
    version: str,
    now: Callable[[], datetime],
    force: bool = False,
    say: Say = silent,
) -> Written:
    """Write a backup to an archive (`.tar.gz`, `.tgz`) or else a folder; it appears only when it is whole.

    Raises NotPossible when there is something at the target already (unless `force`, and then only a
    backup is replaced) or no database yet; StoreError and StoreFull.
    """
    target = target.expanduser().absolute()
    _refuse_target(settings, target, force=force)
    if not (settings.state / DATABASE).is_file():
        raise NotPossible(f"{settings.state} has no database yet, so there is nothing to back up")
    with explained(f"{target} was not written"):
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            written = _write(settings, target, beside, version=version, now=now, say=say)
            _put_in_place(beside / "new", target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        fsync_file(target.parent)
    return written


def is_archive(path: Path) -> bool:
    """Whether a backup of this name is one file."""
    return path.name.endswith(ARCHIVES)


def _refuse_target(settings: Settings, target: Path, *, force: bool) -> None:
    for own in (settings.state, settings.home / "rules", settings.home / "templates"):
        if target.resolve().is_relative_to(own.resolve()):
            raise NotPossible(f"{target} lies in {own} itself; name a place outside, best on another disk")
    if not (target.exists() or target.is_symlink()):
        return
    if not force:
        raise NotPossible(f"{target} is there already; name another place, or add --force to replace it")
    if target.is_dir() and not (target / MANIFEST).is_file() and any(target.iterdir()):
        raise NotPossible(f"{target} is a folder but no backup, so it is not replaced; name another place")
    if target.is_dir() == is_archive(target):
        raise NotPossible(f"{target} is of another kind than its name says; name another place")


def _write(
    settings: Settings, target: Path, beside: Path, *, version: str, now: Callable[[], datetime], say: Say
) -> Written:
    snapshot = beside / "snapshot.db"
    copy_database(settings.state / DATABASE, snapshot)
    # Taken after the copy, so that every approval in it is older than this.
    taken_at = now()
    schema, named = _settled(snapshot)
    new = beside / "new"
    if is_archive(target):
        descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(
                fileobj=file, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT
            ) as archive:
                sink: _Sink = _Archive(archive, taken_at.timestamp())
                manifest = _fill(sink, settings, snapshot, taken_at, version=version, schema=schema, say=say)
            file.flush()
            os.fsync(file.fileno())
    else:
        new.mkdir(mode=0o700)
        manifest = _fill(_Folder(new), settings, snapshot, taken_at, version=version, schema=schema, say=say)
        fsync_tree(new)
    return Written(
        path=target,
        made_at=taken_at,
        mails=sum(hash_of(name) is not None for name in manifest.files),
        size=sum(entry.size for entry in manifest.files.values()),
        problems=tuple(_problems(manifest, named)),
    )


def _settled(snapshot: Path) -> tuple[int, frozenset[str]]:
    """Make the copy one plain file; its schema, and the mails it names. Raises StoreDamaged."""
    with closing(sqlite3.connect(snapshot, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    snapshot.chmod(0o600)
    fsync_file(snapshot)
    return schema_of(snapshot), named_raws(snapshot)


def _fill(
    sink: _Sink,
    settings: Settings,
    snapshot: Path,
    taken_at: datetime,
    *,
    version: str,
    schema: int,
    say: Say,
) -> Manifest:
    files: dict[str, Entry] = {}
    mark = mark_bytes(Mark(taken_at=taken_at))
    files[MARK_NAME] = sink.add(MARK_NAME, io.BytesIO(mark), path=None)
    with snapshot.open("rb") as stream:
        files[DATABASE_NAME] = sink.add(DATABASE_NAME, stream, path=None)
    for name, path in _edited(settings):
        files[name] = sink.add(name, io.BytesIO(path.read_bytes()), path=None)
    for path in sorted((settings.state / RULES).glob("*.json")):
        name = f"{STATE}/{RULES}/{path.name}"
        files[name] = sink.add(name, io.BytesIO(path.read_bytes()), path=None)
    raws = sorted(_raws(settings.state / RAW))
    for done, (name, path) in enumerate(raws, 1):
        with path.open("rb") as stream:
            files[name] = sink.add(name, stream, path=path)
        say(done, len(raws))
    manifest = Manifest(version=version, schema=schema, made_at=taken_at, files=files)
    sink.add(MANIFEST, io.BytesIO(manifest_bytes(manifest)), path=None)
    return manifest


def _edited(settings: Settings) -> Iterator[tuple[str, Path]]:
    """What a person edits, but for secrets."""
    secret = {one.file.resolve() for one in secrets_named_in(settings) if one.file is not None}
    yield SETTINGS, settings.home / SETTINGS
    for folder in ("rules", "templates"):
        for path in sorted((settings.home / folder).rglob("*")):
            name = path.relative_to(settings.home).as_posix()
            if path.is_file() and may_be_in_a_backup(name) and path.resolve() not in secret:
                yield name, path


def _raws(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.glob("*/*.eml"):
        name = f"{STATE}/{RAW}/{path.relative_to(folder).as_posix()}"
        if hash_of(name) and path.is_file():
            yield name, path


def _problems(manifest: Manifest, named: frozenset[str]) -> Iterator[str]:
    kept = set()
    for name, entry in manifest.files.items():
        if sha256 := hash_of(name):
            kept.add(sha256)
            if sha256 != entry.sha256:
                yield f"the mail {name} is not what was kept; `rejoinder verify` says more"
    for sha256 in sorted(named - kept):
        yield f"the mail {sha256} is missing from the state; `rejoinder verify` says more"


def _put_in_place(new: Path, target: Path) -> None:
    """Rename; an older backup gives way only when the new one is whole."""
    if target.is_dir():
        target.rename(new.parent / "old")
    new.replace(target)
