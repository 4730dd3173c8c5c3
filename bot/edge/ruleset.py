"""Which rule files and templates hold in a home, where each comes from, and copies of defaults to change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bot.edge.files import defaults_folder, read_bytes
from bot.edge.home import effective_files
from bot.errors import NotPossible
from bot.settings.schema import editor_line

#: Folders of a home that hold rules, with the ending of their files.
FOLDERS = (("rules", ".yaml"), ("templates", ".txt"))

#: What a template fills in, or asks.
_FILLED = re.compile(r"(?:\{[{%].*?[%}]\})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """One file that holds in a home."""

    name: str  #: "rules/families/trademark.yaml"
    path: Path
    own: bool  #: the home's own, not the shipped one
    off: bool  #: switched off by `off: true`
    about: str  #: its first comment, or the subject of a template


def rule_files(home: Path) -> tuple[HeldFile, ...]:
    """Every effective file under rules/ and templates/, by name; broken ones too."""
    shipped = defaults_folder()
    return tuple(
        _held(f"{folder}/{name}", path, own=home != shipped and path.is_relative_to(home))
        for folder, ending in FOLDERS
        for name, path in effective_files(home, folder, ending).items()
    )


def copy_defaults(home: Path, wanted: tuple[str, ...]) -> tuple[Path, ...]:
    """Copy shipped files into the home, with the line for editors; where they lie now.

    Each is named in full, or by an end of its name that no other file has. When one of them cannot be
    meant, or is there already, none is copied. Raises NotPossible.
    """
    shipped = {
        f"{folder}/{name}": path for folder, ending in FOLDERS for name, path in _shipped(folder, ending)
    }
    names = dict.fromkeys(_one_of(name, shipped) for name in wanted)
    for name in names:
        if (home / name).exists():
            raise _there_already(home / name)
    return tuple(_copy(shipped[name], home / name, editor_line(name)) for name in names)


def _copy(source: Path, target: Path, first_line: str) -> Path:
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(first_line.encode("utf-8") + source.read_bytes())
        os.link(part, target)  # unlike a rename it never takes the place of a file made meanwhile
    except FileExistsError:
        raise _there_already(target) from None
    except OSError as error:
        raise NotPossible(f"{target} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _there_already(target: Path) -> NotPossible:
    return NotPossible(f"{target} is there already and holds before the shipped one; nothing was copied")


def _held(name: str, path: Path, *, own: bool) -> HeldFile:
    text = read_bytes(path, name)[0].decode("utf-8", "replace")
    lines = text.splitlines()
    off = any(line.split("#")[0].rstrip() == "off: true" for line in lines)
    return HeldFile(name=name, path=path, own=own, off=off, about=_about(name, lines))


def _about(name: str, lines: list[str]) -> str:
    if name.endswith(".txt"):
        return _FILLED.sub("…", lines[0].lstrip("# ")) if lines else ""
    comments = (
        line.lstrip("# ") for line in lines if line.startswith("#") and "yaml-language-server" not in line
    )
    return next((comment for comment in comments if comment), "")


def _shipped(folder: str, ending: str) -> Iterator[tuple[str, Path]]:
    root = defaults_folder() / folder
    for path in sorted(root.rglob(f"*{ending}")):
        yield path.relative_to(root).as_posix(), path


def _one_of(wanted: str, known: dict[str, Path]) -> str:
    """The one name that is meant. Raises NotPossible."""
    if wanted in known:
        return wanted
    tail = wanted.strip("/")
    ends = (tail, f"{tail}.yaml", f"{tail}.txt")
    fit = [name for name in known if any(f"/{name}".endswith(f"/{end}") for end in ends)]
    if len(fit) == 1:
        return fit[0]
    if fit:
        raise NotPossible(f"{wanted} could be {', '.join(fit[:5])}; write the folder too")
    short = {name.rpartition("/")[2].partition(".")[0]: name for name in known}
    near = get_close_matches(wanted, [*known, *short], 1, 0.5)
    hint = f"did you mean {short.get(near[0], near[0])}?" if near else "`rejoinder rules list` shows them all"
    raise NotPossible(f"there is no shipped file {wanted}; {hint}")
