"""The seller at the queue: approves most, edits, snoozes and rejects some, and answers what is held."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.case.model import State
from bot.errors import Conflict, IllegalTransition, NotPossible
from bot.review import Item, ItemKind
from bot.runner.desk import service
from bot.runner.office import Office
from tests.soak.book import Book
from tests.soak.script import STEPS, Temper
from tests.soak.world import World

BY = "Ada"
#: A letter in doubt that nothing has proven by then is settled by looking at the server.
DOUBTFUL = timedelta(hours=30)


@dataclass
class Person:
    """Looks at the queue in the day; what was said yes to is noted by its Message-ID."""

    office: Office
    book: Book
    world: World
    chance: random.Random
    was_taken: Callable[[str], bool]  #: whether the server has the letter of this Message-ID
    approved: list[str] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    _plans: dict[tuple[int, str], tuple[datetime, str]] = field(default_factory=dict)

    def answers(self, now: datetime) -> int:
        """Answer what has waited as long as this person takes; how many letters may leave now."""
        leaving = 0
        for item in self.office.store.items():
            if item.snoozed_until is not None and item.snoozed_until > now:
                continue
            try:
                leaving += self._one(item, now)
            except (NotPossible, Conflict, IllegalTransition) as error:
                self.count[f"not possible: {type(error).__name__}"] += 1  # looked at again in an hour
        return leaving

    def _one(self, item: Item, now: datetime) -> bool:
        match item.kind:
            case ItemKind.DRAFT:
                return self._draft(item, now)
            case ItemKind.HOLD:
                self._hold(item, now)
            case ItemKind.IN_DOUBT:
                self._doubt(item, now)
            case ItemKind.CLAIM:
                service.reject(self.office, item.number, "not about this", BY)
            case _:
                service.approve(self.office, item.number, BY)
        return False

    def _draft(self, item: Item, now: datetime) -> bool:
        letter = service.letter_of(self.office, item)
        if letter.state is not State.DRAFTED:
            return False
        key = item.number, "draft"
        if key not in self._plans:
            patience = timedelta(hours=self.chance.choice((0, 0, 0, 1, 3, 20)))
            self._plans[key] = now + patience, self._intent(letter.step)
        when, intent = self._plans[key]
        if when > now:
            return False
        self._plans[key] = now, "approve"  # whatever comes first, in the end it leaves
        self.count[intent] += 1
        match intent:
            case "edit":
                service.edit(self.office, item.number, letter.subject, letter.body + "\nAda\n", BY)
            case "snooze":
                service.snooze(self.office, item.number, now + timedelta(hours=5), BY)
            case "reject":
                service.reject(self.office, item.number, "not today", BY)
                for complaint in self._complaints(item):
                    self.book.stopped(complaint, letter.step)
            case _:
                service.approve(self.office, item.number, BY, letter.revision)
                if letter.message_id not in self.approved:
                    self.approved.append(letter.message_id)
                return True
        return False

    def _intent(self, step: str) -> str:
        dice = self.chance.random()
        if dice < 0.04 and step != STEPS[-1][0]:
            return "reject"
        return "edit" if dice < 0.08 else "snooze" if dice < 0.12 else "approve"

    def _hold(self, item: Item, now: datetime) -> None:
        """A rejected letter, and whoever is hard to please: go on; everything else is over."""
        key = item.number, "hold"
        when, _ = self._plans.setdefault(key, (now + timedelta(hours=self.chance.randint(3, 30)), ""))
        if when > now:
            return
        (complaint_id,) = self._complaints(item) or ("",)
        complaint = self.world.complaints.get(complaint_id)
        step = self.book.entries[complaint_id].step if complaint else ""
        stubborn = complaint is not None and complaint.temper is Temper.HARD_TO_PLEASE
        if complaint and (item.reason == "rejected" or (stubborn and item.reason == "answered")):
            service.resume(self.office, item.number, BY, step)
            self.book.resumed(complaint_id, step, now)
            self.count["resume"] += 1
            return
        service.close_case(self.office, item.cases[0], "over", BY)
        if complaint:
            self.book.stopped(complaint_id)
        self.count["close"] += 1

    def _doubt(self, item: Item, now: datetime) -> None:
        if item.opened_at + DOUBTFUL <= now:
            sent = self.was_taken(service.letter_of(self.office, item).message_id)
            service.settle(self.office, item.number, sent=sent, by=BY)
            self.count["settle"] += 1

    def _complaints(self, item: Item) -> list[str]:
        """The complaints that the screen names."""
        cases = [self.office.store.case(case_id) for case_id in item.cases]
        return [case.facts.complaint_id for case in cases if case.facts.complaint_id in self.book.entries]
