"""Two accounts in one daemon: nothing of one reaches the other, and one that fails stands in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.daemon import Daemon, Line
from bot.edge.home import Loaded, load_home
from bot.errors import LoginRefused, MailboxError, MailboxUnreachable
from bot.ports import MailboxState
from bot.reading.prepare import prepare
from bot.review import ItemKind
from bot.runner.steps.drafting import write_drafts
from bot.wiring import reading_plan
from tests.stories.mails import OWNER, notice, reply
from tests.stories.played import DirectReader, MailServer, Postbox
from tests.stories.stage import Stage, directly, write_home

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
