"""Many turns for many mailboxes: an intake loop and a sending loop per account, and one loop for time.

Every loop does all it can and then waits on the clock: until a moment that matters (a letter may leave, a
step falls due), a doorbell, or at the latest its polling time. IDLE only rings the doorbell; the timed
reconcile decides. One failing account never stops another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import LoginRefused, MailboxError, MailboxMissing, ReaderBroken, RejoinderError
from bot.ports import AlertKind, MailSource, Reader, Sender
from bot.runner.inbox.intake import learn_mailboxes, reconcile_all, understand_all
from bot.runner.inbox.understanding import Taken
from bot.runner.office import Office, OnStore, Practice
from bot.runner.outbox.filing import file_sent_copies
from bot.runner.outbox.proving import prove_by_sent
from bot.runner.outbox.recovery import recover
from bot.runner.outbox.sending import Turn, send_due
from bot.runner.steps.drafting import refresh_drafts, write_drafts
from bot.runner.steps.timing import next_due, pass_time

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often each loop looks by itself when nothing rings."""

    reconcile: timedelta = timedelta(minutes=5)
    outbox: timedelta = timedelta(seconds=5)  #: approvals come from another process
    time: timedelta = timedelta(seconds=60)
    refresh: timedelta = timedelta(minutes=15)  #: how often every waiting draft is compared with its cases
    first_retry: timedelta = timedelta(seconds=5)
    longest_retry: timedelta = timedelta(minutes=10)
    login_retry: timedelta = timedelta(minutes=20)  #: at most three tries an hour, no account is locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The servers of one account."""

    source: MailSource
    sender: Sender
    reader: Reader
    read_all: bool = False  #: first run keeps the whole mailbox instead of only observing it


@dataclass(kw_only=True)
class _Bells:
    intake: asyncio.Event = field(default_factory=asyncio.Event)
    outbox: asyncio.Event = field(default_factory=asyncio.Event)
    patience: asyncio.Event = field(default_factory=asyncio.Event)  #: rung only to stop: after a failure


class Pulse(Protocol):
    """Notes how it goes, for whoever asks from outside. Never raises."""

    def mode(self, account: str, mode: str) -> None:
        """How news of the account arrive: `idle` or `poll`."""
        ...

    def trouble(self, account: str, why: str | None) -> None:
        """Its mailbox is not read, and why; None: it is."""
        ...


class _NoPulse:
    def mode(self, account: str, mode: str) -> None:
        """Nothing."""

    def trouble(self, account: str, why: str | None) -> None:
        """Nothing."""


