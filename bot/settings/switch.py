"""Switches safe mode in the text of rejoinder.yaml: one word changes, every comment and blank stays."""

from __future__ import annotations

import re

from bot.settings.text import read_yaml

_KEY = "safe_mode"
_WORD = re.compile(r"[^\s#,}]+")


def with_safe_mode(text: str, on: bool) -> str | None:
    """The text with `safe_mode` set; None when it cannot be done without guessing.

    What comes out is read again: it must say the same as before in everything but this.
    """
    before = read_yaml(text.encode("utf-8"), "")
    if before.problems or not isinstance(before.value, dict | None):
        return None
    word = "true" if on else "false"
    place = before.values.get((_KEY,))
    changed = _replaced(text, place, word) if place else _appended(text, f"{_KEY}: {word}")
    after = read_yaml(changed.encode("utf-8"), "")
    wanted = {**(before.value or {}), _KEY: on}
    return changed if not after.problems and after.value == wanted else None


def _replaced(text: str, place: tuple[int, int], word: str) -> str:
    lines = text.splitlines(keepends=True)
    number, column = place[0] - 1, place[1] - 1
    line = lines[number]
    found = _WORD.match(line, column)
    if found:
        lines[number] = line[:column] + word + line[found.end() :]
    return "".join(lines)


def _appended(text: str, line: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    return text + ("" if not text or text.endswith("\n") else end) + line + end
