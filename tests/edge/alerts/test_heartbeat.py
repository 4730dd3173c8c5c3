"""A beat while mail is read in time, silence otherwise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.edge.alerts.heartbeat import keep_beating
from bot.errors import StoreDamaged
from bot.settings.values import Heartbeat
from tests.edge.alerts.conftest import WebServer


def test_it_beats_while_all_is_fresh_and_is_silent_when_not(web: WebServer) -> None:
    async def story() -> None:
        answers = [False, True, True, False, False]
        looked: asyncio.Queue[int] = asyncio.Queue()

        async def fresh() -> bool:
            looked.put_nowait(len(web.got))
            return answers.pop(0) if answers else False

        heartbeat = Heartbeat(address=web.address("/beat"), every=timedelta(milliseconds=1))
        beating = asyncio.create_task(keep_beating(heartbeat, fresh, lambda *_: None, look_again=0.001))
        assert [await looked.get() for _ in range(6)] == [0, 0, 1, 2, 2, 2]
        beating.cancel()

    asyncio.run(asyncio.wait_for(story(), 20.0))
    assert [(got.method, got.target) for got in web.got] == [("GET", "/beat")] * 2


def test_a_monitor_that_does_not_answer_is_noted_and_asked_again(web: WebServer) -> None:
    async def story() -> None:
        web.answers = [500, 500, 200]
        noted: asyncio.Queue[str | None] = asyncio.Queue()

        async def fresh() -> bool:
            return True

        def health(channel: str, why: str | None) -> None:
            assert channel == "heartbeat"
            noted.put_nowait(why)

        heartbeat = Heartbeat(address=web.address("/beat"), every=timedelta(milliseconds=1))
        beating = asyncio.create_task(keep_beating(heartbeat, fresh, health, look_again=0.001))
        assert [await noted.get() for _ in range(3)] == ["127.0.0.1 answered 500"] * 2 + [None]
        beating.cancel()

    asyncio.run(asyncio.wait_for(story(), 20.0))


def test_a_state_that_cannot_be_asked_is_silence_and_no_end(web: WebServer) -> None:
    async def story() -> None:
        beaten: asyncio.Queue[str | None] = asyncio.Queue()
        answers: list[Exception | None] = [StoreDamaged("damaged"), None]

        async def fresh() -> bool:
            answer = answers.pop(0)
            if answer is not None:
                raise answer
            return True

        heartbeat = Heartbeat(address=web.address("/beat"), every=timedelta(hours=1))
        beating = asyncio.create_task(
            keep_beating(heartbeat, fresh, lambda _, why: beaten.put_nowait(why), look_again=0.001)
        )
        assert await beaten.get() is None
        beating.cancel()

    asyncio.run(asyncio.wait_for(story(), 20.0))
    assert len(web.got) == 1
