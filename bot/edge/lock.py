"""One daemon per state: a lock that the kernel lets go of when its holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

from bot.edge.disk import refuse_network_disk
from bot.errors import StoreError, StoreInUse


class StateLock:
    """flock(2) on a file of the state folder, as a context manager; commands that only read need none.

    The file stays when the lock is let go: removing it would let two daemons each hold a lock on a file of
    that name. It says who holds it, for people only; what counts is the lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self.sole = False  #: once acquired: who held it before us on this machine is dead, or let it go

    def acquire(self) -> None:
        """Take the lock at once. Raises StoreInUse naming its holder, or StoreError."""
        if self._descriptor is not None:
            raise StoreInUse(f"this process holds {self.path} already")
        refuse_network_disk(self.path)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Not inherited by programs that we start: they could outlive us and keep the lock.
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}; check its folder") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            before = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            self.sole = before.endswith(f" on {socket.gethostname()}")
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        except OSError as error:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                raise StoreInUse(
                    f"{self.path.parent} is in use by {holder}; stop that daemon first, or give this one a "
                    "state folder of its own"
                ) from None
            raise StoreError(f"{self.path} cannot be locked: {error.strerror}; use a local disk") from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; without effect when not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> StateLock:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()


def holder(path: Path) -> str | None:
    """Who holds the lock, as `pid 123 on host`; None when nobody does. Raises StoreError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}; check its owner") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
    finally:
        os.close(descriptor)
    return None
