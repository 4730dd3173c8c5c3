"""A reading room that does to its process what a hostile mail might do."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import stat
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from bot.errors import UnreadableMail
from bot.reading.model import Other, Understood


def read(raw: bytes, context: Any) -> Any:
    """Obey the mail when it gives an order, else repeat it."""
    order, _, argument = raw.decode("ascii").partition(" ")
    if order in ORDERS:
        return ORDERS[order](argument)
    return _said(f"{context}:{raw.decode('ascii')}")


def prepare(context: str) -> str:
    """Make of the context what only the child can hold."""
    return f"prepared {context}"


def refuse(context: str) -> str:
    """Rules that cannot be compiled."""
    raise ValueError(f"no {context}")


def _said(text: str) -> Understood:
    return Understood(head=None, verdict=None, reading=Other(language=text), correspondent=None)


def _hang(_: str) -> None:
    while True:
        time.sleep(60)


def _spin(_: str) -> None:
    while True:
        pass


def _print(_: str) -> Understood:
    print("x" * 100_000, flush=True)
    return _said("printed")


def _unreadable(_: str) -> None:
    raise UnreadableMail("it has no header")


def _secret(_: str) -> None:
    raise ValueError("text of the mail")


def _deep(argument: str) -> None:
    _deep(argument)


def _forge(argument: str) -> Understood:
    """Answer before our own side does, with an answer that would run something where pickles are read."""
    body = pickle.dumps(_Written(argument)) if argument.startswith("/") else argument.encode()
    frame = struct.pack(">I", len(body)) + body
    for number in range(3, 20):
        with contextlib.suppress(OSError):
            if stat.S_ISFIFO(os.fstat(number).st_mode) or stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, frame)
    return _said("honest")


class _Written:
    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self._path, "w")


ORDERS: dict[str, Callable[[str], Any]] = {
    "hang": _hang,
    "spin": _spin,
    "swell": lambda _: bytearray(4_000_000_000),
    "forge": _forge,
    "exit": lambda code: os._exit(int(code)),
    "crash": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "leave": lambda _: sys.exit(3),
    "print": _print,
    "unreadable": _unreadable,
    "secret": _secret,
    "deep": _deep,
    "odd": lambda _: lambda: None,
    "wrong": lambda _: "not a reading",
    "environment": lambda _: _said(",".join(sorted(os.environ))),
    "pid": lambda _: _said(str(os.getpid())),
    "limit": lambda _: _said(str(resource.getrlimit(resource.RLIMIT_AS)[0])),
}
