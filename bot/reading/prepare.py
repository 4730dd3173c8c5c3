"""Makes the context of the reading worker from plain data that can cross to another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reading.read import ReadingContext
from bot.reading.rules import build_rules
from bot.reading.stores import StoreMarks


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """What the worker is given once; compiled patterns do not travel, documents do."""

    documents: Mapping[str, object]  #: path under rules/ → parsed document
    own_addresses: frozenset[str]
    pinned_authserv: str | None
    believe_file: bool = False
    sealers: tuple[str, ...] = ()  #: domains whose ARC seals count
    stores: tuple[StoreMarks, ...] = ()  #: that share the mailbox


def prepare(plan: ReadingPlan) -> ReadingContext:
    """Compile the rules; raises what `build_rules` raises."""
    return ReadingContext(
        rules=build_rules(plan.documents),
        own_addresses=plan.own_addresses,
        pinned_authserv=plan.pinned_authserv,
        believe_file=plan.believe_file,
        sealers=plan.sealers,
        stores=plan.stores,
    )
