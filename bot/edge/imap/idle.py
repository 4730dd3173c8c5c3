"""One thread that watches every idling line of every account, and says when there is news.

A line is owned either by this thread (idling, waiting in a selector) or by one thread of the pool (a
*turn*: leave IDLE, look, enter IDLE again). A turn is taken when the server speaks, when the line ends and
when the renewal falls due; so each of them may block for a read timeout without holding up other lines.
IDLE is only a hint: servers forget it, and the caller reconciles by the clock anyway.
"""

from __future__ import annotations

import contextlib
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future

from bot.edge.imap.guard import ImapGuard
from bot.errors import MailboxError, MailboxUnreachable
from bot.ports import MailboxState

#: RFC 2177 §3 asks for a renewal within 29 minutes; home routers forget a silent line after ten.
RENEW_AFTER = 9 * 60.0
#: A turn is three short exchanges; beyond this the line is cut, however slowly the server trickles.
LONGEST_TURN = 3 * 60.0


class Watch:
    """One idling line; `ended` resolves once its socket is closed, to the error that ended it or None."""

    def __init__(self, line: ImapGuard, state: MailboxState, news: Callable[[], None]) -> None:
        self.ended: Future[MailboxError | None] = Future()
        self.ended.set_running_or_notify_cancel()  # nobody who waits for it can cancel it
        self._line = line
        self._state = state
        self._news = news
        # Touched by the poller thread only:
        self._stopped = False
        self._turning = False
        self._due = 0.0

    def _turn(self) -> bool:
        """In the pool: leave IDLE, look, enter IDLE again. True when the server has more to say already."""
        # The socket of a lost line is readable, and only reading it tells: this raises at its end.
        heard = self._line.idle_done()
        if heard:
            self._news()
        # EXAMINE also empties the pile of untagged responses that imaplib keeps until then.
        state = self._line.examine(self._state.mailbox)
        changed = (state.uidvalidity, state.uidnext) != (self._state.uidvalidity, self._state.uidnext)
        if changed and not heard:
            self._news()
        self._state = state
        return self._line.idle()


class IdlePoller:
    """The thread; it starts with the first watch and ends with `close`."""

    def __init__(
        self, pool: Executor, *, renew_after: float = RENEW_AFTER, longest_turn: float = LONGEST_TURN
    ) -> None:
        self._pool = pool
        self._renew_after = renew_after
        self._longest_turn = longest_turn
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards _thread and _closed
        self._thread: threading.Thread | None = None
        self._closed = False
        # Used by the poller thread only:
        self._selector: selectors.BaseSelector
        self._bell: socket.socket
        self._ringer: socket.socket
        self._watches: set[Watch] = set()

    # ------------------------------------------------------------------------------- from any thread

    def watch(
        self, line: ImapGuard, state: MailboxState, news: Callable[[], None], *, heard: bool = False
    ) -> Watch:
        """Take over a line that has entered IDLE on `state.mailbox`; call `news` (from some thread) on news.

        `heard` is what `line.idle()` said: bytes already taken in would never wake a selector.
        Raises MailboxUnreachable when the poller is closed.
        """
        watch = Watch(line, state, news)
        with self._lock:
            if self._closed:
                raise MailboxUnreachable("the watch over the mailboxes has ended")
            if self._thread is None:
                self._start()
            self._ask(lambda: self._admit(watch, heard))
        return watch

    def stop(self, watch: Watch) -> None:
        """End a watch; `watch.ended` tells when its socket is closed."""
        self._ask(lambda: self._stop(watch))

    def close(self) -> None:
        """End every watch and the thread; blocks until both are gone."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._ask(lambda: None)
            thread.join()

    def _start(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="imap-idle", daemon=True)
        self._thread.start()

    def _ask(self, request: Callable[[], None]) -> None:
        self._requests.put(request)
        # A full pair means that the thread is awake anyway; a closed one that it has ended.
        with contextlib.suppress(OSError):
            self._ringer.send(b"!")

    # ----------------------------------------------------------------------------- the poller thread

    def _run(self) -> None:
        # Requests after watches: a watch asked for just before `close` is still to be admitted and ended.
        while not (self._closed and not self._watches and self._requests.empty()):
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    self._bell.recv(4096)
                else:
                    self._begin_turn(key.data)
            with contextlib.suppress(queue.Empty):
                while True:
                    self._requests.get_nowait()()
            self._look_at_the_clock()
            if self._closed:
                for watch in tuple(self._watches):
                    self._stop(watch)
        self._selector.close()
        self._bell.close()
        self._ringer.close()

    def _patience(self) -> float | None:
        """Seconds until the next renewal or overlong turn."""
        if not self._watches:
            return None
        return max(0.0, min(watch._due for watch in self._watches) - time.monotonic())

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        for watch in [watch for watch in self._watches if watch._due <= now]:
            if watch._turning:
                # Half-open or trickling: cutting the line wakes the thread that waits on it.
                watch._line.drop()
                watch._due = now + self._longest_turn
            else:
                self._begin_turn(watch)

    def _admit(self, watch: Watch, heard: bool) -> None:
        self._watches.add(watch)
        if heard:
            self._turn(watch)
        else:
            self._idle(watch)

    def _idle(self, watch: Watch) -> None:
        watch._turning = False
        watch._due = time.monotonic() + self._renew_after
        self._selector.register(watch._line.fileno(), selectors.EVENT_READ, watch)

    def _begin_turn(self, watch: Watch) -> None:
        # Unregistered first: a socket at its end stays readable, and the loop would spin on it.
        self._selector.unregister(watch._line.fileno())
        self._turn(watch)

    def _turn(self, watch: Watch) -> None:
        watch._turning = True
        watch._due = time.monotonic() + self._longest_turn
        try:
            future = self._pool.submit(watch._turn)
        except RuntimeError:  # the pool was shut down before us
            self._end(watch, MailboxUnreachable("the connections are being closed"))
            return
        future.add_done_callback(lambda done: self._ask(lambda: self._end_turn(watch, done)))

    def _end_turn(self, watch: Watch, done: Future[bool]) -> None:
        error = None if done.cancelled() else done.exception()
        if watch._stopped or done.cancelled():
            self._end(watch, None)
        elif error is not None:
            ours = (
                error
                if isinstance(error, MailboxError)
                else MailboxUnreachable(f"watching failed: {error!r}")
            )
            self._end(watch, ours)
        elif done.result():
            self._turn(watch)
        else:
            self._idle(watch)

    def _stop(self, watch: Watch) -> None:
        if watch not in self._watches or watch._stopped:
            return
        watch._stopped = True
        if watch._turning:
            watch._line.drop()  # the turn ends with an error, and _end_turn closes the line
        else:
            self._selector.unregister(watch._line.fileno())
            self._end(watch, None)

    def _end(self, watch: Watch, error: MailboxError | None) -> None:
        self._watches.discard(watch)
        watch._line.close()
        watch.ended.set_result(error)