class Daemon:
    """Runs until cancelled, or until `stop` is called; then it finishes what is on the line."""

    def __init__(
        self,
        office: Office,
        lines: Mapping[str, Line],
        on_store: OnStore,
        pace: Pace | None = None,
        *,
        on_turn: Callable[[str, str], None] | None = None,
        settings_stand: Callable[[], bool] = lambda: True,
        follow_settings: Callable[[], object] = lambda: None,
        pulse: Pulse | None = None,
        renew: Callable[[], None] = lambda: None,
    ) -> None:
        """`settings_stand` says whether the operator's file is still the one we work by.

        `follow_settings` takes over what of it can be taken over without starting again (safe mode).
        `renew` tells the store that this daemon lives; it raises when another one took the state over.
        """
        self._office = office
        self._lines = lines
        self._on_store = on_store
        self._pace = pace or Pace()
        self._bells = {account: _Bells() for account in lines}
        self._time_bell = asyncio.Event()
        self._stopping = asyncio.Event()
        self._refreshed_at: datetime | None = None
        self._on_turn = on_turn or (lambda *_: None)
        self._settings_stand = settings_stand
        self._follow_settings = follow_settings
        self._renew = renew
        self._pulse = pulse or _NoPulse()
        self._settings_stood = True

    def ring(self) -> None:
        """Something changed from outside: every loop looks now."""
        for bells in self._bells.values():
            bells.intake.set()
            bells.outbox.set()
        self._time_bell.set()

    def stop(self) -> None:
        """Finish the letter on the line, then end."""
        self._stopping.set()
        for bells in self._bells.values():
            bells.patience.set()
        self.ring()

    async def run(self) -> None:
        """Recover, then turn until stopped.

        Raises what is wrong with the state itself, once and unwrapped, however many loops met it.
        """
        interrupted, in_doubt = await self._on_store(recover, self._office)
        if interrupted or in_doubt:
            log.warning("recovered", interrupted=interrupted, in_doubt=in_doubt)
        try:
            await self._loops()
        except BaseExceptionGroup as group:
            # A task group wraps even a single error; a person is to read our sentence and nothing else.
            raise _sentence(group) or group from None
        finally:
            for line in self._lines.values():
                await line.sender.close()
                await line.source.close()

    async def _loops(self) -> None:
        async with asyncio.TaskGroup() as group:
            listeners = [
                group.create_task(self._listen(account, line)) for account, line in self._lines.items()
            ]
            loops = [group.create_task(self._time())]
            for account, line in self._lines.items():
                loops.append(group.create_task(self._intake(account, line)))
                loops.append(group.create_task(self._outbox(account, line)))
            await asyncio.wait(loops)
            for listener in listeners:
                listener.cancel()

    async def _intake(self, account: str, line: Line) -> None:
        bells = self._bells[account]
        failures = 0
        while not self._stopping.is_set():
            pause, bell = self._pace.reconcile, bells.intake
            try:
                await self.turn_intake(account, line)
                if failures:
                    self._tell(AlertKind.INTAKE_RECOVERED, account, "the mailbox is read again")
                failures = 0
                self._pulse.trouble(account, None)
            except (MailboxError, ReaderBroken) as error:
                failures += 1
                pause, bell = self._after_failure(account, error, failures), bells.patience
            bells.outbox.set()
            self._time_bell.set()
            self._on_turn(account, "intake")
            now = self._office.clock.now()
            await self._office.clock.wait(None, bell, soft=now + pause)

    async def turn_intake(self, account: str, line: Line) -> int:
        """Keep, understand and draft once for one account; how many mails were new."""
        practice = await learn_mailboxes(self._office, account, line.source)
        kept = await reconcile_all(
            self._office, practice, line.source, self._on_store, read_all=line.read_all
        )
        await understand_all(self._office, practice, line.reader, self._on_store, _note)
        await prove_by_sent(self._office, practice, line.source, self._on_store)
        await self._draft(practice)
        await file_sent_copies(self._office, practice, line.source, self._on_store)
        return kept

    async def _draft(self, practice: Practice) -> None:
        while written := await self._on_store(write_drafts, self._office, practice):
            log.info("drafted", account=practice.account_id, letters=written)

    def _after_failure(self, account: str, error: MailboxError | ReaderBroken, failures: int) -> timedelta:
        """How long to pause; a person is told once, at the first failure."""
        if failures == 1:
            self._tell(AlertKind.INTAKE_STOPPED, account, _why(error), detail=str(error))
        self._pulse.trouble(account, _why(error))
        log.warning("intake failed", account=account, error=str(error), failures=failures)
        if isinstance(error, LoginRefused):
            return self._pace.login_retry
        return min(self._pace.longest_retry, self._pace.first_retry * (1 << min(failures - 1, 10)))

    async def _listen(self, account: str, line: Line) -> None:
        """Keep IDLE open and ring the doorbell; a lost line is opened again, patiently."""
        bells = self._bells[account]
        pause = self._pace.first_retry
        while not self._stopping.is_set():
            began = self._office.clock.now()
            try:
                practice = await learn_mailboxes(self._office, account, line.source)
                self._pulse.mode(account, "idle")
                await line.source.wait(practice.listened_to, bells.intake.set)
                self._pulse.mode(account, "poll")
                return  # the server has no IDLE: the timed reconcile alone decides
            except MailboxError as error:
                self._pulse.mode(account, "poll")
                log.info("idle lost", account=account, error=str(error))
            if self._office.clock.now() - began > self._pace.longest_retry:
                pause = self._pace.first_retry  # it held for long: this is another outage, not the last one
            bells.intake.set()
            await asyncio.sleep(pause.total_seconds())
            pause = min(self._pace.longest_retry, pause * 2)

    async def _outbox(self, account: str, line: Line) -> None:
        bells = self._bells[account]
        while not self._stopping.is_set():
            turn = await self.turn_outbox(account, line)
            if turn.must_listen or turn.attempted:
                bells.intake.set()
            if turn.attempted:
                self._time_bell.set()
            self._on_turn(account, "outbox")
            soft = self._office.clock.now() + self._pace.outbox
            await self._office.clock.wait(turn.next_at, bells.outbox, soft=soft)

    async def turn_outbox(self, account: str, line: Line) -> Turn:
        """Send what may leave of one account."""
        self._follow_settings()  # before `practice` is taken: the gate compares with its safe mode
        self._watch_settings()
        practice = self._office.practices[account]
        return await send_due(self._office, practice, line.sender, self._on_store, go_on=self._may_send)

    def _watch_settings(self) -> None:
        """Tell once when nothing can leave because the file says something that we do not work by."""
        stand = self._settings_stand()
        if self._settings_stood and not stand:
            text = "rejoinder.yaml was changed: nothing leaves until the daemon is started again"
            self._tell(AlertKind.STOP_SWITCH, "", text)
        self._settings_stood = stand

    def _may_send(self) -> bool:
        """Asked before every letter: nothing leaves under settings that the operator has changed.

        Who switches safe mode on and forgets to start us again must not see a letter leave.
        """
        return self._settings_stand() and not self._stopping.is_set()

    async def _time(self) -> None:
        while not self._stopping.is_set():
            await self._on_store(self._renew)
            await self._on_store(pass_time, self._office)
            for practice in self._office.practices.values():
                await self._draft(practice)  # also what a person resumed: it needs no mailbox
            await self._refresh()
            due = await self._on_store(next_due, self._office)
            self._on_turn("", "time")
            soft = self._office.clock.now() + self._pace.time
            await self._office.clock.wait(due, self._time_bell, soft=soft)

    async def _refresh(self) -> None:
        """Now and then, compare every waiting draft with what its cases say."""
        now = self._office.clock.now()
        if self._refreshed_at is not None and now < self._refreshed_at + self._pace.refresh:
            return
        self._refreshed_at = now
        for practice in self._office.practices.values():
            await self._on_store(refresh_drafts, self._office, practice)

    def _tell(self, kind: AlertKind, account: str, text: str, *, detail: str = "") -> None:
        self._office.notifier.tell(kind, account, text, detail=detail)


def _note(taken: Taken) -> None:
    log.info("understood", mail=taken.mail.mail_id, kind=taken.result.kind)


def _sentence(group: BaseExceptionGroup[BaseException]) -> RejoinderError | None:
    """The first of errors that were all raised on purpose; None when a mistake is among them."""
    ours, mistakes = group.split(RejoinderError)
    if mistakes is not None:
        return None
    error: BaseException | None = ours
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, RejoinderError) else None


def _why(error: MailboxError | ReaderBroken) -> str:
    """What is wrong with a mailbox, without the server's words: those may name anybody."""
    match error:
        case ReaderBroken():
            return "mail is kept and not understood: the reader does not start, and the log says why"
        case LoginRefused():
            return "the mailbox is not read any more: the login is refused, so look after the password"
        case MailboxMissing():
            return "the mailbox is not read any more: the server has no mailbox of that name"
        case _:
            return "the mailbox is not read any more: the server cannot be reached; we keep trying"
