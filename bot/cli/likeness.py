"""A suspect beside the genuine kind of mail that it is most like, its differences marked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.screen import Bit, Piece, Screen
from bot.cli.text import one_line
from bot.errors import RejoinderError

if TYPE_CHECKING:
    from bot.reading.model import Likeness
    from bot.review import Item
    from bot.wiring import House

#: Before what is as in a genuine mail, and before what is not; signs, because colours may be missing.
_SAME, _DIFFERENT = "=", "≠"


def say_likeness(screen: Screen, likeness: Likeness) -> None:
    """Each thing compared: what this mail has, and where it differs what a genuine one has."""
    of_kind = f" of the kind {likeness.family}" if likeness.family else ""
    screen.rule(f"Beside a genuine mail of Amazon's{of_kind}")
    rows: list[tuple[str, Piece]] = []
    for one in likeness.compared:
        look = "" if one.same else "bad"
        rows.append((one.what, Bit(f"{_SAME if one.same else _DIFFERENT} {one_line(one.here)}", look)))
        if not one.same:
            rows.append(("", Bit(f"  genuine: {one.genuine}", "quiet")))
    screen.facts(rows)


def likeness_of_mail(home: Path, house: House, item: Item) -> Likeness | None:
    """The kept mail of an item, read again in the killable worker; None when that is not possible."""
    from bot.edge.home import load_home
    from bot.reading.model import Suspect
    from bot.wiring import open_reader, reading_plan

    try:
        kept = house.office.store.mail(int(item.subject.partition(":")[2]))
        raw = house.office.raw.get(kept.sha256) if kept.sha256 else b""
        account = house.settings.account(item.account_id)
        plan = reading_plan(load_home(home), account)
    except (RejoinderError, KeyError):
        return None

    async def read() -> Likeness | None:
        reader = open_reader(plan)
        try:
            reading = (await reader.read_many([raw]))[0].reading
        finally:
            await reader.close()
        return reading.likeness if isinstance(reading, Suspect) else None

    try:
        return asyncio.run(read())
    except RejoinderError:
        return None
