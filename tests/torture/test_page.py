"""What was measured gets into its place on the page, and nothing else changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.torture.firing_range import Tally
from tests.torture.page import PAGE, Crashed, part, record_crashes, record_faults, record_kills


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A copy of the real page."""
    copy = tmp_path / "reliability.md"
    copy.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def test_a_table_of_kills(page: Path) -> None:
    record_kills(Tally(kills=700, in_doubt=140, taken=1234), 7, 180.0, page)
    text = page.read_text(encoding="utf-8")
    assert "`make torture`, seed 7, 3 minutes on" in text
    assert "| in doubt per kill | 0.20 |" in text
    assert "| letters that the server took | 1,234 |" in text


def test_another_number_of_kills_gets_a_place_of_its_own(page: Path) -> None:
    for seed in (1, 2):
        record_kills(Tally(kills=10_000), seed, 60.0, page)
    text = page.read_text(encoding="utf-8")
    assert text.count("make torture N=10000`, seed") == 1
    assert text.count("<!-- measured: kills-10000 -->") == 1


def test_what_was_not_found_is_said(page: Path) -> None:
    record_faults({"guess-sent": (150, {}), "send-then-mark": (5, {"duplicated": 3})}, page)
    text = page.read_text(encoding="utf-8")
    assert "| 150 | **not found** |" in text
    assert "| 5 | letters that the server took twice: 3 |" in text


def test_a_table_of_crashes(page: Path) -> None:
    record_crashes(
        [Crashed(what="death at a point", points=152, kinds=Counter(database=85, imap=2), wrong=0)], page
    )
    assert "| death at a point | 152 | 87 | 85 | 0 | 0 | 2 | 0 |" in page.read_text(encoding="utf-8")


def test_a_place_that_is_not_there_is_a_mistake(page: Path) -> None:
    with pytest.raises(ValueError, match="no place"):
        part("nothing", "text", page)


def test_a_campaign_cut_short_says_so(page: Path) -> None:
    record_kills(Tally(kills=8_731), 7, 60.0, page, wanted=10_000)
    text = page.read_text(encoding="utf-8")
    assert "`make torture N=10000`, seed 7, 1 minutes on" in text
    assert ", stopped after 8,731 kills:" in text
    assert "<!-- measured: kills-10000 -->" in text
