"""Checks a state or a backup from end to end; what is wrong becomes a sentence, and nothing is changed.

The database is always looked at in a copy: a daemon may go on writing, and a backup stays as it was written.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.case.states import replay
from bot.edge.backup.files import Say, explained, silent, write_durably
from bot.edge.backup.manifest import (
    DATABASE_NAME,
    MANIFEST,
    MARK_NAME,
    STATE,
    Entry,
    Manifest,
    hash_of,
)
from bot.edge.backup.open import broken_archive, manifest_in, members
from bot.edge.backup.rows import case_ids, complaints_of_sqlite, letter_ids, named_raws, schema_of, tenants
from bot.edge.places import DATABASE, RAW
from bot.edge.raw import place
from bot.edge.rehearsal import copy_database
from bot.edge.store import open_store
from bot.edge.store.schema import SCHEMA_VERSION
from bot.edge.store.sql import SqlStore
from bot.errors import IllegalTransition, NotPossible, RejoinderError, StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was written."""

    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was looked at, and what was found."""

    place: Path
    made_at: datetime | None = None  #: of a backup
    schema: int | None = None
    cases: int = 0
    diary_lines: int = 0
    letters: int = 0
    mails: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        """Nothing was found."""
        return not self.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    schema: int | None = None
    cases: int = 0
    diary_lines: int = 0
    letters: int = 0
    findings: tuple[Finding, ...] = ()


def verify_state(state: Path, *, say: Say = silent) -> Report:
    """The live state. Raises NotPossible when there is none yet."""
    database = state / DATABASE
    if not database.is_file():
        raise NotPossible(f"{state} has no database yet, so there is nothing to check")
    with explained("the state was not checked"), tempfile.TemporaryDirectory(prefix="rejoinder-") as folder:
        copy = Path(folder) / DATABASE
        try:
            copy_database(database, copy)
        except StoreError as error:
            rows = _Rows(findings=(Finding(where=DATABASE, text=str(error)),))
            named: frozenset[str] = frozenset()
        else:
            rows, named = _check_database(copy)
        # After the database, so that every mail it names was on the disk before.
        sound, findings = _check_raws(state / RAW, say)
        findings += _missing(named, sound, findings)
    return _report(state, rows, len(sound), findings)


def verify_backup(backup: Path, *, say: Say = silent) -> Report:
    """A backup, archive or folder. Raises NotPossible, and StoreDamaged for what is no backup of ours."""
    with explained("the backup was not checked"), tempfile.TemporaryDirectory(prefix="rejoinder-") as folder:
        copy = Path(folder) / DATABASE
        manifest, seen = _read_through(backup, copy, say)
        findings = list(_compare(manifest, seen))
        sound = {entry.sha256 for name, entry in seen.items() if entry.sha256 == hash_of(name)}
        mails = sum(hash_of(name) is not None for name in seen)
        if copy.is_file():
            rows, named = _check_database(copy)
            findings += _missing(named, sound, findings)
        else:
            rows = _Rows(findings=(Finding(where=DATABASE_NAME, text="the database is not in the backup"),))
    return _report(backup, rows, mails, findings, made_at=manifest.made_at)


def _report(
    place: Path, rows: _Rows, mails: int, findings: Iterable[Finding], *, made_at: datetime | None = None
) -> Report:
    return Report(
        place=place,
        made_at=made_at,
        schema=rows.schema,
        cases=rows.cases,
        diary_lines=rows.diary_lines,
        letters=rows.letters,
        mails=mails,
        findings=(*rows.findings, *findings),
    )


# --------------------------------------------------------------------------------------------- the files


def _read_through(backup: Path, copy: Path, say: Say) -> tuple[Manifest, dict[str, Entry]]:
    manifest: Manifest | None = None
    seen: dict[str, Entry] = {}
    with broken_archive(backup):
        for member in members(backup):
            if member.name == MANIFEST:
                manifest = manifest_in(member, backup)
            elif member.name == DATABASE_NAME:
                seen[member.name] = write_durably(member.stream, copy)
            else:
                seen[member.name] = member.stream.drain()
            say(len(seen), 0)
    if manifest is None:
        raise NotPossible(f"{backup} has no {MANIFEST}, so it is no backup of ours, or an unfinished one")
    return manifest, seen


def _compare(manifest: Manifest, seen: dict[str, Entry]) -> Iterator[Finding]:
    for name, entry in manifest.files.items():
        if name not in seen:
            yield Finding(where=name, text="the file is missing from the backup")
        elif seen[name] != entry:
            yield Finding(where=name, text="the file is not what was backed up")
        elif hash_of(name) not in (None, entry.sha256):
            yield Finding(where=name, text="the mail was damaged already when it was backed up")
    for name in sorted(seen.keys() - manifest.files.keys()):
        yield Finding(where=name, text="the file is in the backup, but not in its manifest")
    for name in (DATABASE_NAME, MARK_NAME):
        if name not in manifest.files and name not in seen:
            yield Finding(where=name, text="every backup has this file, and this one does not")


def _check_raws(folder: Path, say: Say) -> tuple[set[str], list[Finding]]:
    """Hashes of the mails that are what their names say, and what is wrong with the others."""
    sound: set[str] = set()
    findings: list[Finding] = []
    paths = sorted(folder.glob("*/*.eml"))
    for done, path in enumerate(paths, 1):
        name = f"{RAW}/{path.relative_to(folder).as_posix()}"
        if hash_of(f"{STATE}/{name}") is None:
            findings.append(Finding(where=name, text="this is no name of a kept mail; take the file away"))
            continue
        try:
            with path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            findings.append(Finding(where=name, text=f"the mail cannot be read: {error.strerror}"))
            continue
        if sha256 == path.parent.name + path.stem:
            sound.add(sha256)
        else:
            findings.append(Finding(where=name, text="the mail is not what was kept; take it from a backup"))
        say(done, len(paths))
    return sound, findings


def _missing(named: frozenset[str], sound: set[str], known: Iterable[Finding]) -> list[Finding]:
    told = {one.where.rpartition(f"{RAW}/")[2] for one in known}
    places = {sha256: place(sha256) for sha256 in named - sound}
    return [
        Finding(where=f"{RAW}/{missing}", text="the database names this mail, and it is missing")
        for missing in sorted(places.values())
        if missing not in told
    ]


# ------------------------------------------------------------------------------------------ the database


def _check_database(copy: Path) -> tuple[_Rows, frozenset[str]]:
    """Everything the database says of itself, and the mails it names. The copy may be changed."""
    try:
        schema = schema_of(copy)
        findings = [Finding(where=DATABASE, text=text) for text in complaints_of_sqlite(copy)]
        if schema > SCHEMA_VERSION:
            text = f"it has schema {schema} and this Rejoinder knows {SCHEMA_VERSION}; install a newer one"
            return _Rows(schema=schema, findings=(*findings, Finding(where=DATABASE, text=text))), frozenset()
        open_store(copy, check=False).close()  # an older schema is brought up to date, in the copy
        named = named_raws(copy)
        cases = lines = letters = 0
        for tenant in tenants(copy):
            store = open_store(copy, tenant_id=tenant, check=False)
            try:
                for case_id in case_ids(copy, tenant):
                    cases += 1
                    lines += _check_case(store, case_id, findings)
                for letter_id in letter_ids(copy, tenant):
                    letters += 1
                    _check_letter(store, letter_id, findings)
            finally:
                store.close()
    except StoreError as error:
        text = str(error).replace(str(copy), DATABASE)
        return _Rows(findings=(Finding(where=DATABASE, text=text),)), frozenset()
    rows = _Rows(schema=schema, cases=cases, diary_lines=lines, letters=letters, findings=tuple(findings))
    return rows, named


def _check_case(store: SqlStore, case_id: str, findings: list[Finding]) -> int:
    """How many lines its diary has; what is wrong is added to the findings."""
    where = f"case {case_id}"
    try:
        lines = store.verify_chain(case_id)
        case, diary = store.case(case_id), store.diary(case_id)
    except (RejoinderError, ValueError, KeyError, TypeError) as error:
        findings.append(Finding(where=where, text=str(error)))
        return 0
    try:
        tracks = replay(diary)
    except (IllegalTransition, KeyError, AssertionError) as error:
        text = f"its diary tells what cannot happen: {error}"
        findings.append(Finding(where=where, text=text))
        return lines
    if tracks != case.tracks:
        text = "its diary leads to another state than its row; restore a backup, or close the case"
        findings.append(Finding(where=where, text=text))
    return lines


def _check_letter(store: SqlStore, letter_id: str, findings: list[Finding]) -> None:
    try:
        store.letter(letter_id)
    except (RejoinderError, ValueError, KeyError, TypeError) as error:
        findings.append(Finding(where=f"letter {letter_id}", text=str(error)))
