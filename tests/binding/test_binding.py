"""A thousand random changes after the approval, each with somebody's hand in the database: none is sent."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.runner.outbox import gate
from tests.binding.mutations import MUTATIONS, Mutation
from tests.stories.mails import notice
from tests.stories.stage import Stage

TRIES = 1000


@pytest.fixture
def ready(stage: Stage) -> Stage:
    """An approved letter that leaves at the next turn, if nothing is changed."""
    stage.arrives(notice("17340981265", stage.now))
    stage.approve()
    stage.clock.moment += timedelta(minutes=11)
    stage.listen()
    return stage


@contextmanager
def put_back(stage: Stage) -> Iterator[None]:
    """Whatever happens inside, store, bytes and practice are afterwards what they were."""
    held = {name: copy.copy(value) for name, value in vars(stage.store).items()}
    raws = dict(vars(stage.office.raw))
    bytes_held = dict(stage.office.raw._raws)  # type: ignore[attr-defined]
    practice = stage.practice
    try:
        yield
    finally:
        vars(stage.store).update(held)
        vars(stage.office.raw).update(raws | {"_raws": bytes_held})
        stage.office.practices["shop"] = practice
        stage.server.taken.clear()
        stage.server.bodies.clear()


def room(stage: Stage, mutations: tuple[Mutation, ...], tries: int) -> tuple[Counter[str], Counter[str]]:
    """How often each kind was tried, and how often a changed letter left."""
    tried, sent = Counter[str](), Counter[str]()
    for seed in range(tries):
        mutate = mutations[seed % len(mutations)]
        with put_back(stage):
            mutate(stage, random.Random(seed))
            stage.send()
            tried[mutate.__name__] += 1
            sent[mutate.__name__] += len(stage.server.bodies)
    return tried, +sent


def test_no_change_after_the_approval_is_sent(ready: Stage) -> None:
    tried, sent = room(ready, MUTATIONS, TRIES)
    assert sum(tried.values()) == TRIES
    assert min(tried.values()) >= TRIES // len(MUTATIONS)
    assert sent == Counter()
    # And unchanged it leaves: each of the thousand was one change away from it.
    ready.send()
    assert len(ready.server.bodies) == 1


FAULTS = {
    "approval_digest": {"bytes_with_their_own_hash", "attachment", "bytes_on_disk"},
    "current_digest": {"template", "case"},
}


@pytest.mark.parametrize("guard", FAULTS)
def test_the_room_feels_a_guard_that_is_off(
    ready: Stage, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    approval = ready.letter().approval
    assert approval is not None
    answer = {"approval_digest": approval.digest, "current_digest": ready.letter().facts_digest}[guard]
    monkeypatch.setattr(gate, guard, lambda *_: answer)
    _, sent = room(ready, MUTATIONS, 60)
    assert set(sent) >= FAULTS[guard]
