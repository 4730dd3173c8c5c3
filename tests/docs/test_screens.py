"""The screens of the pages are what the commands print, and every command and option has its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from bot.cli.root import rejoinder
from docs import screens
from tests.docs.recipes import DOCS

COMMON = {"--home", "--json", "--debug", "--help", "-h", "--version"}
PAGE = (DOCS / "commands.md").read_text(encoding="utf-8")
_SECTION = re.compile(r"^### `rejoinder ([a-z -]+)`\n(.*?)(?=^###? |\Z)", re.S | re.M)
SECTIONS = dict(_SECTION.findall(PAGE))


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


def options(command: click.Command) -> set[str]:
    found: set[str] = set()
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            found.update(parameter.opts, parameter.secondary_opts)
    return found - COMMON


@pytest.mark.parametrize("name", screens.PAGES)
def test_every_screen_is_what_the_command_prints(name: str) -> None:
    page = (screens.ROOT / name).read_text(encoding="utf-8")
    assert "```console\n$ rejoinder " in page
    assert screens.played(page) == page, "play the pages anew: make docs"


def test_every_command_is_documented_and_no_other() -> None:
    assert set(SECTIONS) == {name for name, _ in commands(rejoinder)}


@pytest.mark.parametrize(
    ("name", "command"), list(commands(rejoinder)), ids=lambda x: x if isinstance(x, str) else ""
)
def test_every_option_is_documented_and_no_other(name: str, command: click.Command) -> None:
    bullets = "\n".join(line for line in SECTIONS[name].splitlines() if line.startswith("- `-"))
    heads = (line.partition(":")[0] for line in bullets.splitlines())
    told = {option for head in heads for option in re.findall(r"--[a-z-]+", head)}
    assert told == options(command)


def test_one_option_says_why_everywhere() -> None:
    whys = {
        (name, *option.opts)
        for name, command in commands(rejoinder)
        for option in command.params
        if isinstance(option, click.Option) and (option.help or "").startswith("Why")
    }
    assert len(whys) >= 7
    assert {option for _, *options in whys for option in options} == {"--reason"}


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_command_has_an_example(name: str) -> None:
    assert re.search(rf"^(\$ )?rejoinder {name}\b", SECTIONS[name], re.M)


def test_options_of_every_command_are_told_once() -> None:
    head = PAGE.partition("## Setting up")[0]
    each = [{option for p in command.params for option in p.opts} for _, command in commands(rejoinder)]
    shared = {option for option in set.intersection(*each) if option.startswith("--")}
    assert shared
    assert shared | COMMON - {"-h"} <= set(re.findall(r"--[a-z]+", head))


def test_a_page_that_shows_something_else_is_noticed() -> None:
    page = "```console\n$ rejoinder rules schema\nnonsense\n```\n"
    assert "nonsense" not in screens.played(page)
    assert "playbook" in screens.played(page)


def test_a_command_that_fails_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no item 99"):
        screens.played("```console\n$ rejoinder show 99\n```\n")
