"""A letter: one outgoing mail from its first draft to the server's answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.case.model import PartyRole, State
from bot.mail.envelope import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRef:
    """One track that a letter speaks for."""

    case_id: str
    track_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's yes to exactly these bytes and this envelope."""

    by: str
    at: datetime
    leaves_at: datetime  #: end of the undo window
    digest: str  #: `bot.mail.envelope.approval_digest`
    raw_sha256: str  #: the frozen bytes in the raw store
    envelope: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAttempt:
    """One transaction with the server and its answer."""

    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "started"  #: started | accepted | rehearsed | deferred | refused | in-doubt | withheld | …
    code: int | None = None
    text: str = ""  #: the server's words, bounded


#: How the Message-ID of a letter ends that was written by hand and of which there is no copy.
STAND_IN: Final = "@no-copy.invalid>"


class Need(StrEnum):
    """What is still to be done about a letter besides waiting for a person."""

    REWRITING = "rewriting"  #: a draft that no longer fits its cases
    FILING = "filing"  #: accepted, and its copy is not in the Sent mailbox yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One outgoing mail; it speaks for one or more tracks with the same addressee and step."""

    letter_id: str
    tenant_id: int = 1
    account_id: str
    tracks: tuple[TrackRef, ...]
    party: PartyRole
    step: str
    language: str
    revision: int = 1
    state: State  #: that of its tracks while it speaks for any; CLOSED when withdrawn
    mail_from: str
    from_name: str
    to: str  #: the one contact
    to_name: str
    cc: tuple[str, ...]  #: Amazon in copy
    own_copy: str | None  #: copy to yourself
    subject: str
    body: str  #: text/plain, lines of any length, "\n"
    paste: str | None = None  #: text for Account Health that goes with an escalation
    message_id: str  #: fixed when drafted, never changed between attempts
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    drafted_at: datetime
    good_until: datetime
    facts_digest: str  #: of every fact the text uses; another digest means out of date
    edited_by: str | None = None
    original_body: str | None = None  #: what we wrote before a person edited it
    approval: Approval | None = None
    attempts: tuple[LetterAttempt, ...] = ()
    by_hand: bool = False  #: a person wrote and sent it outside Rejoinder; its text is not kept here
    sent_copy: str | None = None  #: None | wanted | filed | provider: the copy in the Sent mailbox
    version: int = 0  #: 0 until stored

    @property
    def citable(self) -> bool:
        """False for a letter by hand of which nobody knows the Message-ID."""
        return not self.message_id.endswith(STAND_IN)

    @property
    def editable(self) -> bool:
        """True while the text may still change."""
        return self.state in (State.DRAFTED, State.APPROVED)

    @property
    def written_again(self) -> bool:
        """True for a text of ours that replaced an earlier one: whoever saw that has not seen this."""
        return self.revision > 1 and self.edited_by is None

    @property
    def needs(self) -> Need | None:
        """What a turn of the wheel has to do about it."""
        if self.state is State.DRAFTED and not self.facts_digest:
            return Need.REWRITING
        if self.state is State.AWAITING and self.sent_copy == "wanted":
            return Need.FILING
        return None

    def without_approval(self) -> Letter:
        """The letter as a draft again."""
        return replace(self, approval=None, state=State.DRAFTED)
