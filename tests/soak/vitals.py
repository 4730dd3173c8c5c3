"""What a daemon holds at a moment: memory, descriptors and threads of it and of its reading worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """At one moment; memory in KiB, files in octets."""

    at: datetime
    memory: int
    worker_memory: int
    descriptors: int
    worker_descriptors: int
    threads: int
    wal: int
    log: int


def look(pid: int, home: Path, at: datetime) -> Vitals:
    """Ask /proc and the folder."""
    workers = _children(pid)
    return Vitals(
        at=at,
        memory=_resident(pid),
        worker_memory=sum(map(_resident, workers)),
        descriptors=_descriptors(pid),
        worker_descriptors=sum(map(_descriptors, workers)),
        threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
        wal=_size(home / "state" / "rejoinder.db-wal"),
        log=_size(home / "log"),
    )


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


Lives = Sequence[Sequence[Vitals]]


def warm(lives: Lives, after: timedelta) -> Lives:
    """The looks at each life since it was warm; a life that ended before says nothing."""
    warmed = [[one for one in life if one.at - life[0].at >= after] for life in lives]
    return [life for life in warmed if len(life) >= 8]


def growth(lives: Lives, of: Callable[[Vitals], int]) -> float:
    """By what share something grew in all these lives together.

    First and last are medians of four looks, so that a single one decides nothing.
    """
    return sum((median(map(of, life[-4:])) / max(1, median(map(of, life[:4]))) - 1 for life in lives), 0.0)


def more(lives: Lives, of: Callable[[Vitals], int]) -> int:
    """By how many something grew in the life in which it grew most: the least of the last looks."""
    return max((min(map(of, life[-4:])) - max(map(of, life[:4])) for life in lives), default=0)


def peak(lives: Lives, of: Callable[[Vitals], int]) -> int:
    """The most that was ever seen."""
    return max((of(one) for life in lives for one in life), default=0)


def table(lives: Lives) -> str:
    """Every look, for whoever wants to see a curve."""
    names = [field.name for field in fields(Vitals)]
    rows = [
        "\t".join([str(number), *(str(getattr(one, name)) for name in names)])
        for number, life in enumerate(lives, 1)
        for one in life
    ]
    return "\n".join(["\t".join(["life", *names]), *rows])
