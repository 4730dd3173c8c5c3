"""What goes wrong in which hour: one fault of the mail server, the mailbox, the disk or the process."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.inbox import Inbox
from tests.soak.road import Road
from tests.torture.post import PostOffice

#: Committed before the mails of the hour come; login refused lasts until the next hour.
MAILBOX = (
    "idle dropped",
    "every line dropped",
    "login refused for an hour",
    "slow",
    "a mail twice",
    "database locked",
)
#: Laid in wait for the next letter, while some are about to leave.
MAIL_SERVER = ("line dropped at MAIL", "421 at MAIL", "greylisted", "lost after the dot")
#: By plan: those that cost much, or a life.
RENUMBERED, TERMINATED, FSYNC = "mailbox renumbered", "daemon ended by SIGTERM, and started", "fsync fails"
#: How long the database stays locked, in seconds.
LOCKED = 0.3


@dataclass
class Weather:
    """Commits faults on the lines that it was given, and counts them."""

    chance: random.Random
    road: Road
    post: PostOffice
    inbox: Inbox
    database: Path
    count: Counter[str] = field(default_factory=Counter)

    @property
    def mailbox_is_shut(self) -> bool:
        """True while logins are refused."""
        return self.road.refuses

    def clears(self) -> None:
        """The hour is over."""
        self.road.refuses = self.road.slow = False

    def of_the_mailbox(self) -> str:
        """Commit one of these; its name."""
        return self.commit(self.chance.choice(MAILBOX))

    def of_the_mail_server(self) -> str:
        """Commit one of these on the next letter; its name."""
        return self.commit(self.chance.choice(MAIL_SERVER))

    def commit(self, name: str) -> str:
        """Commit a fault by its name; what only the season can do, as ending the daemon, is counted here."""
        {
            "idle dropped": lambda: self.road.drop(only_idling=True),
            "every line dropped": self.road.drop,
            "login refused for an hour": self._refuse,
            "slow": self._slow_down,
            "a mail twice": self.inbox.last_again,
            RENUMBERED: self._renumber,
            "database locked": threading.Thread(target=self._lock, daemon=True).start,
            "line dropped at MAIL": lambda: self._once("MAIL", ""),
            "421 at MAIL": lambda: self._once("MAIL", "421 4.3.2 Shutting down"),
            "greylisted": lambda: self._once("RCPT", "451 4.7.1 Greylisted, come again"),
            "lost after the dot": self._lose_the_answer,
        }.get(name, lambda: None)()
        self.count[name] += 1
        return name

    def _refuse(self) -> None:
        self.road.refuses = True
        self.road.drop()

    def _slow_down(self) -> None:
        self.road.slow = True

    def _renumber(self) -> None:
        self.road.drop()
        self.inbox.renumber()

    def _lose_the_answer(self) -> None:
        self.post.verdict = self._take_and_hang_up

    def _once(self, verb: str, words: str) -> None:
        def obstacle(heard: str) -> str | None:
            if heard != verb:
                return None
            self.post.obstacle = lambda _: None
            return words

        self.post.obstacle = obstacle

    def _take_and_hang_up(self, _raw: bytes) -> str:
        self.post.verdict = lambda _: "250 2.0.0 taken"
        return ""

    def _lock(self) -> None:
        held = sqlite3.connect(self.database, isolation_level=None, timeout=5)
        try:
            held.execute("BEGIN IMMEDIATE")
            threading.Event().wait(LOCKED)
            held.execute("ROLLBACK")
        except sqlite3.OperationalError:
            pass  # the daemon held it all the time: it was locked for us
        finally:
            held.close()
