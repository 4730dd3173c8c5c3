"""The reading worker: whatever a mail does to it, the other mails are read."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.edge.worker import ReaderProcess
from bot.errors import ReaderBroken
from bot.reading.model import Other, Understood, Unreadable


@pytest.fixture(autouse=True)
def _hostile_module_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@asynccontextmanager
async def _reader(**options: Any) -> AsyncIterator[ReaderProcess]:
    reader = ReaderProcess("rules", **{"function": "hostile_reader.read", "seconds": 5.0, **options})
    try:
        yield reader
    finally:
        await reader.close()


def _text(understood: Understood) -> str:
    """What the hostile room said, or the reason why it did not."""
    reading = understood.reading
    if isinstance(reading, Unreadable):
        assert understood.head is None
        return f"unreadable: {reading.reason}"
    assert isinstance(reading, Other)
    return reading.language


def _read(*raws: bytes, **options: Any) -> list[str]:
    async def go() -> list[str]:
        async with _reader(**options) as reader:
            return [_text(understood) for understood in await reader.read_many(raws)]

    return asyncio.run(go())


def test_mails_are_read_in_order_with_the_context() -> None:
    assert _read(b"one", b"two", b"three") == ["rules:one", "rules:two", "rules:three"]


def test_more_mails_than_fit_ahead_are_read() -> None:
    raws = [b"%d" % number for number in range(100)] + [b"x" * 3_000_000] * 4
    assert [len(text) for text in _read(*raws)][100:] == [3_000_006] * 4


#: What the mail does, what its reading says.
HOSTILE = [
    (b"hang", "unreadable: reading it took longer than 0.5 seconds"),
    (b"spin", "unreadable: reading it took longer than 0.5 seconds"),
    (b"swell", "unreadable: reading it needs more than 512 MB of memory"),
    (b"exit 0", "unreadable: the reader ended with status 0"),
    (b"exit 7", "unreadable: the reader ended with status 7"),
    (b"crash", "unreadable: the reader was killed by signal 11"),
    (b"leave", "unreadable: the reader ended with status 3"),
    (b"unreadable", "unreadable: it has no header"),
    (b"deep", "unreadable: it is nested too deeply"),
    (b"wrong", "unreadable: the reader failed on it (understood)"),
    (b"print", "printed"),
]


@pytest.mark.parametrize(("raw", "said"), HOSTILE, ids=[raw.decode() for raw, _ in HOSTILE])
def test_a_hostile_mail_costs_itself_only(raw: bytes, said: str) -> None:
    assert _read(b"before", raw, b"after", b"last", seconds=0.5) == [
        "rules:before",
        said,
        "rules:after",
        "rules:last",
    ]


@pytest.mark.parametrize("raw", [b"secret", b"odd"])
def test_an_error_names_its_place_and_not_the_mail(raw: bytes) -> None:
    [said] = _read(raw)
    assert said.startswith("unreadable: the reader failed on it (")
    assert ".py:" in said
    assert "text of the mail" not in said


@pytest.mark.parametrize("answer", ["a pickle", '["understood"]', '["understood",[99]]', "[" * 5000])
def test_nothing_runs_of_what_a_mail_that_took_the_worker_over_answers(tmp_path: Path, answer: str) -> None:
    path = tmp_path / "written"
    forged = str(path) if answer == "a pickle" else answer
    assert _read(b"before", f"forge {forged}".encode(), b"after") == [
        "rules:before",
        "unreadable: the reader answered with something that is no reading",
        "rules:after",
    ]
    assert not path.exists()


def test_several_hostile_mails_in_a_row() -> None:
    said = _read(b"crash", b"exit 1", b"swell", b"fine", b"crash")
    assert [text.startswith("unreadable") for text in said] == [True, True, True, False, True]


def test_a_mail_that_killed_the_worker_is_not_tried_again(tmp_path: Path) -> None:
    async def go() -> tuple[str, str]:
        async with _reader() as reader:
            first, crashed, second = await reader.read_many([b"pid", b"crash", b"pid"])
            assert _text(crashed).startswith("unreadable")
            return _text(first), _text(second)

    first, second = asyncio.run(go())
    assert first != second


def test_a_child_killed_between_mails_costs_no_mail() -> None:
    async def go() -> list[str]:
        async with _reader() as reader:
            pid = int(_text(await reader.read(b"pid")))
            os.kill(pid, signal.SIGKILL)
            await _until(lambda: not Path(f"/proc/{pid}").exists())
            return [_text(await reader.read(b"next"))]

    assert asyncio.run(go()) == ["rules:next"]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- the kernel rings no bell of ours
            await asyncio.sleep(0.01)


def test_the_child_sees_no_password_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    [names] = _read(b"environment")
    assert "SHOP_PASSWORD" not in names
    assert "LC_ALL" in names


def test_the_address_space_is_limited() -> None:
    assert _read(b"limit", memory=700 * 1024 * 1024) == [str(700 * 1024 * 1024)]


def test_the_context_is_prepared_in_the_child() -> None:
    assert _read(b"one", prepare="hostile_reader.prepare") == ["prepared rules:one"]


def test_a_new_context_serves_the_next_mails() -> None:
    async def go() -> list[str]:
        async with _reader() as reader:
            first = await reader.read(b"one")
            reader.use("new rules")
            return [_text(first), _text(await reader.read(b"two"))]

    assert asyncio.run(go()) == ["rules:one", "new rules:two"]


BROKEN = [
    ({"function": "hostile_reader.missing"}, "AttributeError"),
    ({"function": "no_such_room.read"}, "ModuleNotFoundError"),
    ({"prepare": "hostile_reader.refuse"}, "ValueError: no rules"),
]


@pytest.mark.parametrize(("options", "said"), BROKEN)
def test_a_reader_that_cannot_start_blames_no_mail(options: dict[str, str], said: str) -> None:
    with pytest.raises(ReaderBroken, match=said):
        _read(b"one", b"two", **options)


def test_closing_ends_the_child_even_while_it_hangs() -> None:
    async def go() -> int:
        async with _reader() as reader:
            pid = int(_text(await reader.read(b"pid")))
            hanging = asyncio.create_task(reader.read(b"hang"))
            await asyncio.sleep(0)
            await reader.close()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            return pid

    pid = asyncio.run(go())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_caller_who_gave_up_does_not_disturb_the_others() -> None:
    async def go() -> str:
        async with _reader() as reader:
            gone = asyncio.create_task(reader.read(b"one"))
            await asyncio.sleep(0)
            gone.cancel()
            return _text(await reader.read(b"two"))

    assert asyncio.run(go()) == "rules:two"


def test_the_child_ends_with_its_parent() -> None:
    """A parent killed outright leaves no child behind: its pipe ends."""
    script = (
        "import asyncio, os, sys\n"
        "from bot.edge.worker import ReaderProcess\n"
        "async def go():\n"
        "    reader = ReaderProcess('rules', function='hostile_reader.read')\n"
        "    print((await reader.read(b'pid')).reading.language, flush=True)\n"
        "    os._exit(0)\n"
        "asyncio.run(go())\n"
    )

    async def go() -> int:
        parent = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            script,
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        out, _ = await parent.communicate()
        pid = int(out)
        await _until(lambda: not _runs(pid))
        return pid

    assert asyncio.run(go()) > 0


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_child_started_early_reads_the_first_mail() -> None:
    async def go() -> list[str]:
        async with _reader() as reader:
            reader.start()
            reader.start()
            return [_text(await reader.read(b"one"))]

    assert asyncio.run(go()) == ["rules:one"]


def test_what_hinders_an_early_start_is_told_with_the_first_mail() -> None:
    async def go() -> None:
        async with _reader(function="hostile_reader.nowhere") as reader:
            reader.start()
            with pytest.raises(ReaderBroken, match="cannot start"):
                await reader.read(b"one")

    asyncio.run(go())


@pytest.mark.parametrize("turns", [0, 1, 5, 50])
def test_closing_while_the_child_starts_leaves_no_child(turns: int) -> None:
    async def go() -> None:
        async with _reader() as reader:
            reader.start()
            for _ in range(turns):
                await asyncio.sleep(0)
        assert reader._child is None

    asyncio.run(go())
