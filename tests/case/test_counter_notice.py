"""When a listing comes back after a counter-notice: ten to fourteen business days of the United States."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.case.counter_notice import put_back


@pytest.mark.parametrize(
    ("filed", "first", "last"),
    [
        # Two weeks without a holiday.
        (datetime(2026, 3, 2, 12, tzinfo=UTC), date(2026, 3, 16), date(2026, 3, 20)),
        # Thanksgiving and Christmas lie between.
        (datetime(2026, 11, 23, 12, tzinfo=UTC), date(2026, 12, 8), date(2026, 12, 14)),
        # Five in the morning in London is still the evening before where it is received.
        (datetime(2026, 3, 3, 5, tzinfo=UTC), date(2026, 3, 16), date(2026, 3, 20)),
        # Filed on a Saturday.
        (datetime(2026, 3, 7, 20, tzinfo=UTC), date(2026, 3, 20), date(2026, 3, 26)),
    ],
)
def test_between_which_days(filed: datetime, first: date, last: date) -> None:
    assert put_back(filed) == (first, last)
