"""Two accounts of one home, and two tenants of one database, in any order: each sees what it would see alone.

Whatever happens is played twice: both interleaved over one store, and each by itself. Ids and numbers differ,
so what is compared are cases, diaries, letters, the queue, kept mail, alerts and what left, without them.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.case.model import Case, State
from bot.daemon import Daemon, Line
from bot.edge.home import Loaded, load_home
from bot.edge.ids import ALPHABET, RandomIds
from bot.edge.raw import MemoryRawStore
from bot.edge.store import MemoryStore, open_store
from bot.errors import NotPossible
from bot.ports import AlertKind, RawStore, Store
from bot.reading.prepare import prepare
from bot.reading.read import ReadingContext
from bot.review import Item, ItemKind
from bot.runner.desk import erasing, holding, service, stopping
from bot.runner.office import Office
from bot.runner.outbox.sending import send_due
from bot.runner.steps.drafting import refresh_drafts, write_drafts
from bot.runner.steps.timing import pass_time
from bot.wiring import practice_of, reading_plan
from tests.stories.mails import bounce, notice, out_of_office, reply
from tests.stories.played import DirectReader, MailServer, Postbox, SetClock
from tests.stories.stage import directly, write_home

#: Both get the same complaint numbers; one complainant writes about both, one about each alone.
IDS = ("17340981261", "17340981262", "17340981263")
BOTH = "ip@common.example"
NAMES = ("shop", "tools")


@dataclass
class Told:
    """Alerts by account; numbers of items are the home's, so only that there was one is kept."""

    rung: list[tuple[str, AlertKind, str, bool, str]] = field(default_factory=list)

    def tell(
        self, kind: AlertKind, account_id: str, text: str, *, item: int | None = None, detail: str = ""
    ) -> None:
        """Remember it, without ids."""
        self.rung.append((account_id, kind, _without_ids(text), item is not None, detail))


def _without_ids(text: str) -> str:
    return re.sub(rf"\b[{ALPHABET}]{{8}}\b", "CASE", text)


