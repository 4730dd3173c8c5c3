"""What every command shares: the options given before or after its name, the home, and who answers."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.screen import Screen

if TYPE_CHECKING:
    from bot.ports import AlertKind
    from bot.settings.values import Settings
    from bot.wiring import House

F = TypeVar("F", bound=Callable[..., Any])

#: `by` of what no person did (bot.case.events.ENGINE); nobody may answer under that name.
ENGINE = "rejoinder"


class Quiet:
    """Fulfils `Notifier` for a command that prints what came of it anyway."""

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """Nothing."""


@dataclass(kw_only=True)
class Session:
    """One call of `rejoinder`."""

    home_flag: Path | None = None
    json: bool = False
    debug: bool = False
    _screen: Screen | None = field(default=None, repr=False)

    @property
    def screen(self) -> Screen:
        """Standard output."""
        if self._screen is None:
            self._screen = Screen()
        return self._screen

    def home(self) -> Path:
        """The home asked for. Raises ConfigurationError when there is none."""
        from bot.edge.files import find_home

        return find_home(self.home_flag)

    @contextmanager
    def house(self, *, light: bool = True) -> Iterator[House]:
        """The home without servers; `light` without what only the reading of mail needs."""
        from bot.wiring import open_house

        # The daemon looks for damage when it starts; a command that lives for a moment does not.
        with open_house(self.home(), check=False, notifier=Quiet(), light=light) as house:
            yield house

    def by(self, settings: Settings, given: str | None) -> str:
        """Who answers: the name given, the reviewer of the settings, or the login name; always a person."""
        name = (given or settings.reviewer or _login() or "").strip()
        if not name:
            raise click.UsageError("Nobody knows who you are: add --by NAME, or reviewer: to rejoinder.yaml.")
        if name.casefold() == ENGINE:
            raise click.UsageError("An answer is a person's, so it cannot be by rejoinder: add --by NAME.")
        return name

    @property
    def may_ask(self) -> bool:
        """True when a person sits at the terminal and waits for words, not for JSON."""
        return not self.json and at_terminal()

    def ask(self, question: str) -> bool:
        """A yes or no from the person at the terminal. Raises UsageError where there is none."""
        if not self.may_ask:
            raise click.UsageError("There is no terminal to ask at: add --yes to mean it.")
        return click.confirm(question, default=False)

    def typed_again(self, wanted: str, given: str | None, question: str, nothing: str) -> None:
        """The person types `wanted` once more, or gave it as --confirm; upper and lower case are one.

        Raises UsageError, which says `nothing` of what did not happen, when it is something else.
        """
        if given is None:
            if not self.may_ask:
                raise click.UsageError(f"There is no terminal to ask at: add --confirm {wanted} to mean it.")
            given = click.prompt(question, default="")
        if given.strip().casefold() != wanted.casefold():
            raise click.UsageError(f"That is not {wanted}; {nothing}.")


def at_terminal() -> bool:
    """True when a person can read what is asked and type an answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def now() -> datetime:
    """The moment on the wall clock, aware, UTC."""
    from bot.edge.clock import SystemClock

    return SystemClock().now()


def _login() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return None


def common(function: F) -> F:
    """--home, --json and --debug, which may stand before or after the name of a command."""

    def setter(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
        def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
            if value:
                setattr(context.ensure_object(Session), name, value)
            return value

        return keep

    for option in (
        click.option(
            "--debug", is_flag=True, expose_value=False, callback=setter("debug"), help="Show tracebacks."
        ),
        click.option("--json", is_flag=True, expose_value=False, callback=setter("json"), help="Print JSON."),
        click.option(
            "--home",
            type=click.Path(path_type=Path),
            expose_value=False,
            callback=setter("home_flag"),
            metavar="DIR",
            help="The home to work in (else REJOINDER_HOME, else the current folder).",
        ),
    ):
        function = option(function)
    return function


by_option = click.option("--by", metavar="NAME", help="Who answers (else reviewer:, else your login name).")
