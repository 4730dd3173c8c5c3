"""What the benchmarks stand on: a home on a real disk, cases without mail, and how results are told."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.case.model import Case
from bot.ports import Change, Store
from tests.samples import sample_case, sample_facts, sample_party
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.stories.stage import MONDAY, write_home

ACCOUNT = "shop"
#: Limits that protect an operator would only stand in the way here; who is protected is not measured.
NO_LIMITS = """
limits:
  letters_per_day: 1000000
  letters_per_day_in_all: 1000000
  letters_per_address_per_day: 1000000
  new_addresses_per_day: 1000000
stop_switch: { cases_per_minute: 1000000 }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table."""

    name: str
    sentence: str  #: for people, with its numbers
    value: float  #: the ratio, or the seconds
    aim: float | None  #: None: only told
    more_is_better: bool
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """True when the aim is reached."""
        if self.aim is None:
            return True
        return self.value >= self.aim if self.more_is_better else self.value <= self.aim

    def tell(self) -> None:
        """A line for people, then a line for programs."""
        if self.aim is None:
            print(f"seen    {self.sentence}")
        else:
            sign = "≥" if self.more_is_better else "≤"
            print(f"{'met   ' if self.met else 'MISSED'}  {self.sentence}  (aim {sign} {self.aim:g})")
        document = {"benchmark": self.name, "value": round(self.value, 4), "aim": self.aim, "met": self.met}
        print(json.dumps(document | self.facts), flush=True)


@contextlib.contextmanager
def folder_on_disk() -> Iterator[Path]:
    """An empty folder where fsync means something: /tmp is memory on many machines, /var/tmp is not."""
    place = Path("/var/tmp")  # noqa: S108 -- mkdtemp makes a folder of our own in it
    path = Path(tempfile.mkdtemp(prefix="rj-bench-", dir=place if os.access(place, os.W_OK) else None))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def make_home(folder: Path, dovecot: Dovecot | None = None, user: str = "") -> Path:
    """A home for the invented seller; with a Dovecot, its account reads that user's mailbox without TLS."""
    servers: dict[str, Any] = {}
    if dovecot is not None:
        secret = folder / "secret"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o600)
        servers = {
            "imap_host": dovecot.host,
            "imap_port": dovecot.port,
            "imap_more": f", user: {user}, password: {{file: {secret}}}",
        }
    home = write_home(folder / "home", **servers)
    settings = home / "rejoinder.yaml"
    settings.write_text(settings.read_text() + NO_LIMITS)
    (home / "state").mkdir(exist_ok=True)
    return home


def open_ready_cases(store: Store, count: int) -> None:
    """`count` cases of different owners, each with a track that is ready for its inquiry."""
    for start in range(0, count, 100):
        cases = tuple(_case(number) for number in range(start, min(start + 100, count)))
        store.record(Change(cases=cases), MONDAY)


def _case(number: int) -> Case:
    address = f"ip@owner{number}.example"
    return sample_case(
        case_id=f"B{number:05}",
        account_id=ACCOUNT,
        opened_at=MONDAY,
        facts=sample_facts(
            complaint_id=str(17_000_000_000 + number),
            marketplace="amazon.com",
            language="en",
            notice_at=MONDAY,
            retraction_address="notice-retraction@amazon.com",
            amazon_address="notice-retraction@amazon.com",
        ),
        parties=(sample_party(party_id=f"p{number}", addresses=(address,)),),
        deadline=MONDAY + timedelta(days=365),
        last_safe=MONDAY + timedelta(days=360),
    )


def fsync_ms(folder: Path, octets: int = 14_000, times: int = 200) -> float:
    """Median milliseconds to write so many octets into a new file and fsync it: what the disk asks.

    The files stay until the folder goes: ext4 is slow for seconds after many files were deleted.
    """
    spent = []
    for number in range(times):
        path = folder / f"probe-{number}"
        began = time.perf_counter()
        with path.open("wb") as file:
            file.write(b"x" * octets)
            file.flush()
            os.fsync(file.fileno())
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1000
