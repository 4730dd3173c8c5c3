"""The tables of dangers name tests that there are, and every guard that is broken on purpose still stands."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.guards.broken import BROKEN, Broken
from tests.guards.ledger import FAULTS, PROOFS, THREATS, Danger

TESTS = Path(__file__).parents[1]
BOT = TESTS.parent / "bot"


@cache
def named_in(path: str) -> frozenset[str]:
    """Names of the tests of a file."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("danger", [*FAULTS, *THREATS, *PROOFS], ids=lambda one: one.what)
def test_each_danger_has_its_tests(danger: Danger) -> None:
    assert danger.tests
    for test in danger.tests:
        path, _, name = test.partition("::")
        assert name in named_in(path), f"{path} has no {name}"


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.guard)
def test_each_guard_stands_where_it_is_switched_off(broken: Broken) -> None:
    """`python -m tests.guards` switches them off; this only sees that it still could."""
    text = (BOT / broken.file).read_text(encoding="utf-8")
    assert text.count(broken.old) == 1
    assert (TESTS / broken.tests).exists()
    ast.parse(text.replace(broken.old, broken.new))


def test_nothing_listens_but_the_sandbox() -> None:
    """Who can reach no socket of ours can approve nothing from outside."""
    opens = {"start_server", "start_unix_server", "create_server", "create_unix_server", "bind", "listen"}
    found = set()
    for file in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in opens:
                found.add((file.relative_to(BOT).as_posix(), ast.unparse(node)))
    # The others of these names hear SQLAlchemy's events and the operating system's signals.
    assert found == {
        ("demo/servers.py", "asyncio.start_server"),
        ("demo/servers.py", "loop.create_server"),
        ("edge/store/sqlite.py", "event.listen"),
        ("cli/run.py", "stop.listen"),
    }
