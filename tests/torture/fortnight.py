"""Two weeks of a seller over real servers, told again and again: each time something else goes wrong.

Two notices come. One inquiry is taken at once; the other is asked to come back later, and is taken then. The
first reminder's line is lost after the dot; its own copy proves it. The second complainant answers. A person
approves every letter. Whoever died in the middle begins again with what lies on disk.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

from bot import wiring
from bot.case.model import State
from bot.daemon import Daemon
from bot.edge.home import Loaded
from bot.errors import NotPossible, RejoinderError
from bot.reading.read import ReadingContext
from bot.review import ItemKind, letter_subject
from bot.runner.desk import service
from bot.runner.outbox.recovery import recover
from bot.runner.steps.drafting import write_drafts
from bot.runner.steps.timing import pass_time
from bot.wiring import House, open_house, open_lines
from tests.servers.dovecot import Dovecot
from tests.stories.mails import notice, own_copy, reply
from tests.stories.played import Bells, SetClock
from tests.torture.books import disagreements, mails_astray, said_to_have_left
from tests.torture.life import ReaderHere
from tests.torture.post import PostOffice

COMPLAINTS = ("17340981265", "17340981266")
ASINS = ("B0ZG04SJF3", "B0ZG04SJF4")
#: Rounds of a fortnight without trouble; whoever dies in it has as many again.
ROUNDS = 4


@dataclass
class Fortnight:
    """The world of one telling: what is on disk may be replaced by an older copy, this may not."""

    loaded: Loaded
    reading: ReadingContext
    dovecot: Dovecot
    post: PostOffice
    folder: Path
    clock: SetClock = field(default_factory=SetClock)
    delivered: list[bytes] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  #: what must never be, found on the way
    _seen: int = 0
    _asked: Counter[str] = field(default_factory=Counter)
    _lives: int = 0

    def __post_init__(self) -> None:
        self.user = self.dovecot.new_user()
        self.state = self.folder / "state"
        self.post.taken.clear()
        self.post.verdict = self._verdict
        at = self.clock.now()
        for complaint, asin in zip(COMPLAINTS, ASINS, strict=True):
            self._arrives(notice(complaint, at, asin=asin, owner=_owner(complaint)))

    # --------------------------------------------------------------------------------------- one life

    def lives(self, rounds: int = ROUNDS) -> None:
        """One process: it opens the state, recovers, and turns. Raises what ended it."""
        account = self.loaded.settings.accounts[0]
        account = replace(
            account,
            imap=replace(account.imap, host=self.dovecot.host, port=self.dovecot.port, user=self.user),
            smtp=replace(account.smtp, port=self.post.port),
        )
        loaded = replace(
            self.loaded, settings=replace(self.loaded.settings, state=self.state, accounts=(account,))
        )
        with self._instead(load_home=lambda *_, **__: loaded, open_reader=self._reader):
            asyncio.run(asyncio.wait_for(self._life(rounds), 300))

    def _instead(self, **names: Any) -> AbstractContextManager[Any]:
        return mock.patch.multiple(wiring, **names)

    def _reader(self, *_plan: object) -> ReaderHere:
        return ReaderHere(self.reading)

    async def _life(self, rounds: int) -> None:
        with open_house(self.folder, clock=self.clock, notifier=Bells()) as house:
            recover(house.office)
            self._look(house)
            async with open_lines(house) as lines:
                daemon = Daemon(house.office, lines, directly)
                for _ in range(rounds):
                    await self._round(daemon, house, lines["shop"])

    async def _round(self, daemon: Daemon, house: House, line: Any) -> None:
        """Some days: what came is read, what fell due is written, what is approved leaves."""
        await daemon.turn_intake("shop", line)
        pass_time(house.office)
        write_drafts(house.office, house.office.practices["shop"])
        self._a_person(house)
        for _ in range(2):  # the second time for what was deferred
            self.clock.moment += timedelta(minutes=31)
            await daemon.turn_intake("shop", line)
            await daemon.turn_outbox("shop", line)
            self._the_world()
            await daemon.turn_intake("shop", line)
            self._look(house)
        self.clock.moment += timedelta(days=4)

    def _a_person(self, house: House) -> None:
        for item in house.office.store.items(kind=ItemKind.DRAFT):
            letter = service.letter_of(house.office, item)
            if letter.state is State.DRAFTED:
                with suppress(NotPossible):  # out of date: it is written again before the next round
                    service.approve(house.office, item.number, "Ada", letter.revision)

    # --------------------------------------------------------------------------------- what is outside

    def _verdict(self, raw: bytes) -> str:
        """The server: the second inquiry is deferred once, the first reminder's line is lost."""
        name = sha256(raw).hexdigest()
        self._asked[name] += 1
        head = raw.partition(b"\r\n\r\n")[0]
        first, second = (_owner(complaint).encode() in head for complaint in COMPLAINTS)
        follows = b"\r\nReferences:" in head
        if second and not follows and self._asked[name] == 1:
            return "451 4.7.1 come back later"
        if first and follows:
            return ""
        return "250 2.0.0 taken"

    def _the_world(self) -> None:
        """Own copies of what was taken come back, and the second complainant answers a reminder."""
        self.post.until_quiet()
        for message_id, raw in self.post.taken[self._seen :]:
            self._arrives(own_copy(raw, self.clock.now()))
            head, owner = raw.partition(b"\r\n\r\n")[0], _owner(COMPLAINTS[1])
            if owner.encode() in head and b"\r\nReferences:" in head:
                self._arrives(reply(message_id, self.clock.now(), "We look into it.\n", sender=owner))
        self._seen = len(self.post.taken)

    def _arrives(self, raw: bytes) -> None:
        self.delivered.append(raw)
        self.dovecot.deliver(self.user, raw)

    # -------------------------------------------------------------------------------------- the verdict

    def _look(self, house: House) -> None:
        """At every moment of rest: what is in doubt is shown, and nothing went out twice."""
        store = house.office.store
        queue = {item.subject for item in store.items(kind=ItemKind.IN_DOUBT)}
        for letter in store.letters(states=(State.IN_DOUBT,)):
            if letter_subject(letter.letter_id) not in queue:
                self.wrong.append(f"letter {letter.letter_id} is in doubt and not in the queue")
        twice = [name for name, times in Counter(self.post.log()).items() if times > 1]
        self.wrong += [f"{name} was taken twice" for name in twice]

    def judge(self) -> list[str]:
        """Everything that is not as it must be in the end; opens the state once more."""
        from bot.edge.store import open_store

        store = open_store(self.state / "rejoinder.db")
        try:
            wrong = self.wrong + disagreements(store)
            astray = mails_astray(store, self.delivered)
            wrong += [f"{number} mails {how}" for how, number in astray.items() if number]
            log = self.post.log()
            left = said_to_have_left(store)
            wrong += [f"{name} left, and the server never had it" for name in left - set(log)]
            doubtful = {x.message_id for x in store.letters(states=(State.IN_DOUBT,))}
            wrong += [f"{name} was taken, and we do not say so" for name in set(log) - left - doubtful]
            wrong += self._twice_in_other_words(store, log)
            cases = Counter(case.facts.complaint_id for case in store.cases())
            wrong += [f"{cases[x]} cases of complaint {x}" for x in COMPLAINTS if cases[x] != 1]
            first_steps = {(ref.case_id, letter.step) for letter in store.letters() for ref in letter.tracks}
            if len([step for _, step in first_steps if step == "inquiry"]) != len(COMPLAINTS):
                wrong.append("a complaint without its inquiry")
        finally:
            store.close()
        return wrong

    def _twice_in_other_words(self, store: Any, log: list[str]) -> list[str]:
        """The same step of the same case under two Message-IDs is a second copy too."""
        letters = {letter.message_id: letter for letter in store.letters()}
        wrong = [f"{name} was taken, and we know nothing of it" for name in log if name not in letters]
        steps = Counter(
            (ref.case_id, letters[name].step)
            for name in log
            if name in letters
            for ref in letters[name].tracks
        )
        return wrong + [f"{step} of {case} left twice" for (case, step), times in steps.items() if times > 1]

    def fingerprint(self) -> str:
        """Disk, mail server and mailbox: what there is for whoever begins again.

        What is committed in the database is told by the head of its index, which has a checksum over all of
        the log (https://www.sqlite.org/walformat.html §2.1); a mail's file by its name and length.
        """
        found = [f"{len(self.post.taken)} {len(self.delivered)} {self.clock.moment}"]
        for path in sorted(self.state.rglob("*")):
            if path.name.endswith("-shm"):
                with path.open("rb") as index:
                    found.append(index.read(48).hex())
            elif path.is_file() and not path.name.endswith((".db", "-wal")):
                name = ".new" if path.name.startswith(".new-") else path.name  # chance has no part in it
                found.append(f"{path.parent.name}/{name} {path.stat().st_size}")
        return " ".join(found)

    # --------------------------------------------------------------------------------- after a death

    def goes_on_from(self, left: Path) -> None:
        """The state is what lay on disk at that moment."""
        self._lives += 1
        self.post.until_quiet()
        self.state = self.folder / f"state-{self._lives}"
        if left.exists():
            shutil.move(left, self.state)


def _owner(complaint: str) -> str:
    return f"ip@owner{complaint[-1]}.example"


async def directly(work: Callable[..., Any], /, *args: object) -> Any:
    """Every call of the store in this very thread, so that a death in it is ours."""
    return work(*args)


def explained(error: BaseException) -> str | None:
    """The sentence of an error raised on purpose; None for a mistake of ours."""
    return str(error) if isinstance(error, RejoinderError) and not isinstance(error, NotPossible) else None
