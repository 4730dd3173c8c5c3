"""One home, one mailbox, one mail server: mails come, a person answers, the daemon is killed in between."""

from __future__ import annotations

import random
import re
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bot.case.model import State
from bot.edge.clock import SystemClock
from bot.edge.places import DATABASE
from bot.errors import Conflict, IllegalTransition, NotPossible
from bot.ports import MailStatus
from bot.review import Item, ItemKind
from bot.runner.desk import service
from bot.wiring import House, open_house
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.stories.mails import OWNER, bounce, notice, own_copy, reply
from tests.stories.stage import Bells, write_home
from tests.torture.books import disagreements, doubts, fates, mails_astray
from tests.torture.life import Cradle
from tests.torture.post import STEPS, PostOffice, open_post_office

#: Ours to settle still: nothing may be left here at the end.
UNSETTLED = (State.APPROVED, State.SENDING, State.BODY_GONE)
#: Limits that protect an operator; here they would only end the mails.
_NO_LIMITS = (
    "limits: {letters_per_day: 1000000, letters_per_day_in_all: 1000000, new_addresses_per_day: 1000000}\n"
    "stop_switch: {cases_per_minute: 1000000, unknown_replies_per_hour: 1000000}\n"
)
_WAITING = """\
SELECT (SELECT count(*) FROM mail WHERE tenant_id = 1 AND account_id = 'shop' AND status = ?)
     + (SELECT count(*) FROM track WHERE tenant_id = 1 AND account_id = 'shop' AND state IN (?, ?, ?, ?))
"""
#: So much may wait before a life is given the time to work it off.
MUCH = 10
#: One life in so many is a new interpreter, with everything that `rejoinder run` does from the start.
COLD_EVERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done to one home."""

    kills: int
    seed: int
    fault: str = ""
    stop_when_found: bool = False  #: a planted fault needs to be found once


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the mails. The first block must be zero."""

    duplicated: int = 0  #: taken by the server more than once
    lost: int = 0  #: "left" and never taken, or approved and nowhere to be seen
    unnoticed: int = 0  #: taken, and we say that it did not leave
    unseen: int = 0  #: in doubt and not in the queue
    proven_wrongly: int = 0  #: settled as sent and never taken
    disagree: int = 0  #: row, diary, letter and queue
    mails_lost: int = 0  #: delivered and not kept and understood
    mails_twice: int = 0
    cases_wrong: int = 0  #: complaints without a case, or with two
    unsettled: int = 0  #: still approved or on the line at the end
    own_errors: int = 0  #: tracebacks in the log
    # What is only told.
    kills: int = 0
    cold: int = 0  #: of those, lives of a new interpreter
    approved: int = 0
    taken: int = 0
    delivered: int = 0
    in_doubt: int = 0  #: times that a letter came into doubt
    arrived: int = 0  #: kills after which the server had a letter whose answer was not written down
    by_evidence: int = 0
    by_person: int = 0
    left_in_doubt: int = 0
    seconds: float = 0.0

    MUST_BE_ZERO = (
        "duplicated", "lost", "unnoticed", "unseen", "proven_wrongly", "disagree",
        "mails_lost", "mails_twice", "cases_wrong", "unsettled", "own_errors",
    )  # fmt: skip

    def found(self) -> dict[str, int]:
        """Everything that must not be."""
        return {name: getattr(self, name) for name in self.MUST_BE_ZERO if getattr(self, name)}


@dataclass
class _World:
    """What is outside: who complains, who answers, and what the mailbox has been given."""

    chance: random.Random
    complaints: int = 0
    delivered: list[bytes] = field(default_factory=list)
    heard: int = 0  #: how many of the mails that the server took the other side has seen

    def mails(self, post: PostOffice, now: SystemClock) -> list[bytes]:
        """What comes before the next life: notices, own copies, now and then an answer or a bounce."""
        at, mails = now.now(), []
        for _ in range(self.chance.choice((0, 1, 1, 1, 2))):  # a letter for each life, more or less
            self.complaints += 1
            owner = f"ip@owner{self.complaints}.example"
            mails.append(notice(str(18000000000 + self.complaints), at, owner=owner))
        for message_id, raw in post.taken[self.heard :]:
            mails += self._consequence(message_id, raw)
        self.heard = len(post.taken)
        self.delivered += mails
        return mails

    def _consequence(self, message_id: str, raw: bytes) -> list[bytes]:
        at, dice = SystemClock().now(), self.chance.random()
        token = message_id[4:12]
        if dice < 0.7:
            return [own_copy(raw, at)]
        if dice < 0.8:
            return [reply(message_id, at, "We will look into it.\n", token=token)]
        if dice < 0.85:
            return [bounce(message_id, OWNER, at, token=token)]
        return []


