"""`rejoinder demo`: the whole program against an invented Amazon on this machine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.cli.session import at_terminal, common
from bot.errors import NotPossible


@click.command(short_help="Play a whole case.", epilog="Example: rejoinder demo --auto")
@common
@click.option(
    "--auto", is_flag=True, help="Play it through without asking; needed where there is no terminal."
)
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep the home of the demo here."
)
def demo(auto: bool, keep: Path | None) -> None:
    """Play whole cases with invented parties on servers of this machine; no mail leaves it.

    Time jumps: weeks pass in seconds. With --keep DIR you can look at the home afterwards.
    """
    try:
        from bot.demo.run import run_demo
    except ModuleNotFoundError as error:
        raise NotPossible(
            f"the demo needs {error.name}, which is not installed: pip install 'rejoinder[demo]'"
        ) from error

    if not auto and not at_terminal():
        raise click.UsageError("There is no terminal to ask at: add --auto to let it play by itself.")
    typed = None if auto else sys.stdin
    status = asyncio.run(run_demo(auto=auto, keep_home=keep, out=sys.stdout, typed=typed))
    if status:
        raise click.exceptions.Exit(status)
