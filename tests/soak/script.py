"""What comes in a season: who complains when, how they behave, and all the other mail; by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from tests.soak.notices import pattern
from tests.stories.mails import AMAZON_SAYS, amazon, monster

#: A Monday. In the ninety days after it the clocks of the seller's zone are put back and forward again, and
#: Easter comes.
START = datetime(2026, 2, 2, 6, 0, tzinfo=UTC)
ZONE = "Africa/Casablanca"
COUNTRY, SUBDIVISION = "GB", "ENG"
#: Public holidays of England in and after the season, by hand (https://www.gov.uk/bank-holidays).
HOLIDAYS = frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25)})
#: Steps of the playbook, and how many business days each waits once its letter was accepted.
STEPS = (("inquiry", 3), ("reminder-1", 5), ("reminder-2", 7), ("escalation", 7))

#: Where else the seller sells: notices come from all of these.
SHOPS = (
    "amazon.co.uk", "amazon.ca", "amazon.com.mx", "amazon.es", "amazon.fr", "amazon.it", "amazon.co.jp",
    "amazon.nl", "amazon.pl", "amazon.se", "amazon.com.tr",
)  # fmt: skip

#: Mails of the corpus that notices are made of: eleven languages, seven kinds of right.
PATTERNS = (
    "01-notice-trademark-numbered-list",
    "400-notice-copyright-text-en",
    "401-notice-counterfeit-agent-en",
    "07-notice-parallel-import-uk",
    "432-mixed-language-de-en",
    "386-notice-utility-model-de",
    "240-notice-trademark-es-mx",
    "242-notice-copyright-text-es",
    "200-notice-trademark-fr",
    "203-notice-patent-fr-flattened",
    "221-notice-counterfeit-testbuy-it",
    "224-notice-selective-distribution-it",
    "340-notice-trademark-ja",
    "264-notice-parallel-import-nl",
    "304-notice-design-pl-flattened",
    "280-notice-trademark-sv",
    "320-notice-trademark-tr",
    "361-notice-counterfeit-zh",
)
#: Those from Canada, the Netherlands, Poland, Sweden and Turkey: no address of Amazon's for such letters is
#: known there, so in the place of the escalation a person is asked.
WITHOUT_ADDRESS = frozenset({
    "401-notice-counterfeit-agent-en",
    "264-notice-parallel-import-nl",
    "304-notice-design-pl-flattened",
    "280-notice-trademark-sv",
    "320-notice-trademark-tr",
})  # fmt: skip


class Temper(StrEnum):
    """How a complainant takes our letters."""

    SILENT = "silent"
    ANSWERS = "answers the inquiry"
    ANSWERS_LATE = "answers the first reminder"
    HARD_TO_PLEASE = "answers, and we go on all the same"
    AWAY = "a machine says that they are away"
    BOUNCES = "does not exist"
    RETRACTS = "withdraws"


_TEMPERS = {
    Temper.SILENT: 45,
    Temper.ANSWERS: 14,
    Temper.ANSWERS_LATE: 10,
    Temper.HARD_TO_PLEASE: 8,
    Temper.AWAY: 9,
    Temper.BOUNCES: 8,
    Temper.RETRACTS: 6,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A complaint that Amazon will tell of."""

    complaint_id: str
    owner: str  #: address of the complainant
    temper: Temper
    stem: str  #: the pattern of its notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail and what it must be read as."""

    raw: bytes
    kind: str
    complaint: Complaint | None = None  #: of a notice


