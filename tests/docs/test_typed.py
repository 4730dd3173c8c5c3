"""Every command that a page tells a person to type is one: its options and arguments are taken."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli.root import rejoinder
from bot.cli.session import Session
from tests.cli.conftest import process
from tests.docs.recipes import DOCS

ROOT = DOCS.parent
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md"), ROOT / "state" / "README.md"])
_FENCED = re.compile(r"^ *```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```$", re.S | re.M)
_INLINE = re.compile(r"`(rejoinder [^`\n]+)`")
#: Where a page leaves something out, so that it cannot be typed as it stands.
_LEFT_OUT = re.compile(r"…|\.\.\.|\|")


def typed_in(text: str) -> Iterator[str]:
    """Lines of code blocks, and words between backticks, that begin with `rejoinder`."""
    for block in _FENCED.finditer(text):
        if block["language"] in ("sh", "console", ""):
            for line in block["text"].replace("\\\n", " ").splitlines():
                if block["language"] == "console" and not line.startswith("$ "):
                    continue  # a screen
                words = line.strip().removeprefix("$ ")
                if words.startswith("rejoinder "):
                    yield words
    for found in _INLINE.finditer(_FENCED.sub("", text)):
        yield found[1]


def every_command() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        name = page.relative_to(ROOT).as_posix()
        text = page.read_text(encoding="utf-8").partition("\n## 0.1.0")[0]
        found += [(name, line) for line in dict.fromkeys(typed_in(text)) if not _LEFT_OUT.search(line)]
    return found


def parsed(line: str) -> str:
    """The command as the parser takes it, without running it. Raises click.UsageError for what is wrong."""
    words = shlex.split(re.split(r" #| \d?>", line)[0])[1:]
    group: click.Command = rejoinder
    context = click.Context(rejoinder, info_name="rejoinder", obj=Session())
    while isinstance(group, click.Group):
        _, command, words = group.resolve_command(context, _without_common(words))
        assert command is not None
        if not words:
            return command.name or ""
        context, group = (
            click.Context(command, parent=context, info_name=command.name, obj=Session()),
            command,
        )
    if any(word.isupper() and len(word) > 1 for word in words):
        words = [_meant(word) for word in words]
    group.make_context(group.name, words, parent=context, obj=Session())
    return group.name or ""


def _without_common(words: list[str]) -> list[str]:
    """Options of every command may stand before its name."""
    while words and words[0] in ("--home", "--json", "--debug"):
        words = words[2 if words[0] == "--home" else 1 :]
    return words


def _meant(word: str) -> str:
    """A word in capitals stands for one of the reader's own."""
    return {"DATE": "2026-03-01", "N": "1", "ID": "1", "NUMBER": "1"}.get(word, word)


@pytest.mark.parametrize(("page", "line"), every_command(), ids=lambda x: x if " " not in x else x[:60])
def test_it_can_be_typed(page: str, line: str) -> None:
    with contextlib.suppress(click.exceptions.Exit):  # --help and --version
        try:
            parsed(line)
        except (click.MissingParameter, click.BadOptionUsage):
            # A command named without what belongs to it is spoken of, not typed.
            if len(line.split()) > 3:
                raise


def test_there_is_something_to_type() -> None:
    assert len(every_command()) > 60
    with pytest.raises(click.UsageError):
        parsed("rejoinder queue --nonsense")
    with pytest.raises(click.UsageError):
        parsed("rejoinder nonsense")


def test_what_install_tells_to_type_does_what_it_says(tmp_path: Path) -> None:
    """In a folder of its own, in order; what needs root, servers or an engine is tried elsewhere."""
    text = (DOCS / "install.md").read_text(encoding="utf-8")
    run = {"init", "check", "service"}
    done = []
    for line in typed_in(text.partition("## As a systemd service")[0] + text.partition("## On Windows")[2]):
        words = [word.replace("~", str(tmp_path)) for word in shlex.split(line)[1:]]
        if words[0] not in run:
            continue
        home = {} if words[0] == "init" else {"REJOINDER_HOME": str(tmp_path / "rejoinder")}
        ended = process(*words, **home)
        assert ended.returncode == 0, (line, ended.stderr)
        done.append(words[0])
    assert set(done) == run
    assert (tmp_path / ".config/systemd/user/rejoinder.service").is_file()
