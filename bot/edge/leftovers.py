"""Which files of a state folder hold certain bytes: the last look after something was erased."""

from __future__ import annotations

from pathlib import Path

#: Read at once; the overlap finds what lies across two of them.
_CHUNK = 1 << 20


def files_with(folder: Path, text: str) -> tuple[Path, ...]:
    """Every file below the folder with the text in it, in small or capital ASCII letters. Raises OSError."""
    wanted = text.casefold().encode()
    return tuple(path for path in sorted(folder.rglob("*")) if path.is_file() and _holds(path, wanted))


def _holds(path: Path, wanted: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK).lower():
            if wanted in tail + chunk:
                return True
            tail = (tail + chunk)[-len(wanted) :]
    return False
