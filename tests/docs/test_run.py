"""Every command line of every page is run, in the order of the page, and ends as the page says."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.docs import test_first_evening
from tests.docs.plays import PLAYS
from tests.docs.recipes import commands
from tests.docs.typed import PAGES, Line, command_of, complete, every_command, lines_of
from tests.docs.worlds import Play, meanwhile, world

#: What cannot be run here, by how the line begins, and why. No line of Rejoinder's own is among them.
CANNOT = {
    "sudo apt-get install": "installs packages on this machine, as root",
    "pipx ensurepath": "changes the shell of whoever runs the tests",
    "pipx install": "fetches from the package index; tests/test_wheel.py installs the wheel",
    "python3 -m pip install build": "fetches from the package index",
    "python3 -m build --wheel": "needs what the line before fetches; tests/test_wheel.py builds the wheel",
    "python3 -m venv /opt/rejoinder": "the program is installed for all users, as root",
    "/opt/rejoinder/bin/pip install": "the same",
    "useradd": "makes a user of this machine, as root",
    "install -d": "gives a folder to another user, as root",
    "runuser -u rejoinder -- install -d": "acts as that user, as root",
    "systemctl": "changes the services of this machine; tests/cli/test_service.py reads the unit",
    "journalctl": "reads the journal of that service",
    "docker": "needs a container engine; tests/test_container.py reads the Containerfile",
    ".venv/bin/pytest -m": "every quick test, of which this is one",
    ".venv/bin/pytest -k": "looks through every test, of which this is one",
}
#: Lines that another test types and follows further, by page.
ELSEWHERE = {
    "docs/first-evening.md": [*test_first_evening.steps()],
    "docs/adding-a-store.md": [*commands("adding-a-store.md")],  # test_recipes.py
    "docs/commands.md": ["rejoinder demo --auto"],  # tests/demo/test_demo.py
}


def spoken_of(line: Line) -> bool:
    """True for a command that a sentence only names, so that nothing stands behind it."""
    program, *words = line.text.split()
    return line.inline and program == "rejoinder" and not complete(words)


def typed_on(page: str) -> list[Line]:
    """What is to be run of a page."""
    known = ELSEWHERE.get(page, [])
    return [
        line
        for line in lines_of(PAGES[page])
        if line.text not in known
        and not spoken_of(line)
        and not any(line.text.startswith(one) for one in CANNOT)
        and line.text != ".venv/bin/pytest"
    ]


pytestmark = pytest.mark.timeout(300)  # many commands, on machines that have other things to do

PLAYED = [page for page in PAGES if any(not line.meanwhile for line in typed_on(page))]


@pytest.mark.parametrize("page", PLAYED)
def test_every_line_of_the_page_ends_well(page: str, tmp_path: Path) -> None:
    with world(tmp_path, PLAYS.get(page, Play())) as one:
        for line in typed_on(page):
            if line.meanwhile:
                meanwhile(one, line.text)
            else:
                one.follow(line.text)
        assert one.unused() == []


def test_what_cannot_be_run_is_needed_and_none_of_it_is_ours() -> None:
    lines = [line.text for text in PAGES.values() for line in lines_of(text) if not line.inline]
    assert [one for one in CANNOT if not any(line.startswith(one) for line in lines)] == []
    programs = {one.removeprefix("sudo ").split()[0] for one in CANNOT}
    assert programs & {"rejoinder", "make", "cd", "cp"} == set()
    assert [page for page, known in ELSEWHERE.items() if not known] == []


def test_every_command_is_run_by_some_page() -> None:
    """Named in a sentence or in a block of its own: what a page speaks of is run on one of them."""
    run = {
        command_of(line.text.split()[1:])
        for page in PAGES
        for line in lines_of(PAGES[page])
        if line.text.startswith("rejoinder ") and not spoken_of(line)
    }
    assert set(every_command()) - run == set()


def test_a_line_that_ends_otherwise_is_noticed(tmp_path: Path) -> None:
    with world(tmp_path, Play()) as one:
        one.follow("rejoinder status || echo no")
        for line in ("rejoinder status", "rejoinder show 99", "rejoinder nonsense", "apt-get moo"):
            with pytest.raises((AssertionError, click.UsageError)):
                one.follow(line)
