"""Outlook's thread fields: one header for a thread, one block more for each mail."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from bot.mail.conversation import thread_index, thread_topic

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROOT, SECOND, THIRD = "<rj.a@x.example>", "<rj.b@x.example>", "<rj.c@x.example>"


def octets(message_id: str, *references: str) -> bytes:
    return base64.b64decode(thread_index(message_id, references, AT), validate=True)


def test_the_first_letter_has_the_header_alone() -> None:
    assert len(octets(ROOT)) == 22
    assert octets(ROOT)[0] == 1


def test_each_letter_below_carries_the_header_and_a_block_more() -> None:
    first, second, third = octets(ROOT), octets(SECOND, ROOT), octets(THIRD, ROOT, SECOND)
    assert second[:22] == third[:22] == first
    assert (len(second), len(third)) == (27, 32)


def test_threads_are_told_apart() -> None:
    assert octets(ROOT)[6:] != octets(SECOND)[6:]


def test_a_block_counts_from_the_header() -> None:
    """Bit 0 unset: the next 31 bits are bits 18 to 48 of the difference in steps of 100 nanoseconds."""
    (delta,) = (int.from_bytes(octets(SECOND, ROOT)[22:26], "big"),)
    assert delta >> 31 == 0
    seconds = (delta << 18) / 10_000_000
    assert abs(seconds - (AT - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()) < 0.1


@pytest.mark.parametrize(
    ("subject", "topic"),
    [("Re: AW: Your complaint", "Your complaint"), ("Your complaint", "Your complaint"), ("Re: ", "")],
)
def test_topic(subject: str, topic: str) -> None:
    assert thread_topic(subject) == topic
