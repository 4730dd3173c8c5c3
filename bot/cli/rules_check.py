"""`rejoinder rules check` and `rejoinder rules test`: whether the rules mean what they should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from bot.cli.rules_files import rules_of
from bot.cli.screen import Bit, Screen, print_json
from bot.cli.session import Session, common

if TYPE_CHECKING:
    from bot.edge.home import Loaded
    from bot.errors import Problem
    from bot.settings.text import Document


@click.command(
    "check", short_help="Mistakes, and what cannot mean anything.", epilog="Example: rejoinder rules check"
)
@common
@click.pass_obj
def check(session: Session) -> None:
    """Read all rules and templates and name every mistake; then what is no mistake but cannot mean anything.

    Mistakes: exit status 2, each with file, line, column, the line itself and the nearest valid key. Remarks:
    exit status 1. They name routes that are never reached, families that an earlier one takes all mail from,
    names that nothing fills, steps that cannot fire, waits that do not fit together, letters that could not
    be written when a notice lacks something, and files that nothing tests.
    """
    loaded = rules_of(session)
    found = remarks_of(loaded)
    if session.json:
        print_json({"problems": [], "remarks": found, "files": len(loaded.rules), "hash": loaded.rules_hash})
    else:
        for problem in found:
            show_problem(session.screen, problem)
        _sum_up(session.screen, len(found))
    if found:
        raise click.exceptions.Exit(1)


def _sum_up(screen: Screen, remarks: int) -> None:
    if remarks:
        screen.line()
        screen.line(Bit(f"No mistakes, {remarks} remark{'s' * (remarks > 1)}.", "warn"))
    else:
        screen.line(Bit("No mistakes and no remarks.", "good"))


def remarks_of(loaded: Loaded) -> tuple[Problem, ...]:
    """What the rules say and cannot mean."""
    from bot.settings.lint import remarks

    rules = {name: (rule.document, rule.model) for name, rule in loaded.rules.items()}
    shown = {key: loaded.template_paths[key] for key in loaded.template_texts}
    return remarks(rules, loaded.templates, shown)


def show_problem(screen: Screen, problem: Problem) -> None:
    """Its place and sentence, the line with a caret below the place, and what to do."""
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)
    screen.line(Bit(place, "title"), f": {problem.message}")
    if problem.source is not None:
        screen.line("    ", Bit(problem.source, "quiet"))
        if problem.column:
            screen.line("    " + " " * (problem.column - 1) + "^")
    if problem.hint:
        screen.line("    ", problem.hint)


@click.command(
    "test",
    short_help="Run the tests in rule files.",
    epilog="Example: rejoinder rules test families/trademark",
)
@common
@click.argument("names", nargs=-1, metavar="[FILE...]")
@click.pass_obj
def test(session: Session, names: tuple[str, ...]) -> None:
    """Run the `tests:` of the rule files: short mails, and what must be read from them.

    Every mail is read with all rules that hold, so a change in one file is tested against the samples of all.
    FILE narrows it to files whose name holds that text. Exit status 1 when a test fails.
    """
    loaded = rules_of(session)
    results = [row for row in _results(loaded) if not names or any(name in row["file"] for name in names)]
    if names and not results:
        raise click.UsageError(f"No rule file with tests has {' or '.join(names)} in its name.")
    failed = [row for row in results if row["failed"]]
    if session.json:
        print_json({"tests": results, "failed": len(failed)})
    else:
        _show_results(session.screen, results, failed)
    if failed:
        raise click.exceptions.Exit(1)


def _show_results(
    screen: Screen, results: Sequence[dict[str, Any]], failed: Sequence[dict[str, Any]]
) -> None:
    for row in failed:
        screen.line(Bit(f"{row['file']}:{row['line']}", "title"), f": {row['failed']}")
    files = len({row["file"] for row in results})
    told = f"{len(results)} tests in {files} file{'s' * (files > 1)}"
    if failed:
        screen.line()
        screen.line(Bit(f"{len(failed)} failed", "bad"), f" of {told}.")
    else:
        screen.line(Bit("All pass", "good"), f": {told}.")


def _results(loaded: Loaded) -> list[dict[str, Any]]:
    """One row a test, in the order of the files."""
    from bot.reading.rules import build_rules
    from bot.reading.trial import run_tests
    from bot.settings.rules import RoutingFile

    files = {name: rule.model for name, rule in loaded.rules.items()}
    rules = build_rules({name: model.model_dump() for name, model in files.items()})
    rows = [
        _row(loaded.rules[trial.file].document, trial.number, trial.failed)
        for trial in run_tests(rules, files)
    ]
    for rule in loaded.rules.values():
        if isinstance(rule.model, RoutingFile):
            for number, one in enumerate(rule.model.tests):
                taken = loaded.routing.choose(one.matter()).name
                failed = "" if taken == one.route else f"it takes route {taken}, not {one.route}"
                rows.append(_row(rule.document, number, failed))
    return rows


def _row(document: Document, number: int, failed: str) -> dict[str, Any]:
    line, _ = document.values.get(("tests", number), (1, 1))
    return {"file": document.path, "line": line, "failed": failed or None}
