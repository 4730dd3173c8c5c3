"""Counts every write to database and files and every step of a protocol, and lets us die or fail at one.

The list of points is made by running: whatever the program does through the driver of the database, the
system calls of the raw store, the line to the mail server and the commands to the mailbox passes here, before
and after. Nothing is listed by hand, so what is added to the program later is counted as well.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import aiosmtplib

from bot.edge import raw as raw_room
from bot.edge.imap.guard import ImapGuard
from bot.edge.smtp.line import Body, Line, LineLost

#: Statements that change something, or claim the right to.
_WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "CREATE", "COMMIT")


def _database_error(number: int) -> Exception:
    """What the driver raises; one after the other, so that the points share them out."""
    code, words = _DATABASE_ERRORS[number // 2 % len(_DATABASE_ERRORS)]
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


def _file_error(number: int) -> Exception:
    code = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT)[number // 2 % 4]
    return OSError(code, os.strerror(code))


_DATABASE_ERRORS = (
    (sqlite3.SQLITE_FULL, "database or disk is full"),
    (sqlite3.SQLITE_BUSY, "database is locked"),
    (sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
    (sqlite3.SQLITE_IOERR, "disk I/O error"),
    (sqlite3.SQLITE_CORRUPT, "database disk image is malformed"),
)
_FAILURES: dict[str, Callable[[int], Exception]] = {
    "database:": _database_error,
    "file:": _file_error,
    "smtp:": lambda _: LineLost("connection reset by peer"),
    "imap:": lambda _: ConnectionResetError(errno.ECONNRESET, "connection reset by peer"),
}


class Death(BaseException):
    """We are dead: nobody may catch this, and nothing is done after it."""


@dataclass
class Points:
    """What was passed so far, and what happens at one of them."""

    at: int = 0  #: the point at which something happens, from 1; 0: never
    happens: Callable[[str], None] | None = None  #: given the name of the point; may raise
    passed: list[str] = field(default_factory=list)
    dead: bool = False
    at_each: Callable[[], None] | None = None
    broken: str = ""  #: what kind of call fails from now on
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reach(self, name: str) -> None:
        """One point. Raises Death at the chosen one and at every one after it."""
        with self._lock:
            if self.dead:
                raise Death
            self.passed.append(name)
            here = len(self.passed) == self.at
        if self.at_each is not None:
            self.at_each()
        if self.broken and name.split()[1] == self.broken:
            raise _FAILURES[self.broken](self.at)
        if here and self.happens is not None:
            self.happens(name)

    def fail_at(self, number: int, *, for_good: bool) -> None:
        """At this point the call fails as such calls do; `for_good`: so does every later one of its kind."""

        def fail(name: str) -> None:
            kind = name.split()[1]
            if for_good:
                self.broken = kind
            raise _FAILURES[kind](number)

        self.at, self.happens = number, fail

    def die_at(self, number: int, state: Path, left: Path) -> None:
        """At this point the state folder is copied as it lies on disk, and nothing more is done."""

        def die(_name: str) -> None:
            self.dead = True
            if state.exists():
                shutil.copytree(state, left)
            raise Death

        self.at, self.happens = number, die


@contextmanager
def counted(points: Points) -> Iterator[None]:
    """Within the block everything passes by `points`."""
    connect = sqlite3.dbapi2.connect
    patches = [
        mock.patch.object(
            sqlite3.dbapi2, "connect", lambda *a, **k: connect(*a, **k, factory=_connection(points))
        ),
        mock.patch.object(raw_room, "os", _Files(points)),
        mock.patch.object(Body, "write", staticmethod(_written(points, Body.write))),
        mock.patch.object(ImapGuard, "open", _opened(points, ImapGuard.open)),
        mock.patch.object(ImapGuard, "_call", _imap(points, ImapGuard._call)),
    ]
    patches += [
        mock.patch.object(Line, name, _awaited(points, f"smtp: {name}", getattr(Line, name)))
        for name in ("connect", "ehlo", "command", "body")
    ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()


def _connection(points: Points) -> type[sqlite3.Connection]:
    """A connection whose writes are points; whoever uses the driver, by whatever layer, uses this one."""
    writing: set[sqlite3.Connection] = set()

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            if sql.startswith("BEGIN IMMEDIATE"):
                writing.add(self.connection)
            return _statement(points, sql, lambda: super(Cursor, self).execute(sql, parameters))

        def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
            return _statement(points, sql, lambda: super(Cursor, self).executemany(sql, parameters))

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> sqlite3.Cursor:
            return super().cursor(factory)

        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            return self.cursor().execute(sql, parameters)  # the driver's own shortcut would pass us by

        def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
            return self.cursor().executemany(sql, parameters)

        def commit(self) -> None:
            if self not in writing:
                return super().commit()
            writing.discard(self)
            points.reach("before database: COMMIT")
            super().commit()
            points.reach("after database: COMMIT")
            return None

    return Connection


def _statement(points: Points, sql: str, run: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
    words = sql.lstrip().upper()
    if not words.startswith(_WRITES):
        return run()
    name = " ".join(sql.split()[:3]).partition("(")[0].strip()
    points.reach(f"before database: {name}")
    cursor = run()
    points.reach(f"after database: {name}")
    return cursor


class _Files:
    """Stands for the module `os` in the raw store: what creates, fills, syncs or renames is a point."""

    def __init__(self, points: Points) -> None:
        for name in ("write", "fsync", "replace"):
            setattr(self, name, _around(points, f"file: {name}", getattr(os, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def _around(points: Points, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def passed(*args: Any, **more: Any) -> Any:
        points.reach(f"before {name}")
        result = call(*args, **more)
        points.reach(f"after {name}")
        return result

    return passed


def _written(points: Points, write: Callable[..., None]) -> Callable[..., None]:
    def passed(protocol: aiosmtplib.protocol.SMTPProtocol, data: bytes) -> None:
        try:
            points.reach("before smtp: body written")
        except LineLost as error:
            raise aiosmtplib.SMTPServerDisconnected(str(error)) from error  # as the library says it
        write(protocol, data)
        points.reach("after smtp: body written")

    return passed


def _opened(points: Points, call: Callable[..., Any]) -> Callable[..., Any]:
    def passed(line: ImapGuard, secret: str) -> None:
        _reach(points, "before imap: log in", line)
        call(line, secret)
        _reach(points, "after imap: log in", line)

    return passed


def _imap(points: Points, call: Callable[..., Any]) -> Callable[..., Any]:
    def passed(line: ImapGuard, method: str, *args: Any, **more: Any) -> Any:
        _reach(points, f"before imap: {method}", line)
        result = call(line, method, *args, **more)
        _reach(points, f"after imap: {method}", line)
        return result

    return passed


def _reach(points: Points, name: str, line: ImapGuard) -> None:
    """A line that breaks here is told of as the guard does, before and after: whichever number it has."""
    try:
        points.reach(name)
    except OSError as error:
        raise line._failed(error) from error


def _awaited(points: Points, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    async def passed(line: Line, *args: Any, **more: Any) -> Any:
        word = f"{name} {args[0].decode()}" if name == "smtp: command" else name
        try:
            points.reach(f"before {word}")
            result = await call(line, *args, **more)
            points.reach(f"after {word}")
        except LineLost:
            line.drop()
            raise
        return result

    return passed
