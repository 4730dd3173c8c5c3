"""All that is peculiar to SQLite: pragmas, how a transaction begins, its check, and what its errors mean."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL

from bot.edge.disk import refuse_network_disk
from bot.errors import StoreDamaged, StoreError, StoreFull

#: Milliseconds that a writer waits for another one.
BUSY_TIMEOUT = 5000

T = TypeVar("T")


def prepare(engine: Engine) -> None:
    """Set the pragmas on every connection; transactions begin with `begin`."""
    # Only what happens once: with a listener to "begin", SQLAlchemy looks for listeners at every statement.
    event.listen(engine, "connect", _connected)


def _connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    _write_ahead(cursor)
    # FULL, not NORMAL: "approved" and "body gone" must survive a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is erased must not linger in free pages.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Turn the write-ahead log on, or find it on.

    While another process does the same to a new file, SQLite says "locked" at once, whatever the timeout.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def begin(connection: Connection, *, writes: bool) -> None:
    """Begin a transaction, as the driver does not. Raises StoreDamaged when our files were taken away."""
    if writes:
        _refuse_lost_files(connection)
    # A deferred transaction that turns to writing after another one wrote fails at once, whatever the
    # timeout; so writers take the lock when they begin.
    _driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN").close()


def standing(connection: Connection) -> tuple[int, int]:
    """Between two equal answers nobody wrote: no other connection, whoever's it is, nor this one itself.

    To be asked within a transaction that writes, while nobody else can. The first number moves with what
    others commit (https://sqlite.org/pragma.html#pragma_data_version), the second with what we change.
    """
    driver = _driver(connection)
    (by_others,) = driver.execute("PRAGMA data_version").fetchone()
    return by_others, driver.total_changes


def changes(connection: Connection) -> int:
    """The second number of `standing`: within a transaction that writes, only we can change anything."""
    return _driver(connection).total_changes


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def leave(connection: Connection, as_of: object, known: T) -> None:
    """Keep what this transaction knew, for the next one on this connection."""
    connection.info["left"] = as_of, known


def left(connection: Connection, as_of: object, kind: type[T]) -> T | None:
    """What `leave` kept, unless anybody wrote between then and `as_of`; it can be had once."""
    then, known = connection.info.pop("left", (None, None))
    return known if isinstance(known, kind) and then == as_of else None


def _refuse_lost_files(connection: Connection) -> None:
    """SQLite notices no loss while it runs: it goes on with files that have no name any more."""
    path = connection.engine.url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return
    known: dict[str, int] = connection.info.setdefault("files", {})
    for name in (path, f"{path}-wal"):  # the log is there from the first transaction to the last connection
        try:
            inode = os.stat(name).st_ino  # noqa: PTH116 -- asked for every write
        except OSError:
            inode = 0
        if known.setdefault(name, inode) != inode:
            if known[name]:
                raise StoreDamaged(
                    f"{name} was deleted or replaced while Rejoinder ran; nothing was written. Stop "
                    "Rejoinder and put the last backup of the state folder in its place"
                )
            known[name] = inode


def compact(engine: Engine) -> None:
    """VACUUM, then fold the log into the file and empty it; nobody else may have the database open."""
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


def make_room(url: URL) -> None:
    """Create the folder and an empty file that only its owner may read. Raises StoreError, StoreFull."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return
    path = Path(url.database)
    refuse_network_disk(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except PermissionError as error:
        raise StoreError(f"no permission to write {path}; give it to the user who runs Rejoinder") from error
    except OSError as error:
        raise _explained_os(error, path) from error


def _explained_os(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"the disk is full, so {path} cannot be created; make room and start again")
    return StoreError(f"{path} cannot be opened: {error.strerror}; check the path of the state")


def check(connection: Connection, path: str) -> None:
    """PRAGMA quick_check. Raises StoreDamaged with its first complaint."""
    answer = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if answer != "ok":
        raise _damaged(path, str(answer))


def _damaged(path: str, words: str) -> StoreDamaged:
    return StoreDamaged(
        f"the database {path} is damaged ({words}); nothing will be read or sent. Stop Rejoinder, keep the "
        "file, and put the last backup of the state folder in its place"
    )


def explain(error: BaseException | None, path: str) -> StoreError:
    """What an error of the driver means and what to do about it."""
    words = str(error)
    # The low byte is the primary result code (https://www.sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(f"no room left on the disk of {path}; nothing was written. Make room, then go on")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, words)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreError(
            f"{path} may only be read; nothing was written. Give the user who runs Rejoinder the right to "
            "write the file and its folder, and see that the disk is not mounted read-only"
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            f"another process kept {path} locked for more than {BUSY_TIMEOUT // 1000} seconds; nothing was "
            "written. Try again, or find and end the program that holds it"
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"{path} cannot be opened; check that its folder exists and may be written")
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(f"the disk of {path} fails ({words}); nothing was written. Check the disk")
    return StoreError(f"{path}: {words}; nothing was written")
