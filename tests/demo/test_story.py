"""How the story looks: aligned, wrapped, coloured only where colour is wanted."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from bot.demo.story import WIDTH, Story, Tone, wants_colour

AT = datetime(2026, 1, 6, 9, 10, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_that_want_it() -> None:
    assert wants_colour(Terminal(), {})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert not wants_colour(io.StringIO(), {})


def test_lines_are_aligned_and_wrapped() -> None:
    out = io.StringIO()
    story = Story(out)
    story.tell(AT, "Amazon", "a notice " * 30, Tone.WARN)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("Tue  6 Jan 09:10  Amazon             a notice")
    assert all(len(line) <= WIDTH for line in lines)
    assert {line.index("a notice") for line in lines} == {lines[0].index("a notice")}


def test_a_new_day_is_set_off() -> None:
    out = io.StringIO()
    story = Story(out)
    story.tell(AT, "Amazon", "one")
    story.tell(AT + timedelta(hours=1), "Amazon", "two")
    story.tell(AT + timedelta(days=1), "Amazon", "three")
    assert [bool(line) for line in out.getvalue().splitlines()] == [True, True, False, True]


def test_what_a_mail_says_cannot_steer_the_terminal() -> None:
    out = io.StringIO()
    Story(out, colour=True).tell(AT, "Amazon", "subject \x1b[2J\x07 with tricks", Tone.PLAIN)
    assert "\x1b" not in out.getvalue()
    assert "\x07" not in out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    out = io.StringIO()
    story = Story(out, width=width)
    text = "notice (trademark): complaint 17520044811, B0DKT7W2QN, Enamel Camp Mug, 12 oz, Set of 2"
    story.say("Over some four weeks of sandbox time Amazon sends notices, and complainants answer.")
    story.tell(AT, "Hollis Quarrington", text)
    assert max(len(line) for line in out.getvalue().split("\n")) <= min(width, 108)
    assert "".join(text.split()) in "".join(out.getvalue().split())
