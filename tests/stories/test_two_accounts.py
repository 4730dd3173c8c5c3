"""Two accounts in one daemon: nothing of one reaches the other, and one that fails stands in nobody's way."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.case.model import State
from bot.case.reasons import Reason
from bot.daemon import Daemon, Line
from bot.edge.home import Loaded, load_home
from bot.errors import LoginRefused, MailboxError, MailboxUnreachable, ReaderBroken
from bot.ports import MailboxState, MailSource, Outcome, Reader, Sender
from bot.reading.prepare import prepare
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.steps.drafting import write_drafts
from bot.wiring import reading_plan
from tests.stories.mails import OWNER, notice, reply
from tests.stories.played import LINE_LOST, NO_LOGIN, UNREACHABLE, DirectReader, MailServer, Postbox
from tests.stories.stage import Bells, Stage, directly, house_of, write_home
from tests.stories.test_real_servers import MovableClock

DEADLINE = 20.0
COMPLAINT = "17340981265"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    home = write_home(tmp_path_factory.mktemp("both") / "home")
    file = home / "rejoinder.yaml"
    text = file.read_text()
    start, end = text.index("  shop:"), text.index("safe_mode:")
    second = text[start:end].replace("shop", "tools").replace("Brindlecove Trading", "Toolwright")
    file.write_text(text[:end] + second.replace("copies@", "toolcopies@") + text[end:])
    return load_home(home)


@pytest.fixture
def stage(both: Loaded) -> Iterator[Stage]:
    """The stage is the account shop; `tools` is the other one."""
    stage = Stage(both, prepare(reading_plan(both, both.settings.account("shop"))))
    yield stage
    stage.balances()


@pytest.fixture
def tools(stage: Stage, both: Loaded) -> Line:
    reader = DirectReader(prepare(reading_plan(both, both.settings.account("tools"))))
    return Line(source=Postbox(), sender=MailServer(), reader=reader, read_all=True)


def arrives(stage: Stage, line: Line, raw: bytes) -> None:
    """A mail reaches the other account."""
    assert isinstance(line.source, Postbox)
    line.source.put(raw, stage.now)
    asyncio.run(Daemon(stage.office, {"tools": line}, directly).turn_intake("tools", line))
    write_drafts(stage.office, stage.office.practices["tools"])


def test_the_same_complaint_in_both_is_two_cases_and_two_letters(stage: Stage, tools: Line) -> None:
    """The same owner, number, words and even the same bytes of the notice."""
    raw = notice(COMPLAINT, stage.now)
    stage.arrives(raw)
    arrives(stage, tools, raw)
    assert [len(stage.store.cases(name)) for name in ("shop", "tools")] == [1, 1]
    letters = stage.store.letters(states=(State.DRAFTED,))
    assert {(x.account_id, x.mail_from, x.to) for x in letters} == {
        ("shop", "shop@brindlecove.example", OWNER),
        ("tools", "tools@brindlecove.example", OWNER),
    }
    for letter in letters:
        assert ("Toolwright" in letter.body) == (letter.account_id == "tools")
        assert ("Brindlecove Trading" in letter.body) == (letter.account_id == "shop")
        assert letter.own_copy == ("toolcopies" if letter.account_id == "tools" else "copies") + (
            "@brindlecove.example"
        )


def test_an_answer_that_strays_into_the_other_mailbox_moves_nothing_there(stage: Stage, tools: Line) -> None:
    letter = stage.inquires(COMPLAINT)
    arrives(stage, tools, notice(COMPLAINT, stage.now))
    arrives(stage, tools, reply(letter.message_id, stage.now, f"About {COMPLAINT}: we look into it."))
    (other,) = stage.store.cases("tools")
    assert other.tracks[0].hold is not Reason.ANSWERED, "it cites a letter of the other account"
    (claim,) = stage.items(ItemKind.CLAIM)
    assert (claim.account_id, claim.cases) == ("tools", (other.case_id,))
    (mine,) = stage.store.cases("shop")
    assert mine.tracks[0].state is State.AWAITING


class Failing(Postbox):
    """A mailbox that is refused, unreachable, or never answers."""

    def __init__(self, error: Callable[[], MailboxError] | None) -> None:
        super().__init__()
        self._error = error

    async def state(self, mailbox: str) -> MailboxState:
        """Never comes to an end well."""
        if self._error is None:
            await asyncio.Event().wait()
            raise AssertionError
        raise self._error()


@pytest.mark.parametrize(
    "error",
    [lambda: LoginRefused("no"), lambda: MailboxUnreachable("away"), None],
    ids=["refused", "unreachable", "never-answers"],
)
def test_one_failing_account_never_blocks_another(
    stage: Stage, tools: Line, error: Callable[[], MailboxError] | None
) -> None:
    async def story() -> None:
        failing = Line(source=Failing(error), sender=MailServer(), reader=tools.reader, read_all=True)
        stage.inbox.put(notice(COMPLAINT, stage.now), stage.now)
        read = asyncio.Event()

        def turned(account: str, loop: str) -> None:
            if (account, loop) == ("shop", "intake"):
                read.set()

        lines = {"tools": failing, "shop": stage.line}
        task = asyncio.create_task(Daemon(stage.office, lines, directly, on_turn=turned).run())
        try:
            await asyncio.wait_for(read.wait(), DEADLINE)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
    assert stage.draft_steps() == ["inquiry"]
    assert stage.store.cases("tools") == ()


#: Every call that an account makes to its servers and its reader, but closing.
CALLS = sorted(
    (port, name)
    for port, kind in (("source", MailSource), ("sender", Sender), ("reader", Reader))
    for name in vars(kind)
    if not name.startswith("_") and name != "close"
)


class Breaking:
    """A port of a line whose `name` fails from its n-th call on; all else is as it was."""

    def __init__(self, port: Any, name: str, nth: int, ending: Exception | Outcome | None) -> None:
        """`ending`: what it raises, or answers; None when it never comes to an end."""
        self._port, self._name, self._left, self._ending = port, name, nth, ending

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        if name != self._name:
            return real
        return self._mails if inspect.isasyncgenfunction(real) else self._call

    async def _mails(self, *given: Any, **more: Any) -> AsyncIterator[Any]:
        if self._left <= 0:
            await self._ends()
        self._left -= 1
        async for mail in getattr(self._port, self._name)(*given, **more):
            yield mail

    async def _call(self, *given: Any, **more: Any) -> Any:
        if self._left <= 0:
            return await self._ends()
        self._left -= 1
        return await getattr(self._port, self._name)(*given, **more)

    async def _ends(self) -> Any:
        if self._ending is None:
            await asyncio.Event().wait()
        if isinstance(self._ending, Exception):
            raise self._ending
        return self._ending


#: How each port may end by its contract, beside never.
ENDINGS: dict[str, tuple[Exception | Outcome, ...]] = {
    "source": (LoginRefused("no"), MailboxUnreachable("away")),
    "sender": (NO_LOGIN, UNREACHABLE, LINE_LOST),
    "reader": (ReaderBroken("it does not start"),),
}
FAILURES = [(call, ending) for call in CALLS for ending in (*ENDINGS[call[0]], None)]


def test_every_call_is_known() -> None:
    assert {port for port, _ in CALLS} == {"source", "sender", "reader"}
    assert len(CALLS) >= 9


class Files:
    """The files of both accounts, read once; too much to be printed with a failing example."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        accounts = [loaded.settings.account(name) for name in ("shop", "tools")]
        self.readers = {one.name: DirectReader(prepare(reading_plan(loaded, one))) for one in accounts}


