"""What a season came to: what must be zero, what must not grow, and what is only told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from tests.soak.script import STEPS
from tests.soak.vitals import growth, more, peak, warm
from tests.torture.books import disagreements, fates

if TYPE_CHECKING:
    from tests.soak.season import Season

#: Memory may grow by so much, of the daemon and of its worker.
GROWTH = 0.10
#: By so many descriptors or threads two moments of rest may differ: a line that is just being had again.
FEW = 3
#: The write-ahead log of the database, and the log of the daemon for each mail, in octets.
WAL, LOG_A_MAIL = 32 * 1024 * 1024, 8 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The first block must be zero."""

    mails_lost: int = 0
    misread: int = 0
    duplicated: int = 0
    lost: int = 0
    unnoticed: int = 0
    unseen: int = 0
    early: int = 0
    missed: int = 0
    cases_wrong: int = 0
    disagree: int = 0
    unsettled: int = 0
    died: int = 0
    own_errors: int = 0
    # What must not grow.
    memory: float = 0.0  #: share by which the daemon grew, over all its lives
    worker_memory: float = 0.0
    descriptors: int = 0  #: by how many more, of daemon and worker
    threads: int = 0
    wal: int = 0  #: octets at most
    log_a_mail: int = 0  #: octets
    # What is only told.
    days: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    lives: int = 0
    rules_changed: int = 0
    mails: int = 0
    twice: int = 0
    complaints: int = 0
    drafts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    approved: int = 0
    taken: int = 0
    latest: float = 0.0  #: seconds after its moment that a draft was seen, at most
    resident: int = 0  #: KiB of the daemon at most
    seconds: float = 0.0
    what: tuple[str, ...] = ()  #: in words, what was wrong

    MUST_BE_ZERO = (
        "mails_lost", "misread", "duplicated", "lost", "unnoticed", "unseen", "early", "missed",
        "cases_wrong", "disagree", "unsettled", "died", "own_errors",
    )  # fmt: skip
    AT_MOST: ClassVar[dict[str, float]] = {
        "memory": GROWTH,
        "worker_memory": GROWTH,
        "descriptors": FEW,
        "threads": FEW,
        "wal": WAL,
        "log_a_mail": LOG_A_MAIL,
    }

    def found(self) -> dict[str, float]:
        """Everything that must not be."""
        wrong: dict[str, float] = {name: getattr(self, name) for name in self.MUST_BE_ZERO}
        wrong |= {
            name: getattr(self, name) for name, most in self.AT_MOST.items() if getattr(self, name) >= most
        }
        return {name: number for name, number in wrong.items() if number}


def judge(season: Season, seconds: float) -> Tally:
    """Compare everything that was seen of a season."""
    fate = fates(season.store, season.person.approved, season.post.log())
    kept, book, lives = season.kept(), season.book, season.lives
    long, wrong = warm(lives, season.plan.warm), disagreements(season.store)
    cases = Counter(case.facts.complaint_id for case in season.store.cases())
    complaints = list(book.entries)
    return Tally(
        mails_lost=kept["lost"] + season.passed_over,
        misread=kept["misread"],
        duplicated=fate["resent"],
        lost=fate["lost"],
        unnoticed=fate["unnoticed"],
        unseen=fate["unseen"],
        early=book.count["early"],
        missed=book.count["missed"],
        cases_wrong=sum(cases[each] != 1 for each in complaints),
        disagree=len(wrong),
        unsettled=season.unsettled(),
        died=season.died,
        own_errors=season.own_errors(),
        rules_changed=season.rules_changed(),
        memory=growth(long, lambda one: one.memory),
        worker_memory=growth(long, lambda one: one.worker_memory),
        descriptors=more(long, lambda one: one.descriptors + one.worker_descriptors),
        threads=more(long, lambda one: one.threads),
        wal=peak(lives, lambda one: one.wal),
        log_a_mail=peak(lives, lambda one: one.log) // max(1, len(season.mails)),
        days=season.plan.days,
        faults=season.weather.count,
        lives=len(lives),
        mails=len(season.mails) + season.inbox.twice,
        twice=season.inbox.twice,
        complaints=len(complaints),
        drafts=Counter({name: n for name, n in book.count.items() if name not in ("early", "missed")}),
        answers=season.person.count,
        approved=len(season.person.approved),
        taken=len(season.post.taken),
        latest=book.latest.total_seconds(),
        resident=peak(lives, lambda one: one.memory),
        seconds=seconds,
        what=(
            *book.wrong[:20],
            *wrong[:20],
            *(f"{n} {name}" for name, n in kept.items() if " read as " in name),
        ),
    )


def lines(tally: Tally) -> Iterator[tuple[str, str]]:
    """What a tally says, for people: what must be 0 first, then what must not grow."""
    for name in Tally.MUST_BE_ZERO:
        yield MEANING[name], f"{getattr(tally, name):,}"
    for name, most in Tally.AT_MOST.items():
        yield f"{MEANING[name]} (below {_worded(name, most)})", _worded(name, getattr(tally, name))
    yield "simulated days", f"{tally.days:g}"
    yield "faults, one in each simulated hour", f"{tally.faults.total():,}"
    for name, number in sorted(tally.faults.items(), key=lambda one: -one[1]):
        yield f"of these: {name}", f"{number:,}"
    yield "lives of the daemon", f"{tally.lives:,}"
    yield (
        "times that its rules were changed meanwhile, each of which takes memory",
        f"{tally.rules_changed:,}",
    )
    yield "mails delivered", f"{tally.mails:,}"
    yield "complaints", f"{tally.complaints:,}"
    for name, _ in STEPS:
        yield f"drafts of {name}, each at its moment", f"{tally.drafts[name]:,}"
    for name, meaning in ANSWERS.items():
        yield meaning, f"{tally.answers[name]:,}"
    yield "letters approved", f"{tally.approved:,}"
    yield "letters that the server took", f"{tally.taken:,}"
    yield "a draft was seen after its moment by at most", f"{tally.latest:.0f} s"
    yield "memory of the daemon at most", f"{tally.resident / 1024:.0f} MiB"


def _worded(name: str, number: float) -> str:
    if name.endswith("memory"):
        return f"{100 * number:.1f} %"
    return f"{number / 1024:,.0f} KiB" if name == "wal" else f"{number:,}"


#: What each number counts.
MEANING = {
    "mails_lost": "mails delivered and not kept or not understood",
    "misread": "mails understood as something else",
    "duplicated": "letters that the server took twice",
    "lost": "letters silently lost",
    "unnoticed": "letters taken that we call not sent",
    "unseen": "letters in doubt that the queue does not show",
    "early": "reminders and escalations too early, or that nothing asks for",
    "missed": "reminders and escalations not there at their moment",
    "cases_wrong": "complaints without exactly one case",
    "disagree": "rows, diaries, letters and queue that disagree",
    "unsettled": "letters left on the line at the end",
    "died": "lives that ended without being told to",
    "own_errors": "errors of our own in the log",
    "memory": "memory of the daemon: growth, each life from when it was warm, added up",
    "worker_memory": "memory of its reading worker: the same",
    "descriptors": "descriptors more at the end of a life",
    "threads": "threads more at the end of a life",
    "wal": "write-ahead log of the database, at most",
    "log_a_mail": "octets of log for each mail",
}
#: What a person did, beside approving.
ANSWERS = {
    "edit": "letters edited before",
    "snooze": "letters snoozed",
    "reject": "letters rejected",
    "resume": "cases resumed",
    "close": "cases closed",
    "settle": "letters in doubt settled by a person",
}
