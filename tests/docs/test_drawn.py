"""The parts of the pages that are drawn from the code stand there as the code says."""

from __future__ import annotations

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.states import TRANSITIONS
from docs import drawing


@pytest.mark.parametrize("name", drawing.PAGES)
def test_what_is_drawn_is_what_stands_there(name: str):
    page = (drawing.ROOT / name).read_text(encoding="utf-8")
    assert "<!-- drawn: " in page
    assert drawing.drawn(page) == page, "draw the pages anew: .venv/bin/python -m docs.drawing"


def test_the_picture_changes_with_the_table(monkeypatch: pytest.MonkeyPatch):
    before = drawing.states()
    monkeypatch.setitem(TRANSITIONS, State.IN_DOUBT, {e.SendStarted: State.SENDING})
    assert "    IN_DOUBT --> SENDING: SendStarted" in drawing.states().splitlines()
    assert drawing.states() != before


def test_a_part_that_nobody_draws_is_a_mistake():
    with pytest.raises(KeyError):
        drawing.drawn("<!-- drawn: nothing -->\n<!-- end -->")