class Script:
    """Mails that come whatever we do: so many a day of each sort, at times of chance."""

    def __init__(self, *, seed: int, complaints_a_day: float, others_a_day: float) -> None:
        self._chance = random.Random(seed)
        self._complaints_a_day, self._others_a_day = complaints_a_day, others_a_day
        self._number = 0
        self._last: Complaint | None = None

    def hour(self, at: datetime) -> list[Mail]:
        """What comes in the hour before `at`: complaints by day, the rest at any time."""
        by_day = 7 <= at.hour < 19
        mails = [self._notice(at) for _ in range(self._some(self._complaints_a_day / 12 if by_day else 0))]
        mails += [self._other(at) for _ in range(self._some(self._others_a_day / 24))]
        return mails

    def _some(self, mean: float) -> int:
        whole, rest = divmod(mean * self._chance.uniform(0.5, 1.5), 1)
        return int(whole) + (self._chance.random() < rest)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _notice(self, at: datetime) -> Mail:
        number = self._next()
        again = self._last is not None and self._chance.random() < 0.05
        self._last = Complaint(
            complaint_id=str(19300000000 + number),
            owner=self._last.owner if again and self._last else f"ip@owner{number}.example",
            temper=self._last.temper if again and self._last else self._temper(),
            stem=self._chance.choice(PATTERNS),
        )
        raw = pattern(self._last.stem).about(self._last.complaint_id, self._last.owner, at)
        return Mail(raw=raw, kind="Notice", complaint=self._last)

    def _temper(self) -> Temper:
        (temper,) = self._chance.choices(list(_TEMPERS), weights=list(_TEMPERS.values()))
        return temper

    def _other(self, at: datetime) -> Mail:
        number, dice = self._next(), self._chance.random()
        if dice < 0.001:
            return Mail(raw=monster(at), kind="Unreadable")
        if dice < 0.02:
            return Mail(raw=_fake(number, at), kind="Suspect")
        if dice < 0.04:
            name = self._chance.choice(sorted(AMAZON_SAYS.keys() & {"suspected", "account"}))
            return Mail(raw=_numbered(amazon(name, at), number), kind="Notice")
        return Mail(raw=ordinary(number, at, self._chance), kind="Other")


def _numbered(raw: bytes, number: int) -> bytes:
    """The same mail under a Message-ID of its own: Amazon writes the same words again and again."""
    return raw.replace(b"Message-ID: <n.", b"Message-ID: <n%d." % number)


def _fake(number: int, at: datetime) -> bytes:
    stem = PATTERNS[number % len(PATTERNS)]
    raw = pattern(stem).about(str(88000000000 + number), f"pay@forger{number}.example", at)
    return (
        raw.replace(b"dkim=pass", b"dkim=fail")
        .replace(b"spf=pass", b"spf=fail")
        .replace(b"dmarc=pass", b"dmarc=fail")
    )


_SUBJECTS = ("Sold, ship now: Camp kettle", "Your invoice", "Re: delivery on Thursday", "Newsletter")
_LINES = (
    "Thank you for your order; the parcel leaves our warehouse today.",
    "Bitte senden Sie uns die Rechnung noch einmal, die letzte war unleserlich.",
    "Could you tell me whether the kettle fits an induction hob?",
    "Le colis est arrive hier, merci beaucoup.",
    "We raised our prices for cardboard by two per cent.",
)


def ordinary(number: int, at: datetime, chance: random.Random) -> bytes:
    """A mail of somebody who has nothing to do with complaints."""
    lines = "\r\n".join(chance.choice(_LINES) for _ in range(chance.randint(1, 12)))
    stamp = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
    return (
        f"Received: from out.customer{number % 97}.example by mx.brindlecove.example; {stamp}\r\n"
        f"From: Customer {number} <c{number}@customer{number % 97}.example>\r\n"
        "To: shop@brindlecove.example\r\n"
        f"Subject: {chance.choice(_SUBJECTS)} {number}\r\nDate: {stamp}\r\n"
        f"Message-ID: <o.{number}@customer{number % 97}.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
        f"\r\n{lines}\r\n"
    ).encode("ascii")


def ticks(days: float, *, seed: int, every: int = 1) -> Iterator[datetime]:
    """One moment in each hour, or in one of so many, at which mail comes and a person may look."""
    chance = random.Random(seed)
    for hour in range(0, int(days * 24), every):
        yield START + timedelta(hours=hour, minutes=chance.randint(1, 40), seconds=chance.randint(0, 59))
