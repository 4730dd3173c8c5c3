"""The program from outside: exit statuses, pipes, colours, start-up, and what it never loads."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.cli.root import COMMANDS, rejoinder
from tests.cli.conftest import ROOT, Typed, process, write_home
from tests.cli.terminal import Terminal

NAMES = [name for section in COMMANDS.values() for name in section]


def all_commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in NAMES:
        command = rejoinder.get_command(click.Context(rejoinder), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, inner) for inner in command.commands]
    return found


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_command_has_a_finished_help_with_an_example(words: tuple[str, ...]) -> None:
    done = Typed(Path("/nonexistent"))(*words, "--help")
    assert done.status == 0
    assert "Example: " in done.out
    assert f"rejoinder {words[0]}" in done.out.partition("Example: ")[2]
    for option in ("--json", "--home"):
        assert option in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_help_names_every_command_in_a_line() -> None:
    done = process("--help")
    assert done.returncode == 0
    lines = [
        line.split()[0]
        for line in done.stdout.decode().splitlines()
        if line.startswith("  ") and line.strip()
    ]
    assert [name for name in NAMES if name not in lines] == []


@pytest.mark.parametrize("words", [("queue",), ("queue", "--json"), ("status",), ("check",)])
def test_where_the_output_goes_to_a_full_disk(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = write_home(tmp_path / "home")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words, "--home", str(home)],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("rejoinder: no room left on the disk. Make room")


def test_version() -> None:
    assert process("--version").stdout == b"rejoinder 0.1.0\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("quue",), 2, "Did you mean queue?"),
        (("queue", "--nonsense"), 2, "No such option"),
        (("show",), 2, "Missing argument"),
        (("queue", "--home", "/nonexistent"), 2, "write a rejoinder.yaml there"),
        (("case", "show", "ZZZ"), 1, "ZZZ"),
        (("approve", "77"), 1, "item 77"),
    ],
)
def test_exit_status_and_a_sentence_without_traceback(
    home: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    done = process(*words, REJOINDER_HOME=str(home))
    assert done.returncode == status
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_mistakes_in_files_are_all_named_and_end_with_two(home: Path) -> None:
    settings = home / "rejoinder.yaml"
    settings.write_text(
        settings.read_text().replace("country: DE", "contry: DE").replace("safe_mode: false", "safe_mode: 7")
    )
    done = process("check", REJOINDER_HOME=str(home))
    assert done.returncode == 2
    text = done.stderr.decode()
    assert "mistakes in your files" in text
    assert "rejoinder.yaml:7:5" in text
    assert "country" in text
    told = process("check", "--json", REJOINDER_HOME=str(home))
    assert told.returncode == 2
    assert {problem["path"] for problem in json.loads(told.stdout)["problems"]} == {"rejoinder.yaml"}


def test_check_of_a_sound_home(typed: Typed) -> None:
    assert "No mistakes." in typed("check").out
    assert typed("check", "--json").json["accounts"] == ["shop"]


def test_errors_are_json_too_when_asked_for(typed: Typed) -> None:
    done = typed("show", "9", "--json")
    assert done.status == 1
    assert done.json == {"error": "there is no item 9; `rejoinder queue` lists what waits"}


def test_debug_shows_where(home: Path) -> None:
    done = process("show", "9", "--debug", REJOINDER_HOME=str(home))
    assert done.returncode == 1
    assert b"Traceback" in done.stderr


def test_a_reader_that_goes_away_is_no_error(drafted: Typed) -> None:
    done = subprocess.run(
        [f"{sys.executable} -m bot show 1 | head -n 1"],
        shell=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_HOME": str(drafted.home)},
        check=False,
    )
    assert done.stdout.startswith(b"Item 1")
    assert done.stderr == b""


def in_a_terminal(*words: str, **environment: str) -> bytes:
    """What the command writes when standard output is a terminal."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    env.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
    child = subprocess.Popen([sys.executable, "-m", "bot", *words], stdout=theirs, env=env)
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux: the other end of the terminal is closed
            break
        if not piece:
            break
        written += piece
    child.wait(timeout=60)
    os.close(ours)
    return written


def test_colour_in_a_terminal_and_none_with_no_color_or_a_pipe(drafted: Typed) -> None:
    home = str(drafted.home)
    assert b"\x1b[" in in_a_terminal("queue", REJOINDER_HOME=home)
    assert b"\x1b[" not in in_a_terminal("queue", REJOINDER_HOME=home, NO_COLOR="1")
    assert b"\x1b[" not in in_a_terminal("queue", REJOINDER_HOME=home, TERM="dumb")
    assert b"\x1b[" not in process("queue", REJOINDER_HOME=home).stdout


def test_a_terminal_that_knows_only_ascii_still_gets_an_answer(drafted: Typed) -> None:
    done = process("show", "1", REJOINDER_HOME=str(drafted.home), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"waits for your approval" in done.stdout


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (("--help",), {"pydantic", "sqlalchemy", "asyncio", "bot.ports"}),
        (
            ("queue",),
            {
                "sqlalchemy",
                "holidays",
                "selectolax",
                "mailparser",
                "re2",
                "imapclient",
                "aiosmtplib",
                "jinja2",
            },
        ),
        (("approve", "1"), {"selectolax", "mailparser", "imapclient", "aiosmtplib", "structlog"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_loads_only_what_it_needs(
    drafted: Typed, words: tuple[str, ...], unwanted: set[str]
) -> None:
    code = (
        "import sys; sys.argv[0] = 'rejoinder'\n"
        "from bot.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "REJOINDER_HOME": str(drafted.home)},
        check=True,
    )
    assert unwanted & set(done.stderr.decode().split()) == set()


@pytest.mark.parametrize(("columns", "safe"), [(80, False), (60, True)])
def test_who_starts_the_daemon_by_hand_is_told_what_it_does(tmp_path: Path, columns: int, safe: bool) -> None:
    home = write_home(tmp_path / "home", safe_mode=safe)
    with Terminal("run", "--home", str(home), columns=columns) as at:
        at.until("Watching your mailbox. Leave this window open and work in another one; Ctrl-C ends it.")
        told = at.until("started: accounts 1")
        assert ("TEST: safe mode is on" in told) == safe
        at.interrupt("  stopped")
        assert at.ended() == 0