@dataclass
class Seller:
    """One account and what it does; its office may be shared."""

    name: str  #: of the account in its office
    own: str  #: the complainant that only this one has
    office: Office
    bells: Told
    context: ReadingContext
    inbox: Postbox = field(default_factory=Postbox)
    server: MailServer = field(default_factory=MailServer)
    tokens: int = 0

    def __post_init__(self) -> None:
        reader = DirectReader(self.context)
        self.line = Line(source=self.inbox, sender=self.server, reader=reader, read_all=True)
        self.daemon = Daemon(self.office, {self.name: self.line}, directly)

    # What it does.

    def does(self, what: str, which: int) -> None:
        """One step of a story; what is impossible is refused with a sentence, and nothing happens."""
        try:
            getattr(self, what)(which)
        except NotPossible:
            return

    def arrives(self, raw: bytes) -> None:
        self.inbox.put(raw, self.now)
        self.turns()

    def turns(self) -> None:
        """Read the mailbox, draft, and send what may leave."""
        asyncio.run(self.daemon.turn_intake(self.name, self.line))
        practice = self.office.practices[self.name]
        refresh_drafts(self.office, practice)
        write_drafts(self.office, practice)
        asyncio.run(send_due(self.office, practice, self.server, directly))

    def notice(self, which: int) -> None:
        owner = self.own if which == 1 else BOTH
        self.arrives(notice(IDS[which], self.now, asin=f"B0ZG04SJF{which}", owner=owner, token=self.token()))

    def answer(self, which: int) -> None:
        if letters := self._letters():
            letter = letters[which % len(letters)]
            text = "Let us talk.\n"
            self.arrives(reply(letter.message_id, self.now, text, sender=letter.to, token=self.token()))

    def away(self, which: int) -> None:
        if letters := self._letters():
            self.arrives(out_of_office(letters[which % len(letters)].message_id, self.now))

    def comes_back(self, which: int) -> None:
        if letters := self._letters():
            letter = letters[which % len(letters)]
            self.arrives(bounce(letter.message_id, letter.to, self.now, token=self.token()))

    def approve(self, which: int) -> None:
        drafts = [item for item in self.items() if item.kind is ItemKind.DRAFT]
        if drafts:
            item = drafts[which % len(drafts)]
            revision = service.letter_of(self.office, item).revision
            service.approve(self.office, item.number, "Ada", revision)

    def resume(self, which: int) -> None:
        held = [item for item in self.items() if item.kind is ItemKind.HOLD]
        if held:
            service.resume(self.office, held[which % len(held)].number, "Ada")
            self.turns()

    def hold(self, which: int) -> None:
        if case := self._case(which):
            holding.hold(self.office, case.case_id, "wait", "Ada")

    def close(self, which: int) -> None:
        if case := self._case(which):
            service.close_case(self.office, case.case_id, "done", "Ada")

    def stop(self, _which: int) -> None:
        stopping.stop(self.office, self.own, "they asked", "Ada")

    def erase(self, _which: int) -> None:
        found = erasing.traces(self.office, self.own)
        if not found.none and not erasing.obstacles(self.office, found):
            erasing.erase(self.office, found, "they asked", "Ada")

    # What it sees.

    @property
    def now(self) -> Any:
        return self.office.clock.now()

    def token(self) -> str:
        self.tokens += 1
        return f"{self.tokens}"

    def items(self) -> list[Item]:
        return [item for item in self.office.store.items() if item.account_id == self.name]

    def _letters(self) -> list[Any]:
        letters = self.office.store.letters(account_id=self.name)
        return sorted(letters, key=lambda one: (one.drafted_at, self._about(one), one.step))

    def _about(self, letter: Any) -> list[str]:
        return sorted(self._complaint(ref.case_id) for ref in letter.tracks)

    def _case(self, which: int) -> Case | None:
        found = [c for c in self.office.store.cases(self.name) if c.facts.complaint_id == IDS[which % 3]]
        return found[0] if found else None

    def _complaint(self, case_id: str) -> str:
        return self.office.store.case(case_id).facts.complaint_id or ""

    def sees(self) -> dict[str, Any]:
        """All that its person could see, without ids and numbers."""
        store = self.office.store
        cases = sorted(store.cases(self.name), key=lambda case: case.facts.complaint_id or "")
        return {
            "cases": [
                (
                    case.facts.complaint_id,
                    [party.addresses for party in case.parties],
                    [(t.party, t.state, t.step, t.hold, t.due_at, len(t.attempts)) for t in case.tracks],
                    case.deadline_neared,
                )
                for case in cases
            ],
            "diaries": [
                [(type(e).__name__, e.at, e.by) for e in store.diary(case.case_id)] for case in cases
            ],
            "letters": [
                (self._about(x), x.step, x.state, x.revision, x.to, [a.outcome for a in x.attempts])
                for x in self._letters()
            ],
            "queue": sorted(
                (i.kind, i.reason, sorted(map(self._complaint, i.cases)), i.opened_at) for i in self.items()
            ),
            "mails": [(m.kind, m.status, m.sha256 is None) for m in store.mails(self.name)],
            "mailboxes": [(m.mailbox, m.cursor) for m in store.mailboxes(self.name)],
            "alerts": sorted(one[1:] for one in self.bells.rung if one[0] == self.name),
            "left": sorted((e.mail_from, message_from_bytes(raw)["To"]) for e, raw in self.server.taken),
        }


@dataclass(frozen=True, repr=False)
class Rooms:
    """The files of a home with both accounts, read once."""

    loaded: Loaded
    contexts: dict[str, ReadingContext]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    home = write_home(tmp_path_factory.mktemp("rooms") / "home")
    file = home / "rejoinder.yaml"
    text = file.read_text()
    start, end = text.index("  shop:"), text.index("safe_mode:")
    second = text[start:end].replace("shop", "tools").replace("copies@", "toolcopies@")
    # Few enough that a story meets them: what one has used up must not be used up for the other.
    limits = "limits: { letters_per_day: 2, new_addresses_per_day: 1 }\n"
    file.write_text(text[:end] + second + limits + text[end:])
    loaded = load_home(home)
    accounts = {name: loaded.settings.account(name) for name in NAMES}
    return Rooms(loaded, {name: prepare(reading_plan(loaded, one)) for name, one in accounts.items()})


def office_of(rooms: Rooms, names: Sequence[str], store: Store, raw: RawStore, tenant: int = 1) -> Office:
    """An office with these accounts."""
    practices = {name: practice_of(rooms.loaded, rooms.loaded.settings.account(name)) for name in names}
    return Office(
        store=store,
        raw=raw,
        ids=RandomIds(),
        clock=SetClock(),
        notifier=Told(),
        practices={name: replace(one, tenant_id=tenant) for name, one in practices.items()},
    )


def seller_in(office: Office, rooms: Rooms, name: str, own: str) -> Seller:
    bells = office.notifier
    assert isinstance(bells, Told)
    return Seller(name=name, own=own, office=office, bells=bells, context=rooms.contexts[name])


