"""The whole demo: the daemon as in production, in the sandbox, to the end of the story."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import pty
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TextIO

import pytest

from bot.demo.run import run_demo


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_auto_plays_the_whole_story_and_ends_by_itself(tmp_path: Path) -> None:
    out = io.StringIO()
    logging_before = logging.getLogger().handlers[:]
    begun = monotonic()
    status = asyncio.run(run_demo(auto=True, keep_home=tmp_path / "home", out=out))
    assert monotonic() - begun < 45
    told = out.getvalue()
    assert status == 0, told
    assert json.loads(told.splitlines()[-1]) == {
        "notices": 9,
        "cases": 7,  # no letter about the page warning and the notice without a contact
        "drafts": 13,
        "approved": 13,
        "accepted": 13,
        "reminders": 4,
        "escalations": 3,
        "answered": 3,
        "bounced": 1,
        "cc_amazon": True,
    }
    assert "\x1b" not in told
    in_order = (
        "notice (trademark): complaint 17520044811",
        "inquiry to ip@brindlecove.example",
        "a look-alike notice",
        "not believed",
        "out of office",
        "came back: user unknown",
        "reminder to compliance@stonebay.example",
        "Hollis Quarrington answers from another address",
        "escalation to",
        "puts the listing back",
    )
    places = [told.index(" ".join(words.split())) for words in in_order]
    assert places == sorted(places)
    assert (tmp_path / "home" / "rejoinder.yaml").is_file()
    assert logging.getLogger().handlers == logging_before
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("sandbox")]


def test_without_a_terminal_it_says_what_to_use() -> None:
    out = io.StringIO()
    assert asyncio.run(run_demo(auto=False, keep_home=None, out=out, typed=io.StringIO("s\n"))) == 2
    assert "--auto" in out.getvalue()


class Reviewer(io.StringIO):
    """Types the next line whenever the demo asks for one."""

    def __init__(self, types: int, lines: tuple[str, ...]) -> None:
        super().__init__()
        self._types, self._lines = types, list(lines)

    def write(self, text: str) -> int:
        if text == "demo> ":
            os.write(self._types, (self._lines.pop(0) + "\n").encode())
        return super().write(text)


class HangsUp(io.StringIO):
    """Closes the terminal when the demo asks for something."""

    def __init__(self, types: int) -> None:
        super().__init__()
        self._types = types

    def write(self, text: str) -> int:
        if text == "demo> ":
            os.close(self._types)
        return super().write(text)


@contextmanager
def terminal() -> Iterator[tuple[int, TextIO]]:
    types, read = pty.openpty()
    with os.fdopen(read, encoding="utf-8") as typed:
        yield types, typed
    os.close(types)


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_a_person_steps_reads_approves_and_rejects() -> None:
    lines = (
        "?",
        "frobnicate",
        "a 1",
        "",
        "show 1",
        "rejoinder approve 1",
        "s",
        "s",
        "s",
        "s",
        "x 2 not now",
        "show 3",
        "queue",
        "q",
    )
    with terminal() as (types, typed):
        out = Reviewer(types, lines)
        status = asyncio.run(run_demo(auto=False, keep_home=None, out=out, typed=typed))
    told = out.getvalue()
    assert status == 0
    assert "Nothing waits for you." in told
    assert "There is no command 'frobnicate'" in told
    assert "Which item? Open are: none." in told
    assert "To:   ip@brindlecove.example" in told
    assert "Dear Maren Ockley," in told
    assert "#1 approved; it leaves at 09:20 unless recalled" in told
    assert "Sent               inquiry to ip@brindlecove.example" in told
    assert "#2 rejected; the case is held" in told
    summary = json.loads(told.splitlines()[-1])
    assert (summary["approved"], summary["accepted"], summary["drafts"]) == (1, 1, 2)


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_the_demo_ends_when_the_terminal_is_closed() -> None:
    types, read = pty.openpty()
    out = HangsUp(types)
    with os.fdopen(read, encoding="utf-8") as typed:
        assert asyncio.run(run_demo(auto=False, keep_home=None, out=out, typed=typed)) == 0
    assert json.loads(out.getvalue().splitlines()[-1])["accepted"] == 0
