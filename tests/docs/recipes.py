"""Reads a page of docs/ as a recipe: its titled code blocks are files, its console blocks are commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^```(?P<language>\w+)(?P<rest>[^\n]*)\n(?P<text>.*?)^```$", re.S | re.M)
_TITLE = re.compile(r'title="([^"]+)"')
_BEFORE = re.compile(r'before="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One titled code block."""

    title: str  #: path of the file, relative to the home or the repository
    text: str
    before: str | None  #: put in before this text of the file instead of being the file
    append: bool  #: put at the end of the file instead of being the file


def blocks(page: str) -> tuple[Block, ...]:
    """Every code block of a page that has a title."""
    found = []
    for match in _BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        title, before = _TITLE.search(match["rest"]), _BEFORE.search(match["rest"])
        if title:
            found.append(
                Block(
                    title=title[1],
                    text=match["text"],
                    before=before[1].replace(r"\n", "\n") if before else None,
                    append=match["rest"].endswith(" append"),
                )
            )
    return tuple(found)


def commands(page: str) -> tuple[str, ...]:
    """What is typed in the console blocks of a page, without the prompt."""
    consoles = (
        m["text"] for m in _BLOCK.finditer((DOCS / page).read_text("utf-8")) if m["language"] == "console"
    )
    return tuple(line[2:] for text in consoles for line in text.splitlines() if line.startswith("$ "))


def follow(page: str, root: Path, defaults: Path) -> None:
    """Do in `root` what the page says; a file that is only added to is first copied from `defaults`."""
    for block in blocks(page):
        file = root / block.title
        file.parent.mkdir(parents=True, exist_ok=True)
        if block.before is None and not block.append:
            assert not file.exists(), f"{page} writes {block.title} twice"
            file.write_text(block.text, encoding="utf-8")
            continue
        here = (file if file.exists() else defaults / block.title).read_text(encoding="utf-8")
        if block.append:
            file.write_text(here + block.text, encoding="utf-8")
            continue
        assert here.count(block.before) == 1, f"{block.before!r} is not once in {block.title}"
        file.write_text(here.replace(block.before, block.text + block.before), encoding="utf-8")
