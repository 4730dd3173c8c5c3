"""When somebody who is away comes back, as an automatic answer says it."""

from __future__ import annotations

from datetime import date

from bot.mail.dates import Calendar, Introduced, dates_in, introduced_by


def return_date(
    flow: str, words: Introduced, calendar: Calendar, order: str | None, sent: date | None
) -> date | None:
    """The date behind one of the phrases (`until {date}`), its year taken from when the mail was sent.

    `flow` is folded. A date that can be read in two ways is not taken. "From 2 to 16 March": the later.
    """
    found: date | None = None
    for written in dates_in(flow[:20_000], calendar, order, sent):
        if introduced_by(flow, written, words) is None:
            continue
        if len(written.days) == 1 and (found is None or written.days[0] > found):
            found = written.days[0]
    return found
