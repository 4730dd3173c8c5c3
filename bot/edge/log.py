"""The log: structlog to stderr or a file, with addresses and secrets taken out of everything first."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
from collections.abc import Hashable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]

HIDDEN = "[secret]"
#: Secrets of one source that stay hidden: more tokens than are valid at a time.
LAST = 32

_AT = re.compile("(@|%40|＠)", re.IGNORECASE)
#: Characters that end a local part on its left; everything else before an @ is taken for part of the address.
_BEFORE_A_LOCAL_PART = frozenset(" \t\r\n\v\f\0<>()[],;:\"'\\|{}")


class Redactor:
    """Takes the local part out of every address and every learned secret out of everything logged.

    A structlog processor, and `text` for anything else. Learning is safe from any thread.
    """

    def __init__(self) -> None:
        self._told: dict[Hashable, tuple[str, ...]] = {}  #: by source, the last ones, the newest last
        self._forms: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def learn(self, secret: str, source: Hashable = None) -> None:
        """Hide this secret from now on, also in base64 (as AUTH shows it), a URL, JSON and a repr.

        Of each source the last `LAST` are hidden: a program may give another token every hour, for months.
        """
        with self._lock:
            told = self._told.get(source, ())
            if not secret or told[-1:] == (secret,):
                return
            self._told[source] = (*(one for one in told if one != secret), secret)[-LAST:]
            forms = {form for told in self._told.values() for one in told for form in _forms_of(one)}
            # The longest first, so that no form is broken up by a shorter one inside it.
            self._forms = tuple(sorted(forms, key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text without local parts and secrets: `…@brindlecove.example`, `[secret]`."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return _without_local_parts(text)

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Redact keys and values of an event, however deep."""
        return {self.text(str(key)): self._value(value) for key, value in event.items()}

    def _value(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return self._number(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(k)): self._value(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(v) for v in value]
        if isinstance(value, bytes | bytearray):
            return self.text(bytes(value).decode("utf-8", "replace"))
        # The renderer would call repr() on anything else, after us.
        return self.text(repr(value))

    def _number(self, value: float | None) -> Any:
        return HIDDEN if str(value) in self._forms else value


def set_up(*, to: Path | None = None, level: Level = "info", redactor: Redactor | None = None) -> Redactor:
    """Send structlog and the standard library's logging to stderr, or appended to the file `to` (mode 0600).

    One JSON object a line; plain words where stderr is a terminal. Uncaught exceptions, of threads too, go
    the same way instead of to a bare traceback. Gives the redactor, whose `learn` wants to be told every
    secret. Raises OSError when the file cannot be opened.
    """
    redactor = redactor or Redactor()
    target = _target(to)
    numeric = logging.getLevelName(level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # to text, so that the redactor sees it
    ]
    # Libraries log through the standard library; their words pass the same redactor.
    target.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redactor,
                in_plain_words
                if to is None and sys.stderr.isatty()
                else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
        if isinstance(old.formatter, structlog.stdlib.ProcessorFormatter):
            old.close()  # ours, from an earlier call
    root.addHandler(target)
    root.setLevel(numeric)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    logging.raiseExceptions = False  # its own complaints print the arguments, unredacted
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )
    return redactor


def in_plain_words(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    """An event for a person at a terminal: `14:03:22  drafted: account shop, letters 2`, in local time.

    Nothing that a mail says can move the cursor or begin a line; a traceback stands below, indented.
    """
    at = datetime.fromisoformat(event.pop("timestamp")).astimezone()
    level = event.pop("level", "info")
    said = event.pop("event", "")
    below = [line for key in ("exception", "stack") for line in str(event.pop(key, "")).splitlines()]
    more = ", ".join(f"{key} {_plain(value)}" for key, value in event.items())
    urgency = "" if level in ("info", "debug") else f"{level}: "
    line = f"{at:%H:%M:%S}  {urgency}{said}{': ' if more else ''}{more}"
    return "\n".join([_printable(line), *(f"          {_printable(one)}" for one in below)])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _target(to: Path | None) -> logging.Handler:
    if to is None:
        return logging.StreamHandler(sys.stderr)
    to.touch(mode=0o600)
    return logging.FileHandler(to, encoding="utf-8", errors="backslashreplace")


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    structlog.get_logger("rejoinder").critical("stopped by an error", exc_info=(kind, error, traceback))


def _forms_of(secret: str) -> set[str]:
    forms = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}
    forms.add(repr(secret.encode())[2:-1])
    if len(secret) >= 6:
        raw = secret.encode()
        # In base64 a secret looks different at each of three offsets; its ends mix with its neighbours.
        for offset in range(3):
            encoded = base64.b64encode(bytes(offset) + raw).decode().rstrip("=")
            forms.add(encoded[(0, 2, 3)[offset] : len(encoded) - (1 if (offset + len(raw)) % 3 else 0)])
    return {form for form in forms if form}


def _without_local_parts(text: str) -> str:
    pieces = _AT.split(text)
    # Pieces alternate: text, an @, text, an @, ... Searching leftwards from each @ stays linear where a
    # regular expression would try every start.
    for index in range(0, len(pieces) - 2, 2):
        pieces[index] = _cut_local_part(pieces[index])
    return "".join(pieces)


def _cut_local_part(before: str) -> str:
    if before.endswith('"'):  # RFC 5321 §4.1.2 Quoted-string; a quote after a backslash does not open it
        opening = before.rfind('"', 0, -1)
        while opening > 0 and before[opening - 1] == "\\":
            opening = before.rfind('"', 0, opening)
        return before[: max(opening, 0)] + "…"
    start = len(before)
    while start and before[start - 1] not in _BEFORE_A_LOCAL_PART:
        start -= 1
    return before[:start] + "…" if start < len(before) else before
