"""Stops: addresses to which a person forbade every letter, in all cases of all accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.mail.address import is_within, same_address


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedAddress:
    """Where nobody may be written to, who said so, and why."""

    address: str  #: canonical and folded; `@domain` stands for every address there and below
    at: datetime
    by: str
    why: str = ""


class StopBook(Protocol):
    """Where stops are written down; a part of `bot.ports.Store`."""

    def stopped_addresses(self) -> tuple[StoppedAddress, ...]:
        """Every stop there is, by address."""
        ...

    def stop_address(self, stopped: StoppedAddress) -> None:
        """Write it down at once; one already there for the address is replaced."""
        ...

    def remove_stop(self, address: str) -> bool:
        """Take the stop for exactly this address away; False when there was none."""
        ...


def is_stopped(address: str, stopped: Iterable[str]) -> bool:
    """Whether one of these addresses, or `@domain`s, keeps us from writing to this address."""
    domain = address.rpartition("@")[2].casefold()
    return any(
        is_within(domain, one[1:].casefold()) if one.startswith("@") else same_address(address, one)
        for one in stopped
    )