#: How a store for a tenant is opened, several times for the same folder.
OPENED: dict[str, Callable[[Path, int], Any]] = {
    "memory": lambda _folder, tenant: MemoryStore(tenant_id=tenant),
    "sqlite": lambda folder, tenant: open_store(folder / "rejoinder.db", tenant_id=tenant),
}


@contextmanager
def opened(kind: str, tenants: Sequence[int]) -> Iterator[list[Any]]:
    """Stores for these tenants over one place."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = [OPENED[kind](folder, tenant) for tenant in tenants]
        for store in stores:
            stack.callback(store.close)
        yield stores


Step = tuple[int, str, int]
WHAT = ("notice", "answer", "away", "comes_back", "approve", "resume", "hold", "close", "stop", "erase")
SPANS = (timedelta(minutes=11), timedelta(days=1), timedelta(days=9))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from((0, 1)), st.sampled_from(("notice", "approve")), st.integers(0, 2)),
        st.tuples(st.sampled_from((0, 1)), st.sampled_from(WHAT), st.integers(0, 2)),
        st.tuples(st.just(2), st.just("time"), st.integers(0, 2)),
    ),
    min_size=6,
    max_size=14,
)


def play(sellers: dict[int, Seller], steps: Sequence[Step]) -> None:
    """Everybody's own steps, and time for all."""
    offices = list({id(one.office): one.office for one in sellers.values()}.values())
    for who, what, which in steps:
        if what == "time":
            for office in offices:
                assert isinstance(office.clock, SetClock)
                office.clock.moment += SPANS[which]
                pass_time(office)
            for seller in sellers.values():
                seller.turns()
        elif who in sellers:
            sellers[who].does(what, which)


def alone(kind: str, rooms: Rooms, who: int, name: str, own: str, steps: Sequence[Step]) -> dict[str, Any]:
    with opened(kind, [1]) as (store,):
        seller = seller_in(office_of(rooms, [name], store, MemoryRawStore()), rooms, name, own)
        play({who: seller}, steps)
        return seller.sees()


EVERY = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
OWN = ("ip@alpha.example", "ip@beta.example")


@pytest.mark.parametrize("kind", OPENED)
@EVERY
@given(steps=STEPS)
def test_each_account_of_a_home_sees_what_it_would_see_alone(
    rooms: Rooms, kind: str, steps: list[Step]
) -> None:
    with opened(kind, [1]) as (store,):
        office = office_of(rooms, NAMES, store, MemoryRawStore())
        both = {who: seller_in(office, rooms, NAMES[who], OWN[who]) for who in (0, 1)}
        play(both, steps)
        seen = [both[who].sees() for who in (0, 1)]
    for who in (0, 1):
        assert seen[who] == alone(kind, rooms, who, NAMES[who], OWN[who], steps)


@pytest.mark.parametrize("kind", OPENED)
@EVERY
@given(steps=STEPS)
def test_each_tenant_of_a_database_sees_what_it_would_see_alone(
    rooms: Rooms, kind: str, steps: list[Step]
) -> None:
    """Both have an account of the same name, and the same people complain about both."""
    with opened(kind, [1, 2]) as stores:
        offices = [
            office_of(rooms, ["shop"], store, MemoryRawStore(), tenant)
            for tenant, store in enumerate(stores, 1)
        ]
        both = {who: seller_in(office, rooms, "shop", OWN[0]) for who, office in enumerate(offices)}
        play(both, steps)
        seen = [both[who].sees() for who in (0, 1)]
    for who in (0, 1):
        assert seen[who] == alone(kind, rooms, who, "shop", OWN[0], steps)


def test_what_is_seen_is_more_than_nothing(rooms: Rooms) -> None:
    """A story in which letters leave, a limit is met, a stop holds and somebody is erased."""
    with opened("memory", [1]) as (store,):
        seller = seller_in(office_of(rooms, ["shop"], store, MemoryRawStore()), rooms, "shop", OWN[0])
        steps: list[Step] = [(0, "notice", 0), (0, "notice", 1), (0, "approve", 0), (0, "approve", 1)]
        play({0: seller}, [*steps, (2, "time", 0)])
        seen = seller.sees()
        assert len(seen["left"]) == 1, "one new address a day"
        assert {state for _, _, state, *_ in seen["letters"]} == {State.AWAITING, State.APPROVED}
        play({0: seller}, [(0, "stop", 0), (0, "close", 1), (0, "erase", 0)])
        after = seller.sees()
        assert after != seen
        assert [one for one in after["mails"] if one[2]], "a mail was erased"
