"""What the pages tell a reader to type, in the order of each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

from bot.cli.root import rejoinder
from bot.cli.session import Session
from tests.docs.recipes import DOCS

ROOT = DOCS.parent
#: Every page that tells somebody to type something; the history of releases is not typed any more.
PAGES = {
    page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8")
    for page in sorted([*DOCS.glob("*.md"), ROOT / "README.md", *ROOT.glob("[a-z]*/README.md")])
}
_PIECE = re.compile(
    r"^ *```(?P<language>\w*)[^\n]*\n(?P<block>.*?)^ *```$"
    r"|^<!-- meanwhile: (?P<meanwhile>[a-z-]+) -->$"
    r"|`(?P<inline>(?:rejoinder|make) [^`\n]+)`",
    re.S | re.M,
)
#: Where a page leaves something out, so that it cannot be typed as it stands.
_LEFT_OUT = re.compile(r"…|\.\.\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to type; or, with `meanwhile`, what happens between two of them."""

    text: str
    meanwhile: bool = False
    inline: bool = False  #: in the middle of a sentence, so it may only be spoken of


def lines_of(text: str) -> Iterator[Line]:
    """Lines of shell blocks, prompts of consoles, and commands between backticks."""
    for piece in _PIECE.finditer(text):
        if piece["meanwhile"]:
            yield Line(text=piece["meanwhile"], meanwhile=True)
        elif piece["inline"]:
            if not _LEFT_OUT.search(piece["inline"]):
                yield Line(text=piece["inline"], inline=True)
        elif piece["language"] in ("sh", "console"):
            for line in piece["block"].replace("\\\n", " ").splitlines():
                if piece["language"] == "console" and not line.startswith("$ "):
                    continue  # a screen
                yield Line(text=re.split(r" +#", line.removeprefix("$ "))[0].strip())


def command_of(words: list[str]) -> str:
    """The command that words after `rejoinder` name, such as `case show`. Raises UsageError."""
    return _resolved(words)[0]


def complete(words: list[str]) -> bool:
    """True when something stands behind the command, and nothing that it needs is missing."""
    try:
        _, command, rest, parent = _resolved(words)
        if not rest:
            return False
        if rest[0] in ("--version", "--help", "-h"):
            return True
        command.make_context(command.name, list(rest), parent=parent, obj=Session())
    except (click.MissingParameter, click.BadOptionUsage):
        return False
    except (click.UsageError, click.exceptions.Exit):
        pass  # wrong, or --help: whoever types it will see
    return True


def _resolved(words: list[str]) -> tuple[str, click.Command, list[str], click.Context]:
    words = list(words)
    while words and words[0] in ("--home", "--json", "--debug"):
        words = words[2 if words[0] == "--home" else 1 :]
    group: click.Command = rejoinder
    context = click.Context(rejoinder, info_name="rejoinder", obj=Session())
    named: list[str] = []
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        _, command, words = group.resolve_command(context, words)
        assert command is not None
        parent, group = context, command
        context = click.Context(command, parent=parent, info_name=command.name, obj=Session())
        named.append(command.name or "")
    return " ".join(named), group, words, context.parent or context


def every_command(group: click.Group = rejoinder, before: str = "") -> Iterator[str]:
    """`queue`, `case show`: every command there is."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{before}{name} ")
        else:
            yield before + name
