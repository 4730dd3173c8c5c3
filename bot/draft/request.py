"""What a letter is written from, and what may be missing for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from bot.case.model import Case, Party, PartyRole
from bot.draft.model import TrackRef
from bot.draft.profile import SellerProfile
from bot.draft.templates import TemplateSet
from bot.evidence.attempts import AttemptsRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTrack:
    """A case, and the track of it that the letter speaks for."""

    case: Case
    track_id: str

    @property
    def ref(self) -> TrackRef:
        """The pair of ids that the letter keeps."""
        return TrackRef(case_id=self.case.case_id, track_id=self.track_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousLetter:
    """An earlier letter of ours in the same thread that a server accepted."""

    message_id: str | None  #: with its angle brackets; None for one of which we only know that it was written
    subject: str
    at: datetime  #: when it was accepted; aware
    by_hand: bool = False  #: a person wrote it, so it holds none of our text


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRequest:
    """Everything one letter is written from; all cases share the party and the step."""

    cases: tuple[CaseTrack, ...]  #: at least one, in the order they shall be listed
    step: str
    profile: SellerProfile
    language: str  #: as `choose_language` gave it
    templates: TemplateSet
    now: datetime  #: aware
    reply_by: date
    good_until: datetime
    letter_id: str
    message_id: str  #: fixed now, with its angle brackets
    zone: tzinfo  #: in which dates are written
    previous: tuple[PreviousLetter, ...] = ()
    record: AttemptsRecord | None = None  #: for an escalation
    revision: int = 1
    copy_amazon: bool = True  #: as the step of the playbook says
    template: str = ""  #: as the step of the playbook says; the step's own name when empty

    @property
    def party(self) -> PartyRole:
        """Towards whom the tracks run. Raises ValueError when they do not agree."""
        roles = {member.case.track(member.track_id).party for member in self.cases}
        if len(roles) != 1:
            raise ValueError("a letter speaks for at least one track, and all towards the same party")
        return roles.pop()

    @property
    def text(self) -> str:
        """Name of the template, without language tag and ending."""
        return self.template or self.step

    @property
    def thread(self) -> tuple[PreviousLetter, ...]:
        """The earlier letters in the order in which they were accepted, whatever order they came in."""
        return tuple(sorted(self.previous, key=lambda letter: letter.at))

    @property
    def complainant(self) -> Party | None:
        """The other side as the first case names it."""
        return self.cases[0].case.party(PartyRole.COMPLAINANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that is missing for a letter."""

    name: (
        str  #: closed list: profile.* address address.differs complaint template field previous-letter record
    )
    sentence: str  #: for a person: what to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Why a letter cannot be written; never empty."""

    gaps: tuple[Gap, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the gaps."""
        return tuple(gap.name for gap in self.gaps)

    def __str__(self) -> str:
        """The sentences, one a line."""
        return "\n".join(gap.sentence for gap in self.gaps)
