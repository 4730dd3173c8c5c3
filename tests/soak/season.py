"""One season: the daemon lives through it, mails come, a person answers, every hour something goes wrong."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from bot.case.model import State
from bot.case.reasons import Reason
from bot.ports import MailStatus
from bot.review import Item, ItemKind
from bot.runner.desk import service
from bot.wiring import House, open_house
from tests.servers.dovecot import PASSWORD, running_dovecot
from tests.soak.book import ESCALATION, Book
from tests.soak.inbox import Inbox
from tests.soak.life import Gone, Steersman
from tests.soak.person import Person
from tests.soak.road import open_road
from tests.soak.script import COUNTRY, SHOPS, START, SUBDIVISION, WITHOUT_ADDRESS, ZONE, Mail, Script, ticks
from tests.soak.tally import Tally, judge
from tests.soak.vitals import Vitals, look
from tests.soak.weather import FSYNC, RENUMBERED, TERMINATED, Weather
from tests.soak.world import Coming, World, letter
from tests.stories.stage import Bells, SetClock, write_home
from tests.torture.post import open_post_office

#: Limits that protect an operator; here they would only end the mails.
_NO_LIMITS = (
    "limits: {letters_per_day: 1000000, letters_per_day_in_all: 1000000, new_addresses_per_day: 1000000}\n"
    "stop_switch: {cases_per_minute: 1000000, unknown_replies_per_hour: 1000000}\n"
)
#: While a line is being had again, time moves on by so much, so often.
_A_WHILE, _PATIENCE = timedelta(minutes=1), 60
#: Hours without a fault, at most, until everything approved has left.
_TO_THE_END = 24
#: A person files away what is older.
_OLD = timedelta(days=6)
#: In the first part of a season lives are short; then each is long, so that a leak can be seen.
_ROUGH = 1 / 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long and how much."""

    days: float
    seed: int
    complaints_a_day: float = 6.0
    others_a_day: float = 92.0
    plant: str = ""
    every: int = 1  #: hours from one fault to the next
    lives: int = 2  #: long ones, after a rough ninth of the time; 0: the daemon is never ended
    warm: timedelta = timedelta(days=10)  #: how long a life may still grow
    stop_when_found: bool = False  #: a planted fault needs to be found once


