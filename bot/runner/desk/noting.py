"""What a person reports from outside: some of it holds what it concerns, some is a fact; clocks run on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, PartyRole, State
from bot.draft.model import Letter
from bot.errors import NotPossible
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.inbox.by_hand import HandWritten, letter_by_hand, tracks_to_them
from bot.runner.inbox.pasted import keep_text, link_text
from bot.runner.letters import decide_for, letters_left_behind
from bot.runner.office import Office, practice_of


class Noted(StrEnum):
    """What can be reported."""

    PHONED = "phoned"  #: somebody of ours spoke to the other side
    WROTE = "wrote"  #: somebody of ours wrote to the other side, from a mailbox that is not read here
    APPEALED = "appealed"  #: an appeal was filed in Seller Central
    MAILED_AMAZON = "mailed-amazon"  #: Amazon was written to by mail; that files nothing
    COUNTER_NOTICE = "counter-notice"  #: a DMCA counter-notice was filed there
    LISTING_DELETED = "listing-deleted"  #: the seller took the listing down
    LISTING_BACK = "listing-back"
    RETRACTION_SEEN = "retraction-seen"
    LAWYER = "lawyer"  #: your lawyer takes over: nothing more is sent, whoever it would go to


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person says happened."""

    what: Noted
    by: str
    at: datetime | None = None  #: when it happened; None: now
    text: str | None = None  #: what was filed, word for word


def note(
    office: Office, case_id: str, what: Noted, by: str, *, at: datetime | None = None, text: str | None = None
) -> Case:
    """Report it; pending steps are stopped, letters that wait withdrawn. Raises NotPossible when closed.

    A letter that is leaving or in doubt is not touched; the case is held as soon as its outcome is known. The
    text of an appeal or a counter-notice is kept as it was given.
    """
    report = Report(what=what, by=by, at=at, text=text)
    if at is not None and at > office.clock.now():
        raise NotPossible("that moment is still to come; report what has happened")
    return again_on_conflict(lambda: _note(office, case_id, report))


def _note(office: Office, case_id: str, report: Report) -> Case:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    if case.closed:
        raise NotPossible(f"case {case.case_id} has nothing open that this could stop; nothing was noted")
    kept = keep_text(office, practice, report.text) if report.text else None
    decisions: list[Decision] = []
    for event in _events(case, report, now, kept):
        decisions.append(decide_for(practice, case, event, now))
        case = decisions[-1].case
    by_hand: list[Letter] = []
    if report.what is Noted.WROTE and (letter := _letter(office, case, report, now)) is not None:
        by_hand.append(letter)
        for track in tracks_to_them(case):
            if track.state is State.HELD:
                wrote = e.WroteByHand(
                    at=now,
                    by=report.by,
                    track=track.track_id,
                    letter=letter.letter_id,
                    step=track.step,
                    sent_at=report.at or now,
                    evidence="said",
                )
                decisions.append(decide_for(practice, case, wrote, now))
                case = decisions[-1].case
    left, more = letters_left_behind(practice, office.store, decisions, now)
    mails = [link_text(office, kept, case)] if kept is not None else []
    office.store.record(change_of([*decisions, *more], letters=[*left, *by_hand], mails=mails), now)
    return case


def _events(case: Case, report: Report, now: datetime, kept: int | None) -> list[e.Event]:
    """What the report is to the case, and to each track that it concerns."""
    at, by, what = report.at or now, report.by, report.what
    if what is Noted.APPEALED:
        return [e.FiledInSellerCentral(at=now, by=by, filed_at=at, mail=kept)]
    open_tracks = [track for track in case.tracks if track.state is not State.CLOSED]
    theirs = [track for track in open_tracks if track.party is not PartyRole.AMAZON]
    event: e.Event = e.ContactOutside(at=now, by=by, what=what.value)
    if what is Noted.MAILED_AMAZON:
        amazons = [track for track in open_tracks if track.party is PartyRole.AMAZON]
        fact = e.MailedAmazon(at=now, by=by, sent_at=at)
        return [fact, *(replace(event, track=track.track_id) for track in amazons)]
    if what is Noted.LAWYER:
        event = e.LawyerTookOver(at=now, by=by)
    if what is Noted.COUNTER_NOTICE:
        # A declaration under penalty of perjury is on its way to them; whoever writes now decides that anew.
        filed = e.CounterNoticeFiled(at=now, by=by, filed_at=at, mail=kept)
        event = e.HoldAsked(at=now, by=by, why="you filed a counter-notice")
        return [filed, *(replace(event, track=track.track_id) for track in open_tracks)]
    if what is Noted.LISTING_DELETED:
        event = e.HoldAsked(at=now, by=by, why="you took the listing down yourself")
    if what in (Noted.RETRACTION_SEEN, Noted.LISTING_BACK):
        rung = "listing-back" if what is Noted.LISTING_BACK else "copy-seen"
        event = e.RetractionSeen(at=now, by=by, rung=rung)
    concerned = theirs if what in (Noted.PHONED, Noted.WROTE) else open_tracks
    return [replace(event, track=track.track_id) for track in concerned]


def _letter(office: Office, case: Case, report: Report, now: datetime) -> Letter | None:
    """What was written elsewhere counts as an attempt, although there is no copy of it."""
    party = next((one for one in case.parties if one.address), None)
    tracks = tracks_to_them(case)
    if party is None or party.address is None or not tracks:
        return None
    wrote = HandWritten(sent_at=report.at or now, to=party.address)
    practice = practice_of(office, case.account_id)
    return letter_by_hand(office, practice, wrote, [(case, track) for track in tracks])
