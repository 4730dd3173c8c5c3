"""`rejoinder` in a pseudo-terminal of 80 columns, as a person sits before it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _sit_down() -> None:
    """So that a password is asked for there, and Ctrl-C reaches the program, also where ours is ignored."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """One program in a terminal of its own."""

    def __init__(self, *words: str, columns: int = 80, **environment: str) -> None:
        self._end, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        env = {k: v for k, v in os.environ.items() if not k.startswith(("REJOINDER", "COLUMNS", "NO_COLOR"))}
        env |= {"PYTHONPATH": str(ROOT), "TERM": "xterm", **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=env,
            start_new_session=True,
            preexec_fn=_sit_down,
        )
        os.close(inner)
        self.seen = ""  #: all that was ever shown, without escapes
        self._read = 0  #: so far a question was answered

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait(timeout=30)
        os.close(self._end)

    def until(self, words: str, seconds: float = 60.0) -> str:
        """What is shown up to these words, however the lines break; AssertionError when they do not come."""
        wanted = " ".join(words.split())
        deadline = time.monotonic() + seconds
        while (place := self._place_of(wanted)) is None:
            if not self._more(deadline - time.monotonic()):
                raise AssertionError(f"{words!r} was not shown:\n{self.seen[self._read :]}")
        told, self._read = self.seen[self._read : place], place
        return told

    def type(self, line: str) -> None:
        """A line and Enter."""
        os.write(self._end, line.encode() + b"\n")

    def answer(self, question: str, line: str = "") -> None:
        """Wait for a question and answer it; Enter alone by default."""
        self.until(question)
        self.until(": ") if question[-1] != ":" else None
        self.type(line)

    def interrupt(self, words: str) -> None:
        """Ctrl-C until these words are shown: Python misses one just before it waits for a line."""
        for _ in range(4):
            os.write(self._end, b"\x03")
            # Long, because a second one may meet the program on its way out.
            with contextlib.suppress(AssertionError):
                self.until(words, 20.0)
                return
        self.until(words, 20.0)

    def ended(self, seconds: float = 60.0) -> int:
        """The exit status, when it ends by itself; what is left to show is read."""
        deadline = time.monotonic() + seconds
        while self._more(deadline - time.monotonic()):
            pass
        return self.process.wait(timeout=max(0.1, deadline - time.monotonic()))

    def _place_of(self, wanted: str) -> int | None:
        pattern = r"\s+".join(re.escape(word) for word in wanted.split(" "))
        found = re.compile(pattern).search(self.seen, self._read)
        return found.end() if found else None

    def _more(self, seconds: float) -> bool:
        """Read what comes; False at the end or when nothing came in time."""
        if seconds <= 0 or not select.select([self._end], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):  # EIO: the program closed the terminal
            piece = os.read(self._end, 65536)
            self.seen += _ESCAPES.sub("", piece.decode("utf-8", "replace")).replace("\r\n", "\n")
            return bool(piece)
        return False


def lines_wider_than(columns: int, text: str) -> Iterator[str]:
    """Lines that the terminal would have to break, but for those on which something was typed."""
    lines = (line.rpartition("\r")[2] for line in text.split("\n"))
    return (line for line in lines if len(line) > columns and "]: " not in line)