class Season:
    """See the module. A context manager; `play` once."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan, self._folder = plan, folder
        self.chance = random.Random(plan.seed)
        self.clock = SetClock(START)
        self.book, self.world = Book(), World(random.Random(plan.seed + 1))
        self.script = Script(
            seed=plan.seed + 2, complaints_a_day=plan.complaints_a_day, others_a_day=plan.others_a_day
        )
        self.lives: list[list[Vitals]] = []
        self.mails: list[Mail] = []
        self.died = 0  #: without being asked, or being made to
        self.passed_over = 0  #: mails that lay in the mailbox and were not taken when all was well
        self.hours = 0
        self._given_up = 0
        self._deaths = 0
        self._unheard: list[Coming] = []
        self._letters = 0
        self._open = ExitStack()
        self._life: Steersman | None = None

    def __enter__(self) -> Season:
        enter = self._open.enter_context
        self.post, dovecot = enter(open_post_office()), enter(running_dovecot())
        user = dovecot.new_user()
        self.road = enter(open_road(dovecot.port))
        self.inbox = enter(Inbox(dovecot, user))
        self.home = _home(self._folder, self.road.port, user, self.post.port)
        self.house: House = enter(open_house(self.home, clock=self.clock, notifier=Bells()))
        self.store = self.house.office.store
        self.weather = Weather(
            chance=random.Random(self.plan.seed + 3),
            road=self.road,
            post=self.post,
            inbox=self.inbox,
            database=self.home / "state" / "rejoinder.db",
        )
        self.person = Person(
            office=self.house.office,
            book=self.book,
            world=self.world,
            chance=random.Random(self.plan.seed + 4),
            was_taken=lambda message_id: message_id in self.post.log(),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life is not None:
            self._life.ends(9)
        self._open.close()

    # ------------------------------------------------------------------------------------------ the season

    def play(self, told: Callable[[Season], None] = lambda _: None) -> Tally:
        """Live through all of it, and compare; `told` hears of every day."""
        began = time.monotonic()
        self._is_born()
        for tick in ticks(self.plan.days, seed=self.plan.seed + 5, every=self.plan.every):
            self._until(tick)
            self._an_hour(tick)
            self.hours += self.plan.every
            if self.hours % 24 == 0:
                told(self)
            if self._is_worth_a_look() and (early := self._tally(began)).found():
                return early
        self._ends()
        return self._tally(began)

    def _is_worth_a_look(self) -> bool:
        """Once a day, when nothing lies in the mailbox that could not be read yet."""
        return self.plan.stop_when_found and self.hours % 24 == 0 and not self._unheard

    def _an_hour(self, tick: datetime) -> None:
        by_day = 7 <= tick.hour < 20
        rare = self._rare()
        early = rare or not by_day or self.chance.random() < 0.3
        if rare:
            self._commit_rare(rare)
        elif early:
            self.weather.of_the_mailbox()
        self._deliver(tick)
        self._settle()
        if by_day:
            leaving = self.person.answers(tick)
            if not early:
                self.weather.of_the_mail_server() if leaving else self.weather.of_the_mailbox()
            self._settle()
        if self.hours % 6 == 6 - self.plan.every and self._life is not None:
            self.lives[-1].append(look(self._life.pid, self.home, self.clock.moment))
        if self.hours % 24 == 3:
            self.inbox.file_away(tick - _OLD)

    def _until(self, tick: datetime) -> None:
        """Every moment that matters to the daemon, one after the other, then the tick itself."""
        assert self._life is not None
        while self._life.earliest is not None and self._life.earliest < tick:
            self._step(max(self._life.earliest, self.clock.moment))
            self._look()
        self.weather.clears()
        self._step(tick)
        self._look()

    def _ends(self) -> None:
        """Nothing goes wrong any more, until what is on its way has left."""
        for _ in range(_TO_THE_END):
            self._until(self.clock.moment + timedelta(hours=1))
            if not self.unsettled():
                break
        assert self._life is not None
        life, self._life = self._life, None
        self.died += life.ends() != 0

    def _rare(self) -> str:
        """By plan, not by chance: renumbered each ninth day; short lives at first, then long ones."""
        total, rough = int(self.plan.days * 24), int(self.plan.days * 24 * _ROUGH)
        if self.hours % 216 == 100:
            return RENUMBERED
        if not self.plan.lives:
            return ""
        long = (total - rough) // self.plan.lives
        if self.hours < rough:
            return {3: TERMINATED, 6: FSYNC}.get(self.hours % 24, "")
        if long and (self.hours - rough) % long == 0:
            return FSYNC if (self.hours - rough) // long == 1 else TERMINATED
        return ""

    def _commit_rare(self, name: str) -> None:
        self.weather.commit(name)
        assert self._life is not None
        if name == FSYNC:
            self._order(fsync=1)
        elif name == TERMINATED:
            life, self._life = self._life, None
            self.died += life.ends() != 0

    # ---------------------------------------------------------------------------------------- the daemon

    def _is_born(self) -> None:
        self._life = Steersman(self.home, self.clock.moment, self.plan.plant)
        self.lives.append([])

    def _order(self, **what: object) -> None:
        """Give an order; a daemon that is not there any more is started again, as a supervisor would."""
        for _ in range(3):
            if self._life is None:
                self._is_born()
            assert self._life is not None
            try:
                self._life.order(**what)
            except Gone:
                life, self._life = self._life, None
                life.ends(None)
                self.died += not self._may_die()
                what = {"ring": True}
            else:
                return
        raise AssertionError(f"the daemon does not stay alive; see {self.home / 'log'}")

    def _may_die(self) -> bool:
        """A failing disk ends it: that is promised."""
        self._deaths += 1
        return self._deaths <= self.weather.count[FSYNC]

    def _step(self, to: datetime) -> None:
        self.clock.moment = to
        self._order(to=to.isoformat())

    def _settle(self) -> None:
        """Until what was delivered is kept and understood, unless nobody can log in; then look."""
        self._order(ring=True)
        for _ in range(_PATIENCE):
            if self._kept() or self.weather.mailbox_is_shut:
                break
            self._step(self.clock.moment + _A_WHILE)
            self._order(ring=True)
        else:
            self.passed_over += 1
            self._given_up = self.inbox.last_uid
        self._look()

    def _look(self) -> None:
        """Nothing is in flight: hear what came of it, and compare the queue with the book."""
        self._hear_the_server()
        if self._unheard and self._kept():
            self._was_read()
        self.book.look(self._drafts(), self.clock.moment)

    def _kept(self) -> bool:
        row = self.store.mailbox("shop", "INBOX")
        if row is None or row.cursor.last_uid < self.inbox.last_uid != self._given_up:
            return False
        return not self.store.mails("shop", status=MailStatus.UNREAD, limit=1)

    # ----------------------------------------------------------------------------------------- the world

    def _deliver(self, tick: datetime) -> None:
        come = self.world.due(tick)
        for mail in self.script.hour(tick):
            come.append(Coming(mail=mail, complains=mail.complaint))
            if mail.complaint is not None:
                self.world.complain(mail.complaint)
        self.inbox.deliver([coming.mail.raw for coming in come], tick)
        self.mails += [coming.mail for coming in come]
        self._unheard += come

    def _hear_the_server(self) -> None:
        self.post.until_quiet()
        now = self.clock.moment
        for message_id, raw in self.post.taken[self._letters :]:
            taken = letter(message_id, raw)
            for complaint_id in taken.complaints:
                self.book.accepted(complaint_id, now, to_amazon=taken.to_amazon)
            self.world.heard(taken, now)
        self._letters = len(self.post.taken)

    def _was_read(self) -> None:
        """Everything delivered so far is kept and understood: from now on it counts."""
        for coming in self._unheard:
            if coming.complains is not None:
                self.book.complained(coming.complains.complaint_id, self.clock.moment)
            for complaint_id in coming.stops:
                self.book.stopped(complaint_id)
            for complaint_id, back in coming.away:
                self.book.away(complaint_id, back)
        self._unheard.clear()

    def _drafts(self) -> list[tuple[str, str, str]]:
        """What the queue shows: complaint, step and letter of each draft, or the question in its place."""
        office, found = self.house.office, []
        for item in self.store.items(kind=ItemKind.DRAFT):
            draft = service.letter_of(office, item)
            found += [(each, draft.step, draft.letter_id) for each in self._about(item)]
        for item in self.store.items(kind=ItemKind.HOLD):
            if item.reason == Reason.NO_ADDRESS:
                found += [
                    (each, ESCALATION, item.subject) for each in self._about(item) if self._nowhere(each)
                ]
        return found

    def _about(self, item: Item) -> list[str]:
        cases = [self.store.case(case_id) for case_id in item.cases]
        return [case.facts.complaint_id or case.case_id for case in cases]

    def _nowhere(self, complaint_id: str) -> bool:
        complaint = self.world.complaints.get(complaint_id)
        return complaint is not None and complaint.stem in WITHOUT_ADDRESS

    # ----------------------------------------------------------------------------------------- comparing

    def _tally(self, began: float) -> Tally:
        return judge(self, time.monotonic() - began)

    def kept(self) -> Counter[str]:
        """Of the mails delivered: `lost`, never kept or never understood, and `misread`."""
        rows = {mail.sha256: mail for mail in self.store.mails("shop", limit=10_000_000)}
        found: Counter[str] = Counter()
        for mail in self.mails:
            row = rows.get(sha256(mail.raw).hexdigest())
            found["lost"] += row is None or row.status is MailStatus.UNREAD
            if row is not None and row.kind != mail.kind:
                found["misread"] += 1
                found[f"{mail.kind} read as {row.kind}"] += 1
        return found

    def own_errors(self) -> int:
        """Mistakes of ours in the log; a failing disk is told without one."""
        return len(re.findall(r"Traceback|mistake of ours", (self.home / "log").read_text()))

    def rules_changed(self) -> int:
        """How often the files of rules were changed under the daemon: then its memory tells of that."""
        return (self.home / "log").read_text().count('"rules taken over"')

    def unsettled(self) -> int:
        """Letters that are approved or on the line."""
        return len(self.store.letters(states=(State.APPROVED, State.SENDING, State.BODY_GONE)))


def _home(folder: Path, imap_port: int, user: str, smtp_port: int) -> Path:
    secret = folder / "secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    home = write_home(
        folder / "home",
        imap_port=imap_port,
        imap_more=f", user: {user}, password: {{file: {secret}}}",
        smtp_port=smtp_port,
        smtp_more=", auth: none",
    )
    settings = home / "rejoinder.yaml"
    text = settings.read_text().replace("Europe/London", ZONE)
    text = text.replace("country: GB", f"country: {COUNTRY}\n    subdivision: {SUBDIVISION}", 1)
    stores = ", ".join(f"{shop}: Brindlecove" for shop in SHOPS)
    text = text.replace("stores: {", f"stores: {{{stores}, ", 1)
    settings.write_text(text + _NO_LIMITS)
    return home
