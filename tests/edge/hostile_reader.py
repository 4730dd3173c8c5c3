"""A reading room that does to its process what a hostile mail might do."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from bot.errors import UnreadableMail
from bot.reading.model import Other, Understood


def read(raw: bytes, context: Any) -> Any:
    """Obey the mail."""
    match raw.decode("ascii").split():
        case ["hang"]:
            while True:
                time.sleep(60)
        case ["spin"]:
            while True:
                pass
        case ["swell"]:
            return bytearray(4_000_000_000)
        case ["exit", code]:
            os._exit(int(code))
        case ["crash"]:
            os.kill(os.getpid(), signal.SIGSEGV)
        case ["print"]:
            print("x" * 100_000, flush=True)
        case ["unreadable"]:
            raise UnreadableMail("it has no header")
        case ["secret"]:
            raise ValueError("text of the mail")
        case ["deep"]:
            return read(raw, context)
        case ["odd"]:
            return lambda: None
        case ["wrong"]:
            return "not a reading"
        case ["environment"]:
            return _said(",".join(sorted(os.environ)))
        case ["pid"]:
            return _said(str(os.getpid()))
        case ["limit"]:
            import resource

            return _said(str(resource.getrlimit(resource.RLIMIT_AS)[0]))
        case ["stdin"]:
            sys.exit(3)
    return _said(f"{context}:{raw.decode('ascii')}")


def prepare(context: str) -> str:
    """Make of the context what only the child can hold."""
    return f"prepared {context}"


def refuse(context: str) -> str:
    """Rules that cannot be compiled."""
    raise ValueError(f"no {context}")


def _said(text: str) -> Understood:
    return Understood(head=None, verdict=None, reading=Other(language=text), correspondent=None)
