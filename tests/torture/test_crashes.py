"""Death before and after every write and every step, and every call failing once: the promises hold."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.servers.programs import program
from tests.torture.crashes import Survey, play_all, survey

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(400)]

#: Of the points, each so-manieth is tried here; `python -m tests.torture.crashes` tries all.
EVERY = 4


@pytest.fixture(scope="module")
def points() -> Survey:
    """What the program does in a fortnight without trouble."""
    program("dovecot", "dovecot-imapd")
    return survey()


def test_the_points_are_those_of_the_code(points: Survey) -> None:
    """A write or a step that is not counted would not be tried."""
    counts = Counter(points.names)
    assert counts["before database: COMMIT"] > 50
    assert counts["before file: fsync"] > 10
    assert counts["before smtp: body written"] == 6  # one deferred, two of them lost after the dot
    assert {"before imap: append", "before imap: log in", "before smtp: command RCPT"} <= set(counts)


def test_death_at_the_points_loses_and_repeats_nothing(points: Survey) -> None:
    numbers = points.deaths()
    assert len(numbers) > 80
    doubtful = [n for n in numbers if "body" in points.names[n - 1]]
    chosen = sorted({*numbers[::EVERY], *doubtful})
    assert [seen for seen in play_all("dies", chosen) if seen.wrong] == []


def test_a_call_that_fails_ends_in_a_sentence_and_sends_nothing_twice(points: Survey) -> None:
    numbers = points.failures()
    assert len(numbers) > 300
    seen = play_all("fails", numbers[:: EVERY * 2])
    assert [one for one in seen if one.wrong] == []
    sentences = {one.sentence for one in seen}
    for words in ("no room left", "locked", "may only be read", "is damaged"):
        assert any(words in sentence for sentence in sentences), words


def test_a_line_that_breaks_behind_an_answer_ends_nothing(points: Survey) -> None:
    """Between two tellings the points move by one or two, so what was chosen as before may come behind."""
    behind = {
        name: number
        for number, name in enumerate(points.names, 1)
        if name.startswith(("after imap", "after smtp"))
    }
    assert "after imap: fetch" in behind
    assert [seen for seen in play_all("fails", sorted(behind.values())) if seen.wrong] == []


def test_what_does_not_fit_into_the_time_is_left_out_and_not_counted(points: Survey) -> None:
    heard: list[int] = []
    seen = play_all("dies", points.deaths(), seconds=0.0, told=lambda one, left: heard.append(left))
    assert len(seen) == len(heard) < len(points.deaths())
    assert all(one.point for one in seen)


@pytest.mark.parametrize("fault", ["guess-not-sent", "guess-sent"])
def test_a_planted_fault_is_found(points: Survey, fault: str) -> None:
    """Around the texts that leave, a point betrays whoever guesses.

    Not each: where our own copy arrives in time, what was guessed is put right.
    """
    texts = [number for number, name in enumerate(points.names, 1) if name.endswith("smtp: body written")]
    # From one life to the next the points move by one or two.
    around = sorted({number + more for number in texts for more in (0, 1, 2)})
    assert any(seen.wrong for seen in play_all("dies", around, fault))
