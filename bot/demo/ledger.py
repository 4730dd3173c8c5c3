"""What really happened, counted from outside: from what the SMTP server received and the world sent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass

from bot.demo.actors import Coming, Kind
from bot.demo.post import Posted, is_amazon


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The last line of `rejoinder demo --auto`."""

    notices: int  #: notices and warnings of the real Amazon that were delivered
    cases: int  #: complaints that at least one letter received by the SMTP server names
    drafts: int  #: letters that the reviewer saw waiting, or that the SMTP server received
    approved: int  #: letters that the reviewer approved
    accepted: int  #: letters that the SMTP server answered with 250, each counted once
    reminders: int  #: further letters to a complainant in a thread begun with them
    escalations: int  #: letters whose To is an address of Amazon
    answered: int  #: answers that people on the complainants' side sent
    bounced: int  #: delivery reports that came back
    cc_amazon: bool  #: every letter to a complainant had Amazon in Cc and in its envelope

    def json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))


class Ledger:
    """Keeps what was sent, received, seen and approved, and counts it by Message-ID."""

    def __init__(self) -> None:
        self._letters: dict[str, Posted] = {}
        self._transactions = 0
        self._delivered: Counter[Kind] = Counter()
        self._complaints: set[str] = set()
        self._seen: set[str] = set()
        self._approved: set[str] = set()

    def received(self, letter: Posted) -> None:
        """The SMTP server accepted this letter."""
        self._transactions += 1
        self._letters.setdefault(letter.message_id, letter)

    def delivered(self, coming: Coming) -> None:
        """The world put this mail into the seller's inbox."""
        self._delivered[coming.kind] += 1
        if coming.kind is Kind.NOTICE and coming.complaint_id:
            self._complaints.add(coming.complaint_id)

    def seen(self, message_id: str) -> None:
        """The reviewer saw this letter waiting."""
        self._seen.add(message_id)

    def approved(self, message_id: str) -> None:
        """The reviewer said yes to this letter."""
        self._approved.add(message_id)

    @property
    def sent_twice(self) -> int:
        """How many letters the SMTP server received more often than once; must be none."""
        return self._transactions - len(self._letters)

    @property
    def unapproved(self) -> tuple[str, ...]:
        """Message-IDs that the SMTP server received and nobody approved; must be none."""
        return tuple(sorted(set(self._letters) - self._approved))

    def complaints(self) -> tuple[str, ...]:
        """What must never happen and did, as sentences; empty when all is well."""
        found = []
        if self.sent_twice:
            found.append(f"{self.sent_twice} letters reached the mail server more often than once.")
        if self.unapproved:
            found.append(f"{len(self.unapproved)} letters left without an approval.")
        return tuple(found)

    def is_reminder(self, letter: Posted) -> bool:
        """True when the letter cites an earlier one to the same complainant."""
        if letter.to_amazon:
            return False
        cites = letter.message.head.cites
        to = {address.addr_spec for address in letter.to}
        return any(
            to & {address.addr_spec for address in self._letters[cited].to}
            for cited in cites
            if cited in self._letters
        )

    def summary(self) -> Summary:
        """The counts so far."""
        letters = tuple(self._letters.values())
        words = "\n".join(letter.text for letter in letters)
        to_complainants = [letter for letter in letters if not letter.to_amazon]
        return Summary(
            notices=self._delivered[Kind.NOTICE],
            cases=sum(complaint in words for complaint in self._complaints),
            drafts=len(self._seen | set(self._letters)),
            approved=len(self._approved),
            accepted=len(letters),
            reminders=sum(self.is_reminder(letter) for letter in letters),
            escalations=sum(letter.to_amazon for letter in letters),
            answered=self._delivered[Kind.ANSWER],
            bounced=self._delivered[Kind.BOUNCE],
            cc_amazon=bool(to_complainants) and all(_copied(letter) for letter in to_complainants),
        )


def _copied(letter: Posted) -> bool:
    """True when one address of Amazon stands in Cc and in the envelope."""
    in_cc = {address.addr_spec.casefold() for address in letter.cc if is_amazon(address.addr_spec)}
    return bool(in_cc & {address.casefold() for address in letter.recipients})
