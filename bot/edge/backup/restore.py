"""Restores a backup into a folder of its own: checked first, unpacked beside, and put in place when whole."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.edge.backup.files import Say, explained, fsync_file, fsync_tree, silent, write_durably
from bot.edge.backup.manifest import MANIFEST, STATE
from bot.edge.backup.open import broken_archive, manifest_in, members
from bot.edge.backup.verify import Report, verify_backup
from bot.edge.backup.write import SETTINGS
from bot.edge.files import load_settings
from bot.edge.lock import StateLock
from bot.edge.places import LOCK
from bot.errors import ConfigurationError, NotPossible, StoreDamaged

_STATE_LINE = re.compile(r"^state[ \t]*:[^\n]*$", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A home made from a backup; it starts in safe mode."""

    home: Path
    report: Report
    moved: Path | None  #: where what lay there before is now
    state_line_changed: bool  #: rejoinder.yaml named a state folder elsewhere


def restore(backup: Path, target: Path, *, now: datetime, force: bool = False, say: Say = silent) -> Restored:
    """Make a home at `target`, which must be missing or empty; `force` moves what lies there aside.

    Raises StoreDamaged when the backup is not sound, NotPossible, StoreInUse when a daemon runs on what lies
    there, StoreError and StoreFull. Nothing is changed then.
    """
    target = target.expanduser().absolute()
    occupied = target.is_symlink() or (
        target.exists() and (not target.is_dir() or next(target.iterdir(), None) is not None)
    )
    if occupied and not force:
        raise NotPossible(f"{target} is not empty; name an empty folder, or add --force to move it aside")
    if backup.resolve().is_relative_to(target.resolve()):
        raise NotPossible(f"{backup} lies in {target} itself; move it out first")
    report = verify_backup(backup, say=say)
    if not report.sound:
        first = report.findings[0]
        raise StoreDamaged(
            f"{backup} has {len(report.findings)} faults, so nothing was restored; the first is "
            f"{first.where}: {first.text}. `rejoinder verify {backup}` tells them all"
        )
    with explained(f"{target} was not restored"):
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            new = beside / "home"
            new.mkdir(mode=0o700)
            _unpack(backup, new, say)
            changed = _state_within(new)
            fsync_tree(new)
            with _nobody_runs(target) if occupied else nullcontext():
                moved = _aside(target, now) if occupied else None
                new.replace(target)
            fsync_file(target.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return Restored(home=target, report=report, moved=moved, state_line_changed=changed)


def _unpack(backup: Path, new: Path, say: Say) -> None:
    """Write every file, hashing again: what was checked is what is written."""
    manifest, written = None, {}
    with broken_archive(backup):
        for member in members(backup):
            if member.name == MANIFEST:
                manifest = manifest_in(member, backup)
                continue
            written[member.name] = write_durably(member.stream, new / member.name)
            say(len(written), 0)
    if manifest is None or written != dict(manifest.files):
        raise StoreDamaged(f"{backup} changed while it was read; nothing was restored, try again")


def _state_within(new: Path) -> bool:
    """See to it that the restored settings name the restored state, and no other; True when changed.

    A home may keep its state elsewhere, by an absolute path: the copy would then go on with the state of the
    original, and not in safe mode.
    """
    wanted = new / STATE
    if load_settings(new, environment={}).state == wanted:
        return False
    file = new / SETTINGS
    line = "state: state  # set by rejoinder restore: the copy has a state of its own"
    text, count = _STATE_LINE.subn(line, file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    try:
        done = count == 1 and load_settings(new, environment={}).state == wanted
    except ConfigurationError:
        done = False
    if not done:
        raise NotPossible(
            f"{SETTINGS} in the backup names a state folder elsewhere and cannot be changed safely; "
            "unpack the backup by hand and write `state: state` into it"
        )
    return True


def _nobody_runs(target: Path) -> AbstractContextManager[object]:
    """Hold the lock of the state that lies there, when there is one."""
    try:
        state = load_settings(target).state
    except ConfigurationError:
        state = target / STATE
    return StateLock(state / LOCK) if (state / LOCK).exists() else nullcontext()


def _aside(target: Path, now: datetime) -> Path:
    moved = target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    if moved.exists():
        raise NotPossible(f"{moved} is there already; try again in a moment")
    target.rename(moved)
    return moved