@pytest.fixture(scope="module")
def files(both: Loaded) -> Files:
    return Files(both)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(
    failing=st.sampled_from(("shop", "tools")),
    failure=st.sampled_from(FAILURES),
    nth=st.integers(0, 2),
)
def test_whichever_account_fails_in_whichever_call_the_other_reads_and_sends(
    files: Files, failing: str, failure: tuple[tuple[str, str], Exception | Outcome | None], nth: int
) -> None:
    (port, name), ending = failure

    async def story() -> None:
        clock = MovableClock()
        office = house_of(files.loaded, clock, Bells()).office
        lines: dict[str, Line] = {}
        for account in ("shop", "tools"):
            reader = files.readers[account]
            line = Line(source=Postbox(), sender=MailServer(), reader=reader, read_all=True)
            lines[account] = line
            line.source.put(notice(COMPLAINT, clock.now()), clock.now())  # type: ignore[attr-defined]
        well = "tools" if failing == "shop" else "shop"
        broken = Breaking(getattr(lines[failing], port), name, nth, ending)
        lines[failing] = replace(lines[failing], **{port: broken})
        turned = asyncio.Event()
        daemon = Daemon(office, lines, directly, on_turn=lambda *_: turned.set())
        task = asyncio.create_task(daemon.run())

        async def until(true: Callable[[], object]) -> None:
            async with asyncio.timeout(DEADLINE):
                while not true():
                    assert not task.done(), task.exception()
                    turned.clear()
                    await turned.wait()

        try:
            await until(lambda: office.store.letters(account_id=well, states=(State.DRAFTED,)))
            items = [one for one in office.store.items() if one.account_id == well]
            service.approve(office, items[0].number, "Ada")
            clock.move(timedelta(minutes=11))
            daemon.ring()
            await until(lambda: lines[well].sender.taken)  # type: ignore[attr-defined]
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())
