"""The reading worker's own side: run as a script in a process of its own that may be killed at any time.

It is handed frames (four bytes of length, then a pickle) on standard input: first `Hello` values as a dict,
then one message after the other. It answers on standard output, with frames of `bot.edge.packing`. It knows
nothing of the rest of the house until `Hello` has told it where to import from, and it never sees the
environment's passwords.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO


def _receive(stream: BinaryIO) -> Any:
    """One value, or EOFError when the other side is gone."""
    head = stream.read(4)
    if len(head) < 4:
        raise EOFError
    # Written by our own parent process, never by a mail.
    return pickle.loads(stream.read(struct.unpack(">I", head)[0]))  # noqa: S301


def _send(stream: BinaryIO, body: bytes) -> None:
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def _named(dotted: str) -> Callable[..., Any]:
    module, _, name = dotted.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def _where(error: BaseException) -> str:
    """Kind of error and the line of code it came from: never its text, which may quote the mail."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119
    return f"{type(error).__name__}{place}"


def _start(stream: BinaryIO) -> tuple[Callable[..., Any], Any, float, Callable[[str, Any], bytes]]:
    """Import what is to be run and what packs its answers, then draw the limits around it."""
    hello = _receive(stream)
    sys.path[:] = hello["path"]
    function, packed = _named(hello["function"]), _named("bot.edge.packing.packed")
    context = pickle.loads(hello["context"])  # noqa: S301
    if hello["prepare"] is not None:
        context = _named(hello["prepare"])(context)
    gc.collect()
    gc.freeze()  # the rules stay as long as we do: they are not looked through for garbage again and again
    gc.set_threshold(10_000)  # nor is each mail, for the little that it leaves behind in circles
    limit = hello["memory"]
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return function, context, hello["seconds"], packed


def _answer(function: Callable[..., Any], raw: Any, context: Any) -> tuple[str, Any]:
    from bot.errors import UnreadableMail

    try:
        if isinstance(raw, tuple):  # with keys to check signatures by
            return "understood", function(raw[0], context, raw[1])
        return "understood", function(raw, context)
    except UnreadableMail as error:
        return "unreadable", str(error)
    except MemoryError:
        return "exhausted", ""
    except RecursionError:
        return "unreadable", "it is nested too deeply"
    except Exception as error:
        return "failed", _where(error)


def main() -> None:
    """Answer until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold somebody's mail
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between the frames
    try:
        function, context, seconds, packed = _start(requests)
    except BaseException as error:
        _send(answers, json.dumps(["broken", f"{type(error).__name__}: {error}"]).encode("ascii"))
        return
    _send(answers, packed("ready", ""))
    while True:
        try:
            raw = _receive(requests)
        except EOFError:
            return
        # Should the parent die while we hang, nobody else would end us: SIGALRM does.
        signal.setitimer(signal.ITIMER_REAL, seconds * 2)
        answer = _answer(function, raw, context)
        try:
            _send(answers, packed(*answer))
        except (MemoryError, TypeError) as error:
            _send(answers, packed("failed", _where(error)))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if answer[0] == "exhausted":
            return  # what is left of the memory is not to be trusted with the next mail


if __name__ == "__main__":
    main()
