"""The command `rejoinder`: its commands, each loaded when it is typed, and what an error looks like."""

from __future__ import annotations

import errno
import importlib
import sys
from contextlib import suppress
from keyword import iskeyword
from typing import Any

import click

from bot.cli.session import Session, common

#: Section → command → (module, one line). Kept here so that `--help` loads nothing else.
COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Every day": {
        "queue": ("queue", "What waits for you, most urgent first."),
        "status": ("status", "Does it work, and what waits for whom."),
        "show": ("show", "One item: notice, letter, clocks, and what you can answer."),
        "approve": ("answers", "Let drafts leave after the undo window."),
        "edit": ("editing", "Change a draft in your editor."),
        "reject": ("answers", "Do not send this letter; the case is held."),
        "snooze": ("answers", "See an item again later."),
        "recall": ("answers", "Take an approval back before the letter leaves."),
    },
    "Cases": {
        "case": ("cases", "List, show, close or reopen cases; note what happened outside."),
        "settle": ("answers", "Say whether a letter in doubt was sent."),
        "resume": ("answers", "Let a held case go on."),
        "wait": ("answers", "Keep a held case waiting."),
        "contact": ("contact", "Whom to write to, when the notice does not say."),
        "stop": ("stopping", "Write to an address no more, in any case."),
        "go-on": ("go_on", "Let letters leave again after the circuit breaker."),
    },
    "Mail": {
        "read": ("reading", "Say what mails are, without any home or state."),
        "ingest": ("ingesting", "Take mails from files into an account."),
        "quarantine": ("quarantine", "Mail that cannot be read: list, show, try again."),
        "import": ("importing", "Fetch older mail; nothing follows from it."),
        "adopt": ("adopting", "Take on notices that came before Rejoinder did."),
        "once": ("once", "One turn of the wheel; without --send only as a rehearsal."),
        "run": ("run", "The daemon: watch, draft, send what was approved."),
    },
    "Setting up": {
        "init": ("init", "Make a home: a folder for your settings."),
        "password": ("password", "Put in a new password, tried out first."),
        "check": ("checking", "Check the files of a home."),
        "doctor": ("doctor", "Ask the servers and look at the state."),
        "rules": ("rules", "See, change, check and try the rules."),
        "safe-mode": ("safe_mode", "Letters to yourself only: whether, and on or off."),
        "alerts": ("alerts", "Try out how you are told."),
        "service": ("service", "Print a hardened systemd unit."),
        "demo": ("demo", "Play a whole case with an invented Amazon."),
    },
    "Keeping it": {
        "backup": ("keeping", "Copy settings, rules, templates and state."),
        "verify": ("keeping", "Check the state, or a backup, from end to end."),
        "restore": ("keeping", "Make a home out of a backup; it starts in safe mode."),
        "restored": ("restored", "End the safe mode of a restored copy."),
        "erase": ("erasing", "Remove somebody from all that is remembered."),
    },
}
_PLACES = {name: place for section in COMMANDS.values() for name, (place, _) in section.items()}


class Failure(click.ClickException):
    """A problem as a sentence on standard error; with --json also as JSON on standard output."""

    def __init__(self, message: str, *, status: int, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.details = details or {}

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click has a class variable
        """What the process ends with."""
        return self.status

    def show(self, file: Any = None) -> None:
        """The sentence, and where there is a --json the same for a program."""
        from bot.cli.screen import print_json
        from bot.cli.text import harmless

        context = click.get_current_context(silent=True)
        if self.details.pop("json", False) or (
            context and isinstance(context.obj, Session) and context.obj.json
        ):
            with suppress(OSError):  # where nothing can be written, standard error still has it
                print_json({"error": self.message, **self.details})
        click.echo(f"rejoinder: {harmless(self.message)}", err=True, file=file)


class Stopped(Failure):
    """Ctrl-C, the end of the input, or a no where everything was asked."""

    def __init__(self) -> None:
        super().__init__("stopped", status=1)

    def show(self, file: Any = None) -> None:
        """On a line of its own, not behind the question or ^C."""
        if sys.stderr.isatty():
            click.echo(err=True, file=file)
        super().show(file)


class Commands(click.Group):
    """Loads a command's module only when the command is typed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """In the order of the help."""
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, its module imported now."""
        if cmd_name not in _PLACES:
            return None
        module = importlib.import_module(f"bot.cli.{_PLACES[cmd_name]}")
        word = cmd_name.replace("-", "_")
        command = getattr(module, f"{word}_" if iskeyword(word) else word)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """With the nearest name when there is no such command."""
        name = args[0]
        if name not in _PLACES and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, _PLACES, 1, 0.6)
            hint = f" Did you mean {near[0]}?" if near else " `rejoinder --help` lists them all."
            raise click.UsageError(f"There is no command {name}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """By section, from the list above: nothing is imported."""
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever goes wrong becomes a sentence and an exit status."""
        session = ctx.ensure_object(Session)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (click.Abort, KeyboardInterrupt):
            raise Stopped from None
        except Exception as error:
            if session.debug or _pipe_closed(error):
                raise
            failure = _failure(error)
            failure.details["json"] = session.json
            raise failure from None


def _pipe_closed(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _failure(error: Exception) -> Failure:
    from bot.cli.screen import plain
    from bot.errors import ConfigurationError, RejoinderError

    if isinstance(error, ConfigurationError):
        count = len(error.problems)
        intro = f"{count} mistakes in your files:\n" if count > 1 else ""
        return Failure(intro + str(error), status=2, details={"problems": plain(error.problems)})
    if isinstance(error, RejoinderError):
        return Failure(str(error), status=1)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        text = "no room left on the disk. Make room, then look how far it came before you try again"
        return Failure(text, status=1)
    if isinstance(error, OSError) and error.filename:
        return Failure(f"{error.filename}: {error.strerror}", status=1)
    # Never the error's own text: it may quote a mail or a password.
    text = f"this is a mistake of ours ({_place(error)}); the same command with --debug shows more"
    return Failure(text, status=1)


def _place(error: BaseException) -> str:
    """Kind of error and the line of code it came from."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    file = step.tb_frame.f_code.co_filename.rpartition("/")[2] if step else ""
    return f"{type(error).__name__} in {file}:{step.tb_lineno}" if step else type(error).__name__


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from bot import __version__

        click.echo(f"rejoinder {__version__}")
        context.exit()


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: rejoinder demo   Every day: rejoinder queue   Help: rejoinder show --help",
)
@common
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
def rejoinder() -> None:
    """Answer Amazon's intellectual-property notices: it drafts, you approve, it sends exactly that.

    Exit status: 0 fine, 1 a problem, 2 a mistake in usage or in a file.
    """
