"""The watched mailboxes of one account, read over IMAP without changing anything in them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

import tenacity

from bot.edge.imap import fetching
from bot.edge.imap.arguments import searchable_message_id
from bot.edge.imap.faults import LastingTrouble, LiteralTooLarge
from bot.edge.imap.fetching import Place
from bot.edge.imap.guard import MAX_IDS, Announced, ImapGuard
from bot.edge.imap.idle import IdlePoller, Watch
from bot.edge.imap.settings import ImapSettings
from bot.errors import ControlCharacter, LoginRefused, MailboxError, MailboxUnreachable, SecretUnavailable
from bot.ports import Fetched, MailboxState

T = TypeVar("T")

#: After a refused login the same secret is not tried again for so long, lest the account be locked.
REFUSAL_REMEMBERED = 20 * 60.0
#: A line lost sooner than this is not quietly opened again: the caller shall know, and wait.
STEADY_AFTER = 60.0
#: Seconds a server may take to answer LOGOUT.
GOODBYE = 2.0

_SLOWEST = 1_000  # octets a second; a server slower than that is as good as gone


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, MailboxUnreachable) and not isinstance(error, LastingTrouble)


class ImapSource:
    """MailSource over one command line and one idling line a mailbox; blocking work runs in `pool`.

    Several sources share `pool` and `poller`; whoever made those closes them, after `close`.
    """

    def __init__(
        self,
        settings: ImapSettings,
        pool: ThreadPoolExecutor,
        poller: IdlePoller,
        *,
        steady_after: float = STEADY_AFTER,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._poller = poller
        self._steady_after = steady_after
        self._line: ImapGuard | None = None
        self._one_at_a_time = asyncio.Lock()
        self._refused: tuple[str, float, str] | None = None  # secret, when (monotonic), what was said
        self._working: dict[asyncio.Future[Any], ImapGuard] = {}
        self._keeping: set[asyncio.Task[None]] = set()
        self._closed = False

    # ---------------------------------------------------------------------------------------- MailSource

    async def state(self, mailbox: str) -> MailboxState:
        """EXAMINE the mailbox. Raises MailboxMissing, MailboxUnreachable, LoginRefused."""
        return await self._command(lambda line: line.examine(mailbox))

    async def fetch_after(self, mailbox: str, uidvalidity: int, last_uid: int) -> AsyncIterator[Fetched]:
        """Every message with a UID above `last_uid`, ascending; one run is read ahead of the consumer.

        Raises MailboxUnreachable when UIDVALIDITY is no longer the one given.
        """
        source = self._runs(Place(mailbox=mailbox, uidvalidity=uidvalidity), last_uid)
        ahead = asyncio.create_task(_next(source))
        try:
            while (run := await ahead) is not None:
                # Beside a giant nothing else is in memory.
                giant = sum(len(message.raw or b"") for message in run) > fetching.RUN_OCTETS
                if not giant:
                    ahead = asyncio.create_task(_next(source))
                    await asyncio.sleep(0)  # a consumer that never waits would never let it begin
                for message in run:
                    yield message
                if giant:
                    ahead = asyncio.create_task(_next(source))
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            await source.aclose()

    async def search(
        self, mailbox: str, uidvalidity: int, since: date, *, about: tuple[str, ...] = ()
    ) -> tuple[int, ...]:
        """UIDs of what arrived since that day; with `about` only what names one of these.

        Raises MailboxUnreachable when UIDVALIDITY is no longer the one given, ControlCharacter.
        """
        place = Place(mailbox=mailbox, uidvalidity=uidvalidity)
        return tuple(await self._command(lambda line: fetching.uids_since(line, place, since, about)))

    async def fetch(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> AsyncIterator[Fetched]:
        """These messages, as far as they still exist."""
        source = self._runs_of(Place(mailbox=mailbox, uidvalidity=uidvalidity), sorted(set(uids)))
        try:
            async for run in source:
                for message in run:
                    yield message
        finally:
            await source.aclose()

    async def wait(self, mailboxes: tuple[str, ...], doorbell: Callable[[], None]) -> None:
        """Keep IDLE on the mailboxes and call `doorbell` on the loop at every sign of news, for ever.

        Returns when the server has no IDLE. Raises MailboxError when a line is lost and cannot be had back
        within seconds, or was lost soon after it was opened.
        """
        loop = asyncio.get_running_loop()

        def news() -> None:
            loop.call_soon_threadsafe(doorbell)

        tasks: list[asyncio.Task[None]] = []
        begun: list[Watch] = []
        try:
            # One after the other: were the password wrong, this refuses once and not once a mailbox.
            for mailbox in mailboxes:
                watch = await self._begin_watch(mailbox, news)
                if watch is None:
                    return
                begun.append(watch)
                tasks.append(asyncio.create_task(self._keep(watch, mailbox, news)))
                self._keeping.add(tasks[-1])
            if tasks:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if any(task.cancelled() for task in done):
                    self._refuse_if_closed()
                for task in done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            # A task that is cancelled before its first step never sees its watch.
            for watch in begun:
                self._poller.stop(watch)
            ended = (asyncio.wrap_future(watch.ended) for watch in begun)
            await asyncio.gather(*tasks, *ended, return_exceptions=True)
            self._keeping.difference_update(tasks)

    async def special_use(self, attribute: str) -> str | None:
        r"""Name of the mailbox with a special use such as `\Sent` or `\Junk` (RFC 6154), or None."""
        return await self._command(lambda line: line.special_use(attribute))

    async def has_message_id(self, mailbox: str, message_id: str) -> bool:
        """True when a message of this Message-ID lies in the mailbox.

        Raises ControlCharacter or NotPossible, before anything is sent, for what is no plain Message-ID.
        """
        searchable_message_id(message_id)

        def look(line: ImapGuard) -> bool:
            line.examine(mailbox)
            return line.has_message_id(message_id)

        return await self._command(look)

    async def append(self, mailbox: str, raw: bytes, at: datetime) -> None:
        r"""File a copy, marked `\Seen`, with `at` as its INTERNALDATE. Raises MailboxMissing."""
        # A kept line may have died unnoticed. Find out first: an APPEND whose answer is lost may have been
        # done, so it is never tried twice.
        async with self._one_at_a_time:
            await self._tried(lambda line: line.noop())
            await self._once(lambda line: line.append(mailbox, raw, at), len(raw))

    async def close(self) -> None:
        """Log out and drop every connection; no thread works for this source afterwards."""
        self._closed = True
        for task in self._keeping:
            task.cancel()
        for line in self._working.values():
            line.drop()
        if self._working:
            await asyncio.wait(tuple(self._working))
        await asyncio.gather(*self._keeping, return_exceptions=True)
        line_left, self._line = self._line, None
        if line_left is not None:
            with contextlib.suppress(MailboxUnreachable):
                await self._in_a_thread(line_left, line_left.log_out, GOODBYE)
            if self._working:
                await asyncio.wait(tuple(self._working))

    # ------------------------------------------------------------------------------------------ fetching

    async def _runs(self, place: Place, last_uid: int) -> AsyncGenerator[list[Fetched], None]:
        uids = await self._command(lambda line: fetching.new_uids(line, place, last_uid))
        runs = self._runs_of(place, uids)
        try:
            async for run in runs:
                yield run
        finally:
            await runs.aclose()

    async def _runs_of(self, place: Place, uids: Sequence[int]) -> AsyncGenerator[list[Fetched], None]:
        for start in range(0, len(uids), MAX_IDS):
            some = list(uids[start : start + MAX_IDS])
            messages = await self._command(partial(fetching.announced, place=place, uids=some))
            for run in fetching.runs(messages):
                raws = await self._bodies(place, run)
                yield [
                    Fetched(
                        mailbox=place.mailbox,
                        uidvalidity=place.uidvalidity,
                        uid=message.uid,
                        internal_date=message.internal_date,
                        size=message.size,
                        raw=raws[message.uid],
                    )
                    for message in run
                    if message.uid in raws
                ]

    async def _bodies(self, place: Place, run: list[Announced]) -> dict[int, bytes | None]:
        """By UID; None for a message beyond the limit, nothing for one that is gone."""
        limit = self._settings.size_limit
        found: dict[int, bytes | None] = {message.uid: None for message in run if message.size > limit}
        fitting = [message for message in run if message.size <= limit]
        allowed = fetching.allowance(fitting, limit)
        work = partial(
            fetching.bodies, place=place, uids=[message.uid for message in fitting], allowed=allowed
        )
        try:
            if fitting:
                found |= await self._command(work, sum(message.size for message in fitting))
        except LiteralTooLarge:
            # One is not as small as announced: alone it has all of the limit, and beyond that is too large.
            if len(fitting) == 1:
                return {fitting[0].uid: None}
            for message in fitting:
                found |= await self._bodies(place, [message])
        return found

    # ---------------------------------------------------------------------------------------------- idle

    async def _begin_watch(self, mailbox: str, news: Callable[[], None]) -> Watch | None:
        """A watch on a line of its own, or None when the server has no IDLE; rings once."""

        async def attempt() -> Watch | None:
            self._refuse_if_closed()
            line = ImapGuard(self._settings)
            entered = await self._in_a_thread(
                line, partial(self._enter_idle, line, mailbox), self._patience(0)
            )
            if entered is None:
                return None
            state, heard = entered
            try:
                return self._poller.watch(line, state, news, heard=heard)
            except MailboxUnreachable:
                line.close()
                raise

        watch: Watch | None = await _retrying()(attempt)
        # What came before IDLE began is news to a caller who last looked earlier than that.
        if watch is not None:
            news()
        return watch

    def _enter_idle(self, line: ImapGuard, mailbox: str) -> tuple[MailboxState, bool] | None:
        try:
            self._log_in(line)
            if not line.has_capability("IDLE"):
                line.log_out()
                return None
            return line.examine(mailbox), line.idle()
        except BaseException:
            line.close()
            raise

    async def _keep(self, watch: Watch, mailbox: str, news: Callable[[], None]) -> None:
        """Until cancelled: watch one mailbox, and open the line again when it was lost after a good while."""
        while True:
            began = time.monotonic()
            error = await self._until_it_ends(watch)
            if time.monotonic() - began < self._steady_after:
                raise error
            again = await self._begin_watch(mailbox, news)
            if again is None:
                return
            watch = again

    async def _until_it_ends(self, watch: Watch) -> MailboxError:
        ended = asyncio.wrap_future(watch.ended)
        try:
            error = await asyncio.shield(ended)
        except asyncio.CancelledError:
            self._poller.stop(watch)
            await asyncio.wait([ended])
            raise
        return error or MailboxUnreachable(f"{self._settings}: the watch over the mailboxes has ended")

    # ---------------------------------------------------------------------------------- the command line

    async def _command(self, work: Callable[[ImapGuard], T], octets: int = 0) -> T:
        """Run reading `work` on the command line; when it was lost, open it anew for some seconds at most."""
        async with self._one_at_a_time:
            return await self._tried(work, octets)

    async def _tried(self, work: Callable[[ImapGuard], T], octets: int = 0) -> T:
        result: T = await _retrying()(self._once, work, octets)
        return result

    async def _once(self, work: Callable[[ImapGuard], T], octets: int = 0) -> T:
        self._refuse_if_closed()
        line = self._line
        if line is None or not line.usable:
            line = ImapGuard(self._settings)
            await self._in_a_thread(line, partial(self._log_in, line), self._patience(0))
            self._line = line
        return await self._in_a_thread(line, partial(work, line), self._patience(octets))

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise LastingTrouble(f"{self._settings}: the connections were closed")

    def _patience(self, octets: int) -> float:
        """Seconds for a piece of work of a few commands; the read timeout alone never ends a trickle."""
        return self._settings.connect_timeout + 3 * self._settings.read_timeout + octets / _SLOWEST

    async def _in_a_thread(self, line: ImapGuard, work: Callable[[], T], seconds: float) -> T:
        """Run blocking work on a line; when we cannot wait any longer, cut the line to wake the thread."""
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        self._working[future] = line
        future.add_done_callback(self._working.pop)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(future)
        except (TimeoutError, asyncio.CancelledError) as impatience:
            line.drop()
            future.add_done_callback(lambda done: _swept(line, done))
            if isinstance(impatience, TimeoutError):
                raise MailboxUnreachable(
                    f"{self._settings}: no end after {seconds:.0f} s; the line was cut"
                ) from None
            raise

    def _log_in(self, line: ImapGuard) -> None:
        try:
            secret = self._settings.secret()
        except SecretUnavailable as error:
            # Whoever waits for mail handles errors of the mailbox, and this one too asks for a person.
            raise LoginRefused(f"{self._settings}: {error}") from error
        if self._refused is not None:
            refused, when, said = self._refused
            if secret == refused and time.monotonic() - when < REFUSAL_REMEMBERED:
                raise LoginRefused(said)
        try:
            line.open(secret)
        except ControlCharacter as error:
            raise LoginRefused(
                f"{self._settings}: the user name or the secret holds a control character; write it anew"
            ) from error
        except LoginRefused as error:
            self._refused = (secret, time.monotonic(), str(error))
            raise
        self._refused = None


def _retrying() -> tenacity.AsyncRetrying:
    # Seconds only; what lasts longer is the caller's to time. tenacity's own defaults retry for ever.
    return tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_worth_another_try),
        stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(20),
        wait=tenacity.wait_exponential(multiplier=0.2, max=4) + tenacity.wait_random(0, 0.2),
        reraise=True,
    )


async def _next(source: AsyncGenerator[list[Fetched], None]) -> list[Fetched] | None:
    return await anext(source, None)


def _swept(line: ImapGuard, done: asyncio.Future[T]) -> None:
    """After the thread has let go of a line that was cut: close it, and hear what nobody waits for."""
    if not done.cancelled():
        done.exception()
    line.close()
