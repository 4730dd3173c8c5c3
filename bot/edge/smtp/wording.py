"""Makes a server's words fit to show: no control characters, bounded length."""

from __future__ import annotations

#: Characters of an answer that we keep; RFC 5321 §4.5.3.1.5 allows 512 to a line, some servers write more.
LONGEST_TEXT = 500


def presentable(text: str) -> str:
    """The server's text on one line, without control, format or surrogate characters, at most 500 long.

    Escape sequences would repaint a terminal and U+202E would turn a refusal round for its reader.
    """
    text = text[: 4 * LONGEST_TEXT]  # an answer may be 32 kB long, and only its beginning is shown
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
