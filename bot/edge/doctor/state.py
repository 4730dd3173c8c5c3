"""The state folder: its disk, its database and its lock; nothing in it is changed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.edge.backup.rows import complaints_of_sqlite, schema_of
from bot.edge.disk import refuse_network_disk
from bot.edge.doctor.finding import Finding
from bot.edge.places import DATABASE, LOCK
from bot.edge.rehearsal import copy_database
from bot.edge.store.schema import SCHEMA_VERSION
from bot.errors import StoreError

#: Octets that should be free: mails are kept whole.
ROOM = 200_000_000


def look_at_state(state: Path) -> Iterator[Finding]:
    """Findings as they are made."""
    place = state
    while not place.exists():
        place = place.parent
    yield _disk(place)
    if (state / DATABASE).is_file():
        yield _database(state / DATABASE)
    else:
        yield Finding(what="database", ok=None, sentence="there is none yet; the first mail makes it")
    yield _lock(state / LOCK)
    yield from _clock()


def _clock() -> Iterator[Finding]:
    """Whether systemd says that the clock is kept by a time server; nothing where there is no systemd."""
    program = shutil.which("timedatectl")
    if program is None:
        return
    try:
        done = subprocess.run(  # noqa: S603 -- a program of the system, without input
            (program, "show", "--property=NTPSynchronized", "--value"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    said = done.stdout.strip()
    if said == b"yes":
        yield Finding(what="clock", ok=True, sentence="a time server keeps it right")
    elif said == b"no":
        yield Finding(
            what="clock",
            ok=None,
            sentence="no time server keeps it right, and deadlines are counted by it",
            fix="Run: timedatectl set-ntp true.",
        )


def _disk(place: Path) -> Finding:
    what = "disk"
    try:
        refuse_network_disk(place)
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except StoreError as error:
        return Finding(what=what, ok=False, sentence=str(error), fix="Set `state` to a local folder.")
    except OSError as error:
        sentence = f"{place} cannot be written: {error.strerror}"
        fix = "Make room, mount it for writing, or give the folder to the user that runs Rejoinder."
        return Finding(what=what, ok=False, sentence=sentence, fix=fix)
    if free < ROOM:
        sentence = f"only {free // 1_000_000} MB are free for {place}"
        return Finding(what=what, ok=False, sentence=sentence, fix="Make room, or move the state.")
    return Finding(what=what, ok=True, sentence=f"{place} can be written, {free // 1_000_000} MB are free")


def _database(database: Path) -> Finding:
    what, restore = "database", "Run `rejoinder verify`, and restore a backup if it says so too."
    try:
        # As `verify` does: a daemon may go on writing meanwhile.
        with tempfile.TemporaryDirectory(prefix="rejoinder-") as folder:
            copy = Path(folder) / DATABASE
            copy_database(database, copy)
            schema, complaints = schema_of(copy), complaints_of_sqlite(copy)
    except (StoreError, OSError) as error:
        return Finding(what=what, ok=False, sentence=str(error), fix=restore)
    if complaints:
        return Finding(what=what, ok=False, sentence=complaints[0], fix=restore)
    if schema > SCHEMA_VERSION:
        sentence = f"it has schema {schema} and this Rejoinder knows {SCHEMA_VERSION}"
        return Finding(what=what, ok=False, sentence=sentence, fix="Install the newer Rejoinder again.")
    return Finding(what=what, ok=True, sentence=f"whole, schema {schema}")


def _lock(path: Path) -> Finding:
    what = "lock"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return Finding(what=what, ok=True, sentence="free")
    except OSError as error:
        sentence = f"{path} cannot be read: {error.strerror}"
        return Finding(what=what, ok=False, sentence=sentence, fix="Give the file to the user that runs it.")
    try:
        holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Finding(what=what, ok=True, sentence=f"held by {holder or 'a daemon'}, which is at work")
    finally:
        os.close(descriptor)
    if holder:
        return Finding(
            what=what,
            ok=None,
            sentence=f"left behind by {holder}, which was killed; nobody holds it",
            fix="Nothing has to be removed: start the daemon again.",
        )
    return Finding(what=what, ok=True, sentence="free")
