"""Waits as people write them, and walking the steps."""

from __future__ import annotations

import pytest

from bot.case.model import PartyRole
from bot.case.playbook import Playbook, Step, Unit, Wait

WRITTEN = [
    ("3 business days", 3, Unit.BUSINESS_DAYS, "3 business days"),
    ("1 Business Day", 1, Unit.BUSINESS_DAYS, "1 business day"),
    ("72h", 72, Unit.HOURS, "72 hours"),
    ("72 hours", 72, Unit.HOURS, "72 hours"),
    ("1 hour", 1, Unit.HOURS, "1 hour"),
    ("10 min", 10, Unit.MINUTES, "10 minutes"),
    ("3 days", 3, Unit.DAYS, "3 days"),
    ("  2   d ", 2, Unit.DAYS, "2 days"),
    ("0 days", 0, Unit.DAYS, "0 days"),
]


@pytest.mark.parametrize(("text", "amount", "unit", "shown"), WRITTEN)
def test_a_wait_reads_and_shows(text: str, amount: int, unit: Unit, shown: str) -> None:
    wait = Wait.parse(text)
    assert wait == Wait(amount, unit)
    assert str(wait) == shown
    assert Wait.parse(shown) == wait


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "3",
        "days",
        "-3 days",
        "3.5 days",
        "3 fortnights",
        "3 business hours",
        "٣ days",
        "3\ndays x",
    ],
)
def test_what_is_no_wait_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="such as 3 business days"):
        Wait.parse(text)


@pytest.mark.parametrize("text", ["3651 days", "999999 h", "2501 business days"])
def test_an_endless_wait_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the most that can be waited"):
        Wait.parse(text)


def _playbook(*names: str) -> Playbook:
    wait = Wait(3, Unit.BUSINESS_DAYS)
    steps = tuple(
        Step(name=name, to=PartyRole.COMPLAINANT, copy_amazon=True, template=name, wait=wait)
        for name in names
    )
    return Playbook(
        name="inquiry",
        steps=steps,
        calendar="account",
        last_safe_margin=wait,
        last_safe_default=wait,
        reply_by=wait,
        good_for=wait,
        letter_limit=3,
    )


def test_steps_follow_each_other() -> None:
    playbook = _playbook("inquiry", "reminder", "escalation")
    assert playbook.first.name == "inquiry"
    second = playbook.after("inquiry")
    assert second is not None
    assert second == playbook.step("reminder")
    assert playbook.after("escalation") is None


def test_an_unknown_step_is_a_key_error() -> None:
    playbook = _playbook("inquiry")
    with pytest.raises(KeyError):
        playbook.step("reminder")
    with pytest.raises(KeyError):
        playbook.after("reminder")
