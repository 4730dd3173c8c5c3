"""Makes a server's words fit to show: no control characters, bounded length."""

from __future__ import annotations

import unicodedata

#: Characters of an answer that we keep; RFC 5321 §4.5.3.1.5 allows 512 to a line, some servers write more.
LONGEST_TEXT = 500


def presentable(text: str) -> str:
    """The server's text on one line, without control, format or surrogate characters, at most 500 long.

    Escape sequences would repaint a terminal and U+202E would turn a refusal round for its reader.
    """
    # Cut first: an answer may be 32 kB long, and only its beginning is shown.
    visible = "".join(c if _shown(c) else " " for c in text[: 4 * LONGEST_TEXT])
    line = " ".join(visible.split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"


def _shown(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")
