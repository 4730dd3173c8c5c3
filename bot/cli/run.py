"""`rejoinder run`: the daemon, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING, Any, Protocol

import click

from bot.cli.session import Session, common
from bot.errors import NotPossible, RejoinderError

if TYPE_CHECKING:
    from bot.cli.screen import Screen
    from bot.edge.alerts.announcer import Announcer
    from bot.edge.log import Redactor
    from bot.wiring import House

_LEVELS = click.Choice(["debug", "info", "warning", "error"])


@click.command(short_help="The daemon.", epilog="Example: rejoinder run 2>> rejoinder.log")
@common
@click.option(
    "--log-level", type=_LEVELS, default="info", show_default=True, help="What is written to the log."
)
@click.pass_obj
def run(session: Session, log_level: str) -> None:
    """Watch the mailboxes, draft, and send what was approved, until stopped.

    The log goes to standard error, one JSON object a line (plain words in a terminal), without addresses and
    passwords. SIGTERM or Ctrl-C finishes the letter on the line and ends; a second one ends at once. SIGHUP,
    or a change of rules or templates, takes the new ones over when they hold no mistake.
    """
    from bot.edge.alerts.announcer import Announcer
    from bot.edge.allocator import hold_little
    from bot.edge.clock import SystemClock
    from bot.edge.cores import no_core_files
    from bot.edge.lock import StateLock
    from bot.edge.log import set_up
    from bot.edge.places import LOCK
    from bot.edge.runtime import prove_guard, weaknesses
    from bot.wiring import open_house

    no_core_files()
    hold_little()
    prove_guard()
    home = session.home()
    from bot.edge.files import load_settings

    settings = load_settings(home)
    if not settings.accounts:
        raise NotPossible(
            "rejoinder.yaml names no account, so there is nothing to watch; the comments in it show how"
        )
    announcer = Announcer(SystemClock())
    with StateLock(settings.state / LOCK) as lock, open_house(home, notifier=announcer, lock=lock) as house:
        redactor = set_up(level=log_level)  # type: ignore[arg-type]  # click knows the choices
        if sys.stdout.isatty():
            _say_what_happens(session.screen, len(settings.accounts), safe=house.settings.safe_mode)
        # Our own composing stops them: it was asked just now, before anything else.
        logging.getLogger("rejoinder").info("weaknesses of this Python", extra={"found": list(weaknesses())})
        forced = asyncio.run(_run(house, announcer, redactor))
    if forced:
        raise click.exceptions.Exit(1)


def _say_what_happens(screen: Screen, accounts: int, *, safe: bool) -> None:
    """For whoever started it by hand, and would otherwise only see its log."""
    whose = "your mailbox" if accounts == 1 else f"the mailboxes of {accounts} accounts"
    screen.paragraph(
        f"Watching {whose}. Leave this window open and work in another one; Ctrl-C ends it. The log follows."
    )
    if safe:
        screen.paragraph("TEST: safe mode is on, so what you approve goes to yourself only.", look="test")


async def _run(house: House, announcer: Announcer, redactor: Redactor) -> bool:
    """True when it was made to end at once."""
    from bot.cli.alerting import open_alerts
    from bot.cli.reloading import RulesWatch
    from bot.daemon import Daemon
    from bot.edge.pulse import Pulse
    from bot.edge.store.writer import StoreThread
    from bot.ports import AlertKind
    from bot.wiring import SettingsWatch, open_lines

    log = logging.getLogger("rejoinder")
    thread = StoreThread()
    try:
        async with (
            open_lines(house, tell=redactor.learn) as lines,
            open_alerts(house, announcer, lines, thread, tell=redactor.learn),
        ):
            watch = SettingsWatch(house)
            daemon = Daemon(
                house.office,
                lines,
                thread,
                settings_stand=watch.stand,
                follow_settings=watch.follow,
                renew=house.renew,
                pulse=Pulse(house.settings.state, house.office.clock),
            )
            running = asyncio.create_task(daemon.run())
            stop = Stop(daemon, running)
            stop.listen()
            reloading = asyncio.create_task(RulesWatch(house, lines).run())
            log.info("started", extra={"accounts": len(lines), "safe_mode": house.settings.safe_mode})
            try:
                await running
            except asyncio.CancelledError:
                if not stop.forced:
                    raise
            except Exception as error:
                text = "Rejoinder ended because of an error, and no mail is read; its log says which"
                announcer.tell(AlertKind.INTAKE_STOPPED, "", text)
                _log_the_end(log, error)
                raise
            finally:
                reloading.cancel()
            log.info("stopped", extra={"at_once": stop.forced})
            return stop.forced
    finally:
        thread.close()


def _log_the_end(log: logging.Logger, error: Exception) -> None:
    """Redacted, unlike what is printed later; where it came from only when it is a mistake of ours."""
    if isinstance(error, RejoinderError):
        log.critical("stopped by an error", extra={"error": str(error)})
    else:
        log.critical("stopped by an error", exc_info=error)


class Stoppable(Protocol):
    """A daemon, as far as stopping it goes."""

    def stop(self) -> None:
        """Finish the letter on the line, then end."""
        ...


class Stop:
    """The first signal asks, the second one ends."""

    def __init__(self, daemon: Stoppable, running: asyncio.Task[Any]) -> None:
        """`running` is the daemon's own run."""
        self._daemon = daemon
        self._running = running
        self._asked = False
        self.forced = False

    def listen(self) -> None:
        """From now on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self)

    def __call__(self) -> None:
        """A signal came."""
        if self._asked:
            self.forced = True
            self._running.cancel()
            return
        self._asked = True
        self._daemon.stop()