class Range:
    """See the module. A context manager; `tally` is for the end."""

    def __init__(self, folder: Path, plan: Plan, enough: Callable[[], bool] = lambda: False) -> None:
        """`enough` is asked before each kill; True ends the plan early, and what was done is compared."""
        self.plan, self.chance, self._enough = plan, random.Random(plan.seed), enough
        self.world = _World(random.Random(plan.seed + 1))
        self.approved: list[str] = []  #: Message-IDs
        self.arrived = self.kills = self.cold = 0
        self._span = 0.0
        self._clock = SystemClock()
        self._open = ExitStack()
        self._folder = folder

    def __enter__(self) -> Range:
        self.post = self._open.enter_context(open_post_office())
        self.dovecot = self._open.enter_context(running_dovecot())
        self.user = self.dovecot.new_user()
        self.home = _home(self._folder, self.dovecot, self.user, self.post)
        self.house: House = self._open.enter_context(open_house(self.home, notifier=Bells()))
        self.store = self.house.office.store
        database = self.house.settings.state / DATABASE
        self._look = self._open.enter_context(closing(sqlite3.connect(database, isolation_level=None)))
        self.cradle = self._open.enter_context(Cradle(self.home, self.plan.fault))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    # ------------------------------------------------------------------------------------ lives and deaths

    def play(self) -> Tally:
        """Kill as often as the plan says, let the rest go out undisturbed, and compare."""
        began = time.monotonic()
        self._first_life()
        while self.kills < self.plan.kills and not self._enough():
            self._deliver()
            self._answer()
            self._one_life()
            if self.plan.stop_when_found and self.kills % 5 == 0 and (early := self._early()).found():
                return early
        self._finish()
        return self._tally(began)

    def _first_life(self) -> None:
        """Undisturbed until it has drafted: how long a life must be to come to something on this machine."""
        began, look = time.monotonic(), threading.Event()
        while not self.world.complaints:
            self._deliver()
        self.cradle.born(cold=False)
        while not self.store.letters():
            assert time.monotonic() < began + 60, "nothing was drafted within a minute"
            look.wait(0.02)
        self._span = time.monotonic() - began
        self.cradle.dies()

    def _one_life(self) -> None:
        cold = self.kills % COLD_EVERY == COLD_EVERY - 1
        self.post.aim(self._aim())
        self.cradle.born(cold=cold)
        if self._backlog() > MUCH:  # the machine is busy: a life that dies at once comes to nothing
            self._until(lambda: self._backlog() <= MUCH // 2, 30)
        if self.chance.random() < 0.3:
            self._answer()  # from another process, in the middle of its work
        if self.post.plan is not None:
            self.post.fire.wait(min(6.0, self._span * (4 if cold else 2)))
            # A moment more or less: not a wait for something, but the chance that this is about.
            threading.Event().wait(self.chance.choice((0.0, 0.0, 0.001, 0.003, 0.01)))
        else:
            threading.Event().wait(self.chance.uniform(0.0, self._span * (4 if cold else 1.5)))
        self.cradle.dies()
        self.kills += 1
        self.cold += cold
        self.post.until_all_have_hung_up()
        self._count_arrived()

    def _aim(self) -> tuple[str, int] | None:
        """A step of the transaction with the mail server, or any moment at all."""
        dice, step = self.chance.random(), self.chance.choice(STEPS)
        if dice < 0.35 or not self.store.letters(states=UNSETTLED):
            return None
        again = step not in ("connect", "ehlo")  # those come once, the line is kept
        return step, self.chance.choice((1, 1, 2)) if again else 1

    def _count_arrived(self) -> None:
        log = set(self.post.log())
        for letter in self.store.letters(states=(State.BODY_GONE,)):
            self.arrived += letter.message_id in log

    def _finish(self) -> None:
        """Undisturbed, until everything is out, read and settled that can be."""
        self.post.aim(None)
        for _ in range(3):
            self._deliver()
            self._answer()
            self.cradle.born(cold=False)
            self._until(self._at_rest, 180)
            self.cradle.dies(signal.SIGTERM)
            self.post.until_all_have_hung_up()

    def _until(self, true: Callable[[], bool], seconds: float) -> None:
        """Look now and then, as long as it takes or for so many seconds."""
        look, last = threading.Event(), time.monotonic() + seconds
        while not true() and time.monotonic() < last:
            look.wait(0.05)

    def _backlog(self) -> int:
        """Mails neither kept nor understood, and steps that are not drafted, or approved and not gone.

        Asked often, so of the database itself. A life that is shorter than one round of reading and drafting
        comes to nothing, and the next one has more to do: without this, a busy machine would stand still.
        """
        row = self.store.mailbox("shop", "INBOX")
        kept = row.cursor.last_uid if row else 0
        (waiting,) = self._look.execute(_WAITING, (MailStatus.UNREAD, State.READY, *UNSETTLED)).fetchone()
        return len(self.world.delivered) - kept + int(waiting)

    def _at_rest(self) -> bool:
        if self.store.letters(states=UNSETTLED):
            return False
        return not mails_astray(self.store, self.world.delivered)["lost"]

    # ------------------------------------------------------------------------------- the world, a person

    def _deliver(self) -> None:
        if mails := self.world.mails(self.post, self._clock):
            self.dovecot.deliver_all(self.user, mails)

    def _answer(self) -> None:
        """A person approves every letter, and now and then settles a doubt as it really was."""
        for item in self.store.items():
            try:
                self._answer_one(item)
            except (NotPossible, Conflict, IllegalTransition):
                continue  # the daemon was at it in this moment

    def _answer_one(self, item: Item) -> None:
        office = self.house.office
        if item.kind is ItemKind.DRAFT:
            letter = service.letter_of(office, item)
            if letter.state is State.DRAFTED:
                service.approve(office, item.number, "Ada", letter.revision)
                if letter.message_id not in self.approved:
                    self.approved.append(letter.message_id)
        elif item.kind is ItemKind.IN_DOUBT and self.chance.random() < 0.03:
            sent = service.letter_of(office, item).message_id in self.post.log()
            service.settle(office, item.number, sent=sent, by="Ada")

    # ---------------------------------------------------------------------------------------- comparing

    def _early(self) -> Tally:
        """Between two lives: only what no later turn can mend, or may excuse."""
        fate = fates(self.store, self.approved, self.post.log())
        return Tally(
            kills=self.kills,
            duplicated=fate["resent"],
            lost=fate["lost"],
            unseen=fate["unseen"],
            mails_lost=self._skipped(),
        )

    def _tally(self, began: float) -> Tally:
        log = self.post.log()
        fate = fates(self.store, self.approved, log)
        doubt, astray = doubts(self.store), mails_astray(self.store, self.world.delivered)
        cases = Counter(case.facts.complaint_id for case in self.store.cases())
        evidence = sum(doubt[name] for name in ("own-copy", "reply", "bounce", "sent-mailbox"))
        return Tally(
            duplicated=fate["resent"],
            lost=fate["lost"],
            unnoticed=fate["unnoticed"],
            unseen=fate["unseen"],
            proven_wrongly=self._wrong_proofs(set(log)),
            disagree=len(disagreements(self.store)),
            mails_lost=astray["lost"],
            mails_twice=astray["twice"],
            cases_wrong=sum(cases[str(18000000000 + n)] != 1 for n in range(1, self.world.complaints + 1)),
            unsettled=len(self.store.letters(states=UNSETTLED)),
            own_errors=len(re.findall(r"Traceback|mistake of ours", (self.home / "log").read_text())),
            kills=self.kills,
            cold=self.cold,
            approved=len(self.approved),
            taken=len(log),
            delivered=len(self.world.delivered),
            in_doubt=doubt["in doubt"],
            arrived=self.arrived,
            by_evidence=evidence,
            by_person=doubt["a person"],
            left_in_doubt=fate["in doubt"],
            seconds=time.monotonic() - began,
        )

    def _skipped(self) -> int:
        """Mails below the cursor that are not kept; a new mailbox numbers them without gaps."""
        row = self.store.mailbox("shop", "INBOX")
        kept = sum(mail.mailbox == "INBOX" for mail in self.store.mails("shop", limit=1_000_000))
        return row.cursor.last_uid - kept if row else 0

    def _wrong_proofs(self, log: set[str]) -> int:
        """Letters that evidence is said to have proven, and that the server never had."""
        from bot.case import events as e

        wrong = 0
        for letter in self.store.letters():
            if letter.message_id in log:
                continue
            events = [event for ref in letter.tracks for event in self.store.diary(ref.case_id)]
            wrong += any(isinstance(event, e.Proven) for event in events)
        return wrong


def _home(folder: Path, dovecot: Dovecot, user: str, post: PostOffice) -> Path:
    secret = folder / "secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    home = write_home(
        folder / "home",
        imap_host="localhost",
        imap_port=dovecot.tls_port,
        imap_security="tls",
        imap_more=f", user: {user}, ca_file: {dovecot.ca_file}, password: {{file: {secret}}}",
        smtp_port=post.port,
        smtp_more=", auth: none",
    )
    settings = home / "rejoinder.yaml"
    text = settings.read_text().replace("undo_window: 10 min", "undo_window: 0 min")
    settings.write_text(text + _NO_LIMITS)
    return home
