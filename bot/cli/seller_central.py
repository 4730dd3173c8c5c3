"""Two facts of a case that are easily taken for one: mailed to Amazon, and filed in Seller Central."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.case.counter_notice import put_back
from bot.case.events import CounterNoticeFiled, Event, FiledInSellerCentral
from bot.case.model import Case, PartyRole
from bot.cli.screen import Bit, Piece, Screen
from bot.cli.words import when
from bot.ports import Store


def two_facts(case: Case, now: datetime, zone: ZoneInfo) -> Iterator[tuple[str, Piece]]:
    """Each with when and by what, or that nothing of the kind is known. Only filing meets a deadline."""
    sent = [(attempt.at, f"{attempt.step}, accepted by the mail server") for attempt in _to_amazon(case)]
    if case.mailed_amazon_at is not None:
        sent.append((case.mailed_amazon_at, "by hand"))
    if sent:
        at, how = max(sent)
        yield "mailed to Amazon", f"{when(at, now, zone)}, {how}; nothing is filed by that"
    else:
        yield "mailed to Amazon", "not yet"
    if case.filed_at is not None:
        yield "filed in Seller Central", Bit(f"an appeal, {when(case.filed_at, now, zone)}", "good")
    if case.counter_notice_at is not None:
        told = f"a counter-notice, {when(case.counter_notice_at, now, zone)}"
        yield "filed in Seller Central", Bit(told, "good")
        yield "what comes next", what_comes_next(case.counter_notice_at)
    if not case.met:
        yield (
            "filed in Seller Central",
            f"nobody said so; when you have: `rejoinder case note {case.case_id} appealed`",
        )


def what_comes_next(counter_notice_at: datetime) -> str:
    """After a counter-notice: the days between which Amazon puts the listing back, and what prevents it."""
    first, last = put_back(counter_notice_at)
    return (
        f"Amazon forwards it to them. If they do not go to court, the listing is put back between "
        f"{first:%a} {first.day} {first:%b %Y} and {last:%a} {last.day} {last:%b %Y} "
        "(10 to 14 business days in the United States)"
    )


def _to_amazon(case: Case) -> list[Any]:
    return [a for track in case.tracks if track.party is PartyRole.AMAZON for a in track.attempts]


def texts_of(state: Path, store: Store, diary: Sequence[Event]) -> list[dict[str, Any]]:
    """What was filed, word for word, oldest first. Raises StoreDamaged."""
    kinds = FiledInSellerCentral | CounterNoticeFiled
    filed = [event for event in diary if isinstance(event, kinds) and event.mail is not None]
    if not filed:
        return []
    from bot.edge.places import RAW
    from bot.edge.raw import DiskRawStore

    raw = DiskRawStore(state / RAW)
    texts: list[dict[str, Any]] = []
    for event in filed:
        kept = store.mail(event.mail or 0)
        text = raw.get(kept.sha256).decode("utf-8", "replace") if kept.sha256 else ""
        texts.append({"filed_at": event.filed_at, "by": event.by, "mail": event.mail, "text": text})
    return texts


def print_texts(screen: Screen, texts: Sequence[dict[str, Any]]) -> None:
    """Below the timeline."""
    for one in texts:
        screen.rule(f"What was filed in Seller Central (mail {one['mail']})")
        for line in str(one["text"]).rstrip().split("\n"):
            screen.paragraph(line, indent=2)
