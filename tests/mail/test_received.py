"""When a mail that comes as a file reached the mailbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.mail.received import received_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        (
            "Received: from a by b; Tue, 16 Sep 2025 04:41:27 +0200",
            datetime(2025, 9, 16, 2, 41, 27, tzinfo=UTC),
        ),
        (
            "Received: from a by b; Tue, 16 Sep 2025 04:41:27 +0000\r\n"
            "Received: from c by d; Mon, 1 Sep 2025 00:00:00 +0000",
            datetime(2025, 9, 16, 4, 41, 27, tzinfo=UTC),
        ),
        ("Date: Tue, 16 Sep 2025 04:41:27 +0000", datetime(2025, 9, 16, 4, 41, 27, tzinfo=UTC)),
        ("Received: from a by b; Tue, 16 Sep 2036 04:41:27 +0000", NOW),
        ("Received: from a by b; whenever", NOW),
        ("Subject: none", NOW),
    ],
)
def test_the_topmost_trace_field_tells(header: str, moment: datetime) -> None:
    assert received_at(header.encode() + b"\r\n\r\nHello\r\n", NOW) == moment
