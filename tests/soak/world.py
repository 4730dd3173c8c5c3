"""Everybody outside: what follows from the letters that the mail server took, and when it comes."""

from __future__ import annotations

import heapq
import random
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

from tests.soak.script import Complaint, Mail, Temper
from tests.stories.mails import (
    bounce,
    out_of_office,
    own_copy,
    reply,
    retraction_confirmed,
    retraction_in_copy,
)

_COMPLAINT = re.compile(r"\b193\d{8}\b")
#: How long after the first letter somebody who is away says to be back.
_AWAY = timedelta(days=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A letter that the server took."""

    message_id: str
    raw: bytes
    complaints: tuple[str, ...]  #: IDs that it names
    to_amazon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A mail on its way, and what it means for the complaints it is about once it is read."""

    mail: Mail
    stops: tuple[str, ...] = ()
    away: tuple[tuple[str, date], ...] = ()
    complains: Complaint | None = None


def letter(message_id: str, raw: bytes) -> Taken:
    """Read a letter as its recipients would."""
    mail = message_from_bytes(raw, policy=default)
    body = mail.get_body(("plain",))
    assert body is not None
    return Taken(
        message_id=message_id,
        raw=raw,
        complaints=tuple(dict.fromkeys(_COMPLAINT.findall(f"{mail['Subject']}\n{body.get_content()}"))),
        to_amazon="@amazon." in str(mail["To"]),
    )


@dataclass
class World:
    """Knows every complaint, hears every letter, and lets mails come of it."""

    chance: random.Random
    complaints: dict[str, Complaint] = field(default_factory=dict)
    _letters: dict[str, int] = field(default_factory=dict)  #: by complaint, letters to the complainant
    _coming: list[tuple[datetime, int, Coming]] = field(default_factory=list)
    _number: int = 0

    def complain(self, complaint: Complaint) -> None:
        """Amazon's notice of it comes now."""
        self.complaints[complaint.complaint_id] = complaint

    def due(self, now: datetime) -> list[Coming]:
        """What has come by now, in order."""
        come = []
        while self._coming and self._coming[0][0] <= now:
            come.append(heapq.heappop(self._coming)[2])
        return come

    def heard(self, taken: Taken, at: datetime) -> None:
        """A letter reached its addressees: the copy to ourselves comes back, and they may react."""
        self._comes(at + timedelta(minutes=1), Coming(mail=Mail(raw=own_copy(taken.raw, at), kind="OwnCopy")))
        if taken.to_amazon or not taken.complaints:
            return
        complaint = self.complaints[taken.complaints[0]]
        times = self._letters[complaint.complaint_id] = self._letters.get(complaint.complaint_id, 0) + 1
        self._reacts(complaint, taken, times, at)

    def _reacts(self, complaint: Complaint, taken: Taken, times: int, at: datetime) -> None:
        token, owner = f"{complaint.complaint_id}.{times}", complaint.owner
        soon = at + timedelta(minutes=self.chance.randint(5, 90))
        later = at + timedelta(minutes=self.chance.randint(300, 2800))
        match complaint.temper, times:
            case (Temper.ANSWERS | Temper.HARD_TO_PLEASE, 1) | (Temper.ANSWERS_LATE, 2):
                raw = reply(taken.message_id, later, "We stand by our report.\n", sender=owner, token=token)
                self._comes(later, Coming(mail=Mail(raw=raw, kind="Reply"), stops=taken.complaints))
            case Temper.BOUNCES, _:
                raw = bounce(taken.message_id, owner, soon, token=token)
                self._comes(soon, Coming(mail=Mail(raw=raw, kind="DeliveryReport"), stops=taken.complaints))
            case Temper.AWAY, 1:
                back = (at + _AWAY).date()
                until = f"{back.day} {back:%B %Y}"
                raw = out_of_office(taken.message_id, soon, sender=owner, until=until, token=token)
                away = tuple((each, back) for each in taken.complaints)
                self._comes(soon, Coming(mail=Mail(raw=raw, kind="AutomaticResponse"), away=away))
            case Temper.RETRACTS, 1:
                raw = retraction_in_copy(
                    complaint.complaint_id, later, sender=owner, message_id=taken.message_id
                )
                self._comes(later, Coming(mail=Mail(raw=raw, kind="Retraction"), stops=taken.complaints))
                confirmed = later + timedelta(days=1)
                raw = retraction_confirmed(complaint.complaint_id, confirmed)
                self._comes(confirmed, Coming(mail=Mail(raw=raw, kind="Retraction")))
            case _:
                pass

    def _comes(self, at: datetime, coming: Coming) -> None:
        self._number += 1
        heapq.heappush(self._coming, (at, self._number, coming))
