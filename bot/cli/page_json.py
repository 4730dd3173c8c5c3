"""The page of an item for a program."""

from __future__ import annotations

from typing import Any

from bot.cli.holds import ADVICE
from bot.cli.page_parts import answers_of, state_words
from bot.cli.pages import Page
from bot.cli.screen import plain
from bot.cli.words import reason_text


def page_json(page: Page) -> dict[str, Any]:
    """Everything that the page shows; `answers` are commands ready to be typed."""
    item = page.item
    return {
        "item": plain(item),
        "explanation": reason_text(item.reason) if item.reason else None,
        "state": state_words(page),
        "letter": plain(page.letter),
        "envelope": plain(page.envelope),
        "test": bool(page.envelope and page.envelope.rehearsal),
        "findings": [
            {"name": f.name, "error": f.error, "sentence": f.sentence, "detail": f.detail}
            for f in page.findings
        ],
        "written_again": plain(page.written_again),
        "out_of_date": page.stale,
        "cases": plain(page.cases),
        "mail": plain(page.mail),
        "likeness": plain(page.likeness),
        "stopped_by": plain(page.stopped_by),
        "advice": ADVICE.get(page.track.hold) if page.track and page.track.hold else None,
        "read_from": plain(page.read_from),
        "next": {"step": page.next_step[0], "after": page.next_step[1]} if page.next_step else None,
        "answers": answers_of(page),
    }
